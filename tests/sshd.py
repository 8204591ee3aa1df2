"""A real OpenSSH server for tests: its own folder, keys and port, gone at the end; and a line to it that can be cut."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from config import settings
from tests.lines import Line
from tests.ports import free_port

PROGRAM = Path("/usr/sbin/sshd")
CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
{host_keys}
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
AllowUsers {user}
UsePAM no
StrictModes no
PasswordAuthentication no
MaxStartups 100
MaxSessions 100
LoginGraceTime 20
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {root}
"""


class SftpServer:
    """sshd, serving `root` to one user who may not read everything, even where the tests run as root."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "root"
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.port = free_port()
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        folder.chmod(0o755)
        self.root.mkdir()
        self._own(self.root)
        self.private_key = _key(folder / "client", "ed25519")
        shutil.copy(folder / "client.pub", folder / "authorized_keys")
        self.host_keys: dict[str, str] = {}
        for kind in ("ed25519", "ecdsa"):
            self.new_host_key(kind)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make TotalView come here."""
        return {
            "SFTP_HOST": "127.0.0.1",
            "SFTP_PORT": str(self.port),
            "SFTP_USERNAME": self.user,
            "SFTP_PRIVATE_KEY": self.private_key,
            "SFTP_HOST_KEY": self.host_key,
            "SFTP_ROOT": str(self.root),
        }

    @property
    def host_key(self) -> str:
        """The server's key as `ssh-keyscan` prints it, without the host."""
        return self.host_keys["ed25519"]

    def new_host_key(self, kind: str) -> str:
        """Another key for the server, which has it from its next start on."""
        path = self.folder / f"host_{kind}"
        for old in (path, path.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        _key(path, kind)
        public = " ".join(path.with_suffix(".pub").read_text(encoding="ascii").split()[:2])
        self.host_keys[kind] = public
        return public

    def put(self, path: str | bytes, content: bytes = b"", *, modified: float | None = None) -> Path:
        """A file below the root, its folders made; `modified` is its time in seconds since 1970."""
        target = Path(os.fsdecode(os.path.join(os.fsencode(self.root), os.fsencode(path))))  # noqa: PTH118  bytes
        self.folder_at(target.parent)
        target.write_bytes(content)
        self._own(target)
        if modified is not None:
            os.utime(target, (modified, modified))
        return target

    def folder_at(self, path: Path | str) -> Path:
        """A folder below the root, and those that it lies in."""
        target = self.root / path
        if not target.exists():
            self.folder_at(target.parent)
            target.mkdir()
            self._own(target)
        return target

    def start(self) -> None:
        """Start it; it answers when this returns."""
        lines = "\n".join(f"HostKey {self.folder}/host_{kind}" for kind in self.host_keys)
        text = CONFIGURATION.format(port=self.port, host_keys=lines, folder=self.folder, root=self.root, user=self.user)
        (self.folder / "sshd_config").write_text(text, encoding="utf-8")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks its unprivileged half in
        command = [str(part) for part in (PROGRAM, "-D", "-E", self.log, "-f", self.folder / "sshd_config")]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2):
                return
            time.sleep(0.05)
        raise TimeoutError(f"sshd did not come up: {self.log.read_text(encoding='utf-8')}")

    def stop(self) -> None:
        """End it and every connection to it."""
        if self._process is None:
            return
        family = _family(self._process.pid)
        self._process.kill()
        self._process.wait(20)
        self._process = None
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def connections(self) -> int:
        """How many are signed in."""
        return 0 if self._process is None else len(_children(self._process.pid))

    @contextmanager
    def line(self, **faults: int) -> Iterator[Line]:
        """A line to the server that breaks or falls silent after so many bytes; see `tests.lines.Line`."""
        with Line(self.port, **faults) as line:
            yield line

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            shutil.chown(path, self.user)


def _key(path: Path, kind: str) -> str:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "tests", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.read_text(encoding="ascii")


def _children(parent: int) -> list[int]:
    """Each connection is a session of its own to the system, so that no group of processes holds them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


def _family(parent: int) -> list[int]:
    return [one for child in _children(parent) for one in (child, *_family(child))]


@pytest.fixture
def sshd(monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A running server with nothing on it, which the settings lead to."""
    from tests.conftest import missing  # noqa: PLC0415  which imports this

    if not PROGRAM.exists():
        missing("OpenSSH's server is not installed (apt-get install openssh-server)")
    folder = Path(tempfile.mkdtemp(prefix=f"totalview-sshd-{uuid4().hex[:4]}-"))
    server = SftpServer(folder)
    server.start()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
