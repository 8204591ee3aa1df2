"""Answers that providers bring over HTTP: kept for the run whose address it is, and looked at at once."""

from urllib.parse import urlsplit

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import callbacks as route
from api.app import PREFIX, build
from api.astray import STRAY, Below
from config import settings
from pipeline import conductor, runs
from pipeline.callbacks import RunCallback
from pipeline.outcome import Again
from records import db, outages
from records.runs import Run
from records.statuses import RunReason
from tests.records.made import stored_call, stored_campaign


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[Below(PREFIX, build()), *STRAY]))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Again]:
    """The looks that were asked for."""
    looks: list[Again] = []
    monkeypatch.setattr(route.enqueue, "look", looks.append)
    return looks


@pytest.fixture
def run_id(database, asked, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", "https://calls.example.com/")
    settings.cache_clear()
    with db.writing() as session:
        call = stored_call(session, stored_campaign(session, "Support"))
        return runs.begin(session, call, RunReason.FIRST_RUN, by="a test").id or 0


def path_of(run_id: int) -> str:
    address = RunCallback(run_id, "deepgram").open()
    assert address.startswith("https://calls.example.com/api/v1/callbacks/")
    return urlsplit(address).path


def ticket(run_id: int) -> int:
    with db.reading() as session:
        return session.get_one(Run, run_id).ticket


def test_an_answer_is_kept_and_a_worker_asked_to_look(client, run_id, asked):
    answer = client.post(path_of(run_id), content=b'{"results": {}}')
    assert (answer.status_code, answer.content) == (204, b"")
    assert RunCallback(run_id, "deepgram").answer == b'{"results": {}}'
    assert asked == [Again(run_id, 2, "transcription")]
    assert ticket(run_id) == 2


def test_a_run_that_is_being_worked_on_is_left_to_whoever_holds_it(client, run_id, asked):
    path = path_of(run_id)
    assert runs.claim(run_id, 1, conductor.BY_NAME) is not None
    assert client.post(path, content=b"{}").status_code == 204
    assert (asked, ticket(run_id)) == ([], 1)


@pytest.mark.parametrize("spoil", [lambda path: path + "x", lambda path: path.rsplit("/", 1)[0] + "/x"])
def test_a_wrong_secret_is_nowhere(client, run_id, asked, spoil):
    answer = client.post(spoil(path_of(run_id)), content=b"{}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (RunCallback(run_id, "deepgram").answer, asked) == (None, [])


def test_a_run_that_waits_for_no_answer_is_nowhere(client, run_id):
    assert client.post(f"/api/v1/callbacks/{run_id}/secret", content=b"{}").status_code == 404
    assert client.post("/api/v1/callbacks/999/secret", content=b"{}").status_code == 404
    assert client.get(path_of(run_id)).status_code == 405


@pytest.mark.parametrize("number", ["2147483648", "9" * 30, "-1", "0"])
def test_a_number_that_no_run_has_is_nowhere(client, run_id, number):
    assert client.post(f"/api/v1/callbacks/{number}/secret", content=b"{}").status_code == 404


def test_nothing_is_read_from_who_has_no_address(client, run_id):
    sent = []

    async def receive():
        raise AssertionError("a stranger's body was read")

    async def send(message):
        sent.append(message)

    path = f"/api/v1/callbacks/{run_id}/guessed"
    scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    with start_blocking_portal() as elsewhere:
        elsewhere.call(client.app, scope, receive, send)
    assert sent[0]["status"] == 404


def test_an_answer_without_end_is_refused_and_not_kept(client, run_id, asked, monkeypatch):
    monkeypatch.setattr(route, "LARGEST", 100)
    assert client.post(path_of(run_id), content=b"x" * 101).status_code == 413
    assert (RunCallback(run_id, "deepgram").answer, asked) == (None, [])


def test_a_second_delivery_is_taken_like_the_first(client, run_id, asked):
    path = path_of(run_id)
    assert [client.post(path, content=body).status_code for body in (b"1", b"2")] == [204, 204]
    assert [again.ticket for again in asked] == [2, 3]


def test_a_promise_that_was_not_kept_is_noted(run_id):
    RunCallback(run_id, "deepgram").missed()
    with db.reading() as session:
        assert not outages.callbacks_come(session, "deepgram", trust_again_s=3600)
