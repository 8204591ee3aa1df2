"""How long to try, and how to wait: for a server that is away, that is busy, or that wants fewer requests."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from threading import Event, Lock

FIRST_S, LONGEST_S = 0.5, 30.0
LONGEST_WISH_S = 600.0  # a longer Retry-After is not waited for at once
MOST_TRIES = 5  # of what the server answered with an error of its own
LONG_S = 90  # from here on a duration is told in minutes


class Stopped(Exception):  # noqa: N818  not an error: somebody said so
    """All sending ends here and now."""


class GiveUp(Exception):  # noqa: N818  the message is what people read of it
    """Nothing more can be sent, whichever file it is; the message says why, and what to do."""


class NotSent(Exception):  # noqa: N818  the message is what people read of it
    """This file could not be sent; others may be."""


class Blame(Enum):
    """What kind of trouble it is, and so for how long it is borne."""

    LINE = "line"  # the server is not heard, or is no use
    HELD = "held"  # somebody else is at the same upload
    RATE = "rate"  # too many requests: waiting cures it
    SERVER = "server"  # it answers, but with an error


class Trouble(Exception):  # noqa: N818  it may pass
    """A request failed in a way that may pass. `wish_s` is how long the server wants us to wait."""

    def __init__(self, blame: Blame, words: str, wish_s: float | None = None) -> None:
        super().__init__(words)
        self.blame, self.wish_s = blame, wish_s


class Patience:
    """Shared by all threads that send to one server: it is away for all of them or for none."""

    def __init__(self, give_up_after_s: float, say: Callable[[str], None]) -> None:
        self.bound_s = give_up_after_s
        self._say, self._lock = say, Lock()
        self._stop = Event()
        self._lost_since: float | None = None

    def stop(self) -> None:
        """Let every thread end at its next step."""
        self._stop.set()

    def check(self) -> None:
        """Raises Stopped when it is over."""
        if self._stop.is_set():
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Wait. Raises Stopped as soon as it is over."""
        if self._stop.wait(seconds):
            raise Stopped

    def heard(self) -> None:
        """The server answered."""
        with self._lock:
            if self._lost_since is not None:
                self._lost_since = None
                self._say("The server answers again.")

    def lost(self, why: str) -> None:
        """It did not. Raises GiveUp when it has not for too long."""
        with self._lock:
            if self._lost_since is None:
                self._lost_since = time.monotonic()
                self._say(f"{why} Trying again for {duration(self.bound_s)}.")
            elif time.monotonic() - self._lost_since > self.bound_s:
                raise GiveUp(f"{why} It was tried for {duration(self.bound_s)}.")


class Tries:
    """The tries of one file, or of one question."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._since: float | None = None  # when it first went wrong
        self._count = 0

    def progress(self) -> None:
        """Something was achieved: begin to count anew."""
        self._since, self._count = None, 0

    def again(self, trouble: Trouble) -> None:
        """Wait as long as is right. Raises NotSent or GiveUp when that is enough, Stopped."""
        self._since = self._since or time.monotonic()
        match trouble.blame:
            case Blame.LINE:
                self._patience.lost(str(trouble))
                self._bear(trouble, self._since)
            case Blame.HELD:
                self._bear(trouble, self._since)
            case Blame.SERVER if self._count + 1 >= MOST_TRIES:
                raise NotSent(f"{trouble} It was tried {MOST_TRIES} times.") from trouble
            case Blame.RATE:
                self._since = None
        pause = min(LONGEST_S, FIRST_S * 2**self._count) * random.uniform(0.5, 1)
        self._count = min(self._count + 1, 30)
        self._patience.sleep(max(pause, min(trouble.wish_s or 0, LONGEST_WISH_S)))

    def _bear(self, trouble: Trouble, since: float) -> None:
        if time.monotonic() - since > self._patience.bound_s:
            raise NotSent(f"{trouble} It was tried for {duration(self._patience.bound_s)}.") from trouble


def wish(retry_after: str) -> float | None:
    """Seconds that the header Retry-After asks for: a number, or a date."""
    with suppress(ValueError):
        return max(float(int(retry_after)), 0)
    with suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(retry_after)
        return max((moment - datetime.now(moment.tzinfo or UTC)).total_seconds(), 0)
    return None


def duration(seconds: float) -> str:
    """Seconds in words."""
    return f"{seconds:.0f} seconds" if seconds < LONG_S else f"{seconds / 60:.0f} minutes"
