"""Which files are meant: those named, and in folders what looks like a recording."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.sound.endings import SOUND, VIDEO

SUFFIXES = SOUND | VIDEO  # the server is spared the notes and sheets beside them


class Finder:
    """Goes through paths, folders with all that is below them. `left_out` counts what did not look like a recording."""

    def __init__(self, paths: Iterable[Path], *, everything: bool) -> None:
        self._paths, self._everything = paths, everything
        self._seen: set[tuple[int, int]] = set()
        self.left_out = 0

    def __iter__(self) -> Iterator[Path]:
        for path in self._paths:
            if os.path.isdir(path):  # noqa: PTH112  Path.is_dir raises where it may not look
                yield from self._folder(path)
            else:
                yield path  # named: whatever it is, there will be a word about it

    def _folder(self, folder: Path) -> Iterator[Path]:
        """Files first, by name; no folder twice, so that links in a circle end."""
        below: list[Path] = []
        try:
            here = folder.stat()
            if (here.st_dev, here.st_ino) in self._seen:
                return
            self._seen.add((here.st_dev, here.st_ino))
            names = sorted(os.listdir(folder))  # noqa: PTH208  names alone: a Path each would take ten times the memory
        except OSError:
            yield folder  # whoever opens it will say what is wrong
            return
        for name in names:
            if name.startswith("."):
                continue
            path = folder / name
            if os.path.isdir(path):  # noqa: PTH112  as above
                below.append(path)
            elif self._everything or path.suffix.lower() in SUFFIXES:
                yield path
            else:
                self.left_out += 1
        for path in below:
            yield from self._folder(path)
