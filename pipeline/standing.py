"""How it stands with each provider: connected or not, paused or not, how many calls are there and how many wait."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from config import settings
from pipeline.evaluators import registry as evaluators
from pipeline.line import CLAUDE, Need
from pipeline.transcribers import registry
from records import audit, outages
from records.db import now
from records.identity import Identity, NotFound, require
from records.roles import Permission
from records.runs import Run
from records.slots import ProviderSlot

Pairs = Select[str, int]


@dataclass(frozen=True)
class Standing:
    """One provider. `waiting` calls stand in its line; `there` of at most `places` are with it now."""

    name: str
    label: str
    missing: str  # the variable that would connect it; empty when it is connected
    paused_since: datetime | None
    why: str  # it is paused; a sentence
    there: int
    places: int
    waiting: int


def all_of(session: Session) -> list[Standing]:
    """Every provider that this version knows, transcribers first."""
    paused = {state.provider: state for state in outages.paused(session)}
    held = _counted(session, _held())
    lines = _counted(session, _waiting())
    found = []
    for name in (*registry.names(), CLAUDE):
        state, need = paused.get(name), Need(name)
        found.append(
            Standing(
                name=name,
                label=need.label,
                missing=_missing(name),
                paused_since=state.paused_since if state else None,
                why=state.words if state else "",
                there=held.get(name, 0),
                places=need.places,
                waiting=lines.get(name, 0),
            )
        )
    return found


def try_now(session: Session, who: Identity, name: str) -> None:
    """Let the first call in a paused provider's line through at the next look, and not only when its time has come."""
    require(who, Permission.SYSTEM_READ)
    if name not in (*registry.names(), CLAUDE):
        raise NotFound("There is no such provider.")
    outages.look_again(session, name)
    audit.log(session, who, "provider.try", Need(name).label)


def _missing(name: str) -> str:
    if name == CLAUDE:
        return "" if evaluators.connected() else "ANTHROPIC_API_KEY"
    return "" if name in registry.usable(settings()) else registry.PROVIDERS[name].needs_key


def _held() -> Pairs:
    taken = select(ProviderSlot.provider, func.count()).where(col(ProviderSlot.lease_until) >= now())
    return taken.group_by(col(ProviderSlot.provider))


def _waiting() -> Pairs:
    in_line = select(Run.waits_at, func.count()).where(col(Run.ended_at).is_(None), Run.waits_at != "")
    return in_line.group_by(col(Run.waits_at))


def _counted(session: Session, query: Pairs) -> dict[str, int]:
    return dict(session.exec(query).all())
