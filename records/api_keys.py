"""API keys: made once, shown once, stored as a hash."""

import hashlib
import secrets
from datetime import datetime

from sqlmodel import Field, SQLModel

from records.db import now

PREFIX = "tv_"
SHOWN = 6  # characters after the prefix that stay readable, to tell keys apart


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


def new_key() -> str:
    """A fresh secret: `tv_` and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """The SHA-256 by which a key, a session or a link is found; fast, since its input is random and no password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown(key: str) -> str:
    """The part of a key that lists may show."""
    return key[: len(PREFIX) + SHOWN]
