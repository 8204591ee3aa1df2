"""Browsers and those who change this machine's network take turns, in all processes of a test run.

Chromium gives up whatever it is about to ask for when an interface comes or goes (ERR_NETWORK_CHANGED): a page of
which one script is missing then stays empty.
"""

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HEARD_S = 3.0  # Chromium acts on some changes two seconds after them
_within: list[bool] = []


@contextmanager
def browsing() -> Iterator[None]:
    """Nobody changes the network while the block runs."""
    with _file("network") as network:
        with _file("turn") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(network, fcntl.LOCK_SH)
        yield


@contextmanager
def changing_the_network() -> Iterator[None]:
    """Nobody browses while the block runs. Whoever comes to browse while this waits for its turn waits behind it.

    Of a process that is within such a block already, another changes nothing.
    """
    if _within:
        yield
        return
    with _file("turn") as turn, _file("network") as network:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(network, fcntl.LOCK_EX)
        _within.append(True)
        try:
            yield
            time.sleep(HEARD_S)
        finally:
            _within.clear()


@contextmanager
def _file(name: str) -> Iterator[int]:
    """Locks on it end with the block."""
    with (Path(tempfile.gettempdir()) / f"totalview-tests-{name}.lock").open("w") as file:
        yield file.fileno()
