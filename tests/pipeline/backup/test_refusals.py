"""What cannot be exported or imported is refused in words, and leaves everything as it was."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlmodel import select

from commands.sending.progress import Lines
from pipeline.backup import export, restore
from pipeline.backup.manifest import BackupRefused
from pipeline.storage import StorageAway, recording_key, storage
from records import db, migrate, schema
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from tests.pipeline.backup import world
from tests.pipeline.backup.conftest import Installation
from tests.pipeline.backup.world import call_of, came_in, exported, imported
from tests.pipeline.staging import Play, drive


def nothing_came() -> bool:
    stored = [path for path in (world.settings().folder / "storage").rglob("*") if path.is_file()]
    return not stored and not any(world.rows().values())


def manifest_of(archive: Path) -> dict:
    return json.loads((archive / "manifest.json").read_text())


def change(archive: Path, **what: object) -> None:
    (archive / "manifest.json").write_text(json.dumps({**manifest_of(archive), **what}))


def a_file(archive: Path, table: str) -> Path:
    return archive / next(each["file"] for each in manifest_of(archive)["tables"] if each["table"] == table)


def a_recording(archive: Path) -> Path:
    return min(path for path in archive.glob("objects/recordings/*/*"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


BREAK: dict[str, Callable[[Path], object]] = {
    "no manifest": lambda archive: (archive / "manifest.json").unlink(),
    "a cut manifest": lambda archive: cut(archive / "manifest.json"),
    "a manifest of nothing": lambda archive: (archive / "manifest.json").write_text("[]"),
    "a table that leads elsewhere": lambda archive: (archive / "manifest.json").write_text(
        (archive / "manifest.json").read_text().replace("rows-", "../rows-", 1)
    ),
    "rows of a table are gone": lambda archive: a_file(archive, "call").unlink(),
    "rows of a table are cut": lambda archive: cut(a_file(archive, "run")),
    "a bit of the rows": lambda archive: flip(a_file(archive, "transcript")),
    "a recording is gone": lambda archive: a_recording(archive).unlink(),
    "a recording is cut": lambda archive: cut(a_recording(archive)),
    "fewer rows than are told": lambda archive: change(
        archive, tables=[{**each, "lines": each["lines"] + 1} for each in manifest_of(archive)["tables"]]
    ),
    "a column that nobody knows": lambda archive: change(
        archive,
        tables=[{**each, "columns": {**each["columns"], "moon": "text"}} for each in manifest_of(archive)["tables"]],
    ),
    "another size than is told": lambda archive: change(archive, bytes=1),
}
LATE = {"fewer rows than are told", "a column that nobody knows"}  # found when recordings are in; rows are not


@pytest.mark.parametrize("what", BREAK)
def test_an_archive_that_is_not_whole_is_refused(archive: Path, installation: Installation, what: str):
    BREAK[what](archive)
    with installation("sqlite"):
        with pytest.raises(BackupRefused, match=r"\.$"):
            imported(archive)
        assert not any(world.rows().values())
        assert nothing_came() or what in LATE


def test_a_recording_with_other_bytes_is_refused_when_it_is_read(archive: Path, installation: Installation):
    flip(a_recording(archive))
    with pytest.raises(BackupRefused, match="not as it was exported"):
        restore.check(archive, Lines())
    with installation("sqlite"):
        with pytest.raises(BackupRefused, match="not as it was exported"):
            imported(archive)
        assert not any(world.rows().values())
        with pytest.raises(FileNotFoundError):
            storage().open(a_recording(archive).relative_to(archive / "objects").as_posix())


def test_a_key_that_leads_out_of_storage_is_refused(archive: Path, installation: Installation):
    whole = manifest_of(archive)
    wanted = restore.Listed(key=recording_key("0" * 32), size=1, sha256="0" * 64).model_dump()
    rows = archive / f"rows-{0:032}"
    rows.mkdir()
    evil = export.write_lines(rows, "objects", iter([json.dumps({**wanted, "key": "recordings/../../x"})]), print)
    evil_file = evil.model_dump() | {"file": whole["objects"]["file"]}
    (rows / "objects.jsonl.gz").replace(archive / whole["objects"]["file"])
    change(archive, objects=evil_file)
    with installation("sqlite"), pytest.raises(BackupRefused, match="damaged"):
        imported(archive)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_only_an_empty_installation_is_filled(archive: Path, installation: Installation, kind: str):
    with installation(kind):
        with db.writing() as session:
            world.agent(session, "Somebody")
        before = world.rows()
        with pytest.raises(BackupRefused, match="not empty: its table 'agent' has rows"):
            imported(archive)
        assert world.rows() == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_second_import_after_the_first_changes_nothing(archive: Path, installation: Installation, kind: str):
    with installation(kind):
        imported(archive)
        before = world.rows()
        with pytest.raises(BackupRefused, match="not empty"):
            imported(archive)
        assert world.rows() == before


@pytest.mark.parametrize(("name", "value"), [("revision", "9999"), ("format", 2)])
def test_an_archive_of_a_newer_version_is_refused(archive: Path, installation: Installation, name: str, value: object):
    change(archive, **{name: value})
    with installation("sqlite"), pytest.raises(BackupRefused, match="newer"):
        imported(archive)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("revision", [pytest.param("0010", marks=pytest.mark.long), "0012"])
def test_an_archive_of_an_older_version_is_brought_up_to_date(
    archive: Path, installation: Installation, kind: str, revision: str
):
    with installation(kind):
        migrate.empty_at(revision)
        with db.reading() as session:
            then = inspect(session.connection())
            columns = {name: {each["name"] for each in then.get_columns(name)} for name in then.get_table_names()}
        migrate.upgrade()
        known = [
            {**each, "columns": {name: of for name, of in each["columns"].items() if name in columns[each["table"]]}}
            for each in manifest_of(archive)["tables"]
            if each["table"] in columns
        ]
        assert len(known) < len(manifest_of(archive)["tables"]) or revision == "0012"
        change(archive, tables=known, revision=revision)
        imported(archive)
        assert not schema.behind()
        tables = world.rows()
    assert [(len(tables[name])) for name in ("call", "version", "call_text", "unread_call")] == [2, 1, 1, 0]


# --- export


def test_a_folder_with_other_things_is_not_touched(desk: Campaign, tmp_path: Path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"miau")
    with pytest.raises(BackupRefused, match=r"something else \('cat.jpg'\)"):
        exported(tmp_path / "photos")
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_two_exports_into_one_folder_do_not_meet(archive: Path):
    with export.Archive(archive).filling(), pytest.raises(BackupRefused, match="Another export"):
        exported(archive)
    exported(archive)


def test_an_export_that_breaks_off_leaves_the_one_before(archive: Path, play: Play, monkeypatch: pytest.MonkeyPatch):
    before = manifest_of(archive)
    drive(came_in(7))

    def away(*_asked: object) -> None:
        raise StorageAway("Storage is away.")

    with monkeypatch.context() as patch:
        patch.setattr(export, "storage", away)
        with pytest.raises(StorageAway):
            exported(archive)
    assert manifest_of(archive) == before
    assert restore.check(archive, Lines()).objects == 2
    assert exported(archive).objects == 3


def test_a_recording_that_is_lost_or_changed_is_said_and_all_else_is_exported(
    archive: Path, installation: Installation, capsys: pytest.CaptureFixture[str]
):
    lost, changed = (call_of(came_in(number)) for number in (5, 6))
    storage().delete(recording_key(lost.id))
    with storage().write(recording_key(changed.id)) as sink:
        sink.write(b"other bytes")
    told = exported(archive)
    assert (told.objects, told.missing, told.damaged) == (3, 1, 1)
    words = capsys.readouterr().err
    assert lost.id in words
    assert changed.id in words
    with installation("sqlite"):
        imported(archive)
        with db.reading() as session:
            assert len(session.exec(select(Call)).all()) == 4


def test_a_call_that_is_deleted_meanwhile_is_no_loss(archive: Path, monkeypatch: pytest.MonkeyPatch):
    call, real = call_of(came_in(5)), export.carry

    def and_somebody_deletes(source, target, item, *rest, **how):
        if item.key == recording_key(call.id):
            world.delete_call(world.COMMAND_LINE, call.id)
        return real(source, target, item, *rest, **how)

    monkeypatch.setattr(export, "carry", and_somebody_deletes)
    told = exported(archive)
    assert (told.objects, told.missing, told.damaged) == (2, 0, 0)


def test_an_archive_is_for_its_owner_alone_and_who_made_it_is_in_the_audit_log(archive: Path):
    assert archive.stat().st_mode & 0o077 == 0
    with db.reading() as session:
        line = session.exec(select(AuditEntry).where(AuditEntry.act == "backup.export")).one()
    assert (line.by, line.details["objects"]) == ("command line", 2)
