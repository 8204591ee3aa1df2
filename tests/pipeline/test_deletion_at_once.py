"""A call that is deleted while others work on it, start it again, or delete it too."""

from collections.abc import Callable
from threading import Barrier, Thread

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from pipeline import amend, reruns, swapping
from pipeline.asking import first_look
from pipeline.conductor import step
from pipeline.deletion import delete_call
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.swapping import NothingToSwap
from records import db
from records.access import COMMAND_LINE, NotFound
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.deletions import DeletedCall
from records.results import StoredTranscript
from records.runs import Run
from records.statuses import RunReason
from tests.pipeline.staging import Play, call_of, drive, enter

ROUNDS = 4
TOLD = (Busy, NotFound, NothingToAnalyze, NothingToSwap)  # in words, whoever was too late


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Do them all in the same moment; what was raised that is not told in words."""
    start, broken = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except TOLD:
            return
        except (SQLAlchemyError, AssertionError, AttributeError) as error:
            broken.append(error)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return broken


def left_of(call_id: str) -> tuple[bool, bool, int]:
    """Whether the call is there, whether its tombstone is, and how many rows speak of it."""
    with db.reading() as session:
        rows = sum(
            len(session.exec(select(table).where(table.call_id == call_id)).all())
            for table in (Run, CallEvent, StoredTranscript)
        )
        return session.get(Call, call_id) is not None, session.get(DeletedCall, call_id) is not None, rows


def test_either_all_of_it_is_gone_or_all_of_it_is_there(store: Campaign, play: Play):
    for _ in range(ROUNDS):
        first = enter(store)
        drive(first)
        call = call_of(first.run_id)

        def again(call_id: str = call.id) -> None:
            step(*_look(reruns.rerun(COMMAND_LINE, call_id, RunReason.RUN_ANALYSIS)[1]))

        broken = at_once(
            lambda call_id=call.id: delete_call(COMMAND_LINE, call_id),
            lambda call_id=call.id: delete_call(COMMAND_LINE, call_id),
            again,
            lambda call_id=call.id: swapping.swap(COMMAND_LINE, call_id),
            lambda call_id=call.id: amend.link(COMMAND_LINE, call_id, None),
        )
        assert broken == []
        there, tombstone, rows = left_of(call.id)
        assert there is not tombstone
        assert bool(rows) is there


def test_a_worker_that_claims_it_in_that_moment_or_the_deletion_wins(store: Campaign, play: Play):
    for _ in range(ROUNDS):
        first = enter(store)
        call = call_of(first.run_id)
        broken = at_once(
            lambda again=first: step(again.run_id, again.ticket),
            lambda call_id=call.id: delete_call(COMMAND_LINE, call_id),
        )
        assert broken == []
        there, tombstone, rows = left_of(call.id)
        assert there is not tombstone
        assert bool(rows) is there


def _look(run: Run) -> tuple[int, int]:
    asked = first_look(run)
    return asked.run_id, asked.ticket
