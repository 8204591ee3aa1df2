"""Campaigns: what calls belong to, and how they are transcribed and judged."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value


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
