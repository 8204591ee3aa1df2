import pytest
from sqlmodel import Session

from pipeline import conductor
from pipeline.conductor import step
from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.sound.contract import Flaw, NotARecording
from pipeline.work import Work
from records import db
from records.campaigns import Campaign
from records.results import CheckResult, StoredTranscript, Version
from records.runs import Run
from records.statuses import CallStatus, Verdict
from tests.pipeline.staging import (
    Play,
    call_of,
    count,
    drive,
    enter,
    expire,
    put_stage,
    results,
    run_of,
    timeline,
    versions,
)

S = CallStatus


def test_a_call_goes_from_pending_to_a_version(store: Campaign, play: Play):
    first = enter(store)
    asked = drive(first)
    assert [(look.stage, look.ticket, look.seconds) for look in asked] == [
        ("transcription", 1, 0),
        ("analysis", 2, 0),
        ("verdict", 3, 0),
    ]
    call, run = call_of(first.run_id), run_of(first.run_id)
    assert (call.status, call.version_number, call.score, call.flagged, call.error) == (
        S.COMPLETED,
        1,
        100,
        False,
        None,
    )
    assert (run.claim, run.lease_until, run.waiting_for, run.ended_at is not None) == (None, None, "", True)
    assert set(run.stage_seconds) == {"transcription", "analysis", "verdict"}
    assert [line[:2] for line in timeline(call)] == [
        (None, "pending"),
        ("pending", "transcribing"),
        ("transcribing", "analyzing"),
        ("analyzing", "completed"),
    ]
    (version,) = versions(call)
    assert (version.number, version.run_id, version.score, version.flag_reasons) == (1, run.id, 100, [])
    assert set(version.stage_seconds) == {"transcription", "analysis"}
    assert [result.verdict for result in results(first.run_id)] == [Verdict.PASS] * 3


def test_the_status_is_that_of_the_stage_at_work(desk: Campaign, play: Play):
    seen = []

    def look(work: Work) -> None:
        seen.append((call_of(work.run_id).status, run_of(work.run_id).claim == work.claim))

    play.acts.append(look)
    drive(enter(desk))
    assert seen == [(S.TRANSCRIBING, True)]


# --- who may act


def test_a_stale_ticket_does_nothing(desk: Campaign, play: Play):
    first = enter(desk)
    second = step(first.run_id, first.ticket)
    before = run_of(first.run_id).model_dump()
    for ticket in (first.ticket, 0, -1, 99):
        assert step(first.run_id, ticket) is None
    assert run_of(first.run_id).model_dump() == before
    assert step(second.run_id, second.ticket) is not None


def test_a_run_that_is_not_there_is_nothing_to_do(desk: Campaign, play: Play):
    assert step(12345, 1) is None


def test_a_delivered_twice_stage_is_run_once(desk: Campaign, play: Play):
    first = enter(desk)
    meanwhile = []
    play.acts.append(lambda _work: meanwhile.append(step(first.run_id, first.ticket)))
    drive(first)
    assert (meanwhile, len(play.looks)) == ([None], 1)


def test_a_finished_run_does_nothing_more(desk: Campaign, play: Play):
    asked = drive(enter(desk))
    for look in asked:
        assert step(look.run_id, look.ticket) is None
    assert len(versions(call_of(asked[0].run_id))) == 1


# --- a claim that was lost


def lose(work: Work) -> None:
    """Another worker takes the run over, as after a pause of this process that was longer than its lease."""
    with db.writing() as session:
        run = session.get_one(Run, work.run_id)
        run.claim, run.ticket = "f" * 32, run.ticket + 1


@pytest.mark.parametrize(
    "end",
    [
        None,
        Wait(5),
        RuntimeError("x"),
        NotARecording(Flaw.EMPTY, "x"),
        ProviderError("x", fault=Fault.ACCOUNT),
    ],
    ids=repr,
)
def test_who_lost_the_claim_writes_nothing_however_the_stage_ends(store: Campaign, play: Play, end: object):
    first = enter(store)

    def act(work: Work) -> object:
        lose(work)
        if isinstance(end, BaseException):
            raise end
        return end

    play.acts.append(act)
    assert step(first.run_id, first.ticket) is None
    run, call = run_of(first.run_id), call_of(first.run_id)
    assert (run.claim, run.ticket, run.stage, run.ended_at, run.error) == ("f" * 32, 2, "transcription", None, None)
    assert (call.status, call.error, count(StoredTranscript)) == (S.TRANSCRIBING, None, 0)
    assert len(timeline(call)) == 2


@pytest.mark.parametrize("stage", ["analysis", "verdict"])
def test_results_of_a_lost_claim_are_not_written(store: Campaign, play: Play, monkeypatch, stage: str):
    look = enter(store)
    while look.stage != stage:
        look = step(look.run_id, look.ticket)
    real = conductor.BY_NAME[stage].run

    def slow(work: Work) -> object:
        lose(work)
        return real(work)

    put_stage(monkeypatch, stage, slow)
    kept = count(CheckResult)
    assert step(look.run_id, look.ticket) is None
    assert (count(CheckResult), count(Version)) == (kept, 0)
    assert call_of(look.run_id).status is S.ANALYZING


def test_a_verdict_that_comes_twice_makes_one_version(store: Campaign, play: Play, monkeypatch, caplog):
    """The first worker is taken for dead, another finishes, then the first wakes up and stores its own."""
    look = enter(store)
    while look.stage != "verdict":
        look = step(look.run_id, look.ticket)
    real = conductor.BY_NAME["verdict"].run

    def slow(work: Work) -> object:
        outcome = real(work)
        if run_of(work.run_id).attempts > 1:
            return outcome
        expire(work.run_id)
        assert step(work.run_id, look.ticket) is None
        return outcome

    put_stage(monkeypatch, "verdict", slow)
    assert step(look.run_id, look.ticket) is None
    call = call_of(look.run_id)
    assert (call.status, call.version_number, len(versions(call))) == (S.COMPLETED, 1, 1)
    assert [line[1] for line in timeline(call)].count("completed") == 1
    assert caplog.text == "", "nothing went wrong here"


def test_what_a_stage_stores_goes_with_the_move_or_not_at_all(desk: Campaign, play: Play, monkeypatch):
    def store(session: Session, run: Run) -> None:
        play.store(session, run)
        raise RuntimeError("after the rows")

    play.acts.append(Done(store))
    first = enter(desk)
    again = step(first.run_id, first.ticket)
    assert (again.stage, count(StoredTranscript)) == ("transcription", 0)
    drive(again)
    assert count(StoredTranscript) == 1
