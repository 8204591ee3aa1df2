"""Recordings that are due are fetched and made calls, each by one worker, over a connection of its own."""

import logging
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import select as rows_of
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select, update

from config import settings
from pipeline.intake import Ask
from pipeline.sftp import ending, fetching, leases
from pipeline.sftp.connection.server import Connection, SftpAway, SftpRefused, connection
from pipeline.sftp.fetching import Verdict
from records import db
from records.db import now, reading, stored_id, writing
from records.sftp import SftpFile
from records.sftp_moves import move_files
from records.statuses import SftpFileStatus as Status

log = logging.getLogger(__name__)

AT_ONCE = 8  # files that one worker claims in one transaction
SMALL = 4_000_000  # bytes, all of these together
AWAY = timedelta(seconds=30)  # until what could not be fetched is tried again, without counting
BEHIND = timedelta(seconds=1)


class Due(NamedTuple):
    """A file that waits for a worker."""

    id: int
    size: int
    tries: int


@dataclass(frozen=True)
class Held:
    """Files that this worker alone imports."""

    files: list[SftpFile]
    claim: str


def work(ask: Ask, seconds: float) -> bool:
    """Import what is due, for at most so long; True when there is more. `ask` asks for each call's first run."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        held = _claimed()
        if not held.files:
            return False
        with HANDS.holding(held.claim):
            fetched = _import(held, ask)
        ending.end_all(db.writing, {file.batch_id for file in held.files if file.batch_id is not None})
        if not fetched:
            return False
    return True


def hand_back() -> None:
    """This process has to stop: what it was importing is another's to take at once, as if it had never begun."""
    with writing() as session:
        mine = select(SftpFile.id).where(col(SftpFile.claim).in_(HANDS.tokens()))
        ids = [stored_id(number) for number in session.exec(mine)]
        move_files(session, ids, Status.PROCESSING, Status.MATCHED, due_at=now())


def _claimed() -> Held:
    token = uuid4().hex
    due = rows_of(col(SftpFile.id), col(SftpFile.size), col(SftpFile.tries))
    due = due.where(col(SftpFile.status) == Status.MATCHED, col(SftpFile.due_at) <= now())
    due = due.order_by(col(SftpFile.due_at), col(SftpFile.id)).limit(AT_ONCE)
    with reading() as session:  # so that many who find nothing wait for no writer
        if session.execute(due).first() is None:
            return Held([], token)
    with writing() as session:
        ids = together([Due(*each) for each in session.execute(due.with_for_update(skip_locked=True))])
        until = now() + leases.length()
        words = "It is being imported."
        mine = move_files(
            session, ids, Status.MATCHED, Status.PROCESSING, claim_until=until, new_claim=token, code="", reason=words
        )
        held = select(SftpFile).where(col(SftpFile.id).in_(mine))
        files = session.exec(held.order_by(col(SftpFile.due_at), col(SftpFile.id))).all()
    return Held(list(files), token)


def together(due: Sequence[Due]) -> list[int]:
    """Those of the files that are due, in order, that one worker takes at once: the first, and small ones after it.

    One on which something broke before is taken alone, so that no other shares its fate.
    """
    taken: list[int] = []
    size = 0
    for each in due:
        size += each.size
        if taken and (each.tries or size > SMALL):
            break
        taken.append(each.id)
        if each.tries:
            break
    return taken


def _import(held: Held, ask: Ask) -> bool:
    """Import the files one after the other; False when the server is away, and what is left waits for it."""
    for position, file in enumerate(held.files):
        try:
            with connection() as server:
                _one(server, file, held.claim, ask)
        except (SftpAway, SftpRefused) as error:
            _wait(held, held.files[position:], str(error))
            return False
        except SQLAlchemyError as error:
            log.warning("The database is away; SFTP file %s is imported later. (%s)", file.id, error)
            return False
    return True


def _one(server: Connection, file: SftpFile, claim: str, ask: Ask) -> None:
    verdict = fetching.fetch(server, file, claim, ask)
    if verdict is not None:
        _note(file, claim, verdict)


def _note(file: SftpFile, claim: str, verdict: Verdict) -> None:
    with writing() as session:
        moved = move_files(session, [stored_id(file.id)], Status.PROCESSING, verdict.to, claim=claim, **verdict.values)
    if not moved:
        log.info("SFTP file %s went to another worker; this one writes nothing.", file.id)


def _wait(held: Held, files: list[SftpFile], words: str) -> None:
    """The server is away, which is nobody's fault here: these files go on when it is back."""
    reason, moment = f"It waits for the SFTP server. {words}", now()
    with writing() as session:
        # If it was the first of them that broke the connection, the others shall come before it next time.
        for pause, some in ((AWAY + BEHIND, files[:1]), (AWAY, files[1:])):
            ids = [stored_id(file.id) for file in some]
            move_files(
                session, ids, Status.PROCESSING, Status.MATCHED, claim=held.claim, due_at=moment + pause, reason=reason
            )


def _renew(claim: str) -> None:
    with writing() as session:
        until = now() + leases.length()
        session.exec(update(SftpFile).where(col(SftpFile.claim) == claim).values(claim_until=until))


HANDS = leases.Hands("The claim of SFTP files", _renew)


def work_all(ask: Ask) -> None:
    """Import all that is due, over as many connections as are allowed; for those who have no workers at hand."""
    with ThreadPoolExecutor(settings().sftp_connections, thread_name_prefix="sftp import") as pool:
        for _ in pool.map(lambda _number: work(ask, math.inf), range(settings().sftp_connections)):
            pass
