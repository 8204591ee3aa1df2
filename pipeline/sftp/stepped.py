"""The clock was set back: no file, batch or sweep waits for a time that has moved away."""

from sqlmodel import col, select, update

from pipeline.sftp import leases
from records.db import UNSEEN, now, writing
from records.sftp import SftpBatch, SftpFile
from records.sftp_state import SftpState
from records.statuses import SftpFileStatus as Status


def after_clock_went_back() -> None:
    """What was put off is due, what held still does so from now on, and windows and leases are as long as ever.

    The sweep that goes through all this comes by itself: it is asked for as soon as the clock was set back.
    """
    moment = now()
    longest = moment + leases.length()
    with writing() as session:
        put_off = update(SftpFile).where(col(SftpFile.status) == Status.MATCHED, col(SftpFile.due_at) > moment)
        watched = update(SftpFile).where(col(SftpFile.status) == Status.DETECTED, col(SftpFile.still_since) > moment)
        held = update(SftpFile).where(col(SftpFile.claim).is_not(None), col(SftpFile.claim_until) > longest)
        swept = update(SftpState).where(col(SftpState.claim).is_not(None), col(SftpState.claim_until) > longest)
        for change in (
            put_off.values(due_at=moment),
            watched.values(still_since=moment),
            held.values(claim_until=longest),
            swept.values(claim_until=longest),
        ):
            session.execute(change, execution_options=UNSEEN)
        ahead = select(SftpBatch).where(col(SftpBatch.closed_at).is_(None), col(SftpBatch.opened_at) > moment)
        for batch in session.exec(ahead.with_for_update()):  # one a campaign at most
            batch.closes_at -= batch.opened_at - moment
            batch.opened_at = moment
