"""Keeps the claims of this process alive while it works: one thread and one write for all, however many they are."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from sqlmodel import col, select, update

from config import settings
from pipeline.work import Work
from records.db import UNSEEN, now, writing
from records.runs import Run
from records.slots import ProviderSlot

log = logging.getLogger(__name__)

BEATS = 4  # within a lease: three may fail before it is lost

_lock = Lock()
_held: dict[str, int] = {}  # claims, and the run of each
_over = Event()  # of the thread that renews: nothing is held any more


@contextmanager
def lease(work: Work) -> Iterator[None]:
    """Keep the claim alive while the block runs, so that nobody takes a long stage for a dead one."""
    global _over  # noqa: PLW0603  a thread for each time in which something is held
    with _lock:
        if not _held:
            _over = Event()
            Thread(target=_beat, args=(_over,), name="leases", daemon=True).start()
        _held[work.claim] = work.run_id
    try:
        yield
    finally:
        with _lock:
            del _held[work.claim]
            if not _held:
                _over.set()


def lease_end() -> datetime:
    """Until when a claim holds that is made or renewed now."""
    return now() + timedelta(seconds=settings().lease_seconds)


def _beat(over: Event) -> None:
    while not over.wait(settings().lease_seconds / BEATS):
        with _lock:
            held = dict(_held)
        try:
            _renew(held)
        except Exception:
            log.warning("The claims on %s could not be renewed just now.", _named(held), exc_info=True)


def _renew(held: Mapping[str, int]) -> None:
    """What was lost meanwhile is its new holder's, and stays as it is."""
    ours = col(Run.id).in_(held.values()), col(Run.claim).in_(held)
    with writing() as session:
        session.exec(update(Run).where(*ours).values(lease_until=lease_end()), execution_options=UNSEEN)
    with writing() as session:  # by itself, so that no run is locked while a place is waited for
        theirs, end = col(ProviderSlot.run_id).in_(select(Run.id).where(*ours)), lease_end()
        sooner = col(ProviderSlot.lease_until) < end  # a run that has just begun to wait keeps its place for longer
        session.exec(update(ProviderSlot).where(theirs, sooner).values(lease_until=end), execution_options=UNSEEN)


def _named(held: Mapping[str, int]) -> str:
    return f"run {next(iter(held.values()))}" if len(held) == 1 else f"{len(held)} runs"
