"""The members of a campaign: who is assigned to it, and who sees it anyway."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, audit, people_list
from records.campaigns import Campaign, NotUsable
from records.db import LARGEST_ID, stored_id
from records.identity import Identity, NotFound
from records.matching import holds
from records.people import Assignment, User
from records.people_list import Standing
from records.roles import Permission, Role, Scope, scope_of

MOST = 200  # of a list; a campaign with more is found by searching
REACHES = {role: scope_of(role, Permission.CALL_READ) for role in Role}
BY_ASSIGNMENT = frozenset(role for role, scope in REACHES.items() if scope is Scope.ASSIGNED)
BY_ROLE = frozenset(role for role, scope in REACHES.items() if scope is Scope.ALL)


@dataclass(frozen=True)
class Member:
    """Somebody who sees a campaign, or could."""

    id: int
    email: str
    name: str
    role: Role
    standing: Standing


@dataclass(frozen=True)
class Some:
    """The first of a list by name, and how many there are."""

    people: tuple[Member, ...]
    total: int


def assigned(session: Session, who: Identity, slug: str) -> Some:
    """Who is assigned to a campaign, whatever their role."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    return _some(session, select(User).where(col(User.id).in_(_of(campaign))), MOST)


def by_role(session: Session, who: Identity, slug: str) -> Some:
    """Who sees a campaign without being assigned, because their role sees every one."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    able = col(User.role).in_(sorted(BY_ROLE)), col(User.active).is_(True)
    return _some(session, select(User).where(*able, col(User.id).not_in(_of(campaign))), MOST)


def candidates(session: Session, who: Identity, slug: str, text: str, most: int) -> Some:
    """Whom an assignment would let see the campaign, and who has none; their names or addresses hold this text."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    able = col(User.role).in_(sorted(BY_ASSIGNMENT)), col(User.active).is_(True)
    query = select(User).where(*able, col(User.id).not_in(_of(campaign)))
    return _some(session, query.where(holds(text, col(User.name), col(User.email))) if text else query, most)


def add(session: Session, who: Identity, slug: str, people: Collection[int]) -> list[User]:
    """Assign these people; who is assigned already stays so. Raises NotFound, NotUsable for whom it would not help."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    wanted = {number for number in people if 0 < number <= LARGEST_ID}
    # Locked in one order: two who add the same person come one by one.
    query = select(User).where(col(User.id).in_(wanted)).order_by(col(User.id)).with_for_update()
    found = list(session.exec(query))
    if len(found) != len(set(people)):
        raise NotFound("There is no such person.")
    there = set(session.exec(_of(campaign)))
    new = [person for person in found if person.id not in there]
    for person in new:
        if not person.active or person.role not in BY_ASSIGNMENT:
            raise NotUsable(f"{person.email} is no active Manager, so that an assignment would change nothing.")
        session.add(Assignment(user_id=stored_id(person.id), campaign_id=stored_id(campaign.id)))
        audit.log(session, who, "campaign.add_member", person.email, campaign_id=campaign.id)
    return new


def remove(session: Session, who: Identity, slug: str, person_id: int) -> User:
    """Take somebody's assignment away; it counts at their next click. Raises NotFound."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    known = 0 < person_id <= LARGEST_ID
    query = select(User).where(User.id == person_id, col(User.id).in_(_of(campaign))).with_for_update()
    person = session.exec(query).first() if known else None
    if person is None:
        raise NotFound("This person is not assigned to the campaign any more.")
    mine = col(Assignment.user_id) == person_id, col(Assignment.campaign_id) == campaign.id
    session.exec(delete(Assignment).where(*mine))
    audit.log(session, who, "campaign.remove_member", person.email, campaign_id=campaign.id)
    return person


def _of(campaign: Campaign) -> SelectOfScalar[int]:
    return select(Assignment.user_id).where(Assignment.campaign_id == campaign.id)


def _some(session: Session, query: SelectOfScalar[User], most: int) -> Some:
    first = session.exec(query.order_by(func.lower(User.name), col(User.id)).limit(most + 1)).all()
    total = len(first)
    if total > most:
        total = session.exec(select(func.count()).select_from(query.subquery())).one()
    return Some(tuple(map(_member, first[:most])), total)


def _member(user: User) -> Member:
    return Member(stored_id(user.id), user.email, user.name, user.role, people_list.standing(user))
