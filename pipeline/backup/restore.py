"""Import: an archive into an empty installation. Rows come last and all at once, so that it may break off."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline import catching_up
from pipeline.backup import manifest, rows
from pipeline.backup.archive import Archive, damaged
from pipeline.backup.manifest import BackupRefused, Manifest, Sha256
from pipeline.backup.objects import Item, carry, is_there, not_as_exported, several
from pipeline.backup.progress import Progress
from pipeline.storage import storage
from records import audit
from records.access import COMMAND_LINE
from records.db import forget_engines, now, reading, writing
from records.migrate import empty_at, upgrade
from records.schema import knows, newest

# Made of ids only, as storage asks: whatever an archive says, it leads nowhere else.
_ENDS = r"recordings/{shard}/{id}|renditions/{shard}/{id}\.flac|uploads/{shard}/{id}-[0-9]{{15}}-({id})?"
KEY = f"^({_ENDS.format(shard='[0-9a-f]{2}', id='[0-9a-f]{32}')})$"
INDEX_S = 5.0  # of one go at reading words, after which it is told how far it is


class Listed(BaseModel):
    """A line of the list of objects."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(pattern=KEY)
    size: int = Field(ge=0)
    sha256: Sha256


@dataclass(frozen=True)
class Imported:
    """What came in."""

    rows: int
    objects: int
    bytes: int


def check(folder: Path, progress: Progress) -> Imported:
    """Read every byte of an archive, and write nothing. Raises BackupRefused where one is not as it was exported."""
    archive, found = Archive(folder), manifest.read(folder)
    _check_files(archive, found, progress)
    progress.phase("Recordings", found.objects.lines, found.bytes)

    def same(item: Item) -> None:
        if not is_there(archive.objects, item):
            raise not_as_exported(item)
        progress.moved(item.size)

    for _ in several(same, _items(archive, found)):
        progress.done()
    return _told(found)


def restore(folder: Path, progress: Progress) -> Imported:
    """Import an archive into the empty installation that the settings name.

    Raises BackupRefused, and StorageAway; then the database is as empty as before, and it may be begun again.
    """
    archive, found = Archive(folder), manifest.read(folder)
    _expect_empty()
    if not knows(found.revision):
        versions = f"(its schema is {found.revision}, here it is {newest()})"
        raise BackupRefused(f"This archive was made by a newer version {versions}. Update this installation first.")
    _check_files(archive, found, progress)
    _bring_objects(archive, found, progress)
    if found.revision != newest():
        _expect_empty()
        empty_at(found.revision)
        forget_engines()  # what they prepared is of another schema
    try:
        _fill(archive, found, progress)
    finally:
        upgrade()
    with writing() as session:
        audit.log(session, COMMAND_LINE, "backup.import", f"what was exported at {found.made_at:%Y-%m-%d %H:%M} UTC")
    _read_words(progress)
    return _told(found)


def _check_files(archive: Archive, found: Manifest, progress: Progress) -> None:
    """Before anything is written: every file of lines is whole, and every object is there in its length."""
    progress.phase("Checking the archive", len(found.tables) + 1)
    for each in (*found.tables, found.objects):
        archive.check(each)
        progress.done()
    size = 0
    for item in _items(archive, found):
        try:
            if archive.objects.size(item.key) != item.size:
                raise not_as_exported(item)
        except FileNotFoundError as error:
            raise BackupRefused(f"The archive is not whole: {item.key} is missing. Take another copy of it.") from error
        size += item.size
    if size != found.bytes:
        raise damaged(archive.folder / manifest.NAME)


def _bring_objects(archive: Archive, found: Manifest, progress: Progress) -> None:
    progress.phase("Recordings", found.objects.lines, found.bytes)
    bring = partial(_bring, archive, progress)
    for _ in several(bring, _items(archive, found)):
        progress.done()


def _bring(archive: Archive, progress: Progress, item: Item) -> None:
    if carry(archive.objects, storage(), item, progress.moved, strict=True) is None:
        raise not_as_exported(item)


def _fill(archive: Archive, found: Manifest, progress: Progress) -> None:
    """All rows in one transaction: whoever looks sees none of them, or all."""
    progress.phase("Rows", len(found.tables))
    moment = now()
    with writing() as session:
        connection = session.connection()
        rows.hold_all(connection)
        _refuse_unless_empty(rows.first_with_rows(connection))
        rows.expect_room(connection, found.tables)
        for each in found.tables:
            rows.fill(connection, each, archive.lines(each), moment)
            progress.done()
        rows.number_on(connection, found.tables)
        rows.ask_for_words(connection)


def _read_words(progress: Progress) -> None:
    """So that calls are found by what was said in them; where this breaks off, the scheduler goes on."""
    progress.phase("Reading transcripts")
    while read := catching_up.index_texts(INDEX_S):
        for _ in range(read):
            progress.done()


def _expect_empty() -> None:
    with reading() as session:
        _refuse_unless_empty(rows.first_with_rows(session.connection()))


def _refuse_unless_empty(filled: str) -> None:
    if filled:
        raise BackupRefused(
            f"This installation is not empty: its table '{filled}' has rows. Import into a fresh one: another "
            "TOTALVIEW_HOME or DATABASE_URL, in which nothing was started yet."
        )


def _items(archive: Archive, found: Manifest) -> Iterator[Item]:
    for line in archive.lines(found.objects):
        try:
            told = Listed.model_validate_json(line)
        except ValidationError as error:
            raise damaged(archive.folder / found.objects.file) from error
        yield Item(told.key, told.sha256, told.size)


def _told(found: Manifest) -> Imported:
    return Imported(found.rows, found.objects.lines, found.bytes)
