"""Resumable uploads over bad lines: what came is kept, whoever fell silent makes room, HEAD brings what was missed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from api import adding, early, uploads
from jobs import rates
from pipeline import children, finishing
from records import db
from records.calls import Call
from records.identity import NotFound
from records.uploads import ResumableUpload, hold
from tests.api.resumable import BODY, begin, begun, head, kind, patch
from tests.api.uploading import key_of, stored_files
from tests.pipeline.arriving import here, in_database, wav
from tests.pipeline.resuming import bytes_of, change, fresh, lapse
from tests.running import run

DATA = wav()
SIZE = len(DATA)
Message = dict[str, Any]


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(children, "run", here)
    monkeypatch.setattr(rates, "count", lambda *_asked: None)


@pytest.fixture
def upload(caller_client) -> ResumableUpload:
    begun(caller_client, SIZE)
    return the_upload()


def the_upload() -> ResumableUpload:
    with db.reading() as session:
        return session.exec(select(ResumableUpload)).one()


def part(data: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


class Line:
    """A request by hand: a test decides when which bytes come."""

    def __init__(self, site, client, where: str, offset: int = 0, method: str = "PATCH", **headers: str) -> None:
        self._site, self.received = site, asyncio.Queue[Message]()
        self.sent: list[Message] = []
        given = {"Tus-Resumable": "1.0.0", "Content-Type": BODY, "Upload-Offset": str(offset), **headers}
        given |= {"Authorization": client.headers["authorization"], "Transfer-Encoding": "chunked"}
        self._scope = {
            "type": "http",
            "method": method,
            "path": where,
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        }

    async def go(self, *messages: Message) -> int:
        """The answer's status, once all of this was received."""
        for message in messages:
            self.received.put_nowait(message)

        async def send(message: Message) -> None:
            self.sent.append(message)

        await self._site(self._scope, self.received.get, send)
        return int(self.sent[0]["status"])


@pytest.mark.parametrize("size", [1, 3000, 8000])
def test_a_line_that_breaks_loses_nothing_that_came(site, caller_client, upload, size: int):
    where = f"/api/v1/uploads/{upload.id}"
    run(Line(site, caller_client, where).go(part(DATA[:size]), GONE))
    answer = head(caller_client, where)
    assert (answer.headers["upload-offset"], the_upload().held_by) == (str(size), None)
    assert bytes_of(patch(caller_client, where, DATA[size:], size).headers["totalview-call-id"]) == DATA


def test_a_line_that_breaks_under_a_checksum_leaves_nothing(site, caller_client, upload):
    line = Line(site, caller_client, f"/api/v1/uploads/{upload.id}", **{"Upload-Checksum": f"md5 {'A' * 22}=="})
    run(line.go(part(DATA[:3000]), GONE))
    assert (the_upload().received, stored_files()) == (0, [])


def test_a_line_that_breaks_while_an_upload_begins_leaves_no_upload(site, caller_client):
    line = Line(site, caller_client, "/api/v1/uploads", method="POST", **{"Upload-Length": str(SIZE)})
    run(line.go(part(DATA[:3000]), GONE))
    with db.reading() as session:
        assert session.exec(select(ResumableUpload)).all() == []
    assert stored_files() == []


def test_what_falls_silent_is_safe_at_once_and_given_up_in_the_end(site, caller_client, upload, monkeypatch):
    monkeypatch.setattr(adding, "FLUSH_S", 0.01)
    monkeypatch.setattr(adding, "SILENCE_S", 0.05)
    monkeypatch.setattr(early, "LINGER_S", 0.01)
    line = Line(site, caller_client, f"/api/v1/uploads/{upload.id}")
    assert run(line.go(part(DATA[:3000]))) == 408
    assert b"What came before is kept" in line.sent[1]["body"]
    assert (the_upload().received, the_upload().held_by) == (3000, None)


def test_a_half_open_line_is_taken_over_and_its_late_bytes_fail_cleanly(site, caller_client, upload, monkeypatch):
    monkeypatch.setattr(adding, "FLUSH_S", 0.01)
    where = f"/api/v1/uploads/{upload.id}"

    async def both() -> tuple[int, int, int]:
        first = Line(site, caller_client, where)
        silent = asyncio.create_task(first.go(part(DATA[:3000])))
        await until(lambda: the_upload().received == 3000)
        early = await Line(site, caller_client, where, 3000).go(part(b"", more=False))
        lapse(upload)
        second = Line(site, caller_client, where, 3000)
        taken = await second.go(part(DATA[3000:7000], more=False))
        first.received.put_nowait(part(DATA[3000:], more=False))
        return early, taken, await silent

    assert run(both()) == (423, 204, 423)
    assert (the_upload().received, len(stored_files())) == (7000, 2)
    assert bytes_of(patch(caller_client, where, DATA[7000:], 7000).headers["totalview-call-id"]) == DATA


