"""Provider slots: how many calls may be with a provider at once, over all workers, as leased rows."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, or_, select, update

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
    until = now() + timedelta(seconds=seconds)
    if renew(session, run_id, seconds=seconds):
        return True
    _furnish(session, provider, limit)
    free = _free(provider, limit)
    number = session.exec(select(ProviderSlot.number).where(*free).order_by(col(ProviderSlot.number)).limit(1)).first()
    if number is None:
        return False
    taken = session.exec(
        update(ProviderSlot)
        .where(*free, col(ProviderSlot.number) == number)  # still free: two workers may have read the same
        .values(run_id=run_id, lease_until=until)
    )
    return taken.rowcount == 1


def renew(session: Session, run_id: int, *, seconds: float) -> bool:
    """Hold on to the place that this run has; False when it has none."""
    held = session.exec(
        update(ProviderSlot)
        .where(col(ProviderSlot.run_id) == run_id)
        .values(lease_until=now() + timedelta(seconds=seconds))
    )
    return held.rowcount > 0


def release(session: Session, run_id: int) -> None:
    """Give back whatever places this run holds."""
    session.exec(update(ProviderSlot).where(col(ProviderSlot.run_id) == run_id).values(run_id=None, lease_until=None))


def _free(provider: str, limit: int) -> tuple:  # type: ignore[type-arg]  # SQLAlchemy's clause types are not public
    return (
        col(ProviderSlot.provider) == provider,
        col(ProviderSlot.number) <= limit,
        or_(col(ProviderSlot.run_id).is_(None), col(ProviderSlot.lease_until) < now()),
    )


def _furnish(session: Session, provider: str, limit: int) -> None:
    """Make the rows up to `limit`; they are kept for good, and a lower limit leaves the upper ones unused."""
    there = set(session.exec(select(ProviderSlot.number).where(ProviderSlot.provider == provider)))
    for number in set(range(1, limit + 1)) - there:
        session.add(ProviderSlot(provider=provider, number=number))
    session.flush()
