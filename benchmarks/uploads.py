"""Uploads: `python -m benchmarks.uploads` measures the API's form and tus beside a bare handler, in the same run.

One file of 1 GB over one connection, then 2,000 of 200 KB over eight. The same client sends to all. A bare handler
hashes and writes; ours also looks into the recording, commits the call and asks for its job. Beside the many small
ones stands a handler that keeps the same promises.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks import processes, results
from benchmarks.results import ROOT, Result
from benchmarks.timing import best
from config import settings
from records import campaigns, db
from records.access import COMMAND_LINE
from records.migrate import upgrade
from tests.api import resumable
from tests.api.uploading import END, FORM, UPLOAD, bearer, key_of, part
from tests.installation import Installation, until
from tests.ports import free_port
from tests.website import website

LARGE, SMALL, FILES, CONNECTIONS = 1_000_000_000, 200_000, 2_000, 8
BLOCK, HEADER, GOAL, KEPT_GOAL, GROWTH_MB, ROUNDS = 1 << 20, 44, 0.7, 1.0, 64.0, 2


class Server(NamedTuple):
    """One that takes recordings, and how one is sent to it."""

    address: str
    process: int
    send: "Send"


Send = Callable[[HTTPConnection, int, bytes], None]  # a connection, the recording's size, what tells it from others


def main() -> None:
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="totalview-uploads-", ignore_cleanup_errors=True)
        home = Path(stack.enter_context(made))
        bare = stack.enter_context(_bare(home / "bare"))
        form, tus = stack.enter_context(_ours(home / "home"))
        print(results.HEAD)
        for name, server in (("the API's form", form), ("tus", tus)):
            _compare(name, server, bare)
        kept = bare._replace(send=_to("/kept"))
        ours, theirs = (FILES / best(partial(_many_small, server), ROUNDS, pause_s=1) for server in (form, kept))
        name = f"{FILES:,} x {SMALL // 1000} KB by the API's form, beside a handler that keeps the same promises"
        results.keep(Result(name, ours, theirs, KEPT_GOAL, "files/s"))


def _compare(name: str, ours: Server, bare: Server) -> None:
    _one(ours, SMALL)  # the first of all starts the children that look into recordings, whatever its size
    before = processes.memory_mb(processes.family(ours.process))
    with _peak(ours.process) as peak:
        large = [LARGE / 1e6 / best(partial(_one, server, LARGE), ROUNDS, pause_s=1) for server in (ours, bare)]
    small = [FILES / best(partial(_many_small, server), ROUNDS, pause_s=1) for server in (ours, bare)]
    results.keep(
        Result(f"1 GB by {name}", large[0], large[1], GOAL, "MB/s"),
        Result(f"... memory more than before, by {name}", max(peak) - before, None, GROWTH_MB, "MB"),
        Result(f"{FILES:,} x {SMALL // 1000} KB by {name}", small[0], small[1], GOAL, "files/s"),
    )


_SALT = iter(range(1, 1_000_000_000))


def _one(server: Server, size: int) -> None:
    connection = _connected(server)
    server.send(connection, size, next(_SALT).to_bytes(8, "big"))


def _many_small(server: Server) -> None:
    salts = [next(_SALT).to_bytes(8, "big") for _ in range(FILES)]

    def share(number: int) -> None:
        connection = _connected(server)
        for salt in salts[number::CONNECTIONS]:
            server.send(connection, SMALL, salt)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(share, range(CONNECTIONS)))


def _recording(size: int, salt: bytes) -> Iterator[bytes]:
    """A WAV of telephone sound of `size` bytes, like no other: hiss, which no server can make smaller."""
    header = BytesIO()
    with wave.open(header, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8000)
        written.setnframes((size - HEADER) // 2)
        written.writeframesraw(b"")
    yield header.getvalue()[:HEADER]
    block = hashlib.shake_128(salt).digest(min(BLOCK, size - HEADER))
    for begin in range(HEADER, size, len(block)):
        yield block[: size - begin]


def _to(path: str) -> Send:
    def send(connection: HTTPConnection, size: int, salt: bytes) -> None:
        connection.request("POST", path, _recording(size, salt), {"Content-Length": str(size)})
        _answered(connection, 202)

    return send


def _by_form(headers: dict[str, str]) -> Send:
    opening, closing = part("file", b"", filename="call.wav").removesuffix(b"\r\n"), b"\r\n" + END

    def send(connection: HTTPConnection, size: int, salt: bytes) -> None:
        def body() -> Iterator[bytes]:
            yield opening
            yield from _recording(size, salt)
            yield closing

        given = {**headers, **FORM, "Content-Length": str(len(opening) + size + len(closing))}
        connection.request("POST", UPLOAD, body(), given)
        _answered(connection, 202)

    return send


def _by_tus(headers: dict[str, str]) -> Send:
    def send(connection: HTTPConnection, size: int, salt: bytes) -> None:
        named = {**headers, **resumable.VERSION, **resumable.said(filename="call.wav"), "Upload-Length": str(size)}
        connection.request("POST", resumable.UPLOADS, headers=named)
        where = urlsplit(_answered(connection, 201)).path
        given = {**headers, **resumable.VERSION, "Content-Type": resumable.BODY, "Upload-Offset": "0"}
        connection.request("PATCH", where, _recording(size, salt), {**given, "Content-Length": str(size)})
        _answered(connection, 204)

    return send


def _answered(connection: HTTPConnection, status: int) -> str:
    """The answer's Location. Raises AssertionError for another status."""
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != status:
        raise AssertionError(f"{answer.status}: {said[:500]!r}")
    return answer.headers.get("Location", "")


def _connected(server: Server) -> HTTPConnection:
    to = urlsplit(server.address)
    return HTTPConnection(to.hostname or "", to.port, blocksize=BLOCK)


@contextmanager
def _bare(folder: Path) -> Iterator[Server]:
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_upload", str(folder), str(port)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603  our own words
    try:
        server = Server(f"http://127.0.0.1:{port}", process.pid, _to("/upload"))
        until(lambda: _answers(server), "the bare handler answers")
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(server: Server) -> bool:
    connection = _connected(server)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200  # noqa: PLR2004  OK
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def _ours(home: Path) -> Iterator[tuple[Server, Server]]:
    """`totalview web` with its queue; by the form, and by tus."""
    home.mkdir()
    os.environ["TOTALVIEW_HOME"] = str(home)
    os.environ["TOTALVIEW_API_RATE"] = "1000000"
    settings.cache_clear()
    upgrade()
    with db.writing() as session:
        campaigns.create(session, COMMAND_LINE, "Support")
    headers = bearer(key_of("support"))
    installation = Installation(home)
    try:
        installation.redis()
        with website(home, TOTALVIEW_API_RATE="1000000") as site:
            pid = site.process.pid
            yield Server(site.address, pid, _by_form(headers)), Server(site.address, pid, _by_tus(headers))
    finally:
        installation.end()


@contextmanager
def _peak(pid: int) -> Iterator[list[float]]:
    """What the process takes, in MB, looked at five times a second while the block lasts."""
    seen, ended = [0.0], Event()

    def look() -> None:
        while not ended.wait(0.2):
            seen.append(processes.memory_mb(processes.family(pid)))

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main()
