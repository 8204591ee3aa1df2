"""The first owner: a one-time link while there is none, and the account that it makes."""

import re
import secrets
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from config import settings
from records import audit
from records.access import identity
from records.api_keys import hashed
from records.campaigns import Campaign
from records.db import now, reading, writing
from records.passwords import hashed as password_hash
from records.passwords import weakness
from records.people import LinkPurpose, OneTimeLink, User
from records.roles import Role

LASTS = timedelta(days=7)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_EMAIL_LONGEST = 320
_NAME_LONGEST = 200

SPENT = "This set-up link is not valid any more: it was used, replaced by a newer one, or is over 7 days old."
TAKEN = "There is an owner account already. Sign in with it, or ask its owner to add you."


class SetupRefused(Exception):  # noqa: N818  what happened, in the form's own word
    """The account was not made; `problems` holds a sentence for each field (or for 'token') that is the reason."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def is_fresh() -> bool:
    """True while nobody has made a campaign."""
    with reading() as session:
        return session.exec(select(Campaign.id).limit(1)).first() is None


def owner_exists(session: Session) -> bool:
    """True when somebody active is an Owner."""
    owners = select(User.id).where(User.role == Role.OWNER, col(User.active).is_(True)).limit(1)
    return session.exec(owners).first() is not None


def owner_link(session: Session) -> str | None:
    """The address, with a fresh one-time token, at which the first owner makes an account; earlier ones are void.

    None when there is an active Owner.
    """
    if owner_exists(session):
        return None
    moment = now()
    session.exec(
        update(OneTimeLink)
        .where(col(OneTimeLink.purpose) == LinkPurpose.OWNER_SETUP, col(OneTimeLink.used_at).is_(None))
        .values(used_at=moment)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(token_hash=hashed(token), purpose=LinkPurpose.OWNER_SETUP, expires_at=moment + LASTS),
    )
    return f"{settings().address}/setup?token={token}"


def link_problem(session: Session, token: str) -> str | None:
    """Why a set-up link cannot be used, as a sentence; None when it can."""
    if owner_exists(session):
        return TAKEN
    valid = select(OneTimeLink).where(
        OneTimeLink.token_hash == hashed(token),
        OneTimeLink.purpose == LinkPurpose.OWNER_SETUP,
        col(OneTimeLink.used_at).is_(None),
        col(OneTimeLink.expires_at) > now(),
    )
    return None if session.exec(valid).first() else SPENT


def create_owner(token: str, name: str, email: str, password: str) -> User:
    """Make the owner's account, spending the link. Raises SetupRefused in words; then nothing has changed."""
    name, email = name.strip(), email.strip().lower()
    problems = _problems(name, email, password)
    if problems:
        raise SetupRefused(problems)
    secret = password_hash(password)  # slow on purpose, so before the transaction that others wait for
    try:
        with writing() as session:
            _spend(session, token)
            user = User(email=email, name=name, role=Role.OWNER, password_hash=secret)
            session.add(user)
            session.flush()
            audit.log(session, identity(session, user), "owner.create", email)
            return user
    except IntegrityError as error:
        raise SetupRefused({"email": "Somebody has an account with this address already. Use another."}) from error


def _spend(session: Session, token: str) -> None:
    """Use the link up. Locking every link first lets two clicks through one after the other, where that is needed."""
    session.exec(select(OneTimeLink).where(OneTimeLink.purpose == LinkPurpose.OWNER_SETUP).with_for_update()).all()
    problem = link_problem(session, token)
    if problem:
        raise SetupRefused({"token": problem})
    session.exec(update(OneTimeLink).where(col(OneTimeLink.token_hash) == hashed(token)).values(used_at=now()))


def _problems(name: str, email: str, password: str) -> dict[str, str]:
    found = {
        "name": _name_problem(name),
        "email": _email_problem(email),
        "password": weakness(password),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def _name_problem(name: str) -> str | None:
    if not name:
        return "Write your name."
    if len(name) > _NAME_LONGEST or not name.isprintable():
        return f"Use at most {_NAME_LONGEST} letters, on one line."
    return None


def _email_problem(email: str) -> str | None:
    if len(email) > _EMAIL_LONGEST or not email.isprintable() or not _EMAIL.fullmatch(email):
        return "Write a whole address, like name@example.com."
    return None
