"""A sweep: one look at the server, and all that follows from it. One process at a time does it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import uuid4

from sqlmodel import Session, col, select

from pipeline.sftp import closing, ending, late, leases, looking, reclaiming, releasing, sheets, tidying, usual
from pipeline.sftp.chunks import chunks
from pipeline.sftp.claims import left_alone
from pipeline.sftp.connection.server import Connection, NotReadable, SftpAway, SftpRefused, connection
from pipeline.sftp.leases import Writing
from pipeline.sftp.looking import Seen
from pipeline.sftp.places import Place, places
from pipeline.sftp.usual import Share
from records import db, sftp_state
from records.db import now, reading, stored_id
from records.sftp import SftpFile
from records.sftp_folders import SftpFolder
from records.statuses import SftpFileStatus

log = logging.getLogger(__name__)

SHEETS_S = 60.0  # of one sweep for reading CSVs: nobody's many or large ones keep all recordings waiting
LOOK_AGAIN_S = 6.0  # when something has not held still for long enough


class TakenOver(Exception):  # noqa: N818  what happened
    """Another process sweeps now; this one writes nothing more."""


@dataclass(frozen=True)
class Swept:
    """What a sweep saw and did. `trouble` says why it broke off, if it did."""

    files: int = 0
    released: int = 0
    unsettled: bool = False
    due: bool = False  # something waits to be imported
    trouble: str = ""
    refused: bool = False


def sweep() -> Swept | None:
    """Do it; None while another process does. What the server keeps from us is said in `trouble`, never raised."""
    token = uuid4().hex
    with db.writing() as session:
        if not sftp_state.begin(session, token, leases.length()):
            return None
    with HANDS.holding(token):
        return _noted(token)


def hand_back() -> None:
    """This process has to stop: another may sweep at once, and whoever sweeps here writes nothing more."""
    for token in HANDS.tokens():
        with db.writing() as session:
            sftp_state.end(session, token)


def _noted(token: str) -> Swept | None:
    swept = Swept(trouble="The sweep broke off. The log says why.")
    try:
        swept = _swept(token)
    except TakenOver:
        log.warning("This sweep took so long that another process took over.")
        return None
    except (SftpAway, NotReadable) as error:
        swept = Swept(trouble=str(error), due=_due())
    except SftpRefused as error:
        swept = Swept(trouble=str(error), refused=True, due=_due())
    finally:
        _note(token, swept)
    return swept


def _swept(token: str) -> Swept:
    @contextmanager
    def writing() -> Iterator[Session]:
        """A transaction that only the process that sweeps can have: it holds the sweep's row until it commits."""
        with db.writing() as session:
            if not sftp_state.renew(session, token, leases.length()):
                raise TakenOver
            yield session

    with reading() as session:
        here = places(session)
    with writing() as session:
        reclaiming.reclaim(session)
    with connection() as server:
        entries = server.walk("", deep=True, leave=left_alone(place.claim for place in here.values()))
        seen = looking.look(entries, here, writing)
        unread = _read_sheets(server, seen, here, writing)
        tidying.tidy_all(server, here, writing)
    with writing() as session:
        _watch_names(session, seen)
    closing.close_all(here, writing)
    released = releasing.release(here, writing)
    behind = late.apply(writing)
    ending.end_all(writing)
    return Swept(files=seen.files, released=released, unsettled=seen.unsettled or unread or behind, due=_due())


def _renew(token: str) -> None:
    with db.writing() as session:
        sftp_state.renew(session, token, leases.length())


HANDS = leases.Hands("The claim of the sweep", _renew)


def _note(token: str, swept: Swept) -> None:
    """A sweep that saw nothing keeps the figures of the last that did."""
    what: dict[str, object] = {"words": swept.trouble, "refused": swept.refused}
    if not swept.trouble:
        what |= {"ended_at": now(), "files": swept.files}
    with db.writing() as session:
        sftp_state.end(session, token, **what)


def _read_sheets(server: Connection, seen: Seen, here: Mapping[int, Place], writing: Writing) -> bool:
    """Read the CSVs that have come whole, for some time, the longest there first; True where the next sweep goes on."""
    until = monotonic() + SHEETS_S
    for number, place in _sheets(seen, here):
        if monotonic() > until:
            return True
        sheets.read(server, place, number, writing)
    return False


def _sheets(seen: Seen, here: Mapping[int, Place]) -> list[tuple[int, Place]]:
    found: list[tuple[datetime, int, Place]] = []
    for some in chunks(seen.sheets, looking.CHUNK):
        with reading() as session:
            for file in session.exec(select(SftpFile).where(col(SftpFile.id).in_(some))):
                place = here.get(file.campaign_id or 0)
                if place is not None:
                    found.append((file.still_since, stored_id(file.id), place))
    return [(number, place) for _since, number, place in sorted(found, key=lambda each: each[:2])]


def _due() -> bool:
    waiting = select(SftpFile.id).where(SftpFile.status == SftpFileStatus.MATCHED, col(SftpFile.due_at) <= now())
    with reading() as session:
        return session.exec(waiting.limit(1)).first() is not None


def _watch_names(session: Session, seen: Seen) -> None:
    """Raise the alarm where names stopped matching, and remember what is usual."""
    for campaign_id, count in seen.names.items():
        folder = session.exec(select(SftpFolder).where(SftpFolder.campaign_id == campaign_id).with_for_update()).one()
        matched = seen.matched[campaign_id]
        before = Share(folder.names_seen, folder.names_matched)
        after = before.with_more(count, matched)
        words = usual.alarm(before, count, matched)
        folder.names_seen, folder.names_matched = after.seen, after.matched
        if words:
            folder.alarm, folder.alarm_at = words, now()
        session.add(folder)
