"""Webhooks: where a campaign's events are sent, kept by those who manage its keys."""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import JSON, Column, text
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, audit
from records.campaigns import Campaign, NotUsable
from records.db import LARGEST_ID, now, stored_id
from records.identity import Identity, NotFound
from records.roles import Permission

SECRET_PREFIX = "whsec_"  # noqa: S105  what a secret begins with, as Standard Webhooks writes it
SECRET_BYTES = 24
ROTATION = timedelta(hours=24)  # for so long the secret before is signed with too
LONGEST_URL = 2048
MOST = 20  # webhooks of one campaign: each event is written once for each of them


class Event(StrEnum):
    """What a webhook may be told."""

    COMPLETED = "call.completed"  # each version
    FLAGGED = "call.flagged"  # the version is flagged; besides call.completed
    FAILED = "call.failed"  # not for cancelled calls


class Webhook(SQLModel, table=True):
    """One address to which a campaign's events go.

    The secret is stored as it is, since every message is signed with it; it is shown only when it is made.
    """

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    url: str = Field(max_length=LONGEST_URL)
    secret: str = Field(max_length=80)
    old_secret: str = Field(default="", max_length=80)  # the one before, while it is signed with too
    old_secret_until: datetime | None = None
    events: list[str] = Field(sa_column=Column(JSON, nullable=False))
    active: bool = True  # False: events are not even written down
    failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})  # tries in vain in a row
    paused_at: datetime | None = None  # events are written down, and wait
    paused_why: str = ""
    created_by: str = Field(default="", max_length=320)
    created_at: datetime = Field(default_factory=now)

    @property
    def listens(self) -> bool:
        """Whether deliveries are sent to it now."""
        return self.active and self.paused_at is None


def new_secret() -> str:
    """A fresh secret: `whsec_` and 192 random bits in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secrets_of(webhook: Webhook) -> list[str]:
    """What a message is signed with now: the secret, and for a day the one before it."""
    until = webhook.old_secret_until
    return [webhook.secret, *([webhook.old_secret] if until is not None and until > now() else [])]


def create(
    session: Session, who: Identity, campaign_slug: str, url: str, events: Collection[str] = ()
) -> tuple[Webhook, str]:
    """A new webhook for these events (all where none is named), and its secret, which nobody is shown again.

    The address has been looked through: `pipeline.webhooks.subscription` is the door. Raises NotUsable, NotFound.
    """
    campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
    if len(session.exec(select(Webhook.id).where(Webhook.campaign_id == campaign.id)).all()) >= MOST:
        raise NotUsable(f"A campaign may have at most {MOST} webhooks. Delete one that is not needed.")
    secret = new_secret()
    webhook = Webhook(
        campaign_id=stored_id(campaign.id), url=url, secret=secret, events=chosen(events), created_by=who.label
    )
    session.add(webhook)
    session.flush()
    log(session, who, "create", webhook, events=webhook.events)
    return webhook, secret


def edit(
    session: Session,
    who: Identity,
    webhook_id: int,
    *,
    url: str | None = None,
    events: Collection[str] | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change what is named; None leaves it. Another address has been looked through, as for `create`."""
    webhook = find(session, who, webhook_id, lock=True)
    wanted = {"url": url, "events": None if events is None else chosen(events), "active": active}
    before = {name: getattr(webhook, name) for name in wanted}
    after = {name: value for name, value in wanted.items() if value is not None and value != before[name]}
    if after:
        webhook.sqlmodel_update(after)
        changes = {name: f"{before[name]} -> {value}" for name, value in after.items() if name != "url"}
        log(session, who, "edit", webhook, **changes)
    return webhook


def rotate(session: Session, who: Identity, webhook_id: int) -> tuple[Webhook, str]:
    """A new secret; for a day messages are signed with the one before too, so that receivers can change over."""
    webhook = find(session, who, webhook_id, lock=True)
    webhook.old_secret, webhook.old_secret_until = webhook.secret, now() + ROTATION
    webhook.secret = new_secret()
    log(session, who, "rotate", webhook)
    return webhook, webhook.secret


def pause(session: Session, who: Identity, webhook_id: int) -> Webhook:
    """Send nothing from now on; events are written down and wait."""
    webhook = find(session, who, webhook_id, lock=True)
    if webhook.paused_at is None:
        webhook.paused_at, webhook.paused_why = now(), f"Paused by {who.label}."
        log(session, who, "pause", webhook)
    return webhook


def mine(who: Identity) -> SelectOfScalar[Webhook]:
    """The webhooks of the campaigns whose keys this person manages."""
    campaigns = access.campaigns(who, Permission.KEY_MANAGE).with_only_columns(col(Campaign.id))
    return select(Webhook).where(col(Webhook.campaign_id).in_(campaigns))


def all_of(session: Session, who: Identity, campaign_slug: str = "") -> list[tuple[Webhook, str]]:
    """The webhooks that this person manages, of one campaign where it is named; each with its campaign's slug."""
    slugs = {
        stored_id(campaign.id): campaign.slug for campaign in session.exec(access.campaigns(who, Permission.KEY_MANAGE))
    }
    wanted = mine(who).order_by(col(Webhook.id))
    if campaign_slug:
        campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
        wanted = wanted.where(Webhook.campaign_id == campaign.id)
    return [(webhook, slugs[webhook.campaign_id]) for webhook in session.exec(wanted)]


def find(session: Session, who: Identity, webhook_id: int, *, lock: bool = False, to_delete: bool = False) -> Webhook:
    """One webhook that this person manages; else NotFound.

    `lock`: nobody else changes it meanwhile. `to_delete`: nor writes down an event for it, which else needs no waiting.
    """
    wanted = mine(who).where(Webhook.id == webhook_id)
    if lock or to_delete:
        locked = wanted.with_for_update(of=Webhook, key_share=not to_delete)
        wanted = locked.execution_options(populate_existing=True)
    found = session.exec(wanted).first() if 0 < webhook_id <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def chosen(events: Collection[str]) -> list[str]:
    """The events named, in the order of the list of all; all where none is named. Raises NotUsable."""
    unknown = sorted(set(events) - set(Event))
    if unknown:
        raise NotUsable(f"There is no event '{unknown[0]}'. The events are {', '.join(Event)}.")
    return [event.value for event in Event if not events or event in events]


def log(session: Session, who: Identity, act: str, webhook: Webhook, **details: str | list[str]) -> None:
    """A line of the audit log. It names the host alone: the rest of an address often holds the receiver's secret."""
    subject = f"webhook {webhook.id} to {urlsplit(webhook.url).netloc}"
    audit.log(session, who, f"webhook.{act}", subject, campaign_id=webhook.campaign_id, **details)
