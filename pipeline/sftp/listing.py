"""What lies in folders on the server: entries of every kind, one by one, links never followed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an entry is. Only a FILE is ever read."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Entry:
    """One name in a folder, as the server told of it.

    `raw` is the path below SFTP_ROOT, `path` the same as text (`paths.shown`). `modified` is UTC in whole seconds.
    SPECIAL (a device, a socket, a name that is no name) and UNREADABLE (a folder that the server does not list) say
    why in `reason`, a sentence.
    """

    raw: bytes
    path: str
    size: int
    modified: datetime
    kind: Kind
    reason: str = ""
