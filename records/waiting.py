"""What unfinished calls wait for, in words, and whether anything holds them up."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlmodel import Session, col, select

from records.runs import Run
from records.slots import ProviderSlot


class Waiting(NamedTuple):
    """Why a call's run is not being worked on here."""

    words: str = ""
    held_up: bool = False  # in line, in an outage or after a failed try; else it has its place, and is at work there


def of(session: Session, call_ids: Iterable[str]) -> Mapping[str, Waiting]:
    """By call; none for those that wait for nothing."""
    placed = select(ProviderSlot.run_id).where(ProviderSlot.run_id == Run.id).exists()
    query = select(Run.call_id, Run.waiting_for, placed).where(
        col(Run.call_id).in_(list(call_ids)), col(Run.ended_at).is_(None), Run.waiting_for != ""
    )
    return {call: Waiting(words, held_up=not at_work) for call, words, at_work in session.exec(query)}
