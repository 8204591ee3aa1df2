"""API keys: made once, shown once, stored as a hash."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, and_, col, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from records import access, audit
from records.campaigns import Campaign, line
from records.db import now, stored_id
from records.identity import Identity, NotFound
from records.roles import Permission, Role

PREFIX = "tv_"
LONGEST_NUMBER = 9  # digits that every database takes as an id
NOTED_EVERY = timedelta(minutes=1)
SHOWN = 6  # characters after the prefix that stay readable, to tell keys apart
SOON = timedelta(days=14)  # before its end, a key is said to expire soon
HIGHEST_RATE = 1_000_000
MOST_LISTED = 100


class KeyState(StrEnum):
    """Where a key stands."""

    ACTIVE = "active"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiKey(SQLModel, table=True):
    """A key of one campaign. The key itself is nowhere: only its SHA-256 and its first characters."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str = Field(default="", max_length=200)
    shown: str = Field(max_length=16)
    key_hash: str = Field(max_length=64, unique=True)
    created_by: str = Field(default="", max_length=320)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    rate: int | None = None  # requests a minute; None: as TOTALVIEW_API_RATE says


def state(key: ApiKey, moment: datetime) -> KeyState:
    """Where a key stands at this moment."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is None or key.expires_at - moment > SOON:
        return KeyState.ACTIVE
    return KeyState.EXPIRES_SOON if key.expires_at > moment else KeyState.EXPIRED


def ended(key: ApiKey, moment: datetime) -> bool:
    """Whether a key is of no use any more."""
    return state(key, moment) in {KeyState.EXPIRED, KeyState.REVOKED}


def new_key() -> str:
    """A fresh secret: `tv_` and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """The SHA-256 by which a key, a session or a link is found; fast, since its input is random and no password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown(key: str) -> str:
    """The part of a key that lists may show."""
    return key[: len(PREFIX) + SHOWN]


def create(
    session: Session,
    who: Identity,
    campaign_slug: str,
    *,
    name: str = "",
    expires_at: datetime | None = None,
    rate: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key of a campaign: its row, and the key itself, which nobody can read again."""
    campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
    secret = new_key()
    key = ApiKey(
        campaign_id=stored_id(campaign.id),
        name=line(name, "A key's name"),
        shown=shown(secret),
        key_hash=hashed(secret),
        created_by=who.label,
        expires_at=expires_at,
        rate=rate,
    )
    session.add(key)
    session.flush()
    audit.log(session, who, "key.create", f"{key.shown}… {key.name}".strip(), campaign_id=campaign.id)
    return key, secret


def authenticate(session: Session, secret: str) -> ApiKey | None:
    """The key that this secret is, if it may still be used. Nothing tells a wrong one from one that ended."""
    digest = hashed(secret)
    key = session.exec(select(ApiKey).where(ApiKey.key_hash == digest)).first()
    # The database compared already; this keeps an index that takes two hashes for one (a collation) from letting in.
    if key is None or not secrets.compare_digest(key.key_hash, digest):
        return None
    return None if ended(key, now()) else key


def identity(key: ApiKey) -> Identity:
    """Who asks with this key: what a Manager may do who is assigned to its campaign, and nothing else."""
    return Identity(
        user_id=None,
        role=Role.MANAGER,
        label=f"API key {key.shown}… {key.name}".strip(),
        campaign_ids=frozenset({key.campaign_id}),
        api_key_id=key.id,
    )


def used(session: Session, key: ApiKey) -> None:
    """Note that the key was used just now."""
    session.exec(update(ApiKey).where(col(ApiKey.id) == key.id).values(last_used_at=now()))


def due_for_a_note(key: ApiKey) -> bool:
    """Whether its last use is worth writing anew: not with every request, which would make each of them a write."""
    return key.last_used_at is None or now() - key.last_used_at >= NOTED_EVERY


def keys(who: Identity) -> SelectOfScalar[ApiKey]:
    """The keys that this person manages, newest first, with those that ended."""
    mine = access.campaigns(who, Permission.KEY_MANAGE).with_only_columns(col(Campaign.id))
    return select(ApiKey).where(col(ApiKey.campaign_id).in_(mine)).order_by(col(ApiKey.id).desc())


def of_campaign(session: Session, who: Identity, campaign_slug: str, *, ended: bool = False) -> list[ApiKey]:
    """A campaign's newest keys: those in use, or those that ended. Raises NotFound."""
    campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
    if ended:
        standing = or_(col(ApiKey.revoked_at).is_not(None), col(ApiKey.expires_at) <= now())
    else:
        lasts = or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now())
        standing = and_(col(ApiKey.revoked_at).is_(None), lasts)
    wanted = keys(who).where(col(ApiKey.campaign_id) == campaign.id, standing)
    return list(session.exec(wanted.limit(MOST_LISTED)))


def revoke(session: Session, who: Identity, which: str) -> ApiKey:
    """End a key, named by its id, by its shown first characters, or whole. NotFound when none, or several, fit."""
    nothing = NotFound("No key fits, or several do. Name it by its number, or by the whole key.")
    if not which.isprintable():  # PostgreSQL would break on some of it
        raise nothing
    mine = [campaign.id for campaign in session.exec(access.campaigns(who, Permission.KEY_MANAGE))]
    number = which.isdecimal() and len(which) <= LONGEST_NUMBER
    by_id = ApiKey.id == int(which) if number else ApiKey.key_hash == hashed(which)
    fitting = session.exec(
        select(ApiKey).where(col(ApiKey.campaign_id).in_(mine), or_(by_id, ApiKey.shown == which.rstrip("…")))
    ).all()
    if len(fitting) != 1:
        raise nothing
    key = fitting[0]
    if key.revoked_at is not None:
        return key
    key.revoked_at = now()
    audit.log(session, who, "key.revoke", f"{key.shown}… {key.name}".strip(), campaign_id=key.campaign_id)
    return key
