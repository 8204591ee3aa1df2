"""What tests let children do (it stands in a module, as work for children must), and whether they live."""

import ctypes
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def who_am_i() -> int:
    return os.getpid()


def crash() -> None:
    ctypes.string_at(0)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def perhaps_die(die: bool) -> int:
    if die:
        killed()
    return 1


def die_once(mark: Path) -> int:
    if not mark.exists():
        mark.touch()
        killed()
    return 1


def leave() -> None:
    os._exit(3)


def linger(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def loop_in_c() -> None:
    re.match("(a+)+$", "a" * 60 + "b")


def allocate_without_bound() -> int:
    hoard = []
    while True:
        hoard.append(bytearray(64 << 20))


def refuse(words: str) -> None:
    raise ValueError(words)


class StubbornError(Exception):
    """Cannot be rebuilt from what pickle keeps of it."""

    def __init__(self, code: int, *, words: str) -> None:
        super().__init__(words)
        self.code = code


def refuse_stubbornly() -> None:
    raise StubbornError(7, words="seven it is")


def lock() -> object:
    return threading.Lock()


def nested() -> Callable[[], int]:
    return lambda: 1


def megabytes(count: int) -> bytes:
    return bytes(count << 20)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    for _ in range(600):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False
