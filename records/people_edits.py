"""Acts on people's accounts, each checked and logged."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from records import access, agent_edits, agents, audit, links, people_list, sessions
from records.agent_edits import Profile
from records.agents import Agent
from records.campaigns import Campaign, NotUsable, line
from records.db import LARGEST_ID, stored_id
from records.identity import Identity, NotAllowed, NotFound, require
from records.passwords import hashed, weakness
from records.people import Assignment, LinkPurpose, User
from records.roles import Permission, Role, Scope


@dataclass(frozen=True)
class NewPerson:
    """An account to be made."""

    email: str
    name: str
    role: Role
    campaigns: tuple[str, ...] = ()  # slugs
    agent: str = ""  # the agent record that this person is; made when there is none of that name
    agent_id: int | None = None  # the same by its number, where that is known


def secret_of(password: str) -> str:
    """The hash of a password that somebody chose. Raises NotUsable for a weak one.

    Slow on purpose, so it is made before the transaction that others wait for.
    """
    problem = weakness(password)
    if problem:
        raise NotUsable(problem)
    return hashed(password)


def add(session: Session, who: Identity, new: NewPerson, secret: str) -> User:
    """Make an account with this password, as `secret_of` has hashed it. Raises NotUsable, NotFound, NotAllowed."""
    person = _made(session, who, new, secret)
    audit.log(session, who, "person.add", person.email, **_given(session, new, person))
    return person


def invite(session: Session, who: Identity, new: NewPerson) -> tuple[User, str]:
    """Make an account without a password, and the link at which its person chooses one. Raises as `add`."""
    person = _made(session, who, new, None)
    audit.log(session, who, "person.invite", person.email, **_given(session, new, person))
    return person, links.issue(session, person, LinkPurpose.INVITE)


def new_link(session: Session, who: Identity, person_id: int) -> tuple[User, str]:
    """A fresh link at which this person chooses a password; earlier ones are void. Until then the old password goes."""
    person = _changeable(session, who, person_id)
    if not person.active:
        raise NotUsable(f"{person.email} is deactivated. Reactivate the account first.")
    if purpose_of(person) is LinkPurpose.INVITE:
        audit.log(session, who, "person.invite_again", person.email)
    else:
        audit.log(session, who, "person.reset_password", person.email)
    return person, links.issue(session, person, purpose_of(person))


def purpose_of(person: User) -> LinkPurpose:
    """What a link for this person is good for: the first password, or another one."""
    return LinkPurpose.INVITE if person.password_hash is None else LinkPurpose.PASSWORD_RESET


def set_password(session: Session, who: Identity, person_id: int, secret: str) -> User:
    """Give this person another password, as `secret_of` has hashed it; whoever is signed in with the old one is out."""
    person = _changeable(session, who, person_id)
    person.password_hash = secret
    links.revoke(session, person)
    sessions.end_all(session, person)
    audit.log(session, who, "person.set_password", person.email)
    return person


def set_name(session: Session, who: Identity, person_id: int, name: str) -> User:
    """Change the name that others see."""
    person = _changeable(session, who, person_id)
    wanted = line(name, "A name")
    if not wanted:
        raise NotUsable("Write a name.")
    if wanted != person.name:
        audit.log(session, who, "person.rename", person.email, name=f"{person.name} -> {wanted}")
        person.name = wanted
    return person


def set_role(session: Session, who: Identity, person_id: int, role: Role) -> User:
    """Change what this person may do, and sign them out everywhere.

    Links to their account are void: whoever made one may not be allowed to make one for the new role.
    """
    owners = _owners(session)
    person = _changeable(session, who, person_id)
    if role is person.role:
        return person
    _may_make(who, role)
    if person.id == who.user_id:
        raise NotAllowed("Nobody can change their own role. Ask another Owner to do it.")
    _keep_an_owner(owners, person)
    audit.log(session, who, "person.set_role", person.email, role=f"{person.role} -> {role}")
    person.role = role
    sessions.end_all(session, person)
    links.revoke(session, person)
    return person


def set_campaigns(session: Session, who: Identity, person_id: int, slugs: Collection[str]) -> User:
    """Assign this person to exactly these campaigns. It counts at their next click."""
    person = _changeable(session, who, person_id)
    wanted = _numbers(session, who, slugs)
    assigned = select(Campaign.slug, Campaign.id).join(Assignment, col(Assignment.campaign_id) == Campaign.id)
    present = {
        slug: stored_id(number) for slug, number in session.exec(assigned.where(Assignment.user_id == person.id))
    }
    added, removed = sorted(wanted.keys() - present.keys()), sorted(present.keys() - wanted.keys())
    gone = [present[slug] for slug in removed]
    mine = col(Assignment.user_id) == person.id
    session.exec(delete(Assignment).where(mine, col(Assignment.campaign_id).in_(gone)))
    session.add_all(Assignment(user_id=stored_id(person.id), campaign_id=wanted[slug]) for slug in added)
    if added or removed:
        audit.log(session, who, "person.set_campaigns", person.email, added=added, removed=removed)
    return person


def link_agent(session: Session, who: Identity, person_id: int, agent_id: int | None) -> User:
    """Say which agent this person is, whose calls they then see; None: no agent."""
    person = _changeable(session, who, person_id)
    if agent_id == person.agent_id:
        return person
    if agent_id is None:
        audit.log(session, who, "person.unlink_agent", person.email)
    else:
        agent = access.agent(session, who, agent_id)
        audit.log(session, who, "person.link_agent", person.email, agent=agent.name)
    person.agent_id = agent_id
    return person


def deactivate(session: Session, who: Identity, person_id: int) -> User:
    """Let this person in no more: signed out everywhere, and no link works. What they did stays."""
    owners = _owners(session)
    person = _changeable(session, who, person_id)
    if person.id == who.user_id:
        raise NotAllowed("Nobody can deactivate their own account. Ask another Owner to do it.")
    if person.active:
        _keep_an_owner(owners, person)
        person.active = False
        links.revoke(session, person)
        sessions.end_all(session, person)
        audit.log(session, who, "person.deactivate", person.email)
    return person


def reactivate(session: Session, who: Identity, person_id: int) -> User:
    """Let this person in again, with the role, campaigns and password as they were."""
    person = _changeable(session, who, person_id)
    if not person.active:
        person.active = True
        audit.log(session, who, "person.reactivate", person.email)
    return person


def may_change(who: Identity, role: Role) -> bool:
    """Whether this person may change the account of somebody with this role, or give it to somebody."""
    return require(who, Permission.PEOPLE_MANAGE) is not Scope.ALL_BUT_OWNERS or role is not Role.OWNER


def _changeable(session: Session, who: Identity, person_id: int) -> User:
    """Somebody whose account this person may change, locked. Raises NotFound, NotAllowed."""
    locked = people_list.visible(who).where(User.id == person_id).with_for_update()
    query = locked.execution_options(populate_existing=True)
    person = session.exec(query).first() if 0 < person_id <= LARGEST_ID else None
    if person is None:
        raise NotFound("There is no such person.")
    if not may_change(who, person.role):
        raise NotAllowed("Only an Owner can change an Owner's account.")
    return person


def _may_make(who: Identity, role: Role) -> None:
    if not may_change(who, role):
        raise NotAllowed("Only an Owner can make another Owner.")


def _owners(session: Session) -> list[User]:
    """The active Owners, locked in one order and before anybody else: two who demote each other come one by one."""
    query = select(User).where(User.role == Role.OWNER, col(User.active).is_(True)).order_by(col(User.id))
    return list(session.exec(query.with_for_update().execution_options(populate_existing=True)))


def _keep_an_owner(owners: list[User], person: User) -> None:
    if [owner.id for owner in owners] == [person.id]:
        raise NotUsable(f"{person.email} is the last Owner. Make somebody else an Owner first.")


def _made(session: Session, who: Identity, new: NewPerson, secret: str | None) -> User:
    _may_make(who, new.role)
    email = _usable_email(session, new.email)
    if new.agent_id is not None:
        access.agent(session, who, new.agent_id)
    person = User(
        email=email,
        name=line(new.name, "A name") or email,
        role=new.role,
        password_hash=secret,
        agent_id=new.agent_id or _agent(session, who, new.agent),
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else made it between our look and our write
        raise _has_one(email) from error
    for number in _numbers(session, who, new.campaigns).values():
        session.add(Assignment(user_id=stored_id(person.id), campaign_id=number))
    return person


def _given(session: Session, new: NewPerson, person: User) -> dict[str, Any]:
    """What decides what the person sees, for the audit log."""
    agent = session.get_one(Agent, person.agent_id).name if person.agent_id else ""
    return {"role": new.role, "campaigns": list(new.campaigns)} | ({"agent": agent} if agent else {})


def _numbers(session: Session, who: Identity, slugs: Collection[str]) -> dict[str, int]:
    """The campaigns' row numbers by their slugs. Raises NotFound for the first that is not there."""
    query = access.campaigns(who, Permission.CALL_READ).where(col(Campaign.slug).in_([*filter(str.isprintable, slugs)]))
    found = {campaign.slug: stored_id(campaign.id) for campaign in session.exec(query)}
    for slug in slugs:
        if slug not in found:
            raise NotFound(f"There is no campaign '{slug}'.")
    return found


def _usable_email(session: Session, given: str) -> str:
    email = line(given, "An e-mail address", most=320).lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or " " in email:
        raise NotUsable(f"'{given}' is no e-mail address." if email else "Write an e-mail address.")
    active = session.exec(select(User.active).where(User.email == email)).first()
    if active is False:
        raise NotUsable(f"{email} has an account already, which is deactivated. Reactivate it.")
    if active:
        raise _has_one(email)
    return email


def _has_one(email: str) -> NotUsable:
    return NotUsable(f"{email} has an account already.")


def _agent(session: Session, who: Identity, name: str) -> int | None:
    """The agent of this name, whatever its case; a new one when there is none."""
    wanted = line(name, "An agent's name")
    if not wanted:
        return None
    found = agents.all_named(session, wanted)
    if len(found) > 1:
        raise NotUsable(f"Several agents are called '{wanted}'. Link the person on the Agents page.")
    if found:
        return found[0].id
    return agent_edits.create(session, who, Profile(wanted)).id
