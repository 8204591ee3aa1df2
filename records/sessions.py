"""Signed-in browsers: a random token in a cookie, and its SHA-256 in the database."""

import secrets
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from records.api_keys import hashed
from records.db import now
from records.identity import Identity
from records.people import Assignment, User, WebSession

LASTS = timedelta(hours=12)  # a working day: nobody signs in twice a shift, and a forgotten browser is out by morning


def start(session: Session, user: User) -> str:
    """Sign a person in: a fresh token for the cookie. Whatever the browser brought is never reused."""
    moment = now()
    session.exec(delete(WebSession).where(col(WebSession.expires_at) <= moment))
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(token_hash=hashed(token), user_id=_id(user), created_at=moment, expires_at=moment + LASTS),
    )
    return token


def find(session: Session, token: str) -> Identity | None:
    """Who holds this cookie's token; None when it is unknown or expired, or the person is deactivated."""
    return find_hashed(session, hashed(token))


def find_hashed(session: Session, token_hash: str) -> Identity | None:
    """As `find`, for those who were handed the hash and never saw the token."""
    rows = session.exec(
        select(User, Assignment.campaign_id)
        .join(WebSession, col(WebSession.user_id) == col(User.id))
        .outerjoin(Assignment, col(Assignment.user_id) == col(User.id))
        .where(
            col(WebSession.token_hash) == token_hash,
            col(WebSession.expires_at) > now(),
            col(User.active).is_(True),
        )
    ).all()
    if not rows:
        return None
    user = rows[0][0]
    assigned = frozenset(campaign_id for _, campaign_id in rows if campaign_id is not None)
    return Identity(user.id, user.role, user.email, user.agent_id, assigned)


def end(session: Session, token: str) -> None:
    """Sign this browser out."""
    session.exec(delete(WebSession).where(col(WebSession.token_hash) == hashed(token)))


def end_all(session: Session, user: User) -> None:
    """Sign a person out everywhere: after a new password or role, and when the account is deactivated."""
    session.exec(delete(WebSession).where(col(WebSession.user_id) == _id(user)))


def _id(user: User) -> int:
    if user.id is None:
        raise ValueError("This account has not been stored yet.")
    return user.id
