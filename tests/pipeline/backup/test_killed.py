"""An import that is killed is begun again, wherever it was; two at once make one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import catching_up
from pipeline.backup.manifest import BackupRefused
from records import migrate
from tests.house_rules import ROOT
from tests.pipeline.backup import world
from tests.pipeline.backup.conftest import Installation
from tests.pipeline.backup.killed_work import PLACES
from tests.pipeline.backup.world import imported

ROWS_ARE_IN = ("after the commit", "before the words")
QUICK = ("between recordings", "before the commit")
EACH = [place if place in QUICK else pytest.param(place, marks=pytest.mark.long) for place in PLACES]
KINDS = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])


def begun(place: str, archive: Path) -> subprocess.Popen[str]:
    """An import in a process of its own, that has come to this place."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.backup.killed_work", place, str(archive)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "here\n", place
    return process


@KINDS
@pytest.mark.parametrize("place", EACH)
def test_an_import_that_was_killed_is_begun_again(archive: Path, installation: Installation, kind: str, place: str):
    with installation("sqlite"):
        imported(archive)
        whole = world.kept(world.rows())
    with installation(kind):
        process = begun(place, archive)
        process.kill()
        process.communicate(timeout=60)
        if place in ROWS_ARE_IN:
            with pytest.raises(BackupRefused, match="not empty"):
                imported(archive)
            migrate.upgrade()  # as every command and `totalview up` do
            catching_up.index_texts(60)  # as the scheduler does
        else:
            assert not any(world.rows().values())
            imported(archive)
        after = world.rows()
        assert world.kept(after) == whole
        assert [len(after[name]) for name in ("call_text", "unread_call")] == [1, 0]


@KINDS
def test_of_two_imports_at_once_one_fills_the_database(archive: Path, installation: Installation, kind: str):
    with installation(kind):
        first = begun("before the rows", archive)
        imported(archive)
        _told, _ = first.communicate("\n", timeout=60)
        assert first.returncode != 0
        assert len(world.rows()["call"]) == 2
