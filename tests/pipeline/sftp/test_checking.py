"""`totalview sftp test`: each step by itself, up to the first that fails."""

import pytest

from config import settings
from pipeline.sftp.connection.checking import check
from tests.sshd import SftpServer

REACHED = ["Settings", "Address", "Host key", "Sign-in", "SFTP_ROOT"]


def test_where_all_is_well_every_step_says_so(sshd: SftpServer):
    sshd.put("sales/a.wav")
    sshd.folder_at("empty")
    steps = check(["sales", "empty"], writing=["sales"])
    assert [step.name for step in steps] == [*REACHED, "The folder 'sales'", "The folder 'empty'", "Writing in 'sales'"]
    assert all(step.ok for step in steps)
    assert sshd.private_key not in str(steps)
    assert [path.name for path in (sshd.root / "sales").iterdir()] == ["a.wav"]


@pytest.mark.parametrize(
    ("change", "fails", "words"),
    [
        ({"SFTP_HOST": ""}, "Settings", "Set SFTP_HOST"),
        ({"SFTP_HOST_KEY": "yes"}, "Settings", "SFTP_HOST_KEY"),
        ({"SFTP_PRIVATE_KEY": "yes"}, "Settings", "SFTP_PRIVATE_KEY"),
        ({"SFTP_HOST": "nowhere.invalid"}, "Address", "no address"),
        ({"SFTP_HOST_KEY": "SHA256:" + "A" * 43}, "Host key", "shows another key"),
        ({"SFTP_USERNAME": "someone"}, "Sign-in", "Check SFTP_USERNAME"),
        ({"SFTP_ROOT": "nowhere"}, "SFTP_ROOT", "Check SFTP_ROOT"),
        ({"SFTP_ROOT": "shut"}, "SFTP_ROOT", "right"),
    ],
)
def test_the_first_step_that_fails_is_the_last(sshd: SftpServer, monkeypatch, change, fails: str, words: str):
    sshd.folder_at("shut").chmod(0)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    steps = check(["sales"])
    assert [step.name for step in steps] == REACHED[: REACHED.index(fails) + 1]
    assert [step.ok for step in steps[:-1]] == [True] * (len(steps) - 1)
    assert not steps[-1].ok
    assert words in steps[-1].words


def test_each_folder_is_said_by_itself(sshd: SftpServer):
    sshd.put("sales/a.wav")
    (sshd.root / "sales").chmod(0o555)
    steps = check(["nowhere", "sales"], writing=["sales"])
    assert [step.ok for step in steps[len(REACHED) :]] == [False, True, False]
    assert "Create it" in steps[len(REACHED)].words
