"""Runs begin here, and are claimed, renewed, given back and ended here: compare-and-set, every one."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from sqlmodel import Session, col, or_, select, update

from config import settings
from pipeline import line
from pipeline.leasing import lease_end
from pipeline.line import Need
from pipeline.webhooks import events
from pipeline.work import ClaimLost, Work
from records import answers, outages, slots
from records.calls import Call
from records.campaigns import Campaign
from records.db import UNSEEN, now, writing
from records.moves import move, note
from records.runs import Run
from records.statuses import BUSY, CallStatus, RunReason

log = logging.getLogger(__name__)

FIRST_STAGE = "transcription"


def begin(
    session: Session,
    call: Call,
    reason: RunReason,
    *,
    by: str,
    stage: str = FIRST_STAGE,
    transcriber: str = "",
    transcript_id: int | None = None,
) -> Run:
    """Open the run that `call.run_number` names. The caller commits."""
    run = Run(
        call_id=call.id,
        number=call.run_number,
        reason=reason,
        asked_by=by,
        stage=stage,
        transcriber=transcriber,
        transcript_id=transcript_id,
    )
    session.add(run)
    session.flush()
    return run


class Look(Protocol):
    """What a claim must know of a stage."""

    @property
    def shows(self) -> CallStatus:
        """The status that a call wears while the stage runs."""

    @property
    def needs(self) -> Callable[[Session, Run, Campaign], Need | None]:
        """With whom a run needs a place before the stage may begin."""


def claim(run_id: int, ticket: int, stages: Mapping[str, Look]) -> Work | None:
    """Take the run for this worker; None when the ticket is old, the run has ended, or another holds it.

    A run that gets no place with the provider it needs is not taken: it stands in line instead, as it was. The call's
    status follows the stage in the same transaction.
    """
    try:
        return _claim(run_id, ticket, stages)
    except ClaimLost:
        return None


def _claim(run_id: int, ticket: int, stages: Mapping[str, Look]) -> Work | None:
    token = uuid4().hex
    with writing() as session:
        free = or_(col(Run.claim).is_(None), col(Run.lease_until) < now())
        taken = session.exec(
            update(Run)
            .where(col(Run.id) == run_id, col(Run.ticket) == ticket, col(Run.ended_at).is_(None), free)
            .values(claim=token, lease_until=lease_end(), attempts=Run.attempts + 1, waiting_for="", waits_at=""),
            execution_options=UNSEEN,
        )
        if taken.rowcount != 1:
            raise ClaimLost(f"run {run_id}")
        all_of_it = select(Call, Run, Campaign).join(Run, col(Run.call_id) == Call.id).join(Campaign)
        call, run, campaign = session.exec(all_of_it.where(Run.id == run_id)).one()
        stage = stages[run.stage]
        need = stage.needs(session, run, campaign)
        work = Work(call, run, campaign, token, need)
        if need and (why := line.refusal(session, run_id, need)):
            # What failed while the provider was out of order is not the call's fault; all else counts on.
            tries = 0 if need.remote and outages.is_paused(session, need.provider) else run.attempts - 1
            _line_up(session, work, need.provider, why, since=run.waits_since or now(), attempts=tries)
            if call.status in BUSY and call.status != stage.shows:  # the stage before is over all the same
                move(session, call, stage.shows)
            return None
        run.stage_began_at, run.waits_since = run.stage_began_at or now(), None
        if call.status != stage.shows and not move(session, call, stage.shows):
            raise ClaimLost(f"run {run_id}")
        return work


def wait_out(work: Work, need: Need, words: str, *, seconds: float) -> bool:
    """The provider is out of order: pause it, and let the run stand in its line; True when the pause is news."""
    with writing() as session:
        _line_up(session, work, need.provider, words, since=now(), attempts=0)
        news = outages.pause(session, need.provider, words, seconds=seconds)  # before the place, as a claim locks them
        slots.release(session, work.run_id)
    return news


def _line_up(session: Session, work: Work, provider: str, words: str, *, since: datetime, attempts: int) -> None:
    """No job stands for it meanwhile: `line.call_up` asks for it when its turn has come."""
    work.hold(session, waits_at=provider, waits_since=since, waiting_for=words, attempts=attempts, **_let_go(work.run))


def go_on(session: Session, work: Work, stage: str) -> None:
    """The present stage is done: the run waits for the next one, under a new ticket."""
    work.hold(
        session,
        stage=stage,
        stage_seconds=_seconds(work.run),
        stage_began_at=None,
        attempts=0,
        memory={},
        **_let_go(work.run),
    )
    slots.release(session, work.run_id)
    answers.close(session, work.run_id)


def put_off(work: Work, seconds: float, words: str, *, failed: bool = False) -> None:
    """Look again later. A failed try counts, and stands in the timeline."""
    with writing() as session:
        attempts = work.run.attempts if failed else 0
        later = now() + timedelta(seconds=seconds)
        work.hold(session, waiting_for=words, attempts=attempts, **_let_go(work.run, later))
        if failed:
            note(session, work.call, was=work.call.status, to=work.call.status, words=words)
        slots.release(session, work.run_id)


def wait(work: Work, seconds: float, words: str) -> float:
    """The provider is at work, so the place is kept. In how many seconds to look: at once when its answer is here."""
    with writing() as session:
        later = now() + timedelta(seconds=seconds)
        work.hold(session, waiting_for=words, attempts=0, **_let_go(work.run, later))
        slots.renew(session, work.run_id, seconds=seconds + settings().lease_seconds)
        # The run's row is ours: who brings an answer takes that row first too, so is seen here or comes after.
        if not answers.brought_since(session, work.run_id, work.claimed_at):
            return seconds
        session.exec(update(Run).where(col(Run.id) == work.run_id).values(due_at=now()))
    return 0.0


def hand_back(work: Work) -> None:
    """The worker has to stop: as if this try had never begun."""
    with writing() as session:
        work.hold(session, attempts=max(work.run.attempts - 1, 0), **_let_go(work.run))
        slots.release(session, work.run_id)


def complete(session: Session, work: Work) -> None:
    """The run has succeeded, and the call with it."""
    work.hold(session, ended_at=now(), claim=None, lease_until=None, stage_seconds=_seconds(work.run))
    call = session.get_one(Call, work.call.id)
    if not move(session, call, CallStatus.COMPLETED):
        raise ClaimLost(f"run {work.run_id}")
    clear_error(session, call)
    events.completed(session, call)


def fail(work: Work, code: str, words: str) -> None:
    """The run has failed: the words go to the call and its timeline; recording and versions stay."""
    with writing() as session:
        work.hold(session, ended_at=now(), claim=None, lease_until=None, error_code=code, error=words, waiting_for="")
        give_up(session, session.get_one(Call, work.call.id), work.run_id, code, words)


def give_up(session: Session, call: Call, run_id: int, code: str, words: str, *, by: str = "") -> None:
    """The call's side of a failed run."""
    slots.release(session, run_id)
    answers.close(session, run_id)
    if move(session, call, CallStatus.FAILED, words=words, by=by):
        session.exec(update(Call).where(col(Call.id) == call.id).values(error_code=code, error=words))
        events.failed(session, call, code)


def clear_error(session: Session, call: Call) -> None:
    """An earlier run's failure is no news once a new run has begun or succeeded."""
    session.exec(update(Call).where(col(Call.id) == call.id).values(error_code=None, error=None))


def _let_go(run: Run, due_at: datetime | None = None) -> dict[str, object]:
    return {"claim": None, "lease_until": None, "ticket": run.ticket + 1, "due_at": due_at or now()}


def _seconds(run: Run) -> dict[str, float]:
    began = run.stage_began_at or now()
    return {**run.stage_seconds, run.stage: round((now() - began).total_seconds(), 3)}
