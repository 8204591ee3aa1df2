"""Recordings that wait to be sent, in a file: a hundred thousand of them take no memory."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from tempfile import TemporaryFile
from typing import Self

from commands.sending.contents import Recording


@dataclass(frozen=True)
class Item:
    """A recording to send; `resume` is the id of an unfinished upload of it."""

    recording: Recording
    resume: str = ""


class Spool:
    """Filled, then read, both from the beginning to the end. A context."""

    def __init__(self) -> None:
        self._file = TemporaryFile("w+", encoding="ascii")  # noqa: SIM115  closed by this context
        self.count, self.size = 0, 0

    def add(self, item: Item) -> None:
        """Put it behind the others."""
        self._file.write(json.dumps({**asdict(item.recording), "resume": item.resume}) + "\n")
        self.count += 1
        self.size += item.recording.size

    def __iter__(self) -> Iterator[Item]:
        self._file.seek(0)
        for line in self._file:
            entry = json.loads(line)
            yield Item(resume=entry.pop("resume"), recording=Recording(**entry))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        self._file.close()
