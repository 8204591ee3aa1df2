"""Objects in storage that no call owns: what an intake left that was cut off between bytes and row."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

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


def _sweep(shelf: Storage, keys: Iterable[str]) -> int:
    ids = {call_of(key): key for key in keys}
    with reading() as session:
        owned = set(session.exec(select(Call.id).where(col(Call.id).in_(ids))))
    for call_id in ids.keys() - owned:
        shelf.delete(ids[call_id])
    return len(ids.keys() - owned)
