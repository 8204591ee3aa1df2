"""Everything of an installation comes out of one and into another, row by row and byte by byte."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from commands.sending.progress import Lines
from pipeline import rescue
from pipeline.backup import export, restore
from pipeline.conductor import Again
from pipeline.deletion import delete_call
from pipeline.pieces import key_of
from pipeline.storage import Folder, recording_key, rendition_key, storage
from records import call_text, db
from records.access import COMMAND_LINE
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.statuses import CallStatus
from records.uploads import ResumableUpload, UploadPiece
from tests.pipeline.backup import world
from tests.pipeline.backup.conftest import Installation
from tests.pipeline.backup.world import Rows, exported, imported, kept
from tests.pipeline.resuming import add, finish
from tests.pipeline.staging import Play, drive


@pytest.fixture(params=["sqlite", "postgresql"])
def there(request: pytest.FixtureRequest, database: str) -> str:
    """The other installation's database; each of both kinds goes to each."""
    return str(request.param)


@pytest.fixture
def _on_s3_where_on_postgresql(database: str, request: pytest.FixtureRequest) -> None:
    if database == "postgresql":
        request.getfixturevalue("bucket")


@pytest.fixture
def full(_on_s3_where_on_postgresql: None, store: Campaign, play: Play) -> Again:
    return world.fill(store, play)


def objects(tables: Rows) -> dict[str, bytes]:
    """Every object that a row tells of and that is there."""
    keys = [key(call["id"]) for call in tables["call"] for key in (recording_key, rendition_key)]
    keys += [key_of(UploadPiece(**row)) for row in tables["upload_piece"]]
    found = {}
    for key in keys:
        try:
            with storage().open(key) as file:
                found[key] = file.read()
        except FileNotFoundError:
            continue
    return found


def test_every_row_and_every_byte_comes_over(full: Again, there: str, installation: Installation, tmp_path: Path):
    before, bytes_before = world.rows(), objects(world.rows())
    assert [name for name, rows in before.items() if not rows and name != "unread_call"] == []
    assert {key.split("/")[0] for key in bytes_before} == {"recordings", "renditions", "uploads"}
    told = exported(tmp_path / "archive")
    assert (told.objects, told.missing, told.damaged) == (len(bytes_before), 0, 0)
    with installation(there):
        came = imported(tmp_path / "archive")
        assert (came.rows, came.objects, came.bytes) == (told.rows, told.objects, told.bytes)
        after = world.rows()
        assert kept(after) == kept(before)
        assert objects(after) == bytes_before
        assert [row["act"] for row in after["audit_entry"]][-1] == "backup.import"
        assert after["web_session"] == after["provider_slot"] == after["unread_call"] == []


def test_what_was_under_way_goes_on_by_itself(
    full: Again, there: str, installation: Installation, tmp_path: Path, monkeypatch
):
    exported(tmp_path / "archive")
    with installation(there):
        imported(tmp_path / "archive")
        call = world.call_of(full)
        assert call.status is CallStatus.TRANSCRIBING
        monkeypatch.setattr(rescue, "GRACE_S", 0.0)
        looks = rescue.rescue([(full.run_id, full.ticket)])
        assert [look.run_id for look in looks] == [full.run_id]
        drive(looks[0])
        assert world.call_of(full).status is CallStatus.COMPLETED
        tables = world.rows()
        assert {row["claim"] for name in ("sftp_file", "sftp_state") for row in tables[name]} == {None}
        assert [row["ticket"] for row in tables["webhook_delivery"] if row["state"] == "waiting"] == [2, 1]
        with db.reading() as session:
            upload = session.exec(select(ResumableUpload)).one()
        add(upload, world.PIECES[world.HALF :], world.HALF)
        assert finish(upload).call_id is not None


def test_calls_are_found_by_their_words_and_numbers_go_on(
    full: Again, there: str, installation: Installation, tmp_path: Path
):
    exported(tmp_path / "archive")
    with installation(there):
        imported(tmp_path / "archive")
        with db.reading() as session:
            found = session.exec(select(Call.id).where(call_text.holds('"have a question"'))).all()
        assert len(found) == 1
        with db.writing() as session:
            highest = max(row["id"] for row in world.rows()["agent"])
            fresh = Agent(name="New")
            session.add(fresh)
            session.flush()
            assert fresh.id == highest + 1


def test_a_second_export_into_the_folder_holds_what_is_there_now_and_nothing_else(full: Again, tmp_path: Path):
    folder = tmp_path / "archive"
    exported(folder)
    calls = {row["id"] for row in world.rows()["call"]}
    drive(world.came_in(5))
    gone = next(iter(calls - {world.call_of(full).id}))
    delete_call(COMMAND_LINE, gone)
    told = exported(folder)
    kept = Folder(folder / "objects")
    assert sorted(path.name for path in folder.glob("objects/recordings/*/*")) == sorted(
        row["id"] for row in world.rows()["call"]
    )
    assert len(list(folder.glob("rows-*"))) == 1
    assert told.objects == len(objects(world.rows()))
    assert restore.check(folder, Lines()).objects == told.objects
    with pytest.raises(FileNotFoundError):
        kept.open(rendition_key(gone))


def test_what_is_written_meanwhile_is_in_the_archive_whole_or_not_at_all(
    store: Campaign, play: Play, installation: Installation, tmp_path: Path, monkeypatch
):
    drive(world.came_in(1))
    real = export.rows.dump

    def and_others_write(connection: Any, of: Any) -> Any:
        if of.name == "check":  # after some tables were read, and before others
            drive(world.came_in(2))
        return real(connection, of)

    monkeypatch.setattr(export.rows, "dump", and_others_write)
    assert exported(tmp_path / "archive").objects == 1
    assert len(world.rows()["call"]) == 2
    with installation("sqlite"):
        imported(tmp_path / "archive")
        assert {name: len(world.rows()[name]) for name in ("call", "run", "version")} == {
            "call": 1, "run": 1, "version": 1
        }  # fmt: skip
