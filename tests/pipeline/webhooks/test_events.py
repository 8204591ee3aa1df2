"""What is written down for webhooks, with the end of a run and in its transaction: all of it, or nothing."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from sqlmodel import select

from config import settings
from pipeline import conductor, reruns, rescue, runs
from pipeline.asking import first_look
from pipeline.outcome import Fault, ProviderError
from pipeline.webhooks import events
from records import db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.deliveries import Delivery
from records.results import Version
from records.runs import Run
from records.statuses import CallStatus, RunReason
from records.webhooks import Webhook
from tests.pipeline.staging import Killed, die_in, drive, enter, expire, fails
from tests.pipeline.webhooks.conftest import all_deliveries
from tests.records import made


def told() -> list[str]:
    return [delivery.type for delivery in all_deliveries()]


def data(place: int = -1) -> dict:
    return json.loads(all_deliveries()[place].payload)["data"]


def change(run_id: int, **facts) -> str:
    """Facts of a run's call; its id."""
    with db.writing() as session:
        call = session.get_one(Call, session.get_one(Run, run_id).call_id)
        call.sqlmodel_update(facts)
        return call.id


def test_a_completed_call_is_told_with_what_was_found(play, desk, hook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", "https://calls.example.com/")
    settings.cache_clear()
    hook(desk)
    again = enter(desk)
    with db.writing() as session:
        agent = made.agent(session, "Ada Größe")
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    facts = {"agent_id": agent.id, "called_at": moment, "duration_ms": 61_500, "external_id": "X-1"}
    call_id = change(again.run_id, filename="anruf 📞.wav", details={"queue": "grün"}, **facts)
    drive(again)
    assert told() == ["call.completed"]
    [delivery] = all_deliveries()
    assert delivery.payload.isascii()
    message = json.loads(delivery.payload)
    assert (message["type"], set(message)) == ("call.completed", {"type", "timestamp", "data"})
    assert datetime.fromisoformat(message["timestamp"]) == delivery.created_at
    assert message["data"] == {
        "id": call_id,
        "campaign": "support",
        "status": "completed",
        "source": "api",
        "filename": "anruf 📞.wav",
        "external_id": "X-1",
        "agent": "Ada Größe",
        "called_at": "2026-03-01T12:30:00Z",
        "duration_s": 61.5,
        "score": 100.0,
        "flagged": False,
        "flag_reasons": [],
        "version": 1,
        "error": None,
        "metadata": {"queue": "grün"},
        "url": f"https://calls.example.com/call?id={call_id}",
    }
    assert (delivery.call_id, delivery.state, delivery.tries) == (call_id, "waiting", 0)


def test_a_flagged_version_is_told_twice_completed_first(play, desk, hook):
    first, second = hook(desk), hook(desk, "call.flagged")
    with db.writing() as session:
        session.get_one(Campaign, desk.id).section_thresholds = {"Opening": 101.0}
    drive(enter(desk))
    rows = [(delivery.type, delivery.webhook_id) for delivery in all_deliveries()]
    assert rows == [("call.completed", first.id), ("call.flagged", first.id), ("call.flagged", second.id)]
    assert data()["flag_reasons"] == ["The score of section 'Opening' 100 is under the threshold of 101."]
    completed, *flagged = all_deliveries()
    assert len({one.event_id for one in flagged}) == 1  # one event, told to two
    assert completed.event_id != flagged[0].event_id


def test_each_version_is_told(play, desk, hook):
    hook(desk)
    drive(enter(desk))
    call_id = data()["id"]
    _, run = reruns.rerun(COMMAND_LINE, call_id, RunReason.RUN_ANALYSIS)
    drive(first_look(run))
    assert told() == ["call.completed", "call.completed"]
    assert [data(0)["version"], data(1)["version"]] == [1, 2]


def test_a_failed_call_is_told_with_code_and_words(play, desk, hook):
    hook(desk)
    play.acts.append(ProviderError("This recording cannot be read.", fault=Fault.RECORDING))
    fails(enter(desk))
    assert told() == ["call.failed"]
    assert data()["status"] == "failed"
    assert data()["error"] == {"code": "recording", "words": "This recording cannot be read."}
    assert (data()["version"], data()["score"]) == (None, None)


def test_a_rerun_that_fails_tells_of_the_version_that_stays(play, desk, hook):
    hook(desk)
    drive(enter(desk))
    _, run = reruns.rerun(COMMAND_LINE, data()["id"], RunReason.RERUN_TRANSCRIPTION)
    play.acts.append(ProviderError("No.", fault=Fault.RECORDING))
    fails(first_look(run))
    assert told() == ["call.completed", "call.failed"]
    assert (data()["version"], data()["score"], data()["error"]["code"]) == (1, 100.0, "recording")


def test_a_worker_that_breaks_down_again_and_again_is_told_too(play, desk, hook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "1")
    settings.cache_clear()
    hook(desk)
    again = enter(desk)
    play.acts.append(Killed())
    die_in(again)
    expire(again.run_id)
    assert rescue.rescue(set()) == []
    assert told() == ["call.failed"]
    assert data()["error"]["code"] == "worker"


def test_a_cancelled_call_is_no_news(desk, hook):
    hook(desk)
    again = enter(desk)
    with db.writing() as session:
        call = session.get_one(Call, session.get_one(Run, again.run_id).call_id)
        runs.give_up(session, call, again.run_id, "cancelled", "Cancelled by ann@example.org.")
    assert told() == []
    with db.reading() as session:
        assert session.exec(select(Call.status)).one() is CallStatus.FAILED


def test_what_is_not_wanted_or_inactive_or_another_campaign_s_is_not_written_down(play, desk, hook):
    hook(desk, "call.failed")
    switched_off = hook(desk)
    with db.writing() as session:
        session.get_one(Webhook, switched_off.id).active = False
        other = made.stored_campaign(session, "Sales")
    hook(other)
    drive(enter(desk))
    assert told() == []


def test_a_paused_webhook_s_events_are_written_down_and_wait(play, desk, hook):
    webhook = hook(desk)
    with db.writing() as session:
        session.get_one(Webhook, webhook.id).paused_at = db.now()
    drive(enter(desk))
    assert told() == ["call.completed"]


def test_an_event_stands_or_falls_with_what_caused_it(play, desk, hook, monkeypatch: pytest.MonkeyPatch):
    hook(desk)
    again = enter(desk)
    again = conductor.step(again.run_id, again.ticket)
    again = conductor.step(again.run_id, again.ticket)
    real = events.completed

    def breaks(session, call):
        real(session, call)
        session.flush()
        raise Killed

    monkeypatch.setattr(events, "completed", breaks)
    die_in(again)
    assert told() == []
    with db.reading() as session:
        assert session.exec(select(Version)).all() == []
    monkeypatch.setattr(events, "completed", real)
    expire(again.run_id)
    drive(rescue.rescue(set())[0])
    assert told() == ["call.completed"]


def test_without_a_webhook_the_end_of_a_run_costs_one_look(about_sqlite, play, desk):
    again = enter(desk)
    with db.writing() as session:
        call = session.get_one(Call, session.get_one(Run, again.run_id).call_id)
        asked: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        events.completed(session, call)
    [query] = asked
    assert "FROM webhook" in query
    plan = "".join(str(row) for row in explained(query.replace("?", "1")))
    assert "ix_webhook_campaign_id" in plan


def explained(query: str) -> list[tuple]:
    with db.reading() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]


def test_a_webhook_is_written_down_on_both_databases(play, store, hook):
    hook(store)
    drive(enter(store))
    assert told() == ["call.completed"]
    with db.reading() as session:
        [delivery] = session.exec(select(Delivery))
    assert (delivery.ticket, delivery.claim, delivery.log) == (1, None, [])
