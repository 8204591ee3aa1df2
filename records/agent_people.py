"""Which accounts an agent signs in with: found, linked, unlinked by those who manage people."""

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from records import audit
from records.agent_edits import locked
from records.db import LARGEST_ID
from records.identity import Identity, NotAllowed, NotFound, require
from records.people import User
from records.roles import Permission, Role, Scope

FOUND = 20  # at most


def of(session: Session, agent_id: int) -> list[User]:
    """The accounts that are linked to an agent."""
    return list(session.exec(select(User).where(User.agent_id == agent_id).order_by(col(User.name), col(User.id))))


def find(session: Session, who: Identity, text: str) -> list[User]:
    """Active accounts that this person may link, by part of name or address. Raises NotAllowed."""
    scope = require(who, Permission.PEOPLE_MANAGE)
    query = select(User).where(col(User.active).is_(True)).order_by(col(User.name), col(User.id)).limit(FOUND)
    if scope is Scope.ALL_BUT_OWNERS:
        query = query.where(User.role != Role.OWNER)
    return list(session.exec(_like(query, text) if text else query))


def link(session: Session, who: Identity, agent_id: int, user_id: int) -> User:
    """Let an account be this agent: with the role Agent it sees the agent's calls. Raises NotAllowed, NotFound."""
    agent = locked(session, who, agent_id)
    person = _person(session, who, user_id)
    if person.agent_id != agent.id:
        person.agent_id = agent.id
        session.add(person)
        audit.log(session, who, "agent.link_person", agent.name, person=person.email)
    return person


def unlink(session: Session, who: Identity, agent_id: int, user_id: int) -> None:
    """The account is this agent no longer. Raises NotAllowed, NotFound."""
    agent = locked(session, who, agent_id)
    person = _person(session, who, user_id)
    if person.agent_id == agent.id:
        person.agent_id = None
        session.add(person)
        audit.log(session, who, "agent.unlink_person", agent.name, person=person.email)


def _person(session: Session, who: Identity, user_id: int) -> User:
    scope = require(who, Permission.PEOPLE_MANAGE)
    found = select(User).where(User.id == user_id).with_for_update()
    person = session.exec(found).first() if 0 < user_id <= LARGEST_ID else None
    if person is None:
        raise NotFound("There is no such account.")
    if scope is Scope.ALL_BUT_OWNERS and person.role is Role.OWNER:
        raise NotAllowed("Only an Owner can change another Owner's account.")
    return person


def _like(query: SelectOfScalar[User], text: str) -> SelectOfScalar[User]:
    """SQLite's LIKE knows only the case of a to z: other letters are tried in the ways in which names are written."""
    written = sorted({text, text.lower(), text.upper(), text.title()})
    fields = (col(User.name), col(User.email))
    return query.where(or_(*(field.icontains(each, autoescape=True) for each in written for field in fields)))
