"""Recordings on their way in, and what is left afterwards."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlmodel import func, select

from config import settings
from pipeline import intake
from pipeline.intake import Arrival, Facts, Received, Refused
from records import db
from records.access import COMMAND_LINE, Identity
from records.calls import Call, CallEvent
from records.runs import Run
from records.statuses import Source
from tests.audio import encode, tone


def wav(number: int = 0, seconds: float = 0.5) -> bytes:
    """A recording unlike those of other numbers."""
    samples = np.array(tone(seconds, rate=8000))
    samples[..., 0] = number
    return encode(samples, 8000, "wav")


def here(function: Callable[..., Any], *args: object, timeout_s: float) -> Any:
    """Takes the place of `children.run`: starting a child takes a second, and what they are for is tested elsewhere."""
    assert timeout_s > 0
    return function(*args)


def nobody(_call: Call, _run: Run) -> None:
    """Asks nobody."""


def receive(
    blocks: bytes | Iterable[bytes] = b"",
    *,
    who: Identity = COMMAND_LINE,
    ask: Callable[[Call, Run], None] = nobody,
    campaign: str = "support",
    filename: str = "call.wav",
    source: Source = Source.API,
    **facts: Any,
) -> Received:
    given = [blocks] if isinstance(blocks, bytes) else blocks
    return intake.receive(who, Arrival(campaign, filename, given, source, Facts(**facts)), ask)


def in_storage() -> list[Path]:
    return sorted(path for path in (settings().folder / "storage").rglob("*") if path.is_file())


def in_database() -> tuple[int, int, int]:
    """How many calls, lines of timelines, and runs there are."""
    with db.reading() as session:
        calls, events, runs = (
            session.exec(select(func.count()).select_from(table)).one() for table in (Call, CallEvent, Run)
        )
    return calls, events, runs


def nothing_left() -> bool:
    return (in_storage(), in_database()) == ([], (0, 0, 0))


def refusal(act: Callable[[], object]) -> Refused:
    """The refusal of a file, of which nothing stays behind."""
    with pytest.raises(Refused) as error:
        act()
    assert nothing_left()
    words = str(error.value)
    assert words.endswith(".")
    assert str(settings().folder) not in words
    return error.value
