"""What `totalview web` serves, and to whom."""

from pathlib import Path

import httpx
import pytest

from pipeline.storage import recording_key, storage
from records import db
from records.api_keys import hashed
from tests.records.made import stored_call, stored_campaign
from tests.served import Served
from tests.website import Website, page_socket, run_page, text_of


@pytest.fixture
def home(served_home: Path) -> Path:
    return served_home


@pytest.fixture
def site(served: Served) -> Website:
    return served.site


@pytest.mark.parametrize("headers", [{}, {"x-tv-sid": "known"}, {"X-Tv-Sid": "known", "Cookie": "tv_session=guess"}])
def test_a_stranger_by_socket_sees_nothing_even_with_the_hash_of_a_session(home, token, owner, site: Website, headers):
    with db.writing() as session:
        stored_call(session, stored_campaign(session, "Support"), filename="secret.wav")
    forged = {name: hashed(token) if value == "known" else value for name, value in headers.items()}
    with page_socket(site, **forged) as opened:
        for page, query in (("calls", ""), ("", ""), ("call", "id=abc")):
            text = text_of(run_page(opened, page, query))
            assert "You are signed out" in text
            assert "secret.wav" not in text
            assert owner.email not in text


def test_everything_has_its_place_behind_one_address(home, site: Website, token):
    here = {"cookies": {"tv_session": token}, "headers": {"Accept": "text/html"}}
    answers = {
        path: httpx.get(site.address + path, **here) for path in ("/", "/calls", "/api/v1/x", "/api", "/healthz")
    }
    assert "Streamlit" in answers["/"].text
    assert "Streamlit" in answers["/calls"].text
    assert answers["/api/v1/x"].headers["content-type"] == "application/problem+json"
    assert answers["/api"].status_code == 404
    assert answers["/healthz"].json() == {"status": "up"}
    assert httpx.get(f"{site.address}/favicon.png").content.startswith(b"\x89PNG")
    assert httpx.get(f"{site.address}/calls", headers={"Accept": "text/html"}).headers["location"].startswith("/login")
    assert "server" not in answers["/healthz"].headers


def test_readiness_names_the_part_that_is_missing(home, site: Website):
    answer = httpx.get(f"{site.address}/readyz")
    checks = answer.json()["checks"]
    assert (answer.status_code, checks["database"], checks["storage"]) == (503, "ok", "ok")
    assert "totalview doctor" in checks["queue"]
    assert str(home) not in answer.text


def test_a_recording_comes_by_ranges_and_is_never_compressed(home, site: Website, token):
    with db.writing() as session:
        call = stored_call(session, stored_campaign(session, "Support"), container="gsm")
    with storage().write(recording_key(call.id)) as sink:
        sink.write(b"sound" * 100_000)
    answer = httpx.get(
        f"{site.address}/recordings/{call.id}",
        cookies={"tv_session": token},
        headers={"Range": "bytes=5-9", "Accept-Encoding": "gzip"},
    )
    assert (answer.status_code, answer.content) == (206, b"sound")
    assert "content-encoding" not in answer.headers
