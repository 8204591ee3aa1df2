"""Addresses to which providers bring their answers, and what happens when one comes."""

from dataclasses import dataclass

from sqlmodel import col, select, update

from config import settings
from pipeline.outcome import Again
from records import answers, outages
from records.db import now, reading, stored_id, writing
from records.runs import Run

PATH = "/api/v1/callbacks"
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; a larger number is an error to it


@dataclass(frozen=True)
class RunCallback:
    """The way to bring the answer that a run waits for."""

    run_id: int
    provider: str

    def open(self) -> str:
        """A fresh address; earlier ones of this run are closed."""
        with writing() as session:
            secret = answers.expect(session, self.run_id)
        return f"{settings().address}{PATH}/{self.run_id}/{secret}"

    @property
    def answer(self) -> bytes | None:
        """What was brought, as it came."""
        with reading() as session:
            return answers.brought(session, self.run_id)

    def missed(self) -> None:
        """Do without for a while."""
        with writing() as session:
            outages.callbacks_missed(session, self.provider)


def is_open(run_id: int, secret: str) -> bool:
    """Whether this is the address of a run that waits for an answer."""
    if run_id > LARGEST_ID:
        return False
    with reading() as session:
        return answers.is_address(session, run_id, secret)


def bring(run_id: int, secret: str, body: bytes) -> tuple[bool, Again | None]:
    """Keep an answer. Whether such an address is open, and the look to ask for at once.

    Where somebody holds the run just now there is none to ask for: who holds it sees the answer when putting it off.
    """
    with writing() as session:
        # The run's row first: whoever holds the run and is about to put it off either sees the answer or comes first.
        session.exec(select(Run.id).where(Run.id == run_id).with_for_update()).all()
        if not answers.bring(session, run_id, secret, body):
            return False, None
        free = update(Run).where(col(Run.id) == run_id, col(Run.claim).is_(None), col(Run.ended_at).is_(None))
        raised = session.exec(free.where(col(Run.waits_at) == "").values(ticket=Run.ticket + 1, due_at=now()))
        if raised.rowcount != 1:
            return True, None
        run = session.get_one(Run, run_id)
        return True, Again(stored_id(run.id), run.ticket, run.stage)
