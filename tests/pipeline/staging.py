"""Runs for tests: calls that wait, a transcription that needs no recogniser, and looks into the tables."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, func, select, update

from pipeline import conductor, runs, stages
from pipeline.asking import first_look
from pipeline.conductor import Again, CallFailed
from pipeline.outcome import Done, Wait
from pipeline.work import Work
from records import db, transcripts
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.checks import Check
from records.db import now
from records.results import CheckResult, Version
from records.runs import Run
from records.statuses import RunReason
from tests.conftest import CHECKS
from tests.pipeline.made import conversation, measured, transcript
from tests.records import made

SPOKEN = conversation(
    ("agent", "Thank you for calling, this call may be recorded."),
    ("customer", "Hello, I have a question."),
)


class Killed(BaseException):
    """The process dies here: nothing after it is done, the claim stays."""


@dataclass
class Play:
    """What the transcription stage does at each look: an exception to raise, a Wait to answer, or work to do.

    When nothing is left, it stores what `says` holds.
    """

    acts: deque[Any] = field(default_factory=deque)
    looks: list[Work] = field(default_factory=list)
    says: Any = None

    def __call__(self, work: Work) -> Done[Callable[[Session, Run], None]] | Wait:
        self.looks.append(work)
        act = self.acts.popleft() if self.acts else None
        if isinstance(act, BaseException):
            raise act
        if callable(act):
            act = act(work)
        return act if isinstance(act, Done | Wait) else Done(self.store)

    def store(self, session: Session, run: Run) -> None:
        content = self.says or transcript(SPOKEN, cost_usd=0.02, audio_seconds=60)
        figures = measured(60, speech_s=10, longest_silence_s=4.0).model_dump(mode="json")
        told = content.model_dump(mode="json"), figures
        made = transcripts.keep(session, run.call_id, run.number, *told, redacted=content.redacted)
        session.exec(update(Run).where(col(Run.id) == run.id).values(transcript_id=made))


def put_stage(monkeypatch: pytest.MonkeyPatch, name: str, run: Callable[[Work], Any]) -> None:
    """Let this stage do something else from now on."""
    line = tuple(replace(stage, run=run) if stage.name == name else stage for stage in stages.STAGES)
    monkeypatch.setattr(stages, "STAGES", line)
    monkeypatch.setattr(conductor, "BY_NAME", {stage.name: stage for stage in line})


def shop(session: Session) -> Campaign:
    """A campaign with checks that SPOKEN meets."""
    campaign = made.stored_campaign(session, "Support")
    for place, spec in enumerate(CHECKS):
        session.add(Check.of(spec, campaign_id=campaign.id or 0, position=place))
    return campaign


def enter(campaign: Campaign) -> Again:
    """A call that has just come in; what its first job asks for."""
    with db.writing() as session:
        call = made.stored_call(session, campaign)
        return first_look(runs.begin(session, call, RunReason.FIRST_RUN, by="a test"))


def claim(look: Again) -> Work | None:
    """What a worker that takes this look gets, or None when another has it or there is nothing to do."""
    return runs.claim(look.run_id, look.ticket, conductor.BY_NAME)


def drive(again: Again | None, most: int = 20) -> list[Again]:
    """Step on until there is nothing more to do, whatever the pauses; every look that was asked for."""
    asked: list[Again] = []
    while again is not None:
        asked.append(again)
        assert len(asked) <= most, "this run goes on for ever"
        again = conductor.step(again.run_id, again.ticket)
    return asked


def die_in(again: Again) -> None:
    """A look at which the process dies."""
    try:
        conductor.step(again.run_id, again.ticket)
    except Killed:
        return
    raise AssertionError("nobody died")


def fails(again: Again) -> str:
    """Step on until the call fails; the words."""
    try:
        drive(again)
    except CallFailed as failure:
        return str(failure)
    raise AssertionError("nothing failed")


def expire(run_id: int) -> None:
    """Let the lease of whoever holds the run have run out, and what is due be overdue."""
    with db.writing() as session:
        run = session.get_one(Run, run_id)
        run.due_at = now() - timedelta(minutes=5)
        if run.claim is not None:
            run.lease_until = now() - timedelta(seconds=1)


def run_of(run_id: int) -> Run:
    with db.reading() as session:
        return session.get_one(Run, run_id)


def call_of(run_id: int) -> Call:
    with db.reading() as session:
        return session.get_one(Call, session.get_one(Run, run_id).call_id)


def versions(call: Call) -> list[Version]:
    with db.reading() as session:
        return list(session.exec(select(Version).where(Version.call_id == call.id).order_by(col(Version.number))))


def results(run_id: int) -> list[CheckResult]:
    with db.reading() as session:
        found = select(CheckResult).where(CheckResult.run_id == run_id).order_by(col(CheckResult.position))
        return list(session.exec(found))


def timeline(call: Call) -> list[tuple[str | None, str, str]]:
    """(was, became, words) of each line."""
    with db.reading() as session:
        lines = session.exec(select(CallEvent).where(CallEvent.call_id == call.id).order_by(col(CallEvent.id)))
        return [(line.was, line.became, line.words) for line in lines]


def count(table: type) -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()
