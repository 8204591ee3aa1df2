"""Choosing a password: by a one-time link, or by knowing the old one. Every other browser is signed out by it."""

from sqlmodel import Session, select

from records import access, audit, links, outside_accounts, sessions
from records.db import reading, writing
from records.identity import Identity
from records.passwords import hashed, matches, weakness
from records.people import LinkPurpose, User

SPENT = "This link is not valid any more: it was used, replaced by a newer one, or is too old."
WRONG = "This is not your current password."
SAME = "This is the password that you have now. Choose another."
NONE_YET = "You have no password here, since you come in another way. An Owner can send you a link to choose one."
_ACTS = {LinkPurpose.INVITE: "person.welcome", LinkPurpose.PASSWORD_RESET: "password.reset"}


class PasswordRefused(Exception):  # noqa: N818  what happened, in the form's own word
    """Nothing has changed; `problems` holds a sentence for each field (or for 'token') that is the reason."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


def by_link(token: str, password: str, *, browser: str = "", instead_of: str | None = None) -> str:
    """Choose a password by a one-time link and sign in: the new session's token. Raises PasswordRefused."""
    with reading() as session:
        if links.holder(session, token) is None:
            raise PasswordRefused({"token": SPENT})
    secret = _usable(password)
    with writing() as session:
        found = links.holder(session, token, lock=True)
        if found is None:  # a second click
            raise PasswordRefused({"token": SPENT})
        user, purpose = found
        if purpose is LinkPurpose.PASSWORD_RESET:  # whoever had come in by whatever way has lost it
            outside_accounts.unlink(session, user)
        _store(session, user, secret, _ACTS[purpose])
        return sessions.start(session, user, browser=browser, instead_of=instead_of)


def by_the_old_one(who: Identity, current: str, password: str, *, browser: str = "") -> str:
    """Replace one's password and sign in anew: the new session's token. Raises PasswordRefused."""
    known = stored(who)
    if not matches(current, known):
        raise PasswordRefused({"current": WRONG if known else NONE_YET})
    if matches(password, known):
        raise PasswordRefused({"password": SAME})
    secret = _usable(password)
    with writing() as session:
        user = session.exec(select(User).where(User.id == who.user_id).with_for_update()).one()
        if not user.active or user.password_hash != known:  # changed by somebody else meanwhile
            raise PasswordRefused({"current": WRONG})
        _store(session, user, secret, "password.change")
        return sessions.start(session, user, browser=browser)


def stored(who: Identity) -> str | None:
    """The hash of one's password; None for those who have none."""
    with reading() as session:
        return session.exec(select(User.password_hash).where(User.id == who.user_id)).first()


def _usable(password: str) -> str:
    """The hash of a new password; slow on purpose, so never inside a transaction that others wait for."""
    problem = weakness(password)
    if problem:
        raise PasswordRefused({"password": problem})
    return hashed(password)


def _store(session: Session, user: User, secret: str, act: str) -> None:
    user.password_hash = secret
    session.add(user)
    links.revoke(session, user)
    sessions.end_all(session, user)
    audit.log(session, access.identity(session, user), act, user.email)
