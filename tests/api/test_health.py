"""Up, and ready: part by part, without giving anything away."""

import asyncio
import threading

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import health
from api.health import AMISS, SLOW, routes
from tests.running import run


def site(**checks) -> TestClient:
    return TestClient(Starlette(routes=routes(checks)))


def fine() -> str:
    return "SQLite"


def broken() -> str:
    raise RuntimeError("connection to 10.1.2.3 with password hunter2 refused")


def test_a_process_is_up_whatever_else_is_broken():
    answer = site(database=broken).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready_when_every_part_is_there():
    answer = site(database=fine, queue=fine).get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "queue": "ok"}},
    )


def test_one_missing_part_is_named_and_the_reason_stays_in_the_log(caplog):
    answer = site(database=fine, queue=broken).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"database": "ok", "queue": AMISS}}
    assert "10.1.2.3" in caplog.text
    assert "10.1.2.3" not in answer.text


def test_a_part_that_hangs_is_not_ready(monkeypatch):
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    let_go = threading.Event()
    try:
        with site(queue=let_go.wait, database=fine) as client:
            answer = client.get("/readyz")
            let_go.set()
    finally:
        let_go.set()
    assert answer.json()["checks"] == {"queue": SLOW, "database": "ok"}


def test_many_who_ask_at_once_cause_one_look():
    looks = []

    async def ask() -> list[dict[str, str]]:
        readiness = health.Readiness({"storage": lambda: looks.append(1)})
        return await asyncio.gather(*(readiness.look() for _ in range(50)))

    assert run(ask()) == [{"storage": "ok"}] * 50
    assert looks == [1]


def test_a_look_serves_for_a_moment_and_then_a_new_one_is_taken(monkeypatch):
    state = {"queue": fine}

    async def ask() -> list[str]:
        readiness = health.Readiness({"queue": lambda: state["queue"]()})  # noqa: PLW0108  the state of the moment
        words = []
        for check, fresh_s in ((fine, 600), (broken, 600), (broken, -1)):
            state["queue"] = check
            monkeypatch.setattr(health, "FRESH_S", fresh_s)
            words.append((await readiness.look())["queue"])
        return words

    assert run(ask()) == ["ok", "ok", AMISS]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_both_can_only_be_read(path):
    assert site(database=fine).post(path).status_code == 405
