"""Two who start one call again at the same moment."""

from threading import Barrier, Thread

import pytest
from sqlmodel import select

from pipeline import conductor, reruns, runs
from pipeline.asking import first_look
from pipeline.reruns import Busy
from pipeline.sound.contract import Flaw, NotARecording
from records import db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pipeline.staging import Play, call_of, count, drive, enter, fails, run_of, shop

S, R = CallStatus, RunReason
UNREADABLE = NotARecording(Flaw.CUT_SHORT, "This recording is cut short.")
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # SQLite has one writer at a time


def rerun(run_id: int, reason: RunReason) -> Run:
    return reruns.rerun(COMMAND_LINE, call_of(run_id).id, reason)[1]


@pytest.mark.parametrize("status", [S.PENDING, S.COMPLETED, S.FAILED])
def test_two_reruns_at_once_begin_one_run(store: Campaign, play: Play, status: CallStatus):
    first = enter(store)
    if status is S.FAILED:
        play.acts.append(UNREADABLE)
        fails(first)
    elif status is S.COMPLETED:
        drive(first)
    start, begun, refused = Barrier(6), [], []

    def ask() -> None:
        start.wait()
        try:
            begun.append(rerun(first.run_id, R.RERUN_TRANSCRIPTION))
        except Busy as error:
            refused.append(str(error))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    call = call_of(first.run_id)
    # One after the other, each may supersede the one before, since the call is Pending again; never two open runs.
    assert len(begun) + len(refused) == 6
    assert call.run_number == 1 + len(begun)
    with db.reading() as session:
        open_runs = [run.number for run in session.exec(select(Run)) if run.ended_at is None]
    assert open_runs == [call.run_number]
    drive(first_look(max(begun, key=lambda run: run.number)))


@only_postgresql
def test_two_reruns_that_saw_the_same_call_begin_one_run(database: str, play: Play, monkeypatch: pytest.MonkeyPatch):
    """Both read it before either wrote; only PostgreSQL lets that happen."""
    with db.writing() as session:
        campaign = shop(session)
    first = enter(campaign)
    drive(first)
    real, inner = reruns._end_waiting_run, []

    def meanwhile(session, call) -> None:
        monkeypatch.setattr(reruns, "_end_waiting_run", real)
        inner.append(rerun(first.run_id, R.RERUN_TRANSCRIPTION))
        real(session, call)

    monkeypatch.setattr(reruns, "_end_waiting_run", meanwhile)
    with pytest.raises(Busy, match="Somebody else has just started this call again"):
        rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    assert (call_of(first.run_id).run_number, count(Run), len(inner)) == (2, 2, 1)


@only_postgresql
def test_a_worker_that_begins_just_then_keeps_its_run(database: str, play: Play, monkeypatch: pytest.MonkeyPatch):
    """The rerun saw the call Pending; a worker claims it before the rerun writes. Its work must not be thrown away."""
    with db.writing() as session:
        campaign = shop(session)
    first = enter(campaign)
    real, claimed = reruns._end_waiting_run, []

    def meanwhile(session, call) -> None:
        claimed.append(runs.claim(first.run_id, first.ticket, conductor.BY_NAME))
        real(session, call)

    monkeypatch.setattr(reruns, "_end_waiting_run", meanwhile)
    with pytest.raises(Busy):
        rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    run = run_of(first.run_id)
    assert (run.claim, run.ended_at, call_of(first.run_id).run_number) == (claimed[0].claim, None, 1)
