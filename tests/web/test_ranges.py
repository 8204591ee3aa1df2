"""Which bytes a Range header asks for, and that they come a block at a time."""

import io

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.requests import Request
from starlette.testclient import TestClient

from web import ranges
from web.ranges import Unsatisfiable, ranged, span

SOUND = bytes(range(256)) * 4


def site(file: io.BytesIO) -> TestClient:
    """Serves one file, whose ETag is "ours"."""

    async def app(scope, receive, send):
        await ranged(Request(scope), file, len(SOUND), "audio/wav", {"ETag": '"ours"'})(scope, receive, send)

    return TestClient(app)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=3-", range(3, 10)),
        ("bytes=-4", range(6, 10)),
        ("bytes=-99", range(10)),
        ("bytes=8-99", range(8, 10)),
        ("bytes = 1 - 2", range(1, 3)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("bytes=1-" + "9" * 5000, None),
        ("bytes=\u0661-", None),
    ],
)
def test_ranges_are_read_as_the_standard_has_it(asked: str, given: range | None):
    assert span(asked, 10) == given


@pytest.mark.parametrize(("asked", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_ranges_behind_the_end_hold_nothing(asked: str, size: int):
    with pytest.raises(Unsatisfiable):
        span(asked, size)


def test_bytes_come_in_blocks_and_the_file_is_closed(monkeypatch):
    monkeypatch.setattr(ranges, "BLOCK", 100)
    file = io.BytesIO(SOUND)
    answer = site(file).get("/", headers={"Range": "bytes=10-"})
    assert (answer.status_code, answer.content, file.closed) == (206, SOUND[10:], True)
    assert answer.headers["content-range"] == f"bytes 10-{len(SOUND) - 1}/{len(SOUND)}"


@pytest.mark.parametrize(("method", "asked", "status"), [("HEAD", "", 200), ("GET", "bytes=99999-", 416)])
def test_a_file_of_which_nothing_is_sent_is_closed_too(method: str, asked: str, status: int):
    file = io.BytesIO(SOUND)
    answer = site(file).request(method, "/", headers={"Range": asked})
    assert (answer.status_code, file.closed) == (status, True)
    assert SOUND not in answer.content


@pytest.mark.parametrize(
    ("etag", "status"), [('"ours"', 206), ('"others"', 200), ("Wed, 25 Nov 2026 00:00:00 GMT", 200)]
)
def test_a_range_counts_only_for_the_bytes_it_was_meant_for(etag: str, status: int):
    headers = {"Range": "bytes=0-9", "If-Range": etag}
    assert site(io.BytesIO(SOUND)).get("/", headers=headers).status_code == status


def test_a_file_that_is_shorter_than_was_said_ends_instead_of_turning_for_ever():
    """A file cut short meanwhile."""

    async def read() -> bytes:
        return b"".join([block async for block in ranges._blocks(io.BytesIO(b"abc"), range(100))])

    with start_blocking_portal() as elsewhere:  # than in a thread that a browser's loop may hold
        assert elsewhere.call(read) == b"abc"
