"""How far it is, on stderr: a bar where a person looks on, else a line now and then."""

import sys
import time
from collections.abc import Callable
from threading import Lock
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from commands.sending.patience import duration

EVERY_S = 10.0


class Meter:
    """How much of one file has gone: told as a position, which may fall back."""

    def __init__(self, add: Callable[[int], None]) -> None:
        self._add, self._at = add, 0

    def __call__(self, at: int) -> None:
        if at != self._at:
            self._add(at - self._at)
            self._at = at


class Lines:
    """Progress as lines of text. `phase` begins a part of the work; totals of None are not known."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._title, self._files, self._bytes = "", 0, 0
        self._of_files: int | None = None
        self._of_bytes: int | None = None
        self._began = self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        pass

    def phase(self, title: str, files: int | None = None, size: int | None = None) -> None:
        with self._lock:
            self._title, self._of_files, self._of_bytes = title, files, size
            self._files, self._bytes = 0, 0
            self._began = self._last = time.monotonic()

    def moved(self, size: int) -> None:
        """So many bytes more, or, below 0, less."""
        with self._lock:
            self._bytes += size
            self._tell()

    def done(self) -> None:
        """One file more."""
        with self._lock:
            self._files += 1
            self._tell()

    def say(self, words: str) -> None:
        """A sentence beside the progress."""
        print(words, file=sys.stderr, flush=True)  # noqa: T201  a command's own words

    def _tell(self) -> None:
        if time.monotonic() - self._last >= EVERY_S:
            self._last = time.monotonic()
            self.say(f"{self._title}: {self._counts()}{self._left()}")

    def _counts(self) -> str:
        files = f"{self._files:,}" + (f" of {self._of_files:,}" if self._of_files is not None else "")
        size = f"{self._bytes / 1e6:,.1f}" + (f" of {self._of_bytes / 1e6:,.1f}" if self._of_bytes is not None else "")
        return f"{files} files, {size} MB"

    def _left(self) -> str:
        if not self._of_bytes or self._bytes <= 0:
            return ""
        took = time.monotonic() - self._began
        return f", {duration(took * max(self._of_bytes / self._bytes - 1, 0))} left"


class Bar(Lines):
    """Progress as a bar."""

    def __init__(self) -> None:
        super().__init__()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[files]}"),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_how: object) -> None:
        self._shown.stop()

    def phase(self, title: str, files: int | None = None, size: int | None = None) -> None:
        super().phase(title, files, size)
        if self._task is not None:
            self._shown.remove_task(self._task)
        self._task = self._shown.add_task(title, total=size, files=self._shown_files())

    def say(self, words: str) -> None:
        self._shown.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def _shown_files(self) -> str:
        return f"{self._files:,}" + (f"/{self._of_files:,}" if self._of_files is not None else "") + " files"

    def _tell(self) -> None:
        if self._task is not None:
            self._shown.update(self._task, completed=self._bytes, files=self._shown_files())


def on_stderr() -> Lines:
    """A bar where stderr is a terminal."""
    return Bar() if sys.stderr.isatty() else Lines()
