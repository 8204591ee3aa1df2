"""Bodies that would become something else, or something far larger, if anybody unpacked them."""

import gzip
import json

import httpx
import pytest

from records import db
from records.calls import Call
from tests.api.described import BEGUN, COMPLETED
from tests.security.callers import world
from tests.security.requests import MORE
from tests.website import Website

BOMB = gzip.compress(b'{"metadata": {"team": "' + bytes(20_000_000) + b'"}}')
SMALL = gzip.compress(json.dumps({"metadata": {"team": "south"}}).encode())


@pytest.mark.parametrize("body", [BOMB, SMALL], ids=["bomb", "small"])
def test_a_packed_body_is_never_unpacked(home, site: Website, body):
    packed = {**world().headers("key"), "Content-Encoding": "gzip", "Content-Type": "application/json"}
    path = f"{site.address}/api/v1/calls/{COMPLETED}"
    answer = httpx.patch(path, headers=packed, content=body, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    with db.reading() as session:
        assert session.get_one(Call, COMPLETED).details == {"team": "north"}


def test_a_packed_piece_of_an_upload_counts_as_the_bytes_that_came(home, site: Website):
    headers = {**world().headers("key"), **MORE, "Content-Encoding": "gzip"}
    answer = httpx.patch(f"{site.address}/api/v1/uploads/{BEGUN}", headers=headers, content=SMALL, timeout=60)
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(SMALL)))


@pytest.mark.parametrize("depth", [10_000, 200_000])
def test_json_that_is_nested_without_end_is_refused_in_words(home, site: Website, depth):
    body = b'{"metadata": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
    headers, said = {**world().headers("key"), "Content-Type": "application/json"}, len(site.said.read_text())
    answer = httpx.patch(f"{site.address}/api/v1/calls/{COMPLETED}", headers=headers, content=body, timeout=60)
    assert answer.status_code in {400, 413}
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in site.said.read_text()[said:]
