"""A file's bytes: many requests under way, memory bounded whatever its size, and none missing unnoticed."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from pipeline.sftp.connection.packets import Code, Garbled, Said, Type, packed, place
from pipeline.sftp.connection.refusals import FileChanged
from pipeline.sftp.connection.wire import Wire, told

AHEAD = 2 * 1024 * 1024  # bytes asked for and not yet taken: what the channel lets through at once
MOST_REQUESTS = 64  # as OpenSSH's client
LEAST_STEP = 4096
_READ = 1


class _Piece(NamedTuple):
    number: int
    offset: int
    length: int


def blocks(wire: Wire, path: bytes, size: int) -> Iterator[bytes]:
    """The bytes of the file at an absolute path, in order. Raises Said, FileChanged where they are not `size`."""
    handle = wire.open(Type.OPEN, packed(path, _READ, 0))
    pieces: deque[_Piece] = deque()
    try:
        yield from _read(wire, handle, size, pieces)
        if _data(wire, pieces.popleft()):
            raise FileChanged("The file grew while it was read. It is looked at again later.")
    finally:
        with suppress(EOFError, OSError, Garbled):  # whoever stopped us has said why
            for piece in pieces:
                wire.answer(piece.number)
            wire.close(handle)


def _read(wire: Wire, handle: bytes, size: int, pieces: deque[_Piece]) -> Iterator[bytes]:
    """Leaves one piece: the byte behind the last, which must not be there."""

    def ask(offset: int, length: int) -> _Piece:
        return _Piece(wire.ask(Type.READ, packed(handle) + place(offset, length)), offset, length)

    step, asked, taken, probed = wire.most_read, 0, 0, False
    while True:
        while asked < size and asked - taken < AHEAD and len(pieces) < MOST_REQUESTS:
            pieces.append(ask(asked, min(step, size - asked)))
            asked += pieces[-1].length
        if asked == size and not probed:
            pieces.append(ask(size, 1))
            probed = True
        if taken == size:
            return
        piece = pieces.popleft()
        data = _data(wire, piece)
        if not data:
            raise FileChanged("The file has fewer bytes than the server said. It is looked at again later.")
        rest = piece.length - len(data)
        if rest:  # the server gives less at a time than it was asked for, or the file ends here
            step = max(len(data), LEAST_STEP)
            pieces.appendleft(ask(piece.offset + len(data), rest))
        taken += len(data)
        yield data


def _data(wire: Wire, piece: _Piece) -> bytes:
    """What came; empty at the file's end."""
    try:
        data = told(Type.DATA, wire.answer(piece.number)).text()
    except Said as said:
        if said.code == Code.EOF:
            return b""
        raise
    if len(data) > piece.length:
        raise Garbled("The SFTP server sent more than it was asked for.")
    return data
