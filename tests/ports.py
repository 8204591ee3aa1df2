"""Ports for servers that tests start, and start again."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

# Below those that Linux gives to whoever calls out: of two hundred servers, one found its port taken by a connection
# that somebody had made while Python was starting, or while the server was down between two starts.
FIRST, LAST = 15_000, 32_000
_ours: set[int] = set()


def free_port() -> int:
    """One that nobody listens at, and that no other process of a test run is given until this one ends."""
    for port in random.sample(range(FIRST, LAST), LAST - FIRST):
        if port not in _ours and _claimed(port):
            _ours.add(port)
            if _is_free(port):
                return port
    raise AssertionError(f"All ports from {FIRST} to {LAST} are taken.")


def _claimed(port: int) -> bool:
    """Lock one byte of a file, which has none: the lock goes when the process does, however it ends."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    return True


@cache
def _claims() -> int:
    return os.open(Path(tempfile.gettempdir()) / "totalview-tests-ports.lock", os.O_RDWR | os.O_CREAT, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
