"""Files whose worker died over them are to be had again; one over which workers die again and again fails."""

import logging

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_

from pipeline.sftp.fetching import TRIES
from records.db import now
from records.sftp import SftpFile
from records.sftp_moves import move_each
from records.statuses import SftpFileStatus as Status

log = logging.getLogger(__name__)

FATAL = f"{TRIES} workers died while they imported it. The log may say more. 'Retry' tries again."


def reclaim(session: Session) -> None:
    """Give back what dead workers held. A worker that stops in good order hands its files back without a count."""
    lost = rows_of(col(SftpFile.id), col(SftpFile.tries)).where(
        col(SftpFile.status) == Status.PROCESSING, or_(col(SftpFile.claim).is_(None), col(SftpFile.claim_until) < now())
    )
    found = session.execute(lost).all()
    if not found:
        return
    log.warning("%s SFTP files had a worker that was not heard of any more.", len(found))
    again = [{"id": number, "tries": tries + 1, "due_at": now()} for number, tries in found if tries + 1 < TRIES]
    move_each(session, Status.PROCESSING, Status.MATCHED, again)
    fatal = [number for number, tries in found if tries + 1 >= TRIES]
    values = {"code": "broke", "reason": FATAL}
    move_each(session, Status.PROCESSING, Status.FAILED, [{"id": number, **values} for number in fatal])
