"""The table 'Who may do what', cell by cell."""

import pytest

from records.identity import COMMAND_LINE, Identity, NotAllowed, require
from records.roles import GRANTS, Permission, Role, Scope, scope_of

P, ASSIGNED, ALL, OWN = Permission, Scope.ASSIGNED, Scope.ALL, Scope.OWN
ROLES = (Role.AGENT, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER)
TABLE = {
    P.CALL_UPLOAD: (None, ASSIGNED, ALL, ALL, ALL),
    P.CALL_READ: (OWN, ASSIGNED, ALL, ALL, ALL),
    P.CALL_REPROCESS: (None, ASSIGNED, ALL, ALL, ALL),
    P.SFTP_READ: (None, ASSIGNED, ALL, ALL, ALL),
    P.CAMPAIGN_READ: (None, ASSIGNED, ALL, ALL, ALL),
    P.CAMPAIGN_EDIT: (None, None, None, ALL, ALL),
    P.SFTP_CONFIGURE: (None, None, None, ALL, ALL),
    P.KEY_MANAGE: (None, None, None, ALL, ALL),
    P.AGENT_MANAGE: (None, ASSIGNED, None, ALL, ALL),
    P.PEOPLE_MANAGE: (None, None, None, Scope.ALL_BUT_OWNERS, ALL),
    P.AUDIT_READ: (None, None, ALL, ALL, ALL),
    P.SYSTEM_READ: (None, None, None, ALL, ALL),
    P.CALL_DELETE: (None, None, None, None, ALL),
    P.CALL_HOLD: (None, None, ALL, None, ALL),
}
CELLS = [
    pytest.param(permission, role, scope, id=f"{role}-{permission}")
    for permission, row in TABLE.items()
    for role, scope in zip(ROLES, row, strict=True)
]


def test_the_table_names_every_permission_and_every_role():
    assert set(TABLE) == set(Permission) == set(GRANTS)
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(("permission", "role", "scope"), CELLS)
def test_each_cell_of_the_table_holds(permission: Permission, role: Role, scope: Scope | None):
    assert scope_of(role, permission) is scope


@pytest.mark.parametrize(("permission", "role", "scope"), CELLS)
def test_require_answers_the_scope_or_refuses_in_words(permission: Permission, role: Role, scope: Scope | None):
    who = Identity(user_id=1, role=role, label="somebody")
    if scope is None:
        with pytest.raises(NotAllowed, match=r"Your role does not allow this\. Ask an Owner"):
            require(who, permission)
    else:
        assert require(who, permission) is scope


def test_whoever_runs_commands_may_do_everything():
    assert {require(COMMAND_LINE, permission) for permission in Permission} == {Scope.ALL}
    assert COMMAND_LINE.user_id is None


def test_an_identity_cannot_be_raised_afterwards():
    who = Identity(user_id=1, role=Role.AGENT, label="somebody")
    with pytest.raises(AttributeError):
        who.role = Role.OWNER
