"""The secret with which this installation signs short-lived links: made once, the same for all its processes."""

import secrets
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from records.db import insert_into, now


class SigningSecret(SQLModel, table=True):
    """A secret by its purpose."""

    __tablename__ = "signing_secret"

    purpose: str = Field(primary_key=True, max_length=40)
    secret: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=now)


def secret_for(session: Session, purpose: str) -> str:
    """The secret of a purpose; whoever asks first makes it, in a session that writes."""
    wanted = select(SigningSecret.secret).where(SigningSecret.purpose == purpose)
    found = session.exec(wanted).first()
    if found is None:
        fresh = insert_into(session, SigningSecret).values(
            purpose=purpose, secret=secrets.token_urlsafe(32), created_at=now()
        )
        session.exec(fresh.on_conflict_do_nothing())
        found = session.exec(wanted).one()
    return found
