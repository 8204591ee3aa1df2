"""Campaigns: what calls belong to, and how they are transcribed and judged."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting
from sqlalchemy import JSON, Column
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, select

from records import audit
from records.checks import Check, CheckSpec
from records.db import now, stored_as_value, stored_id
from records.identity import Identity, NotAllowed, NotFound, require
from records.lines import unshown
from records.roles import Permission

LONGEST_KEPT = 36_500  # days; 0 is for ever


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
    keep_recordings_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # 0: for ever
    keep_transcripts_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = Field(default_factory=now)


@cache
def time_zones() -> frozenset[str]:
    """Every time zone by its name in the tz database, such as Europe/Vienna."""
    return frozenset(available_timezones())


def _of_the_world(zone: str) -> str:
    if zone not in time_zones():
        raise ValueError("there is no such time zone; take one such as Europe/Vienna or UTC")
    return zone


Percent = Annotated[float, Setting(ge=0, le=100, allow_inf_nan=False)]


class Changes(BaseModel):
    """What is to be changed of a campaign's settings; None leaves it as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = None
    active: bool | None = None
    language: str | None = Setting(default=None, pattern=r"^(auto|multi|[a-z]{2,3}([-_][A-Za-z]{2,4})?)$")
    time_zone: Annotated[str, AfterValidator(_of_the_world)] | None = None
    day_first: bool | None = None
    channel_map: ChannelMap | None = None
    transcriber: str | None = Setting(default=None, max_length=40)
    transcriber_model: str | None = Setting(default=None, max_length=80)
    redact: bool | None = None
    flag_threshold: Percent | None = None
    section_thresholds: dict[str, Percent] | None = None  # all of them: a section that is left out has none
    review_bound: float | None = Setting(default=None, ge=0, le=1, allow_inf_nan=False)
    keep_recordings_days: int | None = Setting(default=None, ge=0, le=LONGEST_KEPT)
    keep_transcripts_days: int | None = Setting(default=None, ge=0, le=LONGEST_KEPT)


class NotUsable(Exception):  # noqa: N818  what the given value is
    """A value that cannot be used here; the message is a sentence that says what would do.

    `field` is the setting that it was given for, where that is known.
    """

    def __init__(self, words: str, *, field: str = "") -> None:
        super().__init__(words)
        self.field = field


def line(text: str, what: str, *, most: int = 200) -> str:
    """What a person typed into one field, as every database takes it. Raises NotUsable; `what` begins its sentence."""
    kept = text.strip()
    if len(kept) > most:
        raise NotUsable(f"{what} may have at most {most} characters, and this has {len(kept)}.")
    if unshown(kept):
        raise NotUsable(f"{what} holds characters that cannot be shown. Type it instead of pasting it.")
    return kept


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
    campaign = Campaign(slug=chosen, name=line(name, "A campaign's name") or chosen)
    taken = NotUsable(f"There is a campaign '{chosen}' already. Choose another name or slug.")
    if _taken(session, chosen):
        raise taken
    session.add(campaign)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else made it between our look and our write
        raise taken from error
    for position, spec in enumerate(checks, start=1):
        session.add(Check.of(spec, campaign_id=stored_id(campaign.id), position=position))
    audit.log(session, who, "campaign.create", campaign.name, campaign_id=campaign.id, slug=chosen, checks=len(checks))
    return campaign


def edit(session: Session, who: Identity, slug: str, changes: Changes) -> Campaign:
    """Change a campaign's settings; what is None in `changes` stays. Raises NotUsable, NotAllowed, NotFound."""
    require(who, Permission.CAMPAIGN_EDIT)
    campaign = session.exec(select(Campaign).where(Campaign.slug == slug).with_for_update()).first()
    if campaign is None:
        raise NotFound(f"There is no campaign '{slug}'. `totalview campaign list` shows those there are.")
    wanted = changes.model_dump(exclude_none=True)
    if changes.name is not None:
        wanted["name"] = _name(changes.name)
    if changes.section_thresholds:
        _expect_sections(session, campaign, changes.section_thresholds)
    before = {name: getattr(campaign, name) for name in wanted}
    after = {name: value for name, value in wanted.items() if value != before[name]}
    if after:
        campaign.sqlmodel_update(after)
        audit.log(session, who, "campaign.edit", campaign.name, campaign_id=campaign.id, **_readable(before, after))
    return campaign


def expect_open(campaign: Campaign) -> None:
    """Raises NotAllowed, in words, for a campaign that takes no new calls."""
    if not campaign.active:
        raise NotAllowed(
            f"The campaign '{campaign.slug}' is archived and takes no new calls. An Owner or a Senior Manager can set "
            "it to active again in its settings."
        )


def changes(**wanted: object) -> Changes:
    """What is wanted, looked through. Raises NotUsable with a sentence."""
    try:
        return Changes.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0])
        words = f"The {field.replace('_', ' ')} cannot be used: {first['msg'].removeprefix('Value error, ')}."
        raise NotUsable(words, field=field) from error


def _name(text: str) -> str:
    try:
        name = line(text, "A campaign's name")
    except NotUsable as refused:
        raise NotUsable(str(refused), field="name") from refused
    if not name:
        raise NotUsable("A campaign needs a name. Type one.", field="name")
    return name


def _expect_sections(session: Session, campaign: Campaign, thresholds: Mapping[str, float]) -> None:
    """A threshold of a section that is not there would never flag a call, and nobody would know."""
    there = set(session.exec(select(Check.section).where(Check.campaign_id == campaign.id).distinct())) - {""}
    for name in thresholds:
        if name not in there:
            known = ", ".join(f"'{section}'" for section in sorted(there)) or "none yet; give the checks sections first"
            words = f"There is no section '{name}' among the checks. There are: {known}."
            raise NotUsable(words, field="section_thresholds")


def _readable(before: dict[str, object], after: dict[str, object]) -> dict[str, str]:
    return {name: f"{before[name]} -> {value}" for name, value in after.items()}


def _taken(session: Session, slug: str) -> bool:
    return session.exec(select(Campaign.id).where(Campaign.slug == slug)).first() is not None
