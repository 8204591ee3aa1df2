"""`totalview sftp`: what scripts see of it, against a real server."""

import json
from datetime import timedelta

import pytest

from commands import doctor, sftp
from config import settings
from jobs.health import Trouble
from pipeline.sftp import sightings
from tests.commands.conftest import Command
from tests.pipeline.arriving import wav
from tests.sshd import SftpServer


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not change between two looks has held still, and looks follow each other at once."""
    monkeypatch.setattr(sightings, "STILL", timedelta(0))
    monkeypatch.setattr(sftp, "LOOK_AGAIN_S", 0.01)


def rows(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def configured(typed: Command, *more: str) -> None:
    assert typed("campaign", "create", "--name", "Sales").returncode == 0
    done = typed("sftp", "configure", "--campaign", "sales", "--folder", "in/sales", *more)
    assert done.returncode == 0, done.stderr


def test_files_come_in_by_one_command_and_are_listed_with_their_verdicts(typed: Command, sshd: SftpServer, quick):
    configured(typed)
    sshd.put("in/sales/one.wav", wav(1, seconds=1))
    sshd.put("in/sales/day.csv", b"file,agent\none.wav,Ada\n")
    sshd.put("in/sales/.hidden", b"x")
    assert typed("sftp", "sweep", "--once").returncode == 0
    listed = rows(typed("sftp", "files", "--campaign", "sales", "--json").stdout)
    assert {row["path"]: (row["status"], row["code"]) for row in listed} == {
        "in/sales/one.wav": ("completed", ""),
        "in/sales/day.csv": ("completed", ""),
        "in/sales/.hidden": ("skipped", "foreign"),
    }
    call = next(row["call_id"] for row in listed if row["path"].endswith("one.wav"))
    assert len(call) == 32
    shown = typed("sftp", "files").stdout
    assert "completed   in/sales/one.wav" in shown
    assert "Files of this name belong to an operating system" in shown


def test_the_settings_are_answered_and_kept(typed: Command):
    configured(typed, "--csv", "required", "--window-minutes", "5", "--preset", "five9", "--column", "agent=Login")
    done = typed("sftp", "configure", "--campaign", "sales", "--after-import", "move", "--json")
    answer = json.loads(done.stdout)
    assert answer | {"folder": "in/sales", "csv": "required", "window_minutes": 5, "preset": "five9"} == answer
    assert answer | {"column_map": {"agent": "Login"}, "after_import": "move", "enabled": True} == answer
    done = typed("sftp", "configure", "--campaign", "sales", "--disable", "--column", "", "--json")
    answer = json.loads(done.stdout)
    assert (answer["enabled"], answer["column_map"]) == (False, {})


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--folder", "../up"], "without '.' or '..'"),
        (["--folder", "taken/below"], "no folder may be within another's"),
        (["--folder", "TAKEN"], "no folder may be within another's"),
        (["--window-minutes", "0"], "The window minutes cannot be used"),
        (["--preset", "nobody's"], "There is no preset"),
        (["--pattern", "(?P<agent>"], "The pattern cannot be read"),
        (["--pattern", "no group"], "The pattern names no group"),
        (["--column", "agent"], "OURS=HEADING"),
        (["--column", "colour=Blue"], "There is no column 'colour'"),
    ],
)
def test_settings_that_cannot_be_get_a_sentence_and_change_nothing(typed: Command, option: list[str], words: str):
    assert typed("campaign", "create", "--name", "Taken").returncode == 0
    assert typed("sftp", "configure", "--campaign", "taken", "--folder", "taken").returncode == 0
    configured(typed)
    before = typed("sftp", "configure", "--campaign", "sales", "--json").stdout
    done = typed("sftp", "configure", "--campaign", "sales", *option)
    assert done.returncode == 1
    assert words in done.stderr
    assert typed("sftp", "configure", "--campaign", "sales", "--json").stdout == before


def test_the_test_names_each_step_and_each_folder(typed: Command, sshd: SftpServer):
    configured(typed)
    sshd.folder_at("in/sales")
    steps = rows(typed("sftp", "test", "--json").stdout)
    assert all(step["ok"] for step in steps)
    assert steps[-1]["step"] == "The folder 'in/sales'"
    (sshd.root / "in/sales").rmdir()
    done = typed("sftp", "test")
    assert done.returncode == 1
    assert "FAILED  The folder 'in/sales':" in done.stdout


def test_without_a_server_the_commands_say_what_to_set(typed: Command):
    done = typed("sftp", "sweep", "--once")
    assert (done.returncode, done.stdout) == (1, "")
    assert "SFTP_HOST" in done.stderr
    done = typed("sftp", "test")
    assert done.returncode == 1
    assert "SFTP_HOST" in done.stdout


def test_a_server_that_is_away_is_said_and_is_a_failure(typed: Command, sshd: SftpServer):
    sshd.stop()
    done = typed("sftp", "sweep", "--once")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    with pytest.raises(Trouble, match="Address"):
        doctor._sftp()


def test_the_doctor_asks_the_server(home, sshd: SftpServer, monkeypatch: pytest.MonkeyPatch):
    assert "can be listed" in doctor._sftp()
    monkeypatch.setenv("SFTP_ROOT", "/nowhere")
    settings.cache_clear()
    with pytest.raises(Trouble, match="SFTP_ROOT"):
        doctor._sftp()
