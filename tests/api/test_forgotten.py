"""What a request was answered about a call is not answered again once the call was deleted."""

import pytest
from sqlmodel import select

from jobs import rates
from pipeline import children, deletion, intake
from pipeline.intake import same_bytes
from records import db
from records.access import COMMAND_LINE
from records.calls import Call
from records.idempotency import KeptAnswer
from records.uploads import ResumableUpload
from tests.api.resumable import begun, delete, head, kind, patch
from tests.api.uploading import UPLOAD
from tests.pipeline.arriving import here, in_database, wav

DATA = wav()
SIZE = len(DATA)
NAME = "Jane Doe.wav"


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(children, "run", here)
    monkeypatch.setattr(rates, "count", lambda *_: None)


def by_form(client, key: str, data: bytes = DATA, name: str = NAME):
    return client.post(UPLOAD, files={"file": (name, data)}, headers={"Idempotency-Key": key})


def by_pieces(client) -> str:
    where = begun(client, SIZE, filename=NAME, agent="Jane's agent")
    assert patch(client, where, DATA).status_code == 204
    return where


def finish(call_id: str) -> None:
    """Calls that are worked on are not deleted."""
    with db.writing() as session:
        session.get_one(Call, call_id).status = "completed"


def remove(call_id: str) -> None:
    finish(call_id)
    deletion.delete_call(COMMAND_LINE, call_id)


def of_table(table) -> str:
    with db.reading() as session:
        return str([row.model_dump() for row in session.exec(select(table))])


def test_a_kept_answer_says_nothing_of_it_and_makes_no_other_call(caller_client):
    first, other = by_form(caller_client, "k"), by_form(caller_client, "o", wav(2), "other.wav")
    assert by_form(caller_client, "again").json()["duplicate"] is True
    remove(first.json()["id"])
    kept = of_table(KeptAnswer)
    assert all(word not in kept for word in (NAME, first.json()["id"], first.json()["sha256"]))
    for key in ("k", "again"):
        answer = by_form(caller_client, key)
        assert kind(answer) == (409, "idempotency-conflict")
        assert "was deleted" in answer.json()["detail"]
    assert by_form(caller_client, "o", wav(2), "other.wav").json() == other.json()
    assert in_database()[0] == 1
    assert by_form(caller_client, "new").status_code == 202, "the same recording may come again"


def test_an_upload_that_became_it_is_gone(caller_client):
    where = by_pieces(caller_client)
    call_id = head(caller_client, where).headers["totalview-call-id"]
    twin = by_pieces(caller_client)
    remove(call_id)
    kept = of_table(ResumableUpload)
    assert all(word not in kept for word in (NAME, "Jane", call_id))
    for each in (where, twin):
        answer = head(caller_client, each)
        assert (answer.status_code, "totalview-call-id" in answer.headers) == (410, False)
        assert "upload-metadata" not in answer.headers
        assert kind(patch(caller_client, each, b"", SIZE)) == (410, "upload-gone")
        assert patch(caller_client, each, b"", SIZE).json()["detail"] == "The call that it became was deleted."
    assert delete(caller_client, where).status_code == 204


def test_one_that_comes_while_its_twin_is_deleted_is_noted_nowhere_as_that_one(caller_client, monkeypatch):
    old = by_form(caller_client, "k").json()["id"]
    finish(old)

    def meanwhile(session, *known):
        found = same_bytes(session, *known)
        if found is not None and found.id == old:
            session.expunge_all()
            session.rollback()
            deletion.delete_call(COMMAND_LINE, old)
        return found

    monkeypatch.setattr(intake, "same_bytes", meanwhile)
    answer = by_form(caller_client, "second")
    assert (answer.status_code, answer.json()["duplicate"]) == (202, False)
    assert answer.json()["id"] != old
    assert old not in of_table(KeptAnswer)
