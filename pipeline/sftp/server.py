"""The SFTP server that recordings come from: connections to it, and what is done over them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from config import settings
from pipeline.sftp.listing import Entry, Kind
from pipeline.sftp.refusals import FileChanged, NotReadable, SftpAway, SftpRefused

__all__ = [
    "Connection",
    "Entry",
    "FileChanged",
    "Kind",
    "NotReadable",
    "SftpAway",
    "SftpRefused",
    "configured",
    "connection",
]


class Connection:
    """A connection, for one thread at a time.

    Every verb raises SftpAway when the server does not do its part, and then the connection is of no further use.
    Paths are bytes below SFTP_ROOT (`Entry.raw`); a path through a link is never followed.
    """

    def walk(self, folder: str, *, deep: bool, leave: Collection[str] = ()) -> Iterator[Entry]:
        """What lies in a folder ("" is SFTP_ROOT), as it comes; other verbs may be used meanwhile.

        `deep`: what lies in its subfolders too, each listed once. Otherwise a subfolder is an entry. Folders named in
        `leave` (below SFTP_ROOT) are neither entered nor told of. Raises NotReadable for the folder itself.
        """
        raise NotImplementedError

    def folders(self, folder: str = "") -> list[str]:
        """The subfolders of a folder, as paths below SFTP_ROOT, in order. Raises NotReadable."""
        raise NotImplementedError

    def stat(self, raw: bytes) -> Entry:
        """What is there now, be it a file, a folder or a link. Raises NotReadable."""
        raise NotImplementedError

    def read(self, raw: bytes, *, size: int) -> Iterator[bytes]:
        """The file's bytes, in blocks of at most 256 KiB.

        Raises NotReadable, and FileChanged (an SftpAway) once it turns out that they are not exactly `size` bytes.
        """
        raise NotImplementedError

    def move(self, raw: bytes, to: bytes) -> bytes:
        """Give the file another path, making folders; where something stands there, a number is added to the name.

        Returns the path that it has now. Raises NotReadable.
        """
        raise NotImplementedError

    def delete(self, raw: bytes) -> None:
        """Remove the file. Raises NotReadable."""
        raise NotImplementedError


def configured() -> bool:
    """Whether recordings come from an SFTP server at all."""
    return bool(settings().sftp_host)


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection, kept for the next who asks when the block ends well. Raises SftpAway, SftpRefused."""
    raise NotImplementedError
    yield
