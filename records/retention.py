"""Retention: what a campaign keeps for so many days, a receipt of what went, and calls under legal hold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, true
from sqlmodel import Field, Session, SQLModel, col, func, or_, select

from records import access, audit
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.deletions import reason
from records.identity import Identity, NotAllowed
from records.roles import Permission
from records.statuses import FINISHED

OFFERED = (0, 30, 60, 90, 180, 365, 730)  # days; 0 is for ever


class Kept(StrEnum):
    """What is kept for a time."""

    RECORDING = "recording"
    TRANSCRIPTS = "transcripts"


class Removal(SQLModel, table=True):
    """A receipt: what retention removed of a call that is still there."""

    __tablename__ = "removal"

    id: int | None = Field(default=None, primary_key=True)
    call_id: str = Field(foreign_key="call.id", index=True, max_length=32)
    kept: str = Field(max_length=24)
    days: int  # for which the campaign kept it then
    at: datetime = Field(default_factory=now)
    receipt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # what went: numbers


class OnHold(NotAllowed):
    """The call is under legal hold."""

    def __init__(self) -> None:
        super().__init__("This call is under legal hold, and is not deleted while it is. End the hold first.")


def days(campaign: Campaign, kept: Kept) -> int:
    """For how long a campaign keeps it; 0 is for ever."""
    return campaign.keep_recordings_days if kept is Kept.RECORDING else campaign.keep_transcripts_days


def over(campaign: Campaign, kept: Kept, call: Call) -> bool:
    """Whether the campaign's time for it is over. It begins when the call came in."""
    lasts = days(campaign, kept)
    return lasts > 0 and call.created_at < now() - timedelta(days=lasts)


def lasts_anew(campaign: Campaign, call: Call) -> bool:
    """Whether a transcript that is made of a call now is kept; else the next sweep would remove it."""
    return call.held_at is not None or not over(campaign, Kept.TRANSCRIPTS, call)


def last_anew(campaign: Campaign) -> ColumnElement[bool]:
    """The same of a campaign's calls, for a query."""
    lasts = days(campaign, Kept.TRANSCRIPTS)
    in_time = col(Call.created_at) >= now() - timedelta(days=lasts)
    return or_(col(Call.held_at).is_not(None), in_time) if lasts else true()


def gone_at(call: Call, kept: Kept) -> datetime | None:
    """When it was removed."""
    return call.recording_gone_at if kept is Kept.RECORDING else call.transcripts_gone_at


def due(campaign_id: int, kept: Kept, lasts: int) -> Sequence[ColumnElement[bool]]:
    """Which calls of a campaign have something that is to go if it is kept for so long. Held ones never have."""
    gone = Call.recording_gone_at if kept is Kept.RECORDING else Call.transcripts_gone_at
    return (
        col(Call.campaign_id) == campaign_id,
        col(gone).is_(None),
        col(Call.created_at) < now() - timedelta(days=lasts),
        col(Call.held_at).is_(None),
        or_(*(col(Call.status) == status for status in FINISHED)),
    )


def how_many(session: Session, campaign_id: int, kept: Kept, lasts: int) -> int:
    """How many calls lose it at the next sweep, if it is kept for so long."""
    found = select(func.count()).select_from(Call).where(*due(campaign_id, kept, lasts))
    return session.exec(found).one() if lasts else 0


def receipts(session: Session, call: Call) -> tuple[Removal, ...]:
    """What was removed of a call, the first first."""
    return tuple(session.exec(select(Removal).where(Removal.call_id == call.id).order_by(col(Removal.id))))


def hold(session: Session, who: Identity, call_id: str, *, why: str = "") -> Call:
    """Put a call under legal hold: retention leaves it alone, and nobody deletes it. Raises NotAllowed, NotFound."""
    call = _locked(session, who, call_id)
    if call.held_at is None:
        call.held_at, call.held_by, call.held_why = now(), who.label, reason(why)
        audit.log(session, who, "call.hold", f"call {call.id}", campaign_id=call.campaign_id, why=call.held_why)
    return call


def end_hold(session: Session, who: Identity, call_id: str, *, why: str = "") -> Call:
    """End a legal hold: what is over its time goes with the next sweep. Raises NotAllowed, NotFound."""
    call = _locked(session, who, call_id)
    if call.held_at is not None:
        before = {"held_by": call.held_by, "why": call.held_why}
        if because := reason(why):
            before["ended_because"] = because
        call.held_at, call.held_by, call.held_why = None, "", ""
        audit.log(session, who, "call.end_hold", f"call {call.id}", campaign_id=call.campaign_id, **before)
    return call


def _locked(session: Session, who: Identity, call_id: str) -> Call:
    call = access.call(session, who, call_id, Permission.CALL_HOLD)
    session.refresh(call, with_for_update=True)
    return call
