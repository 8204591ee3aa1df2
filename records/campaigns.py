"""Campaigns: what calls belong to, and how they are transcribed and judged."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, select

from records import audit
from records.checks import Check, CheckSpec
from records.db import now, stored_as_value, stored_id
from records.identity import Identity, require
from records.roles import Permission


class ChannelMap(StrEnum):
    """Which channel of a two-channel recording is the agent."""

    DETECT = "detect"
    AGENT_LEFT = "agent_left"
    AGENT_RIGHT = "agent_right"


class Campaign(SQLModel, table=True):
    """A campaign and its settings."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    active: bool = True
    language: str = Field(default="en", max_length=16)
    time_zone: str = Field(default="UTC", max_length=64)  # for names and CSVs that state none
    day_first: bool = True  # 03/04 is 3 April
    channel_map: ChannelMap = Field(default=ChannelMap.DETECT, sa_type=stored_as_value(ChannelMap))
    transcriber: str = Field(default="", max_length=40)  # empty: the default that the keys allow
    transcriber_model: str = Field(default="", max_length=80)
    redact: bool = False
    flag_threshold: float = 70.0
    section_thresholds: dict[str, float] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    review_bound: float = 0.5  # a call whose least sure AI check is below is flagged
    created_at: datetime = Field(default_factory=now)


class NotUsable(Exception):  # noqa: N818  what the given value is
    """A value that cannot be used here; the message is a sentence that says what would do."""


def slug_of(name: str) -> str:
    """The address of a campaign by its name: lower-case letters and digits, joined by '-'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:80]


def create(session: Session, who: Identity, name: str, checks: Sequence[CheckSpec] = (), *, slug: str = "") -> Campaign:
    """A new campaign with its checks. Raises NotUsable for a slug that is taken or empty, NotAllowed."""
    require(who, Permission.CAMPAIGN_EDIT)
    chosen = slug or slug_of(name)
    if not chosen or slug_of(chosen) != chosen:
        raise NotUsable("A slug has lower-case letters, digits and '-' only, such as 'customer-service'. Give one.")
    if session.exec(select(Campaign.id).where(Campaign.slug == chosen)).first() is not None:
        raise NotUsable(f"There is a campaign '{chosen}' already. Choose another name or slug.")
    campaign = Campaign(slug=chosen, name=name.strip() or chosen)
    session.add(campaign)
    session.flush()
    for position, spec in enumerate(checks, start=1):
        session.add(Check.of(spec, campaign_id=stored_id(campaign.id), position=position))
    audit.log(session, who, "campaign.create", campaign.name, campaign_id=campaign.id, slug=chosen, checks=len(checks))
    return campaign
