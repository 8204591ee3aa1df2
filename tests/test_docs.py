"""The docs say what the code does: settings, roles, metrics and commands are held together."""

import re

import pytest
from typer.testing import CliRunner

import cli
from config import Settings
from pipeline.sound.figures import METRICS
from records.roles import GRANTS, Permission, Role, Scope
from tests.house_rules import ROOT


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the Markdown table whose first column is called `heading`."""
    lines = (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[begin + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_every_setting_is_in_the_table_with_its_words():
    documented = {cells[0].strip("`"): cells[2] for cells in table("configuration.md", "Variable")}
    assert documented == {str(field.validation_alias): field.description for field in Settings.model_fields.values()}


def test_the_defaults_in_the_table_are_the_real_ones():
    documented = {cells[0].strip("`"): cells[1].strip("`") for cells in table("configuration.md", "Variable")}
    for field in Settings.model_fields.values():
        if field.default_factory is None:
            assert documented[str(field.validation_alias)] == (str(field.default) or "empty")


def test_every_metric_is_in_the_table():
    documented = {cells[0].strip("`"): cells[2] for cells in table("checks.md", "Metric")}
    assert documented == {name: metric.unit for name, metric in METRICS.items()}


ROW = {
    "Upload calls, start and cancel bulk jobs": Permission.CALL_UPLOAD,
    "See calls and their status": Permission.CALL_READ,
    "Reprocess, review, override a check, link an agent": Permission.CALL_REPROCESS,
    "See SFTP batches": Permission.SFTP_READ,
    "Create and edit campaigns, checks and members": Permission.CAMPAIGN_EDIT,
    "Configure SFTP": Permission.SFTP_CONFIGURE,
    "Manage API keys and webhooks": Permission.KEY_MANAGE,
    "Manage agents": Permission.AGENT_MANAGE,
    "See the system page, requeue failed jobs": Permission.SYSTEM_READ,
    "See campaigns, their checks and figures": Permission.CAMPAIGN_READ,
    "Manage people and roles": Permission.PEOPLE_MANAGE,
    "Read the audit log": Permission.AUDIT_READ,
    "Delete a call": Permission.CALL_DELETE,
    "Put a call under legal hold, end it": Permission.CALL_HOLD,
}
CELL = {
    "–": None,
    "all": Scope.ALL,
    "assigned": Scope.ASSIGNED,
    "own calls": Scope.OWN,
    "all but Owners": Scope.ALL_BUT_OWNERS,
}


def test_the_table_of_roles_is_the_code_s():
    rows = table("roles.md", "Action")
    assert {ROW[cells[0]] for cells in rows} == set(Permission)
    for action, *cells in rows:
        for role, cell in zip(Role, cells, strict=True):
            assert GRANTS[ROW[action]].get(role) == CELL[cell], (action, role)


def documented_commands() -> list[str]:
    """The command of each row: its leading lower-case words."""
    rows = (cells[0].strip("`").removeprefix("totalview ") for cells in table("command-line.md", "Command"))
    return [match[0] for row in rows if (match := re.match(r"[a-z-]+(?: [a-z][a-z-]*)?", row))]


@pytest.mark.parametrize("command", documented_commands())
def test_every_documented_command_exists(command: str):
    told = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert told.exit_code == 0, told.output
