"""Requests that no client means to send are answered in the API's own words, and never with a 500."""

from itertools import product

import pytest
from httpx import Response
from starlette.testclient import TestClient

from records import db
from records.campaigns import Campaign
from tests.api.uploading import UPLOAD
from tests.pipeline.arriving import here
from tests.records.made import stored_call

CALL = "c0" * 16
HUGE = "9" * 5000  # more digits than Python reads
SURROGATE = "%ed%a0%80"  # half a character, as UTF-8 would write it
DEEP = b"[" * 200_000


@pytest.fixture
def client(campaign: Campaign, caller_client: TestClient) -> TestClient:
    with db.writing() as session:
        stored_call(session, campaign, id=CALL)
    caller_client.raise_server_exceptions = False
    return caller_client


def wrong(answer: Response, *statuses: int) -> str:
    """What is wrong with this refusal; empty for a problem document with one of the statuses."""
    kind = answer.headers.get("content-type")
    if answer.status_code not in statuses or kind != "application/problem+json":
        return f"{answer.status_code} {kind} {answer.text[:300]}"
    return "" if answer.json()["status"] == answer.status_code else "another status within"


def none_wrong(found: dict[object, str]) -> None:
    """Many requests share a test, since each takes milliseconds and a fresh database a tenth of a second."""
    assert found
    assert {request: words for request, words in found.items() if words} == {}


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


def test_strange_addresses_are_refused(client):
    none_wrong({address[:60]: wrong(client.get("/api/v1" + address), 400, 404, 422) for address in ADDRESSES})


def test_a_strange_search_finds_nothing(client):
    for strange in ("%ff", SURROGATE, "%F0%9F%99%82", "%", "a&q=b"):
        answer = client.get(f"/api/v1/calls?q={strange}")
        assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None}), strange


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


@pytest.mark.parametrize("path", ["/bulk_jobs", f"/calls/{CALL}/rerun"])
def test_strange_bodies_are_refused(client, path):
    headers = {"Content-Type": "application/json"}
    sent = {name: client.post("/api/v1" + path, content=content, headers=headers) for name, content in BODIES.items()}
    none_wrong({name: wrong(answer, 400, 422) for name, answer in sent.items()})


METADATA = [
    '{"a": "\\ud800"}',
    '{"\\ud800": 1}',
    '{"a": NaN}',
    '{"a": 1e999}',
    '{"a": ' + HUGE + "}",
    DEEP.decode(),
    "[]",
]


def test_strange_metadata_are_refused_wherever_they_come(client):
    headers = {"Content-Type": "application/json"}
    found = {}
    for text in METADATA:
        changed = client.patch(f"/api/v1/calls/{CALL}", content=f'{{"metadata": {text}}}', headers=headers)
        uploaded = client.post(UPLOAD, files={"file": ("call.wav", b"RIFF")}, data={"metadata": text})
        found[text[:30]] = wrong(changed, 400, 422) or wrong(uploaded, 400, 413)
    none_wrong(found)


def test_metadata_may_hold_whatever_every_database_takes(client):
    wanted = {"ключ": "🙂", "a\x00b": "\x00", "": [None, -0.0, 10**300]}
    answer = client.patch(f"/api/v1/calls/{CALL}", json={"metadata": wanted})
    assert answer.status_code == 200
    assert client.get(f"/api/v1/calls/{CALL}").json()["metadata"] == wanted
    assert client.get("/api/v1/calls").json()["items"][0]["metadata"] == wanted


KEYS = ["", "Bearer", "Bearer ", "Basic dHY6dHY=", "Bearer tv_\xff", "Bearer tv_" + "x" * 5000, "Bearer tv_a b", "tv_x"]


def test_a_strange_key_is_none(client):
    found = {}
    for key in KEYS:
        headers = [(b"authorization", key.encode("latin-1")), (b"x-api-key", key.encode("latin-1"))]
        found[key[:20]] = wrong(client.get("/api/v1/campaign", headers=headers), 401)
    none_wrong(found)


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


def test_strange_forms_are_refused(client):
    found = {}
    for name, (kind, content) in FORMS.items():
        headers = [(b"content-type", kind.encode("latin-1"))]
        found[name] = wrong(client.post(UPLOAD, content=content, headers=headers), 400, 415, 422)
    none_wrong(found)


NAMES = [b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b"\\", b"%22", b"x" * 3000, b"../../etc/passwd"]


FIELDS = ["agent", "external_id", "called_at", "campaign_id", "bulk_job_id", "nonsense", "file"]


def part(disposition: bytes, value: bytes) -> bytes:
    return b"--a\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + value + b"\r\n"


def test_strange_values_in_a_form_are_refused(client, monkeypatch):
    monkeypatch.setattr("pipeline.children.run", here)
    found = {}
    for field, name in product(FIELDS, NAMES):
        filename = name if field == "file" else b"call.wav"
        file = part(b'name="file"; filename="' + filename + b'"', b"no recording")
        other = b"" if field == "file" else part(b'name="' + field.encode() + b'"', name)
        headers = {"Content-Type": "multipart/form-data; boundary=a"}
        answer = client.post(UPLOAD, content=other + file + b"--a--\r\n", headers=headers)
        found[field, name[:20]] = wrong(answer, 400, 403, 415)
    none_wrong(found)
