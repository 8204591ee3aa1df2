"""A server as it runs, recordings on disk, and two programs of other people that upload them by tus."""

import json
import os
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tusclient.client import TusClient
from tusclient.uploader import Uploader

from tests.website import Website, website

MEGABYTE = 1 << 20
PATIENCE_S = 120


def wav_file(path: Path, megabytes: int) -> Path:
    """A recording of so many megabytes, of which no two are alike."""
    size = megabytes * MEGABYTE
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt "
    with path.open("wb") as file:
        file.write(head + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack("<I", size))
        for _ in range(megabytes):
            file.write(os.urandom(MEGABYTE))
    return path


class Server:
    """The web process, which a test may kill and start again at the same address."""

    def __init__(self, home: Path) -> None:
        self._home, self._stack = home, ExitStack()
        self.site = self._start("")

    @property
    def uploads(self) -> str:
        """The endpoint, as a client is told it."""
        return f"{self.site.address}/api/v1/uploads"

    @property
    def memory(self) -> int:
        """The most that the process has used, in megabytes."""
        status = Path(f"/proc/{self.site.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

    def kill(self) -> None:
        """SIGKILL: nothing is put in order."""
        self.site.process.kill()
        self.site.process.wait(20)

    def restart(self) -> None:
        self.site = self._start(self.site.address.rsplit(":", 1)[1])

    def close(self) -> None:
        self._stack.close()

    def _start(self, port: str) -> Website:
        return self._stack.enter_context(website(self._home, options=["--api-only"], TOTALVIEW_PORT=port))


@contextmanager
def tuspy(server: Server, key: str, path: Path, **how: Any) -> Iterator[Uploader]:
    """An uploader of the library's, with the file that it reads."""
    client = TusClient(server.uploads, headers={"Authorization": f"Bearer {key}"})
    with path.open("rb") as file:
        yield client.uploader(file_stream=file, **{"retry_delay": 1, **how})


def result(uploader: Uploader) -> tuple[str, str]:
    """The call's id, and whether it was there."""
    headers = uploader.request.response_headers
    return headers["totalview-call-id"], headers["totalview-duplicate"]


@dataclass
class Sending:
    """tus-js-client at work in a process of its own."""

    process: subprocess.Popen[str]

    def events(self) -> Iterator[dict[str, Any]]:
        """What it tells, as it tells it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield json.loads(line)

    def until(self, event: str, **facts: Any) -> dict[str, Any]:
        """The first event of this kind; of progress, the first with so much `sent`."""
        seen = []
        for told in self.events():
            seen.append(told)
            if told["event"] == event and all(told[name] >= value for name, value in facts.items()):
                return told
        raise AssertionError(f"there was no {event}, but {seen[-5:]}")

    def rest(self) -> list[dict[str, Any]]:
        """All that it tells until its end, but for its progress."""
        told = [one for one in self.events() if one["event"] != "progress"]
        assert self.process.wait(PATIENCE_S) == 0
        return told

    def end(self) -> None:
        """SIGKILL, where it still runs; again does no harm."""
        self.process.kill()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


def sending(scripts: Path, endpoint: str, key: str, uploads: Sequence[dict[str, Any]], **how: Any) -> Sending:
    """Start it on these uploads, all at once; each is `file`, `metadata`, `uploadUrl`."""
    told = {"endpoint": endpoint, "key": key, "uploads": uploads, **how}
    command = ["node", "send.mjs", json.dumps(told, default=str)]
    return Sending(subprocess.Popen(command, cwd=scripts, stdout=subprocess.PIPE, text=True))
