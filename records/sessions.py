"""Signed-in browsers: a random token in a cookie, and its SHA-256 in the database."""

import secrets
from datetime import timedelta

from sqlmodel import Session, col, delete, select, update

from records import audit
from records.api_keys import hashed
from records.db import now, stored_id
from records.identity import Identity
from records.people import Assignment, User, WebSession

LASTS = timedelta(hours=12)  # a working day: nobody signs in twice a shift, and a forgotten browser is out by morning
LISTED = 50  # of one person's browsers, the newest


def start(session: Session, user: User, *, browser: str = "", instead_of: str | None = None) -> str:
    """Sign a person in: a fresh token for the cookie. Whatever the browser brought (`instead_of`) ends here."""
    moment = now()
    session.exec(delete(WebSession).where(col(WebSession.expires_at) <= moment))
    if instead_of:
        end(session, instead_of)
    token = secrets.token_urlsafe(32)
    lasts = {"created_at": moment, "expires_at": moment + LASTS}
    session.add(WebSession(token_hash=hashed(token), user_id=_id(user), browser=browser, **lasts))
    session.exec(update(User).where(col(User.id) == _id(user)).values(signed_in_at=moment))
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


def open_ones(session: Session, who: Identity) -> list[WebSession]:
    """Where this person is signed in, newest first."""
    mine = select(WebSession).where(WebSession.user_id == who.user_id, col(WebSession.expires_at) > now())
    newest = mine.order_by(col(WebSession.created_at).desc(), col(WebSession.token_hash)).limit(LISTED)
    return list(session.exec(newest))


def end_one(session: Session, who: Identity, token_hash: str) -> None:
    """Sign one of this person's own browsers out; nobody else's."""
    mine = (col(WebSession.token_hash) == token_hash, col(WebSession.user_id) == who.user_id)
    session.exec(delete(WebSession).where(*mine))


def end_mine(session: Session, who: Identity) -> None:
    """Sign out everywhere, by one's own wish."""
    session.exec(delete(WebSession).where(col(WebSession.user_id) == who.user_id))
    audit.log(session, who, "session.end_all", who.label)


def end_all(session: Session, user: User) -> None:
    """Sign a person out everywhere: after a new password or role, and when the account is deactivated."""
    session.exec(delete(WebSession).where(col(WebSession.user_id) == _id(user)))


def _id(user: User) -> int:
    return stored_id(user.id)
