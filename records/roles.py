"""Who may do what: the access table of docs/roles.md, as data."""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the organisation."""

    AGENT = "agent"
    MANAGER = "manager"
    COMPLIANCE_OFFICER = "compliance_officer"
    SENIOR_MANAGER = "senior_manager"
    OWNER = "owner"


class Scope(StrEnum):
    """How far a permission reaches."""

    OWN = "own"  # calls of the agent that the person is linked to
    ASSIGNED = "assigned"  # campaigns that the person is assigned to
    ALL_BUT_OWNERS = "all_but_owners"  # every person except Owners
    ALL = "all"


class Permission(StrEnum):
    """What can be allowed."""

    CALL_UPLOAD = "call:upload"  # also start and cancel bulk jobs
    CALL_READ = "call:read"
    CALL_REPROCESS = "call:reprocess"  # also review, override a check, link an agent
    CALL_DELETE = "call:delete"
    CALL_HOLD = "call:hold"  # legal hold: retention leaves the call alone, and nobody deletes it
    SFTP_READ = "sftp:read"
    SFTP_CONFIGURE = "sftp:configure"
    CAMPAIGN_READ = "campaign:read"  # its page and its checks
    CAMPAIGN_EDIT = "campaign:edit"  # with its checks and its members
    KEY_MANAGE = "key:manage"  # API keys and webhooks
    AGENT_MANAGE = "agent:manage"
    PEOPLE_MANAGE = "people:manage"
    AUDIT_READ = "audit:read"
    SYSTEM_READ = "system:read"  # queues, workers, providers; also requeue a failed job


_ASSIGNED_OR_ALL = {
    Role.MANAGER: Scope.ASSIGNED,
    Role.COMPLIANCE_OFFICER: Scope.ALL,
    Role.SENIOR_MANAGER: Scope.ALL,
    Role.OWNER: Scope.ALL,
}
_SENIOR = {Role.SENIOR_MANAGER: Scope.ALL, Role.OWNER: Scope.ALL}

GRANTS: dict[Permission, dict[Role, Scope]] = {
    Permission.CALL_UPLOAD: _ASSIGNED_OR_ALL,
    Permission.CALL_READ: {Role.AGENT: Scope.OWN, **_ASSIGNED_OR_ALL},
    Permission.CALL_REPROCESS: _ASSIGNED_OR_ALL,
    Permission.CALL_DELETE: {Role.OWNER: Scope.ALL},
    Permission.CALL_HOLD: {Role.COMPLIANCE_OFFICER: Scope.ALL, Role.OWNER: Scope.ALL},
    Permission.SFTP_READ: _ASSIGNED_OR_ALL,
    Permission.SFTP_CONFIGURE: _SENIOR,
    Permission.CAMPAIGN_READ: _ASSIGNED_OR_ALL,
    Permission.CAMPAIGN_EDIT: _SENIOR,
    Permission.KEY_MANAGE: _SENIOR,
    Permission.AGENT_MANAGE: {Role.MANAGER: Scope.ASSIGNED, **_SENIOR},
    Permission.PEOPLE_MANAGE: {Role.SENIOR_MANAGER: Scope.ALL_BUT_OWNERS, Role.OWNER: Scope.ALL},
    Permission.AUDIT_READ: {Role.COMPLIANCE_OFFICER: Scope.ALL, **_SENIOR},
    Permission.SYSTEM_READ: _SENIOR,
}


def scope_of(role: Role, permission: Permission) -> Scope | None:
    """How far a permission reaches for a role; None means refused."""
    return GRANTS[permission].get(role)
