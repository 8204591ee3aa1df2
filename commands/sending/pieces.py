"""A large recording piece by piece, by the tus protocol 1.0: a broken line costs one piece, whoever goes on later."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping

import httpx

from commands.sending.contents import Contents, Recording, Unsendable
from commands.sending.outcome import Sent
from commands.sending.patience import Blame, GiveUp, NotSent, Patience, Trouble
from commands.sending.server import Gone, Refused, Server
from commands.sending.state import Unfinished

LARGEST, SMALLEST = 16 << 20, 1 << 20  # bytes of a piece; less where the line is bad
SLICE = 256 << 10
MOST_BEGINNINGS = 3
BODY = "application/offset+octet-stream"
VERSION = {"Tus-Resumable": "1.0.0"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Upload:
    """One recording on its way. `moved` is told how many bytes are safe or on the line."""

    def __init__(
        self, server: Server, recording: Recording, unfinished: Unfinished, moved: Callable[[int], None]
    ) -> None:
        self._server, self._recording, self._unfinished = server, recording, unfinished
        self._moved = moved
        self._tries = server.tries()
        self._piece = LARGEST
        self._all_sent = False  # the last piece went out; whether it arrived is another matter

    def send(self, fields: Mapping[str, str], resume: str = "") -> Sent:
        """Send it, or go on with the upload `resume`. Raises Unsendable, Refused, NotSent, GiveUp, Stopped."""
        upload, beginnings = resume, 0
        with Contents(self._recording, lambda _at: None) as contents:
            while True:
                try:
                    if not upload:
                        beginnings += 1
                        upload = self._begin(fields)
                        offset: int | Sent = 0
                    else:
                        offset = self._standing(upload)
                    sent = offset if isinstance(offset, Sent) else self._push(contents, upload, offset)
                except Gone as gone:
                    self._forget(upload)
                    if beginnings >= MOST_BEGINNINGS:
                        raise NotSent(f"The server has dropped this upload {beginnings} times. {gone}") from gone
                    upload = ""
                except Trouble as trouble:
                    self._piece = max(self._piece // 2, SMALLEST)
                    self._tries.again(trouble)
                except (Refused, Unsendable):
                    self._forget(upload)
                    raise
                else:
                    self._forget(upload)
                    return sent

    def _forget(self, upload: str) -> None:
        self._unfinished.forget(upload, "upload", self._recording.sha256)

    def _begin(self, fields: Mapping[str, str]) -> str:
        """Announce the recording; the upload's id. One whose answer is lost expires by itself."""
        named = {"filename": self._recording.name, **fields}
        metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in named.items())
        headers = {**VERSION, "Upload-Length": str(self._recording.size), "Upload-Metadata": metadata}
        answer = self._server.once("POST", "uploads", headers=headers)
        # The last part alone: a proxy may have another idea of the server's address, and the key goes nowhere else.
        upload: str = answer.headers.get("location", "").partition("?")[0].rstrip("/").rpartition("/")[2]
        if not _ID.fullmatch(upload):
            raise GiveUp(f"{self._server.url} takes no uploads in pieces. Check --url, or bring the server up to date.")
        self._unfinished.note(upload, "upload", self._recording.sha256)
        return upload

    def _standing(self, upload: str) -> int | Sent:
        """How many bytes of it the server has, or what it became."""
        try:
            answer = self._server.once("HEAD", f"uploads/{upload}", headers=VERSION)
        except (Refused, Gone) as error:
            if self._all_sent and not (isinstance(error, Gone) and error.unknown):
                raise self._refusal(upload) from error
            raise
        sent = _sent(answer)
        if sent:
            return sent
        offset, length = _number(answer, "Upload-Offset"), _number(answer, "Upload-Length")
        if length != self._recording.size or offset > length:
            raise Gone("It is another recording's.", unknown=True)
        if offset == length:
            raise Trouble(Blame.HELD, "The server has all of it, and is still putting it together.")
        self._moved(offset)
        return offset

    def _refusal(self, upload: str) -> Exception:
        """The words in which it was refused. An answer to HEAD has no body, and the first one was lost."""
        headers = {**VERSION, "Content-Type": BODY, "Upload-Offset": str(self._recording.size)}
        try:
            self._server.once("PATCH", f"uploads/{upload}", headers=headers)
        except Gone as gone:
            return Refused(str(gone))
        return Gone("It is not there any more.", unknown=True)

    def _push(self, contents: Contents, upload: str, offset: int) -> Sent:
        """All that is missing. Raises Trouble as soon as a piece does not arrive."""
        while True:
            piece = contents.piece(offset, self._piece)
            self._all_sent = offset + len(piece) == self._recording.size
            answer = self._server.once(
                "PATCH",
                f"uploads/{upload}",
                headers={
                    **VERSION,
                    "Content-Type": BODY,
                    "Content-Length": str(len(piece)),
                    "Upload-Offset": str(offset),
                    "Upload-Checksum": _checksum(piece),
                },
                content=_slices(piece, offset, self._moved, self._server.patience),
            )
            sent = _sent(answer)
            if sent:
                return sent
            offset = self._further(answer, offset)

    def _further(self, answer: httpx.Response, before: int) -> int:
        offset = _number(answer, "Upload-Offset")
        if not before < offset < self._recording.size:
            raise Trouble(Blame.SERVER, "The server took a piece, and does not say what it has now.")
        self._tries.progress()
        self._piece = min(self._piece * 2, LARGEST)
        self._moved(offset)
        return offset


def _checksum(piece: bytes) -> str:
    return f"sha1 {b64encode(hashlib.sha1(piece, usedforsecurity=False).digest()).decode()}"


def _slices(piece: bytes, offset: int, moved: Callable[[int], None], patience: Patience) -> Iterator[bytes]:
    """A piece bit by bit, so that one sees it go and can stop it."""
    for start in range(0, len(piece), SLICE):
        patience.check()
        part = piece[start : start + SLICE]
        yield part
        moved(offset + start + len(part))


def _sent(answer: httpx.Response) -> Sent | None:
    call_id = answer.headers.get("totalview-call-id")
    return Sent(call_id, answer.headers.get("totalview-duplicate") == "true") if call_id else None


def _number(answer: httpx.Response, name: str) -> int:
    try:
        return int(answer.headers[name])
    except (KeyError, ValueError) as error:
        raise Trouble(Blame.SERVER, f"The server's answer lacks {name}.") from error
