"""Questions to an SFTP server and its answers, many under way at once, over one channel.

paramiko's own client reads names as UTF-8 and gives a whole listing up for one that is none, holds what it prefetches
in memory, and mixes up answers when its limit of requests is set; so only its channel is used.
"""

import struct
from collections.abc import Sequence

from paramiko import Channel

from pipeline.sftp.connection.packets import LONGEST, VERSION, Code, Garbled, Reader, Said, Type, packed

LEAST_READ = 32_768  # bytes of one request that every server grants
MOST_READ = 261_120  # OpenSSH's own limit
LITTLE = 4096  # bytes that are taken together, though they may belong to several answers
Question = tuple[Type, bytes]
Answer = tuple[Type, Reader]


class Wire:
    """For one thread at a time. Raises what the channel raises, and Garbled; after either it is of no further use.

    Questions go out together once an answer is waited for: a message of SSH takes longer than what stands in it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._number = 0
        self._unsent = bytearray()
        self._ahead = b""  # what came with an answer, of the next
        self._asked: set[int] = set()
        self._early: dict[int, Answer] = {}
        self._farewells: set[int] = set()
        self._handles: set[bytes] = set()
        self.most_read = LEAST_READ
        if b"limits@openssh.com" in self._greet():
            self.most_read = self._told_limit()

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way and nothing open, so that somebody else may use it."""
        return not (self._channel.closed or self._asked - self._farewells or self._early or self._handles)

    def ask(self, kind: Type, question: bytes) -> int:
        """A question that goes out with the next flush; the answer is fetched by the number returned."""
        self._number += 1
        self._say(kind, packed(self._number) + question)
        self._asked.add(self._number)
        return self._number

    def answer(self, number: int) -> Answer:
        """The answer to one question, whatever comes before it."""
        self.flush()
        while number not in self._early:
            kind, reader = self._receive()
            of = reader.number()
            if of not in self._asked:
                raise Garbled("The SFTP server answered what was not asked.")
            self._asked.remove(of)
            if of in self._farewells:
                self._farewells.remove(of)
            else:
                self._early[of] = kind, reader
        return self._early.pop(number)

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """All at once, in one journey."""
        numbers = [self.ask(*question) for question in questions]
        return [self.answer(number) for number in numbers]

    def expect(self, wanted: Type, kind: Type, question: bytes) -> Reader:
        """One answer, of the type wanted. Raises Said."""
        return told(wanted, self.answer(self.ask(kind, question)))

    def open(self, kind: Type, question: bytes) -> bytes:
        """The handle of a file or a folder, to be closed. Raises Said."""
        handle = self.expect(Type.HANDLE, kind, question).text()
        self._handles.add(handle)
        return handle

    def close(self, handle: bytes) -> None:
        """With the next flush. Nothing happens where the channel is gone, as for who was stopped in the middle."""
        self._handles.discard(handle)
        if not self._channel.closed:
            self._farewells.add(self.ask(Type.CLOSE, packed(handle)))

    def flush(self) -> None:
        """Send what was asked and not sent yet."""
        if self._unsent:
            unsent, self._unsent = bytes(self._unsent), bytearray()
            self._channel.sendall(unsent)

    def _greet(self) -> set[bytes]:
        """The extensions that the server offers."""
        self._say(Type.INIT, packed(VERSION))
        self.flush()
        kind, reader = self._receive()
        if kind is not Type.VERSION or reader.number() < VERSION:
            raise Garbled("The server speaks no version of SFTP that is in use.")
        offered = set()
        while reader.more():
            offered.add(reader.text())
            reader.text()
        return offered

    def _told_limit(self) -> int:
        try:
            limits = self.expect(Type.EXTENDED_REPLY, Type.EXTENDED, packed(b"limits@openssh.com"))
        except Said:
            return LEAST_READ
        limits.long()
        return min(limits.long() or LEAST_READ, MOST_READ)

    def _say(self, kind: Type, packet: bytes) -> None:
        self._unsent += struct.pack(">IB", len(packet) + 1, kind) + packet

    def _receive(self) -> Answer:
        size, kind = struct.unpack(">IB", self._exactly(5))
        if not 1 <= size <= LONGEST:
            raise Garbled("The server sent text where SFTP was due. What runs at its sign-in must print nothing.")
        try:
            return Type(kind), Reader(self._exactly(size - 1))
        except ValueError as error:
            raise Garbled("The SFTP server sent a packet of a kind that there is not.") from error

    def _exactly(self, size: int) -> bytes:
        got, self._ahead = self._ahead, b""
        while len(got) < size:
            here = min(len(self._channel.in_buffer), LITTLE)
            some = self._channel.recv(max(size - len(got), here))
            if not some:
                raise EOFError
            got = got + some if got else some
        if len(got) > size:
            got, self._ahead = got[:size], got[size:]
        return got


def told(wanted: Type, answer: Answer) -> Reader:
    """What was asked for. Raises Said for a status instead."""
    kind, reader = answer
    if kind is wanted is not Type.STATUS:
        return reader
    if kind is not Type.STATUS:
        raise Garbled("The SFTP server answered something else than was asked.")
    code = reader.number()
    if code != Code.OK or wanted is not Type.STATUS:
        raise Said(code)
    return reader
