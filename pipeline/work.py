"""What a stage gets to work on: the call, its run and its campaign, detached; and the run's memory."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, update

from pipeline.line import Need
from records.calls import Call
from records.campaigns import Campaign
from records.db import UNSEEN, now, stored_id, writing
from records.runs import Run

log = logging.getLogger(__name__)

STORE_AGAIN_S = (1.0, 2.0, 4.0, 8.0, 16.0)  # a database that restarts is back by then


class ClaimLost(Exception):  # noqa: N818  what happened
    """Another worker holds this run now; whoever sees this writes nothing more."""


@dataclass(frozen=True)
class Work:
    """A claimed run. Only the holder of `claim` may write."""

    call: Call
    run: Run
    campaign: Campaign
    claim: str
    need: Need | None = None  # with whom it has a place
    claimed_at: datetime = field(default_factory=now)

    @property
    def run_id(self) -> int:
        """The run's id."""
        return stored_id(self.run.id)

    def hold(self, session: Session, **values: object) -> None:
        """Write to the run if it is still ours; ClaimLost otherwise."""
        mine = update(Run).where(col(Run.id) == self.run_id, col(Run.claim) == self.claim)
        held = session.exec(mine.values(**values), execution_options=UNSEEN)
        if held.rowcount != 1:
            raise ClaimLost(f"run {self.run_id}")

    @property
    def memory(self) -> "RunMemory":
        """The run's memory of a provider's job."""
        return RunMemory(self)


@dataclass(frozen=True)
class RunMemory:
    """Memory, kept in the run's row."""

    work: Work

    @property
    def facts(self) -> Mapping[str, str]:
        return self.work.run.memory

    def remember(self, **facts: str) -> None:
        self.work.run.memory = {**self.work.run.memory, **facts}
        patiently(self._write, f"what run {self.work.run_id} has to remember")

    def _write(self) -> None:
        with writing() as session:
            self.work.hold(session, memory=self.work.run.memory)


Stored = TypeVar("Stored")


def patiently(store: Callable[[], Stored], what: str) -> Stored:
    """Store what was paid for, again and again: it is not thrown away for a database that restarts."""
    for pause in STORE_AGAIN_S:
        try:
            return store()
        except OperationalError as error:
            log.warning("This could not be stored just now: %s (%s)", what, error)
            time.sleep(pause)
    return store()
