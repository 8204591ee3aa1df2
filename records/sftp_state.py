"""The one row that says how the sweeping of the SFTP server stands, and which process sweeps now."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Text
from sqlmodel import Field, Session, SQLModel, col, or_, select, update

from config import settings
from records.db import insert_into, now

ONLY = 1
SWEEPS_MISSED = 3
PATIENCE = timedelta(minutes=10)  # however often it is swept: imports may keep all who sweep busy for half of that


class SftpState(SQLModel, table=True):
    """When the server was last swept, and what came of it."""

    __tablename__ = "sftp_state"

    id: int = Field(default=ONLY, primary_key=True)
    claim: str | None = Field(default=None, max_length=32)
    claim_until: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None  # of the last sweep that got to its end
    files: int = 0  # that the last whole sweep saw
    words: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))  # why the last one broke off
    refused: bool = False  # somebody must set something right; trying again does not help


def state(session: Session) -> SftpState:
    """How it stands; a row that says 'never' before the first sweep."""
    return session.exec(select(SftpState).where(SftpState.id == ONLY)).first() or SftpState()


def sweeping(state: SftpState) -> bool:
    """Whether a process looks through the server at this moment."""
    return state.claim is not None and state.claim_until is not None and state.claim_until > now()


def is_long_ago(moment: datetime | None) -> bool:
    """Whether so much time has gone by since then without a sweep that somebody should look. None: there was none."""
    patience = max(SWEEPS_MISSED * timedelta(seconds=settings().sftp_sweep_seconds), PATIENCE)
    return moment is None or now() - moment > patience


def begin(session: Session, token: str, lease: timedelta) -> bool:
    """Take the sweep for this process; False while another one sweeps."""
    if session.get(SftpState, ONLY) is None:
        _furnish(session)
    free = or_(col(SftpState.claim).is_(None), col(SftpState.claim_until) < now())
    taken = update(SftpState).where(col(SftpState.id) == ONLY, free)
    return session.exec(taken.values(claim=token, claim_until=now() + lease, began_at=now())).rowcount == 1


def _furnish(session: Session) -> None:
    """The very first sweeps of several processes may begin at the same moment."""
    session.exec(
        insert_into(session, SftpState).values(id=ONLY, files=0, words="", refused=False).on_conflict_do_nothing()
    )


def renew(session: Session, token: str, lease: timedelta) -> bool:
    """Go on sweeping; False when it was taken over meanwhile, so that nothing more may be written."""
    held = update(SftpState).where(col(SftpState.id) == ONLY, col(SftpState.claim) == token)
    return session.exec(held.values(claim_until=now() + lease)).rowcount == 1


def end(session: Session, token: str, **what: object) -> None:
    """Give the sweep back, with what is to be remembered of it."""
    held = update(SftpState).where(col(SftpState.id) == ONLY, col(SftpState.claim) == token)
    session.exec(held.values(claim=None, claim_until=None, **what))
