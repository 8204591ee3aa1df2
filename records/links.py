"""One-time links that let a person choose a password: an invitation, or a new one for a forgotten password."""

import secrets
from datetime import timedelta

from sqlmodel import Session, col, select, update

from config import settings
from records.api_keys import hashed
from records.db import now, stored_id
from records.people import LinkPurpose, OneTimeLink, User

LASTS = {LinkPurpose.INVITE: timedelta(days=7), LinkPurpose.PASSWORD_RESET: timedelta(hours=24)}
PATH = "/welcome"  # dashboard/door/ answers there


def issue(session: Session, user: User, purpose: LinkPurpose) -> str:
    """The address of a fresh link for this person; earlier ones are void. Who may ask is the caller's to check."""
    revoke(session, user)
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(
        token_hash=hashed(token), purpose=purpose, user_id=stored_id(user.id), expires_at=now() + LASTS[purpose]
    )
    session.add(link)
    return f"{settings().address}{PATH}?token={token}"


def revoke(session: Session, user: User) -> None:
    """Make every link void that this person has not used."""
    unused = (col(OneTimeLink.user_id) == user.id, col(OneTimeLink.used_at).is_(None))
    session.exec(update(OneTimeLink).where(*unused).values(used_at=now()))


def holder(session: Session, token: str, *, lock: bool = False) -> tuple[User, LinkPurpose] | None:
    """Whose link this is and what it is for; None when it is unknown, used or too old, or the person is deactivated.

    `lock`: two clicks come one after the other, and the second finds the link used.
    """
    wanted = select(OneTimeLink).where(
        OneTimeLink.token_hash == hashed(token),
        col(OneTimeLink.purpose).in_(LASTS),
        col(OneTimeLink.used_at).is_(None),
        col(OneTimeLink.expires_at) > now(),
    )
    link = session.exec(wanted.with_for_update() if lock else wanted).first()
    user = session.get(User, link.user_id) if link else None
    return (user, link.purpose) if link and user and user.active else None


def pending(session: Session, user_ids: list[int]) -> dict[int, OneTimeLink]:
    """By person: the link that they could still use."""
    unused = (col(OneTimeLink.used_at).is_(None), col(OneTimeLink.expires_at) > now())
    found = session.exec(select(OneTimeLink).where(col(OneTimeLink.user_id).in_(user_ids), *unused))
    return {stored_id(link.user_id): link for link in found}
