"""`totalview export` and `import`, as whoever keeps the installation runs them."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.storage import recording_key, storage
from records import db
from records.campaigns import Campaign
from tests.audio import encode, speech
from tests.commands.conftest import Command
from tests.records.made import stored_call


@pytest.mark.long  # tests/pipeline/backup has each of its parts
def test_an_installation_is_exported_destroyed_and_restored(totalview: Command, tmp_path: Path):
    recording = tmp_path / "call.wav"
    recording.write_bytes(encode(speech().samples[:, : 16_000 * 3], 16_000, "wav"))
    before = totalview("process", "--json", "--wait", recording)
    assert before.returncode == 0, before.stderr
    secret = "a long enough password 7"
    ann = ("--email", "ann@example.org", "--name", "Ann", "--role", "owner", "--password-stdin")
    assert totalview("user", "add", *ann, stdin=secret).returncode == 0
    lists = [totalview(of, "list", "--json").stdout for of in ("user", "campaign")]
    assert "ann@example.org" in lists[0]
    told = totalview("export", tmp_path / "kept", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout).items() >= {"objects": 1, "bytes": recording.stat().st_size, "missing": 0}.items()

    shutil.rmtree(tmp_path / "data")
    checked = totalview("import", "--check", tmp_path / "kept")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith("The archive is whole:")
    came = totalview("import", tmp_path / "kept")
    assert (came.returncode, came.stdout.split()[0]) == (0, "Imported"), came.stderr
    assert [totalview(of, "list", "--json").stdout for of in ("user", "campaign")] == lists
    after = totalview("process", "--json", "--wait", recording)  # the same recording is the same call, with its result
    assert after.stdout == before.stdout

    again = totalview("import", tmp_path / "kept")
    assert (again.returncode, again.stdout) == (1, "")
    assert "not empty" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_lost_recording_is_an_exit_code_of_its_own_and_all_else_is_exported(
    typed: Command, campaign: Campaign, tmp_path: Path
):
    with db.writing() as session:
        lost, there = stored_call(session, campaign), stored_call(session, campaign)
    with storage().write(recording_key(there.id)) as sink:
        sink.write(b"sound")
    told = typed("export", tmp_path / "kept")
    assert told.returncode == 1
    assert "1 objects" in told.stdout
    assert f"The recording of call {lost.id} is not in storage." in told.stderr
    assert "1 recordings are missing and 1 damaged" in told.stderr, "nobody uploaded those five bytes"
    assert typed("import", "--check", tmp_path / "kept").returncode == 0


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_folder_that_cannot_be_is_said_in_words(typed: Command, tmp_path: Path, command: str):
    (tmp_path / "file").write_text("no folder")
    told = typed(command, tmp_path / "file" / "below")
    assert (told.returncode, told.stdout) == (1, "")
    assert "Not a directory" in told.stderr