def test_a_stopped_server_keeps_what_came(site, caller_client, upload, monkeypatch):
    monkeypatch.setattr(adding, "BLOCK", 1000)

    async def stop() -> None:
        line = Line(site, caller_client, f"/api/v1/uploads/{upload.id}")
        task = asyncio.create_task(line.go(part(DATA[:4000])))
        await until(lambda: stored_files() != [])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(stop())
    assert (the_upload().received, the_upload().held_by) == (4000, None)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  what is waited for is in the database or on the disk
        await asyncio.sleep(0.01)


def test_who_adds_while_another_does_waits(caller_client, upload):
    where = f"/api/v1/uploads/{upload.id}"
    with db.writing() as session:
        hold(session, upload.id)
    for answer in (patch(caller_client, where, DATA), caller_client.delete(where, headers={"Tus-Resumable": "1.0.0"})):
        assert (kind(answer), answer.headers["retry-after"]) == ((423, "upload-held"), "2")
    assert head(caller_client, where).headers["upload-offset"] == "0"
    change(upload, held_by=None)
    assert patch(caller_client, where, DATA).status_code == 204


def test_head_makes_the_call_that_a_killed_server_did_not(caller_client, upload, monkeypatch):
    where = f"/api/v1/uploads/{upload.id}"
    with monkeypatch.context() as broken:
        broken.setattr(finishing, "_become", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            patch(caller_client, where, DATA)
    assert (the_upload().complete, in_database()) == (True, (0, 0, 0))
    answer = head(caller_client, where)
    assert (answer.status_code, answer.headers["upload-offset"]) == (200, str(SIZE))
    assert bytes_of(answer.headers["totalview-call-id"]) == DATA


def test_head_waits_for_whoever_makes_the_call_and_says_so_when_that_takes_long(caller_client, upload, monkeypatch):
    monkeypatch.setattr(uploads, "GLANCE_S", 0.01)
    where = f"/api/v1/uploads/{upload.id}"
    change(upload, received=SIZE, held_by="t" * 32, held_until=fresh(upload).expires_at)
    monkeypatch.setattr(uploads, "WAIT_S", 0.05)
    assert head(caller_client, where).status_code == 423
    looks = []
    really = uploads.resumable.look

    def look_and_end(owner: str, upload_id: str) -> ResumableUpload:
        looks.append(1)
        if len(looks) == 3:
            change(upload, call_id="c" * 32)
        return really(owner, upload_id)

    monkeypatch.setattr(uploads, "WAIT_S", 60.0)
    monkeypatch.setattr(uploads.resumable, "look", look_and_end)
    assert head(caller_client, where).headers["totalview-call-id"] == "c" * 32


def test_an_answer_that_was_lost_is_not_a_second_call(site, caller_client, upload):
    where = f"/api/v1/uploads/{upload.id}"
    line = Line(site, caller_client, where)
    run(line.go(part(DATA, more=False), GONE))
    assert head(caller_client, where).headers["totalview-call-id"]
    assert begin(caller_client, SIZE, DATA).headers["totalview-duplicate"] == "true"
    with db.reading() as session:
        assert len(session.exec(select(Call)).all()) == 1


def test_a_key_of_the_same_campaign_is_another_owner(caller_client, upload, site):
    other = {"Authorization": f"Bearer {key_of()}", "Tus-Resumable": "1.0.0"}
    assert caller_client.head(f"/api/v1/uploads/{upload.id}", headers=other).status_code == 404
    with pytest.raises(NotFound):
        finishing.give_up("key:999", upload.id)


def test_an_early_error_is_answered_at_once_and_the_line_closed_after_a_moment(
    site, caller_client, upload, monkeypatch
):
    monkeypatch.setattr(early, "LINGER_S", 0.05)
    line = Line(site, caller_client, f"/api/v1/uploads/{upload.id}", 7)

    async def sent_while_nothing_more_comes() -> list[bool]:
        await line.go(part(b"x" * 10))
        return [message.get("more_body", False) for message in line.sent[1:]]

    assert run(sent_while_nothing_more_comes()) == [True, False]
    assert dict(line.sent[0]["headers"])[b"connection"] == b"close"


def test_what_still_comes_after_an_early_error_is_read_on_so_that_it_is_heard(site, caller_client, upload):
    line = Line(site, caller_client, f"/api/v1/uploads/{upload.id}", 7)
    assert run(line.go(part(b"x"), part(b"y" * 1000), part(b"", more=False), part(b"next request"))) == 409
    assert line.received.qsize() == 1
