"""Provider slots: how many calls may be with a provider at once, over all workers, as leased rows."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, func, select, update

from records.db import now


class ProviderSlot(SQLModel, table=True):
    """One of a provider's places. Free when no run holds it, or when the holder's lease ran out."""

    __tablename__ = "provider_slot"

    provider: str = Field(primary_key=True, max_length=40)
    number: int = Field(primary_key=True)
    run_id: int | None = Field(default=None, index=True)
    lease_until: datetime | None = None


def take(session: Session, provider: str, run_id: int, *, limit: int, seconds: float) -> bool:
    """Hold a place for this run, or hold on to the one it has; False when all `limit` are taken."""
    if _is_holding(session, provider, run_id):
        # No row of another's is asked for after this one, whatever comes of it: two could wait for each other.
        return renew(session, run_id, seconds=seconds, provider=provider)
    _furnish(session, provider, limit)
    # Locked, so that takers come one after the other: each sees what the one before it took.
    wanted = select(ProviderSlot).where(ProviderSlot.provider == provider).order_by(col(ProviderSlot.number))
    places = session.exec(wanted.with_for_update().execution_options(populate_existing=True)).all()
    mine = [place for place in places if place.run_id == run_id]
    free = [place for place in places if place.lease_until is None or place.lease_until < now()]
    if not mine and len(places) - len(free) >= limit:  # places above a lowered limit count while they are held
        return False
    place = (mine or free)[0]
    place.run_id, place.lease_until = run_id, now() + timedelta(seconds=seconds)
    return True


def renew(session: Session, run_id: int, *, seconds: float, provider: str = "") -> bool:
    """Hold on to the place that this run has (with this provider, where one is named); False when it has none."""
    mine = update(ProviderSlot).where(col(ProviderSlot.run_id) == run_id)
    if provider:
        mine = mine.where(col(ProviderSlot.provider) == provider)
    return session.exec(mine.values(lease_until=now() + timedelta(seconds=seconds))).rowcount > 0


def held(session: Session, provider: str) -> int:
    """How many of a provider's places are taken."""
    taken = select(func.count()).select_from(ProviderSlot)
    return session.exec(taken.where(ProviderSlot.provider == provider, col(ProviderSlot.lease_until) >= now())).one()


def release(session: Session, run_id: int, *, other_than: str = "") -> None:
    """Give back whatever places this run holds (but not with this provider, where one is named)."""
    mine = update(ProviderSlot).where(col(ProviderSlot.run_id) == run_id, col(ProviderSlot.provider) != other_than)
    session.exec(mine.values(run_id=None, lease_until=None))


def _is_holding(session: Session, provider: str, run_id: int) -> bool:
    """Whether this run has a place that nobody may take from it."""
    mine = select(ProviderSlot.number).where(ProviderSlot.provider == provider, ProviderSlot.run_id == run_id)
    return session.exec(mine.where(col(ProviderSlot.lease_until) >= now())).first() is not None


def _furnish(session: Session, provider: str, limit: int) -> None:
    """Make the rows up to `limit`; they are kept for good, and a lower limit leaves the upper ones unused."""
    there = set(session.exec(select(ProviderSlot.number).where(ProviderSlot.provider == provider)))
    missing = [{"provider": provider, "number": number} for number in range(1, limit + 1) if number not in there]
    if missing:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.exec(insert(ProviderSlot).values(missing).on_conflict_do_nothing())  # others furnish at the same time
