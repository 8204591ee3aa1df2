"""Outages: a provider that refuses our key, has no credit for us or is not there is paused, and tried now and then."""

from datetime import datetime, timedelta

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select, update

from records.db import insert_into, now

ENOUGH = 3  # different calls that failed with no success between them: then it is the provider, and not a recording


class ProviderState(SQLModel, table=True):
    """How it stands with one provider. No row: nothing was ever wrong."""

    __tablename__ = "provider_state"

    provider: str = Field(primary_key=True, max_length=40)
    failing: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # runs since a success
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # tries that failed there, ever
    paused_since: datetime | None = None  # None: it is at work
    words: str = ""  # why it is paused, and what to do
    next_try_at: datetime | None = None
    callbacks_missed_at: datetime | None = None  # when it last failed to bring an answer that it had promised


def closed(session: Session, provider: str, *, seconds: float) -> str:
    """Why nobody may go to this provider now; empty when one may.

    While it is paused, one caller gets through every `seconds`, to see whether it is well again.
    """
    state = session.get(ProviderState, provider)
    if state is None or state.paused_since is None:
        return ""
    mine = session.exec(
        update(ProviderState)
        .where(col(ProviderState.provider) == provider, col(ProviderState.next_try_at) <= now())
        .values(next_try_at=now() + timedelta(seconds=seconds))
    )
    return "" if mine.rowcount == 1 else state.words


def due(session: Session, provider: str) -> bool:
    """Whether a paused provider wants trying again."""
    state = session.get(ProviderState, provider)
    return state is not None and state.next_try_at is not None and state.next_try_at <= now()


def is_paused(session: Session, provider: str) -> bool:
    """Whether calls wait for it."""
    state = session.get(ProviderState, provider)
    return state is not None and state.paused_since is not None


def failed(session: Session, provider: str, run_id: int) -> int:
    """Note a passing failure; how many different runs (at most ENOUGH) have failed since anything last succeeded."""
    state = _row(session, provider)
    state.failures += 1
    if run_id not in state.failing and len(state.failing) < ENOUGH:
        state.failing = [*state.failing, run_id]
    return len(state.failing)


def in_trouble(session: Session, provider: str) -> bool:
    """Whether anything has failed there since it last answered as it should."""
    state = session.get(ProviderState, provider)
    return state is not None and (state.paused_since is not None or bool(state.failing))


def well(session: Session, provider: str) -> bool:
    """The provider has answered as it should; True when that ends a pause. Mostly there is nothing to write."""
    state = session.get(ProviderState, provider)
    if state is None or (state.paused_since is None and not state.failing):
        return False
    was_paused = state.paused_since is not None
    state.failing, state.paused_since, state.words, state.next_try_at = [], None, "", None
    return was_paused


def pause(session: Session, provider: str, words: str, *, seconds: float) -> bool:
    """Let nobody through for now; True when that is news."""
    state = _row(session, provider)
    news = state.paused_since is None
    state.paused_since = state.paused_since or now()
    state.words, state.next_try_at = words, now() + timedelta(seconds=seconds)
    return news


def look_again(session: Session, *providers: str) -> None:
    """Try these (none named: all that are paused) at the next opportunity: a key may have been changed."""
    paused = update(ProviderState).where(col(ProviderState.paused_since).is_not(None))
    if providers:
        paused = paused.where(col(ProviderState.provider).in_(providers))
    session.exec(paused.values(next_try_at=now()))


def paused(session: Session) -> list[ProviderState]:
    """Every provider that is paused, the longest first."""
    wanted = select(ProviderState).where(col(ProviderState.paused_since).is_not(None))
    return list(session.exec(wanted.order_by(col(ProviderState.paused_since))))


def callbacks_missed(session: Session, provider: str) -> None:
    """An answer that the provider should have brought did not come."""
    _row(session, provider).callbacks_missed_at = now()


def callbacks_come(session: Session, provider: str, *, trust_again_s: float) -> bool:
    """Whether to count on answers being brought: not for a while after one was missed."""
    long_ago = now() - timedelta(seconds=trust_again_s)
    missed = select(ProviderState.provider).where(
        ProviderState.provider == provider, col(ProviderState.callbacks_missed_at) > long_ago
    )
    return session.exec(missed).first() is None


def _row(session: Session, provider: str) -> ProviderState:
    """The provider's row, locked: who comes next sees what this one wrote."""
    session.exec(
        insert_into(session, ProviderState)
        .values(provider=provider, failing=[], failures=0, words="")
        .on_conflict_do_nothing()
    )
    wanted = select(ProviderState).where(ProviderState.provider == provider)
    return session.exec(wanted.with_for_update().execution_options(populate_existing=True)).one()
