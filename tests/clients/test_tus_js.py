"""Resumable uploads by tus-js-client, to the server as it runs."""

import hashlib
from pathlib import Path

import pytest
from sqlmodel import select

from records import db
from records.calls import Call
from records.uploads import UploadPiece
from tests.api.uploading import key_of, stored_files
from tests.clients.tusing import MEGABYTE, Server, wav_file
from tests.installation import until
from tests.pipeline.arriving import in_database, wav

AGAIN = {"retryDelays": [200] * 50}
ROOM = 64  # megabytes that an upload of any size may take of the server


@pytest.fixture
def call_file(tmp_path: Path) -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(wav())
    return path


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def calls() -> list[Call]:
    with db.reading() as session:
        return list(session.exec(select(Call)))


def received() -> int:
    """Bytes that are safe."""
    with db.reading() as session:
        return sum(piece.size for piece in session.exec(select(UploadPiece)))


def done(told: list[dict]) -> list[dict]:
    assert [one for one in told if one["event"] == "error"] == []
    return [one for one in told if one["event"] == "done"]


def test_a_file_with_its_facts(send, call_file: Path):
    facts = {"filename": "Gespräch 📞.wav", "filetype": "audio/wav", "agent": "Ann", "external_id": "A-7"}
    [end] = done(send({"file": call_file, "metadata": facts}, chunkSize=3000).rest())
    [call] = calls()
    assert (end["id"], end["duplicate"]) == (call.id, "false")
    assert (call.filename, call.agent_given, call.external_id) == ("Gespräch 📞.wav", "Ann", "A-7")
    assert call.sha256 == digest(call_file)


@pytest.mark.long
@pytest.mark.parametrize("how", [{"uploadDataDuringCreation": True}, {"overridePatchMethod": True}])
def test_other_ways_to_send_it(send, call_file: Path, how: dict):
    told = send({"file": call_file}, **how).rest()
    [call] = calls()
    assert done(told)[0]["id"] == call.id
    methods = [one["method"] for one in told if one["event"] == "answer"]
    assert methods == (["POST"] if "uploadDataDuringCreation" in how else ["POST", "POST"])


@pytest.mark.long
def test_no_recording_is_told_in_words_and_not_tried_again(send, tmp_path: Path):
    path = tmp_path / "letter.wav"
    path.write_text("Dear customer, " * 100)
    told = send({"file": path}, **AGAIN).rest()
    [error] = [one for one in told if one["event"] == "error"]
    assert (error["status"], '"reason":"not_audio"' in error["body"]) == (415, True)
    assert len(told) == 4  # url, two answers, the error
    assert (in_database(), stored_files()) == ((0, 0, 0), [])


@pytest.mark.long
def test_another_key_s_upload_is_not_there(send, call_file: Path):
    [end] = done(send({"file": call_file}).rest())
    told = send({"file": call_file, "uploadUrl": end["url"]}, key=key_of()).rest()
    assert [one["status"] for one in told if one["event"] == "answer"] == [404, 201, 204]
    assert done(told)[0]["duplicate"] == "true"  # it began one of its own, and that is the same call


@pytest.mark.long
def test_a_person_who_thinks_better_of_it_leaves_nothing(send, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 40)
    told = send({"file": path}, chunkSize=MEGABYTE, terminate=True, **AGAIN).rest()
    assert told[-1]["event"] == "terminated"
    until(lambda: stored_files() == [], "nothing is left in storage")
    assert in_database() == (0, 0, 0)


@pytest.mark.long
def test_two_at_once_on_two_uploads(send, tmp_path: Path):
    paths = [wav_file(tmp_path / f"{number}.wav", 8) for number in range(2)]
    ends = done(send(*({"file": path} for path in paths), chunkSize=MEGABYTE).rest())
    assert {call.sha256 for call in calls()} == {digest(path) for path in paths}
    assert {end["id"] for end in ends} == {call.id for call in calls()}


@pytest.mark.long
def test_two_at_once_on_one_upload_make_one_call(send, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 24)
    first = send({"file": path}, chunkSize=MEGABYTE, **AGAIN)
    both = {"file": path, "uploadUrl": first.until("url")["url"]}
    second = send(both, chunkSize=MEGABYTE, **AGAIN)
    ends = [*done(first.rest()), *done(second.rest())]
    [call] = calls()
    assert [end["id"] for end in ends] == [call.id] * 2
    assert call.sha256 == digest(path)


@pytest.mark.long
def test_200_mb_are_resumed_by_themselves_after_the_server_was_killed(server: Server, send, tmp_path: Path, capsys):
    path = wav_file(tmp_path / "long.wav", 200)
    before = server.memory
    work = send({"file": path}, **AGAIN)
    work.until("progress", sent=100 * MEGABYTE)
    grown = server.memory - before
    server.kill()
    safe = received()
    server.restart()
    fresh = server.memory
    told = work.rest()
    grown = max(grown, server.memory - fresh)
    with capsys.disabled():
        print(f" [{safe >> 20} of 200 MB were safe; memory grew by {grown} MB]", end="")  # noqa: T201  docs/api.md states it
    [call] = calls()
    assert done(told)[-1]["id"] == call.id
    assert (call.sha256, call.size) == (digest(path), path.stat().st_size)
    assert safe > 0
    assert grown < ROOM
    assert [file.name for file in stored_files() if file.suffix != ".part"] == [
        call.id
    ]  # a killed server's, for the sweep


@pytest.mark.long
def test_200_mb_are_resumed_by_another_client_after_the_first_was_killed(send, tmp_path: Path):
    path = wav_file(tmp_path / "long.wav", 200)
    work = send({"file": path})
    where = work.until("url")["url"]
    work.until("progress", sent=100 * MEGABYTE)
    work.end()
    until(lambda: received() > 90 * MEGABYTE, "what came is safe")
    safe = received()
    again = send({"file": path, "uploadUrl": where}, **AGAIN)
    assert again.until("progress")["sent"] >= safe
    [end] = done(again.rest())
    [call] = calls()
    assert (end["id"], call.sha256) == (call.id, digest(path))
