"""Requests that no client means to send are answered in the API's own words, and never with a 500."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from records import db
from records.campaigns import Campaign
from tests.records.made import stored_call

CALL = "c0" * 16
HUGE = "9" * 5000  # more digits than Python reads
SURROGATE = "%ed%a0%80"  # half a character, as UTF-8 would write it
DEEP = b"[" * 200_000


@pytest.fixture
def client(database: str, campaign: Campaign, caller_client: TestClient) -> Iterator[TestClient]:
    with db.writing() as session:
        stored_call(session, campaign, id=CALL)
    caller_client.raise_server_exceptions = False
    return caller_client


def expect_problem(answer, *statuses: int) -> None:
    assert answer.status_code in statuses, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


ADDRESSES = [
    *(f"/calls/{strange}" for strange in ("%00", "%ff", SURROGATE, "%0a", "..%2f..", "%F0%9F%99%82", "x" * 5000)),
    *(f"/calls/{CALL}%0a", f"/calls/{CALL}%00", f"/calls/{CALL.upper()}"),
    *(f"/calls?q={strange}" for strange in ("%00", "a%0ab", "x" * 300)),
    *(f"/calls?{name}={HUGE}" for name in ("limit", "bulk_job_id", "cursor")),
    *(f"/calls?limit={strange}" for strange in ("0", "-1", "201", "1e3", "NaN", "", "%00", "1&limit=0x1")),
    *(f"/calls?bulk_job_id={strange}" for strange in (2**31, 2**63, 2**64, -1)),
    *(f"/calls?called_after={strange}" for strange in ("", "now", "9999-12-31T24:00:00Z", "2026-02-30", "%00", HUGE)),
    "/calls?status=pending&status=nonsense",
    "/calls?cursor=" + "%00" * 20,
    "/calls?cursor=__________________________________",
    "/calls?nonsense=1",
    f"/calls/{CALL}?version={HUGE}",
    f"/calls/{CALL}?version=2",
    f"/calls/{CALL}?include=everything",
    f"/calls/{CALL}/transcript?format=docx",
    *(f"/bulk_jobs/{strange}" for strange in (HUGE, 2**31, 2**63, 0, -1, "1.5", "1e3", "%00", "%ff")),
    *(f"/recordings/{strange}" for strange in ("%00", "%ff", SURROGATE, "a.b.c", "x" * 5000)),
]


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:60])
def test_a_strange_address_is_refused(client, address):
    expect_problem(client.get("/api/v1" + address), 400, 404, 422)


@pytest.mark.parametrize("strange", ["%ff", SURROGATE, "%F0%9F%99%82", "%", "a&q=b"])
def test_a_strange_search_finds_nothing(client, strange):
    answer = client.get(f"/api/v1/calls?q={strange}")
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"name": "\xff"}',
    "deep": DEEP,
    "a long number": b'{"expected": ' + HUGE.encode() + b"}",
    "no number": b'{"expected": NaN}',
    "beyond numbers": b'{"expected": 1e999}',
    "half a character": b'{"expected": 1, "name": "\\ud800"}',
    "no character": b'{"expected": 1, "name": "\\u0000"}',
    "half a name": b'{"expected": 1, "\\ud800": 1}',
    "a list": b"[]",
    "null": b"null",
}


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/bulk_jobs", f"/calls/{CALL}/rerun"])
def test_a_strange_body_is_refused(client, path, content):
    headers = {"Content-Type": "application/json"}
    expect_problem(client.post("/api/v1" + path, content=content, headers=headers), 400, 422)


METADATA = [
    '{"a": "\\ud800"}',
    '{"\\ud800": 1}',
    '{"a": NaN}',
    '{"a": 1e999}',
    '{"a": ' + HUGE + "}",
    DEEP.decode(),
    "[]",
]


@pytest.mark.parametrize("text", METADATA, ids=lambda text: text[:20])
def test_strange_metadata_are_refused_wherever_they_come(client, text):
    headers = {"Content-Type": "application/json"}
    changed = client.patch(f"/api/v1/calls/{CALL}", content=f'{{"metadata": {text}}}', headers=headers)
    expect_problem(changed, 400, 422)
    files = {"file": ("call.wav", b"RIFF")}
    uploaded = client.post("/api/v1/calls/upload", files=files, data={"metadata": text})
    expect_problem(uploaded, 400, 413)


@pytest.mark.parametrize("key", ["a\x00b", "ключ", "🙂"])
def test_metadata_may_hold_whatever_every_database_takes(client, key):
    headers = {"Content-Type": "application/json"}
    wanted = json.dumps({"metadata": {key: key}})
    answer = client.patch(f"/api/v1/calls/{CALL}", content=wanted, headers=headers)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert client.get(f"/api/v1/calls/{CALL}").json()["metadata"] == {key: key}
        assert client.get("/api/v1/calls").json()["items"][0]["metadata"] == {key: key}


KEYS = ["", "Bearer", "Bearer ", "Basic dHY6dHY=", "Bearer tv_\xff", "Bearer tv_" + "x" * 5000, "Bearer tv_a b", "tv_x"]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:20])
def test_a_strange_key_is_none(client, key):
    headers = [(b"authorization", key.encode("latin-1")), (b"x-api-key", key.encode("latin-1"))]
    expect_problem(client.get("/api/v1/campaign", headers=headers), 401)


FORMS = {
    "no boundary": ("multipart/form-data", b""),
    "an empty boundary": ("multipart/form-data; boundary=", b""),
    "a long boundary": ("multipart/form-data; boundary=" + "x" * 5000, b"--" + b"x" * 5000 + b"--\r\n"),
    "a strange boundary": ("multipart/form-data; boundary=\xff\x01", b"--\xff\x01--\r\n"),
    "no form": ("multipart/form-data; boundary=a", b"nonsense"),
    "no header of a part": ("multipart/form-data; boundary=a", b"--a\r\n\r\n\r\n--a--\r\n"),
    "a strange header": ("multipart/form-data; boundary=a", b"--a\r\n\x00\xff: x\r\n\r\nx\r\n--a--\r\n"),
    "JSON": ("application/json", b"{}"),
    "another form": ("application/x-www-form-urlencoded", b"file=x"),
    "nothing": ("", b""),
}


@pytest.mark.parametrize(("kind", "content"), FORMS.values(), ids=FORMS)
def test_a_strange_form_is_refused(client, kind, content):
    headers = [(b"content-type", kind.encode("latin-1"))]
    expect_problem(client.post("/api/v1/calls/upload", content=content, headers=headers), 400, 415, 422)


NAMES = [b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b"\\", b"%22", b"x" * 3000, b"../../etc/passwd"]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:20]))
@pytest.mark.parametrize(
    "field", ["agent", "external_id", "called_at", "campaign_id", "bulk_job_id", "nonsense", "file"]
)
def test_strange_values_in_a_form_are_refused_or_kept(client, field, name):
    def part(disposition: bytes, value: bytes) -> bytes:
        return b"--a\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + value + b"\r\n"

    file = part(b'name="file"; filename="' + (name if field == "file" else b"call.wav") + b'"', b"no recording")
    other = b"" if field == "file" else part(b'name="' + field.encode() + b'"', name)
    headers = {"Content-Type": "multipart/form-data; boundary=a"}
    answer = client.post("/api/v1/calls/upload", content=other + file + b"--a--\r\n", headers=headers)
    expect_problem(answer, 400, 403, 415)
