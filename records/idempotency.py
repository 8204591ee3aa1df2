"""Answers kept by Idempotency-Key, so that a request that is sent again is answered again, and not done again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from records.api_keys import ApiKey
from records.calls import Call
from records.db import UNSEEN, now

LASTS = timedelta(hours=24)
LONGEST_KEY = 255  # characters


class KeptAnswer(SQLModel, table=True):
    """What a request with this key was answered. `fingerprint` tells the same request from another one."""

    __tablename__ = "kept_answer"

    api_key_id: int = Field(foreign_key="api_key.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=LONGEST_KEY)
    fingerprint: str = Field(max_length=64)
    status: int
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # empty once its call was deleted
    created_at: datetime = Field(default_factory=now, index=True)


def kept(session: Session, api_key_id: int, key: str) -> KeptAnswer | None:
    """The answer that is kept by this key."""
    wanted = select(KeptAnswer).where(KeptAnswer.api_key_id == api_key_id, KeptAnswer.key == key)
    return session.exec(wanted.where(col(KeptAnswer.created_at) > now() - LASTS)).first()


def keep(session: Session, answer: KeptAnswer) -> None:
    """Keep an answer, in the transaction of what it tells. The database refuses a second one for the same key."""
    too_old = delete(KeptAnswer).where(col(KeptAnswer.created_at) <= now() - LASTS)
    session.exec(too_old.where(col(KeptAnswer.api_key_id) == answer.api_key_id, col(KeptAnswer.key) == answer.key))
    session.add(answer)
    session.flush()


def forget(session: Session, call: Call) -> None:
    """Of a call that is deleted, what was answered goes; that the keys were used stays for as long as else."""
    keys = select(ApiKey.id).where(ApiKey.campaign_id == call.campaign_id)
    theirs = col(KeptAnswer.api_key_id).in_(keys), col(KeptAnswer.body)["id"].as_string() == call.id
    forgotten = update(KeptAnswer).where(*theirs).values(body={}, fingerprint="")
    session.execute(forgotten, execution_options=UNSEEN)


def sweep(session: Session) -> int:
    """Forget the answers that are too old; how many there were."""
    return session.exec(delete(KeptAnswer).where(col(KeptAnswer.created_at) <= now() - LASTS)).rowcount
