"""Recordings from one storage to another: each read once while it is hashed, and some at a time."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from pipeline.backup.archive import BLOCK, hashed
from pipeline.backup.manifest import BackupRefused
from pipeline.storage import Storage

AT_ONCE = 8  # a bucket answers each after tens of milliseconds, however small it is
Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Item:
    """An object by its key, with what is known of its bytes; an empty `sha256` where nothing is."""

    key: str
    sha256: str = ""
    size: int = 0


def carry(source: Storage, target: Storage, item: Item, moved: Callable[[int], None], *, strict: bool) -> Item | None:
    """Bring an object over, unless it is there; what it is. None where the source has none.

    `strict`: raises BackupRefused where it is not what the item says, and stores nothing.
    """
    if item.sha256 and is_there(target, item):
        moved(item.size)
        return item
    try:
        opened = source.open(item.key)
    except FileNotFoundError:
        return None
    digest, size = hashlib.sha256(), 0
    with opened as file, target.write(item.key) as sink:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            sink.write(block)
            moved(len(block))
        found = replace(item, sha256=digest.hexdigest(), size=size)
        if strict and found != item:
            raise not_as_exported(item)
    return found


def is_there(shelf: Storage, item: Item) -> bool:
    """Whether these very bytes lie at this key."""
    try:
        if shelf.size(item.key) != item.size:
            return False
        with shelf.open(item.key) as file:
            return hashed(file) == item.sha256
    except FileNotFoundError:
        return False


def not_as_exported(item: Item) -> BackupRefused:
    """For an object that is not what the list says."""
    return BackupRefused(f"The archive is damaged: {item.key} is not as it was exported. Take another copy of it.")


def several(act: Callable[[Given], Made], each: Iterable[Given]) -> Iterator[Made]:
    """What `act` makes of each, in their order, with AT_ONCE under way; the first exception ends it."""
    pool = ThreadPoolExecutor(AT_ONCE, "backup")
    asked: deque[Future[Made]] = deque()
    try:
        for given in each:
            asked.append(pool.submit(act, given))
            if len(asked) >= 2 * AT_ONCE:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def prune(root: Path, keys: Iterable[str]) -> int:
    """Remove the files below `root` that are no object of this list; how many. Keys of one folder follow each other."""
    named: set[Path] = set()
    removed = 0
    for folder, together in groupby(keys, key=lambda key: key.rpartition("/")[0]):
        names = {key.rpartition("/")[2] for key in together}
        named.add(root / folder)
        removed += _prune(root / folder, names)
    others = [path for path in root.glob("*/*") if path.is_dir() and path not in named]
    return removed + sum(_prune(path, set()) for path in others)


def _prune(folder: Path, names: set[str]) -> int:
    left = [path for path in folder.glob("*") if path.name not in names]
    for path in left:
        path.unlink()
    return len(left)
