"""Reading records as somebody: every query here is narrowed to what that person may see."""

from dataclasses import dataclass

from sqlmodel import Session, col, false, select
from sqlmodel.sql.expression import SelectOfScalar

from records.calls import Call
from records.campaigns import Campaign
from records.people import Assignment, User
from records.roles import Permission, Role, Scope, scope_of


class NotFound(Exception):  # noqa: N818  a fact about the world, and the word that a page shows
    """Absent, or not yours to see; from outside the two look the same."""


class NotAllowed(Exception):  # noqa: N818  as NotFound
    """The role does not grant this at all."""


@dataclass(frozen=True)
class Identity:
    """Who is asking, detached from the database. `label` is how the audit log and timelines name them."""

    user_id: int | None
    role: Role
    label: str
    agent_id: int | None = None
    campaign_ids: frozenset[int] = frozenset()


COMMAND_LINE = Identity(
    user_id=None, role=Role.OWNER, label="command line"
)  # whoever may run commands owns the machine


def identity(session: Session, user: User) -> Identity:
    """The person behind an account, with what they are assigned to now."""
    assigned = session.exec(select(Assignment.campaign_id).where(Assignment.user_id == user.id))
    return Identity(user.id, user.role, user.email, user.agent_id, frozenset(assigned))


def require(who: Identity, permission: Permission) -> Scope:
    """How far this person's permission reaches; NotAllowed when it is not granted."""
    scope = scope_of(who.role, permission)
    if scope is None:
        raise NotAllowed("Your role does not allow this. Ask an Owner or a Senior Manager.")
    return scope


def calls(who: Identity, permission: Permission = Permission.CALL_READ) -> SelectOfScalar[Call]:
    """The calls on which this person holds the permission."""
    query = select(Call)
    match scope_of(who.role, permission):
        case Scope.ALL:
            return query
        case Scope.ASSIGNED:
            return query.where(col(Call.campaign_id).in_(who.campaign_ids))
        case Scope.OWN if who.agent_id is not None:
            return query.where(Call.agent_id == who.agent_id)
    return query.where(false())


def call(session: Session, who: Identity, call_id: str, permission: Permission = Permission.CALL_READ) -> Call:
    """One call on which this person holds the permission; else NotFound."""
    found = session.exec(calls(who, permission).where(Call.id == call_id)).first()
    if found is None:
        raise NotFound("There is no such call.")
    return found


def campaigns(who: Identity, permission: Permission) -> SelectOfScalar[Campaign]:
    """The campaigns on which this person holds the permission."""
    query = select(Campaign)
    match scope_of(who.role, permission):
        case Scope.ALL:
            return query
        case Scope.ASSIGNED:
            return query.where(col(Campaign.id).in_(who.campaign_ids))
    return query.where(false())


def campaign(session: Session, who: Identity, slug: str, permission: Permission) -> Campaign:
    """One campaign by its slug; else NotFound."""
    found = session.exec(campaigns(who, permission).where(Campaign.slug == slug)).first()
    if found is None:
        raise NotFound(f"There is no campaign '{slug}'.")
    return found
