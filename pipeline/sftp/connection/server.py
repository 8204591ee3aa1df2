"""The SFTP server that recordings come from: connections to it, and what is done over them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from secrets import token_hex
from typing import TypeVar

from paramiko import SSHException, Transport

from pipeline.clients import Kept
from pipeline.sftp.connection import connecting, listing, paths, pool, transfer
from pipeline.sftp.connection.connecting import in_words
from pipeline.sftp.connection.listing import Entry, Kind, Place
from pipeline.sftp.connection.packets import Code, Said, Type, packed
from pipeline.sftp.connection.refusals import FileChanged, NotReadable, SftpAway, SftpRefused
from pipeline.sftp.connection.setup import Setup, setup
from pipeline.sftp.connection.wire import told

__all__ = [
    "Connection",
    "Entry",
    "FileChanged",
    "Kind",
    "NotReadable",
    "SftpAway",
    "SftpRefused",
    "connection",
]

Thing = TypeVar("Thing")

MOST_NAMESAKES = 100
_CODES: dict[int, tuple[str, str]] = {
    Code.NO_SUCH_FILE: ("vanished", "It is not on the SFTP server any more."),
    Code.PERMISSION_DENIED: (
        "denied",
        "The SFTP server does not let this user do that. Ask its operator for the right.",
    ),
}
_OTHERWISE = ("unreadable", "The SFTP server could not do it and does not say why. Ask its operator.")
_NO_FOLDER = "There is no such folder on the SFTP server. Create it there, or correct its name."
_THROUGH_A_LINK = "A symbolic link is on the way to it, and links are not followed."
_NO_PATH = "No file can have this path."


class Connection:
    """A connection, for one thread at a time.

    Every verb raises SftpAway when the server does not do its part. Paths are bytes below SFTP_ROOT (`Entry.raw`); a
    path through a link is never followed.
    """

    def __init__(self, chosen: Setup) -> None:
        """Connects. Raises SftpAway, SftpRefused."""
        self._setup = chosen
        self._transport: Transport = connecting.greet(chosen)
        try:
            connecting.sign_in(self._transport, chosen)
            self._wire = connecting.session(self._transport, chosen)
            self._root = connecting.root(self._wire, chosen)
        except BaseException:
            self._transport.close()
            raise

    @property
    def usable(self) -> bool:
        """Whether somebody else may have it: nothing broke, and nothing is under way."""
        return self._transport.is_active() and self._wire.quiet

    def close(self) -> None:
        self._transport.close()

    def rest(self) -> None:
        """Nobody uses it for now: what was opened is closed on the server too, or the whole connection is."""
        try:
            self._wire.flush()
        except (EOFError, OSError, SSHException):
            self.close()

    def walk(self, folder: str, *, deep: bool, leave: Collection[str] = ()) -> Iterator[Entry]:
        """What lies in a folder ("" is SFTP_ROOT), as it comes; other verbs may be used meanwhile.

        `deep`: what lies in its subfolders too, each listed once. Otherwise a subfolder is an entry. Folders named in
        `leave` (below SFTP_ROOT) are neither entered nor told of. Raises NotReadable for the folder itself.
        """
        raw = paths.raw(folder)
        with self._words():
            found = self._on_the_way(raw)
            if raw and found is None:
                raise NotReadable("vanished", _NO_FOLDER)
            if found is not None and found.kind is Kind.LINK:
                raise NotReadable("unreadable", "The folder is a symbolic link, and links are not followed.")
            place, left = Place(self._root, raw), {paths.raw(one) for one in leave}
            walked = listing.walk(self._wire, place, deep=deep, leave=left)
        return self._each(walked)

    def folders(self, folder: str = "") -> list[str]:
        """The subfolders of a folder, as paths below SFTP_ROOT, in order. Raises NotReadable."""
        return sorted(found.path for found in self.walk(folder, deep=False) if found.kind is Kind.FOLDER)

    def stat(self, raw: bytes) -> Entry:
        """What is there now, be it a file, a folder or a link. Raises NotReadable."""
        with self._words():
            found = self._on_the_way(raw)
        if found is None:
            raise NotReadable(*_CODES[Code.NO_SUCH_FILE])
        return found

    def read(self, raw: bytes, *, size: int, modified: datetime | None = None) -> Iterator[bytes]:
        """The file's bytes, in blocks of at most 256 KiB; that it is there is asked before this returns.

        Raises NotReadable, and FileChanged (an SftpAway) at once where it is not as it was `modified`, or as soon as
        it turns out that they are not exactly `size` bytes.
        """
        found = self._file(raw)
        if modified is not None and (found.size, found.modified) != (size, modified):
            raise FileChanged("The file has changed since it was seen. It is looked at again later.")
        return self._each(transfer.blocks(self._wire, paths.absolute(self._root, raw), size))

    def move(self, raw: bytes, to: bytes) -> bytes:
        """Give the file another path, making folders; where something stands there, a number is added to the name.

        Returns the path that it has now. Raises NotReadable.
        """
        self._file(raw)
        with self._words():
            self._make(paths.prefixes(to)[:-1])
            for number in range(1, MOST_NAMESAKES):
                free = to if number == 1 else paths.numbered(to, number)
                if self._on_the_way(free) is None and self._renamed(raw, free):
                    return free
        raise NotReadable("unreadable", f"{MOST_NAMESAKES} files of its name stand where it is to go. Clear them away.")

    def delete(self, raw: bytes) -> None:
        """Remove the file. Raises NotReadable."""
        self._file(raw)
        with self._words():
            self._wire.expect(Type.STATUS, Type.REMOVE, packed(paths.absolute(self._root, raw)))

    def try_writing(self, folder: str) -> None:
        """Make a folder in the folder and remove it again. Raises NotReadable."""
        name = f".totalview-{token_hex(4)}".encode("ascii")
        path = packed(paths.absolute(self._root, paths.join(paths.raw(folder), name)))
        with self._words():
            self._wire.expect(Type.STATUS, Type.MKDIR, path + packed(0))
            self._wire.expect(Type.STATUS, Type.RMDIR, path)

    def _on_the_way(self, raw: bytes) -> Entry | None:
        """What is at a path, None where nothing is. Raises NotReadable where a link leads there, ValueError, Said."""
        asked = paths.prefixes(raw)
        if not asked:
            return None
        answers = self._wire.answers([(Type.LSTAT, packed(paths.absolute(self._root, one))) for one in asked])
        found: Entry | None = None
        for one, answer in zip(asked, answers, strict=True):
            if found is not None and found.kind is Kind.LINK:
                raise NotReadable("unreadable", _THROUGH_A_LINK)
            try:
                found = listing.entry(one, told(Type.ATTRS, answer).attributes())
            except Said as said:
                if said.code != Code.NO_SUCH_FILE:
                    raise
                return None
        return found

    def _file(self, raw: bytes) -> Entry:
        """The plain file that is there. Raises NotReadable where none is."""
        found = self.stat(raw)
        if found.kind is not Kind.FILE:
            raise NotReadable("unreadable", "It is no plain file any more.")
        return found

    def _make(self, folders: list[bytes]) -> None:
        for one in folders:
            found = self._on_the_way(one)
            if found is None:
                try:
                    self._wire.expect(Type.STATUS, Type.MKDIR, packed(paths.absolute(self._root, one)) + packed(0))
                except Said:
                    found = self._on_the_way(one)  # somebody else may have made it at the same moment
                    if found is None:
                        raise
            if found is not None and found.kind is not Kind.FOLDER:
                raise NotReadable("unreadable", "Something that is no folder stands where its folder is to be.")

    def _renamed(self, raw: bytes, to: bytes) -> bool:
        """False where something stands there, which SFTP's RENAME never replaces."""
        both = packed(paths.absolute(self._root, raw), paths.absolute(self._root, to))
        try:
            self._wire.expect(Type.STATUS, Type.RENAME, both)
        except Said as said:
            if said.code == Code.FAILURE and self._on_the_way(to) is not None:
                return False
            raise
        return True

    def _each(self, things: Iterator[Thing]) -> Iterator[Thing]:
        with self._words():
            yield from things

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            with in_words(self._setup):
                yield
        except Said as said:
            raise NotReadable(*_CODES.get(said.code, _OTHERWISE)) from said
        except ValueError as error:
            raise NotReadable("unreadable", _NO_PATH) from error


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection, kept for the next who asks when the block ends well. Raises SftpAway, SftpRefused."""
    kept = _pools.get(setup())
    one = kept.take()
    try:
        yield one
    finally:
        try:
            one.rest()
        finally:
            kept.give_back(one)


_pools: Kept[pool.Pool[Connection]] = Kept(lambda chosen: pool.Pool(lambda: Connection(chosen)), pool.Pool.close)
