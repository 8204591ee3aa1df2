"""The one place where a batch or a file of the SFTP server changes status."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, update

from records.db import UNSEEN, now
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
    new_claim: str | None = None,
    **values: Any,  # noqa: ANN401  columns
) -> list[int]:
    """Move those of these files that are as they were; which ones. The caller commits.

    `claim` narrows to files that this worker holds. A move takes a claim away, and gives `new_claim`.
    """
    if to not in SFTP_FILE_MOVES[was] and to is not was:
        raise IllegalMove(f"An SFTP file that is {was} cannot become {to}.")
    these = update(SftpFile).where(col(SftpFile.id).in_(ids), col(SftpFile.status) == was)
    if claim is not None:
        these = these.where(col(SftpFile.claim) == claim)
    fresh: Mapping[str, Any] = {"claim": new_claim, "claim_until": None, "ended_at": None if to in SFTP_OPEN else now()}
    moved = session.execute(
        these.values(status=to, **{**fresh, **values}).returning(col(SftpFile.id)),
        execution_options=UNSEEN,
    )
    return [number for (number,) in moved.all()]


def note_file(session: Session, number: int, **values: Any) -> None:  # noqa: ANN401  columns
    """Change what is known of a file, and not where it stands."""
    if "status" in values:
        raise IllegalMove("A status is changed by move_files.")
    session.exec(update(SftpFile).where(col(SftpFile.id) == number).values(**values))


def move_each(session: Session, was: SftpFileStatus, to: SftpFileStatus, rows: Sequence[Mapping[str, Any]]) -> None:
    """Move files to one status, each with values of its own: `rows` have `id` and the same columns. Others stay."""
    if to not in SFTP_FILE_MOVES[was] and to is not was:
        raise IllegalMove(f"An SFTP file that is {was} cannot become {to}.")
    if not rows:
        return
    columns = [name for name in rows[0] if name != "id"]
    table = SftpFile.__table__  # type: ignore[attr-defined]  # its Core side: one statement for all of them
    this = table.update().where(table.c.id == bindparam("this"), table.c.status == was)
    fresh = {"claim": None, "claim_until": None, "ended_at": None if to in SFTP_OPEN else now(), "status": to}
    values: dict[str, Any] = {**fresh, **{name: bindparam(f"new_{name}") for name in columns}}
    session.connection().execute(
        this.values(values), [{"this": row["id"], **{f"new_{name}": row[name] for name in columns}} for row in rows]
    )


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
