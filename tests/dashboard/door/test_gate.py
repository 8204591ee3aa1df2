"""The gate: nobody passes without a session, and nobody says who they are but the gate."""

from collections.abc import MutableMapping, Sequence

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy.exc import OperationalError
from starlette.websockets import WebSocketDisconnect

from dashboard.door import gate
from records import db, sessions
from records.api_keys import hashed
from records.people import User

STREAM = "/_stcore/stream"


@pytest.mark.parametrize(
    ("asked", "remembered"),
    [
        ("/calls", "%2Fcalls"),
        ("/call?id=abc&version=2", "%2Fcall%3Fid%3Dabc%26version%3D2"),
        ("/calls?q=caf%C3%A9", "%2Fcalls%3Fq%3Dcaf%25C3%25A9"),
        ("/anything/else", "%2Fanything%2Felse"),
    ],
)
def test_a_stranger_who_opens_a_page_is_sent_to_sign_in_and_the_page_is_remembered(visitor, asked, remembered):
    answer = visitor().get(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={remembered}")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("GET", "/_stcore/upload_file/x", "*/*"),
        ("GET", "/media/abc.svg", "image/*"),
        ("GET", "/recordings/abc", "*/*"),
        ("GET", "/_stcore/metrics", "text/plain"),
        ("GET", "/_stcore/agent/openapi.json", "application/json"),
        ("POST", "/calls", "text/html"),
        ("PUT", "/_stcore/upload_file/x/y", "*/*"),
    ],
)
def test_a_stranger_who_asks_for_anything_else_is_told_401(visitor, method, path, accept):
    answer = visitor().request(method, path, headers={"Accept": accept})
    assert (answer.status_code, answer.text) == (401, "Sign in first.")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/calls", "/api", "/static/js/index.js", "/healthz", "/readyz", "/favicon.png", "/_stcore/health"],
)
def test_what_is_open_to_all_passes(visitor, path):
    assert visitor().get(path).json()["who"] is None


@pytest.mark.parametrize(
    "path", ["/apifoo", "/loginfoo", "/setup/x", "/welcome/x", "/ssox", "/staticfoo", "/healthzz", "/_stcore/healthy"]
)
def test_what_only_begins_like_an_open_address_does_not_pass(visitor, path):
    assert visitor().get(path).status_code == 303


def test_somebody_signed_in_passes_with_their_session_named(visitor, ann):
    client = visitor(ann)
    seen = client.get("/calls").json()
    assert (seen["who"], seen["headers"]) == ("ann@example.org", {"x-tv-sid": hashed(client.cookies["tv_session"])})


@pytest.mark.parametrize("name", ["x-tv-sid", "X-TV-SID", "x-tv-uid", "x-tv-anything"])
@pytest.mark.parametrize("path", ["/calls", "/api/v1/calls", "/static/x.js", "/healthz"])
def test_a_header_of_ours_that_a_client_sends_is_stripped_everywhere(visitor, ann, name, path):
    mine = visitor(ann)
    stolen = hashed(mine.cookies["tv_session"])
    answer = visitor().get(path, headers={name: stolen})
    assert answer.status_code == 303 or answer.json()["headers"] == {}
    assert "x-tv-uid" not in mine.get(path, headers={"x-tv-uid": "7"}).json()["headers"]


def test_the_clients_own_session_header_never_comes_beside_the_gates(visitor, ann):
    client = visitor(ann)
    with client.websocket_connect(STREAM, headers={"x-tv-sid": "forged"}) as socket:
        assert socket.receive_json() == {"x-tv-sid": hashed(client.cookies["tv_session"])}


def test_a_strangers_socket_is_let_in_without_a_name_so_that_the_page_can_say_so(visitor):
    with visitor().websocket_connect(STREAM, headers={"x-tv-sid": "forged"}) as socket:
        assert socket.receive_json() == {}


def test_sockets_of_strangers_are_few_at_a_time_and_take_nobodys_place(visitor, ann, monkeypatch):
    monkeypatch.setattr(gate, "STRANGERS", 2)
    stranger, known = visitor(), visitor(ann)
    with stranger.websocket_connect(STREAM), stranger.websocket_connect(STREAM):
        with pytest.raises(WebSocketDisconnect), stranger.websocket_connect(STREAM):
            pass
        with known.websocket_connect(STREAM) as socket:
            assert "x-tv-sid" in socket.receive_json()
    with stranger.websocket_connect(STREAM) as socket:
        assert socket.receive_json() == {}


def test_a_strangers_socket_counts_for_a_while_after_it_went(home, monkeypatch):
    monkeypatch.setattr(gate, "STRANGERS", 1)
    monkeypatch.setattr(gate, "COUNTS_S", 0.3)
    came = []

    async def page(*_: object) -> None:
        came.append("page")

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, str]) -> None:
        came.append(message["type"])

    async def come(pauses_s: Sequence[float]) -> None:
        door = gate.Gate(page)
        for pause_s in pauses_s:
            await anyio.sleep(pause_s)
            await door({"type": "websocket", "path": STREAM, "headers": []}, receive, send)

    with start_blocking_portal() as portal:
        portal.call(come, (0, 0, 0.5))
    assert came == ["page", "websocket.close", "page"]


@pytest.mark.parametrize("origin", ["http://evil.test", "http://testserver.evil.test", "http://localhost:3000", "null"])
def test_a_socket_opened_by_another_sites_page_is_closed(visitor, ann, origin):
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        visitor(ann).websocket_connect(STREAM, headers={"Origin": origin}),
    ):
        pass
    assert closed.value.code == 1008


def test_a_socket_of_our_own_page_is_let_in(visitor, ann):
    with visitor(ann).websocket_connect(STREAM, headers={"Origin": "http://testserver"}) as socket:
        assert "x-tv-sid" in socket.receive_json()


def test_the_public_address_is_ours_too(visitor, ann, reached_at):
    reached_at("http://calls.example.com")
    with visitor(ann).websocket_connect(STREAM, headers={"Origin": "http://calls.example.com"}) as socket:
        assert "x-tv-sid" in socket.receive_json()


@pytest.mark.parametrize("how", ["signed out", "deactivated", "unknown", "empty"])
def test_a_session_that_is_over_opens_nothing(visitor, ann, how):
    client = visitor(ann)
    with db.writing() as session:
        if how == "signed out":
            sessions.end(session, client.cookies["tv_session"])
        if how == "deactivated":
            session.get_one(User, ann.id).active = False
    if how in ("unknown", "empty"):
        client.cookies.set("tv_session", "" if how == "empty" else "x" * 43)
    assert client.get("/calls").status_code == 303


def test_while_the_database_is_away_the_gate_says_so_and_stays_shut(visitor, ann, monkeypatch):
    def away(*_):
        raise OperationalError("SELECT", {}, Exception("no route to 10.1.2.3"))

    client = visitor(ann)
    monkeypatch.setattr(sessions, "find", away)
    answer = client.get("/calls")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "10.1.2.3" not in answer.text
    assert client.get("/healthz").status_code == 200, "what is open needs no database"
