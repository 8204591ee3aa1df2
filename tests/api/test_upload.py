"""POST /calls/upload: what is taken, what is refused, and in which words."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from api import reception
from api.app import PREFIX
from config import settings
from jobs import rates
from pipeline import children
from records import db
from records.agents import AgentAlias
from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.db import now
from records.idempotency import KeptAnswer
from tests.api.uploading import END, FORM, UPLOAD, api, bearer, key_of, newest_key, part, stored_files, upload
from tests.pipeline.arriving import here, in_database, nothing_left, wav
from tests.records import made

pytestmark = pytest.mark.usefixtures("campaign", "near")


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are looked at in this process, and no Redis is asked."""
    monkeypatch.setattr(children, "run", here)
    monkeypatch.setattr(rates, "count", lambda *_: None)
    monkeypatch.setattr(reception.enqueue, "first", lambda *_: None)


@pytest.fixture
def client(campaign):
    client = api()
    client.headers.update(bearer(key_of(name="Dialler")))
    return client


def problem(answer) -> tuple[int, str]:
    """Status and kind; every problem says something in a sentence."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["detail"].endswith(".")
    assert str(settings().folder) not in answer.text
    return answer.status_code, body["type"].removeprefix("urn:totalview:problem:")


def the_call() -> Call:
    with db.reading() as session:
        return session.exec(select(Call)).one()


def test_a_recording_becomes_a_pending_call(client):
    data = wav()
    answer = upload(client, data, "C:\\calls\\März 🎧.wav")
    call = the_call()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{PREFIX}/calls/{call.id}"
    assert answer.json() == {
        "id": call.id,
        "campaign_id": call.campaign_id,
        "campaign": "support",
        "status": "pending",
        "source": "api",
        "filename": "März 🎧.wav",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "duration_s": None,
        "duplicate": False,
    }
    assert (call.api_key_id, call.uploader_id) == (newest_key().id, None)


def test_all_its_facts_are_kept_wherever_they_stand_in_the_form(client):
    moment = datetime(2026, 3, 4, 13, 5, tzinfo=UTC)
    before = part("agent", b"ANN@example.com") + part("called_at", b"2026-03-04T14:05:00+01:00")
    after = part("external_id", b"x-1") + part("metadata", '{"team": "Süd"}'.encode()) + part("campaign_id", b"support")
    with db.writing() as session:
        agent = made.agent(session, "Ann")
        session.add(AgentAlias(alias="ann@example.com", agent_id=agent.id))
    body = before + part("file", wav(), filename="a.wav") + after + END
    assert client.post(UPLOAD, content=body, headers=FORM).status_code == 202
    call = the_call()
    assert (call.called_at, call.external_id, call.details) == (moment, "x-1", {"team": "Süd"})
    assert (call.agent_id, call.agent_given) == (agent.id, "ANN@example.com")


def test_an_agent_that_nobody_knows_is_kept_as_a_name_to_link(client):
    assert upload(client, wav(), agent="Somebody New").status_code == 202
    assert (the_call().agent_id, the_call().agent_given) == (None, "Somebody New")


def test_a_time_without_a_zone_is_of_the_campaigns(client, campaign):
    with db.writing() as session:
        session.merge(campaign).time_zone = "Asia/Tokyo"
    assert upload(client, wav(), called_at="2026-03-04 14:05").status_code == 202
    assert the_call().called_at == datetime(2026, 3, 4, 5, 5, tzinfo=UTC)


def test_the_same_bytes_are_the_same_call(client):
    first = upload(client, wav(), "first.wav")
    again = upload(client, wav(), "again.wav")
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json() | {"duplicate": True}
    assert again.headers["location"] == first.headers["location"]
    assert (in_database(), len(stored_files())) == ((1, 1, 1), 1)


@pytest.mark.parametrize("named", ["support", "1", ""])
def test_the_campaign_may_be_named_by_slug_or_number(client, named: str):
    assert upload(client, wav(), campaign_id=named).status_code == 202


@pytest.mark.parametrize("named", ["sales", "no-such", "2", "\u0000", "SUPPORT"])
def test_any_other_campaign_is_refused_in_the_same_words(client, named: str):
    with db.writing() as session:
        made.stored_campaign(session, "Sales")
    answer = upload(client, wav(), campaign_id=named)
    assert problem(answer) == (403, "wrong-campaign")
    assert answer.json()["detail"] == "This key is of another campaign. Leave campaign_id out, or use its key."
    assert nothing_left()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("called_at", "yesterday"),
        ("called_at", "0001-01-01T00:00:00+14:00"),
        ("metadata", "[1]"),
        ("metadata", "{"),
        ("metadata", "[" * 5000),
        ("metadata", '{"a": NaN}'),
        ("metadata", '{"a": "\\ud800"}'),
        ("metadata", '{"a": "' + "x" * 70_000 + '"}'),
        ("external_id", "x" * 256),
        ("external_id", "a\u0000b"),
        ("agent", "a\nb"),
        ("agent", "x" * 321),
        ("accept_truncated", "maybe"),
        ("bulk_job_id", "7"),
        ("bulk_job_id", "99999999999999999999"),
        ("bulk_job_id", "seven"),
        ("calledat", "2026-03-04"),
    ],
)
def test_bad_metadata_is_said_by_its_field_and_leaves_nothing(client, field: str, value: str):
    answer = upload(client, wav(), **{field: value})
    assert problem(answer) == (400, "bad-metadata")
    assert field in answer.json()["detail"].replace("external id", "external_id")
    assert nothing_left()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"hello there", "not_audio"), (wav()[:100], "cut_short"), (b"%PDF-1.7 and so on", "not_audio")],
)
def test_what_is_no_recording_is_415_with_the_reason(client, data: bytes, reason: str):
    answer = upload(client, data)
    assert problem(answer) == (415, "not-a-recording")
    assert answer.json()["reason"] == reason
    assert nothing_left()


def test_a_recording_that_is_cut_short_is_taken_when_its_sender_says_so(client):
    cut = wav(seconds=2)[:20_000]
    assert problem(upload(client, cut)) == (415, "not-a-recording")
    assert upload(client, cut, accept_truncated="true").status_code == 202


def test_above_the_limit_is_refused_before_and_while_it_comes(client, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "3000")
    settings.cache_clear()
    said = upload(client, wav())
    assert problem(said) == (413, "too-large")
    told = client.post(UPLOAD, content=iter([part("file", b"x" * 4_000_000, filename="a"), END]), headers=FORM)
    assert problem(told) == (413, "too-large")
    assert nothing_left()


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Content-Type": "application/json"}, b"{}", (415, "wrong-media-type")),
        ({"Content-Type": "multipart/form-data"}, END, (415, "wrong-media-type")),
        (FORM, b"no form at all", (400, "bad-request")),
        (FORM, part("file", b"x", filename="a.wav"), (400, "bad-request")),
        (FORM, part("audio", b"x", filename="a.wav") + END, (400, "bad-request")),
        (FORM, part("file", wav(), filename="a") + part("file", wav(1), filename="b") + END, (400, "bad-request")),
        (FORM, part("agent", b"a") + part("agent", b"b") + END, (400, "bad-request")),
        (FORM, b"".join(part(f"f{n}", b"") for n in range(40)) + END, (400, "bad-request")),
        (FORM, part("metadata", b"x" * 300_000) + END, (413, "too-large")),
        (FORM, END, (422, "invalid")),
        (FORM, part("agent", b"Ann") + END, (422, "invalid")),
        (FORM, b"", (400, "bad-request")),
    ],
)
def test_what_is_no_form_of_ours_is_said_in_words(client, headers, body, expected):
    assert problem(client.post(UPLOAD, content=body, headers=headers)) == expected
    assert nothing_left()


def test_a_file_without_a_name_is_a_recording_all_the_same(client):
    assert client.post(UPLOAD, content=part("file", wav()) + END, headers=FORM).status_code == 202
    assert the_call().filename == "recording"


def again(client, key: str, data: bytes, name: str = "call.wav", **fields: str):
    return client.post(UPLOAD, files={"file": (name, data)}, data=fields, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_as_the_first_was(client):
    first, second = again(client, "k", wav(), agent="Ann"), again(client, "k", wav(), agent="Ann")
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
    assert (in_database(), len(stored_files())) == ((1, 1, 1), 1)


@pytest.mark.parametrize(
    ("data", "name", "fields"), [(1, "call.wav", {}), (0, "other.wav", {}), (0, "call.wav", {"agent": "Ann"})]
)
def test_the_same_key_for_another_request_is_a_conflict(client, data: int, name: str, fields):
    assert again(client, "k", wav()).status_code == 202
    assert problem(again(client, "k", wav(data), name, **fields)) == (409, "idempotency-conflict")
    assert (in_database(), len(stored_files())) == ((1, 1, 1), 1)


def test_a_refusal_is_not_kept_so_that_the_request_can_be_mended(client):
    assert problem(again(client, "k", wav(), called_at="now")) == (400, "bad-metadata")
    assert again(client, "k", wav()).status_code == 202


def test_another_keys_requests_are_its_own(client):
    assert again(client, "k", wav()).status_code == 202
    other = api()
    other.headers.update(bearer(key_of()))
    assert again(other, "k", wav(1)).status_code == 202


def test_a_key_is_free_again_after_a_day(client):
    assert again(client, "k", wav()).status_code == 202
    with db.writing() as session:
        session.exec(select(KeptAnswer)).one().created_at = now() - timedelta(hours=24, seconds=1)
    assert again(client, "k", wav(1)).status_code == 202


def test_who_comes_second_at_the_very_last_moment_is_answered_as_the_first(client, monkeypatch):
    first = again(client, "k", wav())
    real, blind = reception.idempotency.kept, [None]
    monkeypatch.setattr(reception.idempotency, "kept", lambda *asked: blind.pop() if blind else real(*asked))
    same = again(client, "k", wav())
    assert (same.status_code, same.json()) == (202, first.json())
    blind.append(None)
    assert problem(again(client, "k", wav(1))) == (409, "idempotency-conflict")
    assert (in_database(), len(stored_files())) == ((1, 1, 1), 1)


@pytest.mark.parametrize("key", ["with space", "ä", "x" * 256])
def test_a_key_that_no_header_should_hold_is_refused(client, key: str):
    answer = client.post(UPLOAD, files={"file": ("a", wav())}, headers={"Idempotency-Key": key.encode("latin-1")})
    assert problem(answer) == (422, "invalid")
    assert nothing_left()


def bulk_job(campaign_id: int = 1, **facts) -> int:
    with db.writing() as session:
        job = BulkJob(campaign_id=campaign_id, expected=3, **facts)
        session.add(job)
        session.flush()
        return job.id


def test_a_bulk_job_hears_of_each_of_its_recordings(client):
    number = str(bulk_job())
    answers = [
        upload(client, data, name, bulk_job_id=number).status_code
        for name, data in (("a.wav", wav()), ("b.wav", wav()), ("c.txt", b"text"))
    ]
    assert answers == [202, 200, 415]
    with db.reading() as session:
        items = session.exec(select(BulkItem).order_by(BulkItem.id)).all()
    call = the_call().id
    assert [(item.filename, item.call_id, item.duplicate, item.code) for item in items] == [
        ("a.wav", call, False, None),
        ("b.wav", call, True, None),
        ("c.txt", None, False, "not_audio"),
    ]


def test_a_cancelled_bulk_job_and_another_campaigns_take_nothing(client):
    with db.writing() as session:
        other = made.stored_campaign(session, "Sales").id
    assert problem(upload(client, wav(), bulk_job_id=str(bulk_job(cancelled_at=now())))) == (409, "cancelled")
    assert problem(upload(client, wav(), bulk_job_id=str(bulk_job(other)))) == (400, "bad-metadata")
    assert nothing_left()
