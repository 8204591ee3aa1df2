"""The systemd units: systemd takes them, their commands exist, and they leave time to stop."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from config import Settings
from jobs import supervise
from tests.conftest import missing
from tests.house_rules import ROOT

UNITS = sorted((ROOT / "deploy").glob("*.service"))
PROGRAM = "/opt/totalview/.venv/bin/totalview"
each_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)


def unit(path: Path) -> ConfigParser:
    read = ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names keep their capitals
    read.read_string(re.sub(r"^Environment=(\w+)=", r"Environment.\1=", path.read_text(), flags=re.MULTILINE))
    return read


def test_there_is_one_for_each_part_and_one_for_all():
    assert [path.stem for path in UNITS] == ["totalview-scheduler", "totalview-web", "totalview-worker@", "totalview"]


@each_unit
def test_its_command_exists(path: Path):
    program, *command = unit(path)["Service"]["ExecStart"].split()
    assert program == PROGRAM
    told = CliRunner().invoke(cli.app, [*command, "--help"])
    assert told.exit_code == 0, told.output


@each_unit
def test_it_is_not_root_starts_again_and_has_time_to_stop(path: Path):
    service = unit(path)["Service"]
    assert (service["User"], service["Restart"], service["NoNewPrivileges"]) == ("totalview", "always", "yes")
    stops = float(service.get("Environment.TOTALVIEW_STOP_SECONDS", Settings().stop_seconds))
    assert int(service["TimeoutStopSec"]) > stops + supervise.CLOSING_S
    assert service["KillMode"] == "mixed", "the supervisor stops its parts itself, in order"
    assert service["Environment.TOTALVIEW_HOME"] == f"/var/lib/{service['StateDirectory']}"


@each_unit
def test_systemd_takes_it(path: Path, tmp_path: Path):
    """As it stands, but for the program and the account, which are not on this machine."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze is not installed (apt-get install systemd)")
    text = path.read_text().replace(PROGRAM, "/bin/true").replace("=totalview\nGroup=totalview", "=root\nGroup=root")
    copy = tmp_path / path.name
    copy.write_text(text)
    told = subprocess.run([str(analyze), "verify", "--man=no", copy], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
