"""Acts on people's accounts, each checked and logged."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from records import access, audit
from records.agents import Agent
from records.campaigns import NotUsable, line
from records.db import stored_id
from records.identity import Identity, NotAllowed, require
from records.passwords import hashed, weakness
from records.people import Assignment, User
from records.roles import Permission, Role, Scope


@dataclass(frozen=True)
class NewPerson:
    """An account to be made."""

    email: str
    name: str
    role: Role
    campaigns: tuple[str, ...] = ()  # slugs
    agent: str = ""  # the agent record that this person is; made when there is none of that name
    password: str = ""


def add(session: Session, who: Identity, new: NewPerson) -> User:
    """Make the account. Raises NotUsable, NotFound for a campaign, NotAllowed."""
    scope = require(who, Permission.PEOPLE_MANAGE)
    if scope is Scope.ALL_BUT_OWNERS and new.role is Role.OWNER:
        raise NotAllowed("Only an Owner can make another Owner.")
    email = _usable_email(session, new.email)
    problem = weakness(new.password)
    if problem:
        raise NotUsable(problem)
    person = User(
        email=email,
        name=line(new.name, "A name") or email,
        role=new.role,
        password_hash=hashed(new.password),
        agent_id=_agent(session, new.agent),
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else made it between our look and our write
        raise _has_one(email) from error
    for slug in dict.fromkeys(new.campaigns):
        campaign = access.campaign(session, who, slug, Permission.CALL_READ)
        session.add(Assignment(user_id=stored_id(person.id), campaign_id=stored_id(campaign.id)))
    audit.log(session, who, "person.add", email, role=new.role, campaigns=list(new.campaigns))
    return person


def _usable_email(session: Session, given: str) -> str:
    email = line(given, "An e-mail address", most=320).lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise NotUsable(f"'{given}' is no e-mail address.")
    if session.exec(select(User.id).where(User.email == email)).first() is not None:
        raise _has_one(email)
    return email


def _has_one(email: str) -> NotUsable:
    return NotUsable(f"{email} has an account already.")


def _agent(session: Session, name: str) -> int | None:
    """The agent of this name, whatever its case; a new one when there is none."""
    wanted = line(name, "An agent's name")
    if not wanted:
        return None
    # Compared here: SQLite's lower() knows no letter beyond a to z.
    names = session.exec(select(Agent.id, Agent.name).where(col(Agent.active))).all()
    found = [number for number, known in names if known.casefold() == wanted.casefold()]
    if len(found) > 1:
        raise NotUsable(f"Several agents are called '{wanted}'. Link the person on the Agents page.")
    if found:
        return found[0]
    agent = Agent(name=wanted)
    session.add(agent)
    session.flush()
    return agent.id
