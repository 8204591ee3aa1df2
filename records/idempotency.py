"""Answers kept by Idempotency-Key, so that a request that is sent again is answered again, and not done again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from records.db import now

LASTS = timedelta(hours=24)
LONGEST_KEY = 255  # characters


class KeptAnswer(SQLModel, table=True):
    """What a request with this key was answered. `fingerprint` tells the same request from another one."""

    __tablename__ = "kept_answer"

    api_key_id: int = Field(foreign_key="api_key.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=LONGEST_KEY)
    fingerprint: str = Field(max_length=64)
    status: int
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now, index=True)
