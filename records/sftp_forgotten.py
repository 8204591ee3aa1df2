"""Lines of CSVs that named the recording of a deleted call: nothing of them stays but a mark of the name.

By its mark such a line is known when its CSV is read again, and is not kept anew. The mark is made with a secret of
this installation, since whoever has the rows could guess the names, and the numbers in them, from plain digests.
"""

import hmac
from typing import Any

from sqlmodel import Session, and_, col, select

from records.sftp import SftpRow
from records.signing import secret_for

PURPOSE = "deleted-lines"


def marks_secret(session: Session) -> str:
    """What marks are made with; in a session that writes."""
    return secret_for(session, PURPOSE)


def mark(secret: str, name: str) -> str:
    """By what a name is known again. Pure."""
    return hmac.new(secret.encode(), name.encode(), "sha256").hexdigest()


def is_forgotten() -> Any:  # noqa: ANN401  a condition, and_ of SQLModel
    """Whether a row is such a line: no other has a key and no name."""
    return and_(col(SftpRow.name) == "", col(SftpRow.name_key) != "")


def forget(session: Session, files: Any) -> None:  # noqa: ANN401  a Select of ids
    """Leave the mark alone of the lines that name these files."""
    rows = session.exec(select(SftpRow).where(col(SftpRow.file_id).in_(files), col(SftpRow.name) != "")).all()
    secret = marks_secret(session) if rows else ""
    for row in rows:
        row.name_key = mark(secret, row.name)
        row.name, row.told, row.words = "", {}, ""
    session.flush()
