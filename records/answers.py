"""Answers that providers bring to us: an address with a secret for each, and what was brought there."""

import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sqlmodel import Field, Session, SQLModel, col, delete

from records.db import insert_into, now


class ProviderAnswer(SQLModel, table=True):
    """The one open address of a run, and the answer that came to it. Gone once the run has moved on."""

    __tablename__ = "provider_answer"

    run_id: int = Field(primary_key=True, foreign_key="run.id")
    secret_sha256: str = Field(max_length=64)
    body: bytes | None = None  # as it came; trust none of it
    arrived_at: datetime | None = None


def expect(session: Session, run_id: int) -> str:
    """Open an address for this run and close its earlier one; the secret that belongs to it."""
    secret = secrets.token_urlsafe(32)
    fresh = {"run_id": run_id, "secret_sha256": _hashed(secret), "body": None, "arrived_at": None}
    session.exec(
        insert_into(session, ProviderAnswer).values(fresh).on_conflict_do_update(index_elements=["run_id"], set_=fresh)
    )
    return secret


def bring(session: Session, run_id: int, secret: str, body: bytes) -> bool:
    """Keep an answer; False where no such address is open. Vendors repeat themselves: the last one stays."""
    place = _at(session, run_id, secret)
    if place is None:
        return False
    place.body, place.arrived_at = body, now()
    return True


def brought(session: Session, run_id: int) -> bytes | None:
    """What was brought for this run; None while nothing was."""
    place = session.get(ProviderAnswer, run_id)
    return place.body if place else None


def is_open(session: Session, run_id: int) -> bool:
    """Whether this run has an address to which an answer may come, or has come."""
    return session.get(ProviderAnswer, run_id) is not None


def is_address(session: Session, run_id: int, secret: str) -> bool:
    """Whether an answer may be brought here."""
    return _at(session, run_id, secret) is not None


def brought_since(session: Session, run_id: int, moment: datetime) -> bool:
    """Whether something has come in after this moment."""
    place = session.get(ProviderAnswer, run_id)
    return place is not None and place.arrived_at is not None and place.arrived_at >= moment


def close(session: Session, run_id: int) -> None:
    """The run needs no answer any more."""
    session.exec(delete(ProviderAnswer).where(col(ProviderAnswer.run_id) == run_id))


def _at(session: Session, run_id: int, secret: str) -> ProviderAnswer | None:
    place = session.get(ProviderAnswer, run_id)
    return place if place and compare_digest(place.secret_sha256, _hashed(secret)) else None


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
