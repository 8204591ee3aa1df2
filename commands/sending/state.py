"""What is unfinished, kept in the user's cache folder, so that the same command goes on where it was broken off.

Losing it costs time, never a recording: what the server has is asked of the server. The key is never in it.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Any

KEPT_S = 7 * 86_400  # servers drop an unfinished upload long before
MOST = 10_000  # entries, oldest first out

Entries = dict[str, dict[str, Any]]


def folder() -> Path:
    """The cache folder of this user."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(given) if given.startswith("/") else Path.home() / ".cache"
    return base / "totalview"


class Unfinished:
    """Notes about one campaign of one server. Threads and programs may share the file."""

    def __init__(self, where: Path, server: str, campaign: str, say: Callable[[str], None]) -> None:
        self._file, self._place = where / "uploads.json", (server, campaign)
        self._say, self._lock, self._warned = say, Lock(), False

    def get(self, *what: str) -> str:
        """What was noted of it; empty where nothing was."""
        return str(self._read().get(self._name(what), {}).get("is", ""))

    def note(self, value: str, *what: str) -> None:
        """Note it."""
        entry = {"is": value, "at": int(time.time())}
        self._change(lambda entries: entries.update({self._name(what): entry}))

    def forget(self, value: str, *what: str) -> None:
        """Drop the note, unless another program has noted something else meanwhile."""

        def drop(entries: Entries) -> None:
            if entries.get(self._name(what), {}).get("is") == value:
                del entries[self._name(what)]

        self._change(drop)

    def _name(self, what: tuple[str, ...]) -> str:
        """Hashed: the file gives away neither names nor addresses."""
        return hashlib.sha256(json.dumps([*self._place, *what]).encode()).hexdigest()

    def _read(self) -> Entries:
        try:
            found = json.loads(self._file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError, RecursionError):
            self._warn(f"{self._file} cannot be read, so that unfinished uploads begin anew.")
            return {}
        entries = found.get("entries") if isinstance(found, dict) else None
        if not isinstance(entries, dict):
            return {}
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}

    def _change(self, change: Callable[[Entries], None]) -> None:
        with self._lock:
            try:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with _alone(self._file.with_suffix(".lock")):
                    entries = self._read()
                    change(entries)
                    self._write(_young(entries))
            except OSError as error:
                why = error.strerror or "it cannot be written"
                self._warn(f"What is unfinished cannot be noted in {self._file.parent}: {why}.")

    def _write(self, entries: Entries) -> None:
        """The old file or the new one is there at any moment, and nothing between."""
        with NamedTemporaryFile("w", dir=self._file.parent, prefix=".uploads-", delete=False) as made:
            try:
                json.dump({"entries": entries}, made)
                made.flush()
                Path(made.name).replace(self._file)
            except BaseException:
                Path(made.name).unlink(missing_ok=True)
                raise

    def _warn(self, words: str) -> None:
        if not self._warned:
            self._warned = True
            self._say(words)


def _young(entries: Entries) -> Entries:
    def age(entry: dict[str, Any]) -> float:
        at = entry.get("at")
        return time.time() - at if isinstance(at, int | float) else float("inf")

    kept = sorted((item for item in entries.items() if age(item[1]) < KEPT_S), key=lambda item: age(item[1]))
    return dict(kept[:MOST])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One program at a time."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
