"""Files on the SFTP server that no campaign claims, by the folder that they lie in."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from records.identity import Identity, require
from records.roles import Permission, Scope
from records.sftp import SftpFile
from records.statuses import SftpFileStatus

LOOKED_AT = 5_000  # the newest of them: somebody may point SFTP_ROOT at a whole archive


@dataclass
class Folder:
    """A folder with files that are nobody's."""

    path: str  # below SFTP_ROOT; empty: SFTP_ROOT itself
    files: int
    size: int  # bytes
    modified: datetime  # the newest one's


@dataclass(frozen=True)
class Unclaimed:
    """Those folders, the fullest first."""

    folders: tuple[Folder, ...] = ()
    more: bool = False  # there are older files than were looked at


def folders(session: Session, who: Identity) -> Unclaimed:
    """For those who may see every campaign; to others there are none."""
    if require(who, Permission.SFTP_READ) is not Scope.ALL:
        return Unclaimed()
    query = (
        select(SftpFile.path, SftpFile.size, SftpFile.modified)
        .where(
            col(SftpFile.campaign_id).is_(None),
            SftpFile.status == SftpFileStatus.SKIPPED,
            col(SftpFile.superseded_at).is_(None),
        )
        .order_by(col(SftpFile.id).desc())
        .limit(LOOKED_AT + 1)
    )
    files = session.exec(query).all()
    found: dict[str, Folder] = {}
    for path, size, modified in files[:LOOKED_AT]:
        place = path.rpartition("/")[0]
        folder = found.setdefault(place, Folder(place, 0, 0, modified))
        folder.files += 1
        folder.size += size
        folder.modified = max(folder.modified, modified)
    fullest = sorted(found.values(), key=lambda folder: (-folder.files, folder.path))
    return Unclaimed(tuple(fullest), more=len(files) > LOOKED_AT)
