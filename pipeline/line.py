"""Who may go to a provider: a run gets a place there before it is claimed, or stands in line, without a job."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select, update

from config import settings
from pipeline.outcome import Again
from pipeline.transcribers import registry
from pipeline.transcribers.contract import SOUND
from records import outages, slots
from records.calls import Call
from records.db import now, reading, stored_id, writing
from records.runs import Run

CLAUDE = "claude"
AT_ONCE = 100  # called up by one look at the lines, so that no transaction grows long


@dataclass(frozen=True)
class Need:
    """What a stage of a run needs before it may begin: a place with this provider."""

    provider: str

    @property
    def places(self) -> int:
        """How many calls may be there at once, over all workers."""
        return settings().anthropic_calls if self.provider == CLAUDE else registry.places(self.provider, settings())

    @property
    def known(self) -> bool:
        """False for one that another version had: who stands in line there has to look anew."""
        return self.provider == CLAUDE or self.provider in registry.names()

    @property
    def remote(self) -> bool:
        """Whether it can be out of our reach, so that its calls wait it out."""
        return self.provider == CLAUDE or registry.remote(self.provider)

    @property
    def label(self) -> str:
        """What it is called on the screen."""
        return "Claude" if self.provider == CLAUDE else registry.label(self.provider)


def refusal(session: Session, run_id: int, need: Need) -> str:
    """Take a place for this run; why it gets none, or an empty text when it has one."""
    if need.remote:
        words = outages.closed(session, need.provider, seconds=settings().outage_seconds)
        if words:
            return words
    if slots.take(session, need.provider, run_id, limit=need.places, seconds=settings().lease_seconds):
        return ""
    return f"Waiting for a place: all {need.places} with {need.label} are taken."


def call_up() -> list[Again]:
    """Let those go on whose turn has come: as many of each line, from its head, as there are places."""
    return [again for provider in _lines() for again in _call_up(Need(provider))]


def dissolve(session: Session, campaign_id: int) -> None:
    """Let every waiting run of this campaign look anew: what it asks for may have changed. The rescue job asks."""
    theirs = select(Call.id).where(Call.campaign_id == campaign_id)
    waiting = (col(Run.ended_at).is_(None), col(Run.waits_at) != "", col(Run.call_id).in_(theirs))
    # Locked in the order of the lines, as `call_up` does: two that lock in different orders can lock each other out.
    in_order = select(Run.id).where(*waiting).order_by(col(Run.waits_at), col(Run.waits_since), col(Run.id))
    session.exec(in_order.with_for_update()).all()
    for run in session.exec(select(Run).where(*waiting, Run.stage == "transcription", Run.transcriber != "")):
        if not any(value for fact, value in run.memory.items() if fact != SOUND):
            run.transcriber = ""  # nobody is at work on it yet, so it may go to whom the campaign names now
    session.exec(update(Run).where(*waiting).values(waits_at="", due_at=now()))


def _lines() -> list[str]:
    """Every provider at which runs stand in line, each found by one step through the index."""
    lines: list[str] = []
    found: str | None = ""
    with reading() as session:  # closed before anything else is asked: a thread must not need two connections at once
        while found is not None:
            following = select(func.min(Run.waits_at)).where(col(Run.ended_at).is_(None), Run.waits_at > found)
            found = session.exec(following.where(Run.waits_at != "")).one()
            lines += [found] if found else []
    return lines


def _call_up(need: Need) -> list[Again]:
    with reading() as session:
        line = select(Run.id, Run.ticket, Run.stage).where(col(Run.ended_at).is_(None), Run.waits_at == need.provider)
        first = line.where(Run.waits_at != "").order_by(col(Run.waits_since), col(Run.id))
        turn = session.exec(first.limit(_room(session, need))).all()
    if not turn:
        return []
    with writing() as session:
        return [
            Again(stored_id(run_id), ticket + 1, stage)
            for run_id, ticket, stage in turn
            if _leave(session, stored_id(run_id), ticket)
        ]


def _room(session: Session, need: Need) -> int:
    """How many may go now; while a provider is paused, one, and only when it is time to try it."""
    if not need.known:
        return AT_ONCE
    if need.remote and outages.is_paused(session, need.provider):
        return int(outages.due(session, need.provider))
    return max(0, min(need.places - slots.held(session, need.provider), AT_ONCE))


def _leave(session: Session, run_id: int, ticket: int) -> bool:
    left = update(Run).where(col(Run.id) == run_id, col(Run.ticket) == ticket, col(Run.waits_at) != "")
    return session.exec(left.values(waits_at="", ticket=ticket + 1, due_at=now())).rowcount == 1
