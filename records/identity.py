"""Who is asking, apart from any database row; and the two ways to be told no."""

from dataclasses import dataclass

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
    api_key_id: int | None = None  # a program's key asks, not a person


COMMAND_LINE = Identity(
    user_id=None, role=Role.OWNER, label="command line"
)  # whoever may run commands owns the machine

SFTP = Identity(
    user_id=None, role=Role.OWNER, label="SFTP"
)  # what arrives there; the campaigns' settings were a person's


def require(who: Identity, permission: Permission) -> Scope:
    """How far this person's permission reaches; NotAllowed when it is not granted."""
    scope = scope_of(who.role, permission)
    if scope is None:
        raise NotAllowed("Your role does not allow this. Ask an Owner or a Senior Manager.")
    return scope
