"""What nobody owns: objects that were left between bytes and row, samples that a killed worker left."""

import re
import shutil
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path

from sqlmodel import col, select

from pipeline.pieces import nobodys
from pipeline.storage import Storage, call_of, recording_key, rendition_key
from records.calls import Call
from records.db import now, reading

AGE = timedelta(hours=24)  # no intake takes longer
AT_ONCE = 500
HOURS, FOLDERS = 24, 256
KINDS, CHECKS = ("recordings", "renditions", "uploads"), "checks/"
_CHECK = re.compile(rf"{CHECKS}[0-9a-f]{{32}}")  # left by a look at storage's health that was killed
ROOMS = ("run-*", "lent-*")  # decoded samples, and recordings fetched from a bucket


def sweep(shelf: Storage, hour: int | None = None) -> int:
    """Delete them; how many there were. Memory holds AT_ONCE keys, however many there are.

    Of very many objects one hour looks through a part: each of the day through another, and together through all.
    """
    before, swept = now() - AGE, 0
    folders = [""] if hour is None else _folders(hour)
    old = chain.from_iterable(shelf.older_than(before, folder) for folder in folders)
    while keys := list(islice(old, AT_ONCE)):
        swept += _sweep(shelf, keys)
    # Last: a bucket may let nobody see these.
    return swept + sum(shelf.drop_unfinished(before, folder) for folder in folders)


def _folders(hour: int) -> list[str]:
    """Ids are random, and their first two digits name the folder: there are as many objects in each."""
    numbers = range(hour % HOURS, FOLDERS, HOURS)
    return [*(f"{kind}/{number:02x}/" for kind in KINDS for number in numbers), CHECKS]


def sweep_scratch(folder: Path) -> int:
    """Delete the rooms of runs that nobody works in any more; how many there were."""
    before = (now() - AGE).timestamp()
    left = [room for kind in ROOMS for room in folder.glob(kind) if room.stat().st_mtime < before]
    for room in left:
        shutil.rmtree(room, ignore_errors=True)
    return len(left)


def _sweep(shelf: Storage, keys: Iterable[str]) -> int:
    """Only what is known by its key is judged: another's objects may lie in the same bucket."""
    ours = {key: call_of(key) for key in keys if key in (recording_key(call_of(key)), rendition_key(call_of(key)))}
    with reading() as session:
        kept = col(Call.recording_gone_at).is_(None)  # what retention removed, and storage did not let go of then
        owned = set(session.exec(select(Call.id).where(col(Call.id).in_(set(ours.values())), kept)))
        pieces = nobodys(session, keys)
    left = [key for key, call_id in ours.items() if call_id not in owned]
    left += pieces
    left += [key for key in keys if _CHECK.fullmatch(key)]
    for key in left:
        shelf.delete(key)
    return len(left)
