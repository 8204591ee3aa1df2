"""CSVs that have come whole: fetched, read, and their rows kept; each row finds the file that it names."""

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, delete, not_, select, update

from pipeline.sftp import attaching, matching
from pipeline.sftp.chunks import chunks
from pipeline.sftp.connection import paths
from pipeline.sftp.connection.server import Connection, FileChanged, NotReadable
from pipeline.sftp.facts import manifest
from pipeline.sftp.facts.manifest import BadManifest, BadRow, Manifest, Row
from pipeline.sftp.leases import Writing
from pipeline.sftp.places import Place
from records.db import now, reading, stored_id
from records.sftp import SftpFile, SftpRow
from records.sftp_forgotten import is_forgotten, mark, marks_secret
from records.sftp_moves import move_files
from records.statuses import SftpFileStatus as Status

log = logging.getLogger(__name__)

MOST_BYTES = manifest.MOST_BYTES
CHUNK = 1000  # rows in one transaction


def read(server: Connection, place: Place, number: int, writing: Writing) -> None:
    """Read one CSV of a campaign. Raises SftpAway where the server is; then it is read by the next sweep."""
    with reading() as session:
        file = session.exec(select(SftpFile).where(SftpFile.id == number)).one()
    try:
        found = _fetched(server, place, file)
    except FileChanged:
        log.info("A CSV changed while it was read; the next sweep looks at it anew.")
        return
    except NotReadable as error:
        _fail(writing, number, error.code, str(error))
        return
    except BadManifest as error:
        _fail(writing, number, "bad_csv", str(error))
        return
    _keep(writing, place, file, found)


def _fetched(server: Connection, place: Place, file: SftpFile) -> Manifest:
    if file.size > MOST_BYTES:
        raise BadManifest(f"The CSV has more than {MOST_BYTES // 1_000_000} MB. Bring it in several files.")
    content = b"".join(server.read(paths.raw(file.path), size=file.size))
    zone, day_first = place.campaign.time_zone, place.campaign.day_first
    return manifest.read(content, column_map=place.folder.column_map, zone=zone, day_first=day_first)


def _keep(writing: Writing, place: Place, file: SftpFile, found: Manifest) -> None:
    """Rows first, in pieces, and the file's status last: what broke off in between is begun anew."""
    number = stored_id(file.id)
    with writing() as session:
        session.exec(delete(SftpRow).where(col(SftpRow.sheet_id) == number, not_(is_forgotten())))
    every = [*(_usable(place, number, row) for row in found.rows), *(_bad(place, number, row) for row in found.errors)]
    wanted = _without_forgotten(writing, file, sorted(every, key=lambda row: int(row["line"])))
    fresh = _without_known(writing, file, wanted)
    for some in chunks(fresh, CHUNK):
        with writing() as session:
            session.execute(insert(SftpRow), some)
            attaching.to_rows(session, place, _rows(session, number, some))
    words = f"{_lines(len(found.rows))} read"
    words += f", {_lines(len(found.errors))} could not be used." if found.errors else "."
    with writing() as session:
        move_files(session, [number], Status.DETECTED, Status.MATCHED, code="", reason=words)


def _without_forgotten(writing: Writing, file: SftpFile, every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those that name a deleted call's recording: their marks go on instead, under their new lines.

    Once another file lies in the recording's place, more lines of that name than were forgotten may mean that one.
    """
    number, of_path = stored_id(file.id), select(SftpFile.id).where(SftpFile.path_key == file.path_key)
    columns = (col(SftpRow.id), col(SftpRow.name_key), col(SftpFile.superseded_at))
    marked = rows_of(*columns).join(SftpFile, col(SftpFile.id) == SftpRow.file_id)
    with reading() as session:
        found = session.execute(marked.where(col(SftpRow.sheet_id).in_(of_path), is_forgotten())).all()
    if not found:
        return list(every)
    with writing() as session:
        secret = marks_secret(session)
    means_it_still = {key for _row, key, superseded_at in found if superseded_at is None}
    forgotten = defaultdict(list)
    for row_id, key, _superseded_at in found:
        forgotten[key].append(row_id)
    wanted, lines = [], {}
    for row in every:
        key = mark(secret, row["name"])
        if forgotten[key]:
            lines[forgotten[key].pop()] = row["line"]
        elif key not in means_it_still:
            wanted.append(row)
    for some in chunks([row_id for row_id, *_ in found], CHUNK):
        with writing() as session:
            session.exec(update(SftpRow).where(col(SftpRow.id).in_(some)).values(sheet_id=number))
            moved = [{"id": row_id, "line": lines[row_id]} for row_id in some if row_id in lines]
            if moved:
                session.execute(update(SftpRow), moved)
    return wanted


def _without_known(writing: Writing, file: SftpFile, every: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the file did not have when it was read before; those that it had go on, under their new lines.

    Recorders add lines to the same CSV all day: without this each would be kept, and written into its call, each time.
    """
    before = select(SftpFile.id).where(SftpFile.path_key == file.path_key, SftpFile.id != file.id)
    columns = (col(SftpRow.id), col(SftpRow.name), col(SftpRow.told), col(SftpRow.words))
    with reading() as session:
        known = session.execute(rows_of(*columns).where(col(SftpRow.sheet_id).in_(before))).all()
    by_content: dict[str, int] = {_content(*content): number for number, *content in known if content[0]}
    fresh, kept = [], []
    for row in every:
        old = by_content.pop(_content(row["name"], row["told"], row["words"]), None)
        if old is None:
            fresh.append(row)
        else:
            kept.append({"id": old, "sheet_id": row["sheet_id"], "line": row["line"]})
    for some in chunks(kept, CHUNK):
        with writing() as session:
            session.execute(update(SftpRow), some)
    with writing() as session:
        session.exec(delete(SftpRow).where(col(SftpRow.sheet_id).in_(before)))
    return fresh


def _content(name: str, told: dict[str, Any], words: str) -> str:
    return json.dumps((name, told, words), sort_keys=True)


def _rows(session: Session, sheet: int, some: Sequence[dict[str, Any]]) -> Sequence[SftpRow]:
    lines = SftpRow.line >= some[0]["line"], SftpRow.line <= some[-1]["line"]
    wanted = select(SftpRow).where(SftpRow.sheet_id == sheet, *lines, col(SftpRow.file_id).is_(None))
    return session.exec(wanted.order_by(col(SftpRow.id))).all()


def _usable(place: Place, sheet: int, row: Row) -> dict[str, Any]:
    told = row.told.as_json()
    kept = {"name": row.name, "name_key": matching.name_key(row.name), "told": told, "words": " ".join(row.told.notes)}
    return {"campaign_id": place.id, "sheet_id": sheet, "line": row.line, **kept}


def _bad(place: Place, sheet: int, row: BadRow) -> dict[str, Any]:
    kept = {"name": "", "name_key": "", "told": {}, "words": row.words}
    return {"campaign_id": place.id, "sheet_id": sheet, "line": row.line, **kept}


def _fail(writing: Writing, number: int, code: str, words: str) -> None:
    with writing() as session:
        move_files(session, [number], Status.DETECTED, Status.FAILED, code=code, reason=words, ended_at=now())


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"
