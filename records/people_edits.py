"""Acts on people's accounts, each checked and logged."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from records import access, audit
from records.agents import Agent
from records.campaigns import NotUsable
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
        name=new.name.strip() or email,
        role=new.role,
        password_hash=hashed(new.password),
        agent_id=_agent(session, new.agent),
    )
    session.add(person)
    session.flush()
    for slug in new.campaigns:
        campaign = access.campaign(session, who, slug, Permission.CALL_READ)
        session.add(Assignment(user_id=stored_id(person.id), campaign_id=stored_id(campaign.id)))
    audit.log(session, who, "person.add", email, role=new.role, campaigns=list(new.campaigns))
    return person


def _usable_email(session: Session, given: str) -> str:
    email = given.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise NotUsable(f"'{given}' is no e-mail address.")
    if session.exec(select(User.id).where(User.email == email)).first() is not None:
        raise NotUsable(f"{email} has an account already.")
    return email


def _agent(session: Session, name: str) -> int | None:
    """The agent of this name, whatever its case; a new one when there is none."""
    wanted = name.strip()
    if not wanted:
        return None
    found = session.exec(select(Agent.id).where(func.lower(Agent.name) == wanted.lower(), col(Agent.active))).all()
    if len(found) > 1:
        raise NotUsable(f"Several agents are called '{wanted}'. Link the person on the Agents page.")
    if found:
        return found[0]
    agent = Agent(name=wanted)
    session.add(agent)
    session.flush()
    return agent.id
