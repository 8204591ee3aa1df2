"""People's accounts with the company's identity provider, and whom of ours each belongs to."""

from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from records import access, audit, links
from records.db import stored_id
from records.people import OutsideAccount, User

LONGEST_ISSUER, LONGEST_SUBJECT = 300, 255


@dataclass(frozen=True)
class Outsider:
    """Who somebody is, as the provider says. `email` is there only where it may be relied upon."""

    issuer: str
    subject: str
    email: str | None


class Unknown(Exception):  # noqa: N818  as NotFound
    """Nobody here goes with this outside account."""


class Unvouched(Exception):  # noqa: N818  what it is
    """It is linked to nobody, and has no e-mail address that may be relied upon."""


class Deactivated(Exception):  # noqa: N818  what the account is
    """The person it belongs to may not come in any more."""


class TakenByAnother(Exception):  # noqa: N818  what the account is
    """Whoever has this address comes in by another outside account already."""


def person(session: Session, outsider: Outsider) -> User:
    """Whose account this is: by issuer and subject, else by e-mail address, which links the two from then on.

    Raises Unknown, Unvouched, Deactivated, TakenByAnother. Nobody is made by signing in.
    """
    if not _storable(outsider):
        raise Unknown
    linked = select(User).join(OutsideAccount, col(OutsideAccount.user_id) == User.id)
    same = (OutsideAccount.issuer == outsider.issuer, OutsideAccount.subject == outsider.subject)
    user = session.exec(linked.where(*same)).first()
    if user is None:
        return _link(session, outsider)
    if not user.active:
        raise Deactivated
    return user


def unlink(session: Session, user: User) -> None:
    """Forget a person's outside accounts; the next sign-in links again by e-mail address."""
    session.exec(delete(OutsideAccount).where(col(OutsideAccount.user_id) == user.id))


def _link(session: Session, outsider: Outsider) -> User:
    email = (outsider.email or "").strip().lower()
    if not email or not email.isprintable():
        raise Unvouched
    user = session.exec(select(User).where(User.email == email).with_for_update()).first()
    if user is None:
        raise Unknown
    if not user.active:
        raise Deactivated
    mine = (OutsideAccount.user_id == user.id, OutsideAccount.issuer == outsider.issuer)
    subjects = session.exec(select(OutsideAccount.subject).where(*mine)).all()
    if outsider.subject in subjects:  # another tab was quicker, while this one waited for the row
        return user
    if subjects:
        raise TakenByAnother
    session.add(OutsideAccount(issuer=outsider.issuer, subject=outsider.subject, user_id=stored_id(user.id)))
    links.revoke(session, user)  # an invitation has done its work
    who = access.identity(session, user)
    audit.log(session, who, "person.link_outside", user.email, provider=outsider.issuer, account=outsider.subject)
    return user


def _storable(outsider: Outsider) -> bool:
    """Whether every database takes these as they are; none may be cut short, or two people become one."""
    short = 0 < len(outsider.subject) <= LONGEST_SUBJECT and len(outsider.issuer) <= LONGEST_ISSUER
    return short and outsider.subject.isprintable()
