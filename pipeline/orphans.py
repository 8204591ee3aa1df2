"""What nobody owns: objects that an intake left between bytes and row, samples that a killed worker left."""

import shutil
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from pathlib import Path

from sqlmodel import col, select

from pipeline.storage import Storage, call_of
from records.calls import Call
from records.db import now, reading

AGE = timedelta(hours=24)  # no intake takes longer
AT_ONCE = 500


def sweep(shelf: Storage) -> int:
    """Delete them; how many there were."""
    old = shelf.older_than(now() - AGE)
    swept = 0
    while keys := list(islice(old, AT_ONCE)):
        swept += _sweep(shelf, keys)
    return swept


def sweep_scratch(folder: Path) -> int:
    """Delete the rooms of runs that nobody works in any more; how many there were."""
    before = (now() - AGE).timestamp()
    left = [room for room in folder.glob("run-*") if room.stat().st_mtime < before]
    for room in left:
        shutil.rmtree(room, ignore_errors=True)
    return len(left)


def _sweep(shelf: Storage, keys: Iterable[str]) -> int:
    ids = {call_of(key): key for key in keys}
    with reading() as session:
        owned = set(session.exec(select(Call.id).where(col(Call.id).in_(ids))))
    for call_id in ids.keys() - owned:
        shelf.delete(ids[call_id])
    return len(ids.keys() - owned)
