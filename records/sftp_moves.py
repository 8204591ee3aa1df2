"""The one place where a batch or a file of the SFTP server changes status."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session, col, update

from records.db import now
from records.moves import IllegalMove
from records.sftp import SftpBatch, SftpFile
from records.statuses import SFTP_BATCH_MOVES, SFTP_FILE_MOVES, SFTP_OPEN, SftpBatchStatus, SftpFileStatus


def move_files(
    session: Session,
    ids: Collection[int],
    was: SftpFileStatus,
    to: SftpFileStatus,
    *,
    claim: str | None = None,
    **values: Any,  # noqa: ANN401  columns
) -> list[int]:
    """Move those of these files that are as they were; which ones. The caller commits.

    `claim` narrows to files that this worker holds. A move takes the claim away, unless `values` give one.
    """
    if to not in SFTP_FILE_MOVES[was] and to is not was:
        raise IllegalMove(f"An SFTP file that is {was} cannot become {to}.")
    these = update(SftpFile).where(col(SftpFile.id).in_(ids), col(SftpFile.status) == was)
    if claim is not None:
        these = these.where(col(SftpFile.claim) == claim)
    fresh: Mapping[str, Any] = {"claim": None, "claim_until": None, "ended_at": None if to in SFTP_OPEN else now()}
    moved = session.execute(
        these.values(status=to, **{**fresh, **values}).returning(col(SftpFile.id)),
        execution_options={"synchronize_session": False},
    )
    return [number for (number,) in moved.all()]


def move_batch(
    session: Session,
    number: int,
    was: SftpBatchStatus,
    to: SftpBatchStatus,
    **values: Any,  # noqa: ANN401  columns
) -> bool:
    """Move a batch, or only change `values` of it where it stays what it was; False when another got there first."""
    if to not in SFTP_BATCH_MOVES[was] and to is not was:
        raise IllegalMove(f"An SFTP batch that is {was} cannot become {to}.")
    this = update(SftpBatch).where(col(SftpBatch.id) == number, col(SftpBatch.status) == was)
    return session.exec(this.values(status=to, **values)).rowcount == 1
