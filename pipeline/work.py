"""What a stage gets to work on: the call, its run and its campaign, detached; and the run's memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, update

from pipeline.line import Need
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, stored_id, writing
from records.runs import Run


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
        held = session.exec(
            update(Run).where(col(Run.id) == self.run_id, col(Run.claim) == self.claim).values(**values)
        )
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
        with writing() as session:
            self.work.hold(session, memory=self.work.run.memory)
