"""Provider slots: how many calls may be with a provider at once, over all workers, as leased rows."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, func, or_, select, update

from records.db import UNSEEN, insert_into, now


class ProviderSlot(SQLModel, table=True):
    """One of a provider's places. Free when no run holds it, or when the holder's lease ran out."""

    __tablename__ = "provider_slot"

    provider: str = Field(primary_key=True, max_length=40)
    number: int = Field(primary_key=True)
    run_id: int | None = Field(default=None, index=True)
    lease_until: datetime | None = None


def take(session: Session, provider: str, run_id: int, *, limit: int, seconds: float) -> bool:
    """Hold a place for this run, or hold on to the one it has; False when all `limit` are taken."""
    if _hold_on(session, provider, run_id, seconds):
        return True
    _furnish(session, provider, limit)
    theirs = col(ProviderSlot.provider) == provider
    # Its first place is the provider's gate: takers come one after the other, and each sees what the one before took.
    session.exec(
        select(ProviderSlot.number).where(theirs).order_by(col(ProviderSlot.number)).limit(1).with_for_update()
    )
    own = col(ProviderSlot.run_id) == run_id
    has_one = select(own).where(theirs, own).limit(1)
    if session.exec(has_one).first() is None and held(session, provider) >= limit:
        return False  # places above a lowered limit count while they are held
    is_free = or_(col(ProviderSlot.lease_until).is_(None), col(ProviderSlot.lease_until) < now())
    first = select(ProviderSlot.number).where(theirs, is_free).order_by(own.is_(True).desc(), col(ProviderSlot.number))
    mine = update(ProviderSlot).where(theirs, is_free, col(ProviderSlot.number) == first.limit(1).scalar_subquery())
    # None where its last holder has come back to life in between: then the line is called up as places come free.
    return session.exec(mine.values(run_id=run_id, lease_until=_end(seconds)), execution_options=UNSEEN).rowcount == 1


def renew(session: Session, run_id: int, *, seconds: float) -> bool:
    """Hold on to the places that this run has; False when it has none."""
    mine = update(ProviderSlot).where(col(ProviderSlot.run_id) == run_id).values(lease_until=_end(seconds))
    return session.exec(mine, execution_options=UNSEEN).rowcount > 0


def held(session: Session, provider: str) -> int:
    """How many of a provider's places are taken."""
    taken = select(func.count()).select_from(ProviderSlot)
    return session.exec(taken.where(ProviderSlot.provider == provider, col(ProviderSlot.lease_until) >= now())).one()


def release(session: Session, run_id: int, *, other_than: str = "") -> None:
    """Give back whatever places this run holds (but not with this provider, where one is named)."""
    mine = update(ProviderSlot).where(col(ProviderSlot.run_id) == run_id, col(ProviderSlot.provider) != other_than)
    session.exec(mine.values(run_id=None, lease_until=None), execution_options=UNSEEN)


def _hold_on(session: Session, provider: str, run_id: int, seconds: float) -> bool:
    """Renew the place with this provider that this run has, and that nobody may take from it; False: it has none."""
    mine = update(ProviderSlot).where(col(ProviderSlot.provider) == provider, col(ProviderSlot.run_id) == run_id)
    still = mine.where(col(ProviderSlot.lease_until) >= now()).values(lease_until=_end(seconds))
    return session.exec(still, execution_options=UNSEEN).rowcount > 0


def _end(seconds: float) -> datetime:
    return now() + timedelta(seconds=seconds)


def _furnish(session: Session, provider: str, limit: int) -> None:
    """Make the rows up to `limit`; they are kept for good, and a lower limit leaves the upper ones unused."""
    theirs = ProviderSlot.provider == provider
    if session.exec(select(func.count()).select_from(ProviderSlot).where(theirs)).one() >= limit:
        return
    missing = [{"provider": provider, "number": number} for number in range(1, limit + 1)]
    session.exec(
        insert_into(session, ProviderSlot).values(missing).on_conflict_do_nothing()
    )  # others furnish at the same time
