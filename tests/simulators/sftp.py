"""An SFTP server that is not OpenSSH, nor well-behaved: passwords, names that are none, short answers."""

import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface


@dataclass
class Manners:
    """How the server behaves; a test changes it before it connects."""

    username: str = "recorder"
    password: str = "correct horse"
    ways: str = "password"
    sftp: bool = True
    greeting: bytes = b""  # printed where SFTP is due
    most_bytes: int = 1 << 20  # in one answer
    kinds_told: bool = True  # whether attributes say what an entry is
    files: dict[bytes, bytes] = field(default_factory=dict)  # of its only folder
    passwords_seen: list[str] = field(default_factory=list)
    host_key: paramiko.PKey = field(default_factory=lambda: paramiko.ECDSAKey.generate(bits=256))
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SFTP_HOST": "127.0.0.1",
            "SFTP_PORT": str(self.port),
            "SFTP_USERNAME": self.username,
            "SFTP_PASSWORD": self.password,
            "SFTP_HOST_KEY": f"{self.host_key.get_name()} {self.host_key.get_base64()}",
            "SFTP_ROOT": "/",
        }


@contextmanager
def served(manners: Manners) -> Iterator[Manners]:
    """Such a server, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    manners.port = listener.getsockname()[1]
    transports: list[paramiko.Transport] = []
    Thread(target=_accept, args=(listener, manners, transports), daemon=True).start()
    try:
        yield manners
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()


def _accept(listener: socket.socket, manners: Manners, transports: list[paramiko.Transport]) -> None:
    with suppress(OSError):
        while True:
            line, _ = listener.accept()
            transport = paramiko.Transport(line)
            transports.append(transport)
            transport.add_server_key(manners.host_key)
            if manners.sftp:
                transport.set_subsystem_handler("sftp", _Greeting, _Folder, manners=manners)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=_Door(manners))


class _Door(paramiko.ServerInterface):
    def __init__(self, manners: Manners) -> None:
        self.manners = manners

    def get_allowed_auths(self, _username: str) -> str:
        return self.manners.ways

    def check_auth_password(self, username: str, password: str) -> int:
        self.manners.passwords_seen.append(password)
        right = (username, password) == (self.manners.username, self.manners.password)
        return paramiko.AUTH_SUCCESSFUL if right and "password" in self.manners.ways else paramiko.AUTH_FAILED

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Greeting(SFTPServer):
    def __init__(self, channel, name, server, interface, manners: Manners) -> None:
        if manners.greeting:
            channel.sendall(manners.greeting)
        super().__init__(channel, name, server, interface, manners=manners)


class _Folder(SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, manners: Manners) -> None:
        super().__init__(server)
        self.manners = manners

    def list_folder(self, _path: str) -> list[SFTPAttributes]:
        return [self._file(name) for name in self.manners.files]

    def lstat(self, path: str) -> SFTPAttributes | int:
        name = path.strip("/").encode("utf-8")
        if not name:
            return self._attributes(stat.S_IFDIR | 0o755, 0)
        return self._file(name) if name in self.manners.files else paramiko.SFTP_NO_SUCH_FILE

    stat = lstat  # there are no links

    def open(self, path: str, _flags: int, _attr: SFTPAttributes) -> SFTPHandle:
        return _Open(self.manners.files[path.strip("/").encode("utf-8")], self.manners.most_bytes)

    def _file(self, name: bytes) -> SFTPAttributes:
        made = self._attributes(stat.S_IFREG | 0o644, len(self.manners.files[name]))
        made.filename = name
        return made

    def _attributes(self, mode: int, size: int) -> SFTPAttributes:
        made = SFTPAttributes()
        made.st_size, made.st_mtime, made.st_atime = size, 1_700_000_000, 1_700_000_000
        made.st_mode = mode if self.manners.kinds_told or stat.S_ISDIR(mode) else None
        return made


class _Open(SFTPHandle):
    def __init__(self, content: bytes, most: int) -> None:
        super().__init__()
        self._content, self._most = content, most

    def read(self, offset: int, length: int) -> bytes | int:
        found = self._content[offset : offset + min(length, self._most)]
        return found or paramiko.SFTP_EOF
