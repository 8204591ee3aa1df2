"""A home with quick leases and a running Redis, and recordings to put through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import settings
from jobs import enqueue
from pipeline import children, intake
from pipeline.intake import Arrival
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.statuses import Source
from tests.audio import encode, speech
from tests.house_rules import ROOT
from tests.installation import QUICK, Installation, installed

STAGED = Path(__file__).with_name("staged_worker.py")


@pytest.fixture
def installation(home: Path, campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the worker that is stopped at a point
    settings.cache_clear()
    with installed(home) as running:
        yield running
    children.close()


def take_in(number: int = 0) -> Call:
    """A short spoken call, unlike the others by a click of its own; asked for as every source does."""
    samples, rate, _ = speech()
    samples = samples[:, : rate * 4].copy()
    samples[0, number] = 1000
    arrival = Arrival("support", f"call {number}.wav", [encode(samples, rate, "wav")], Source.BULK_JOB)
    return intake.receive(COMMAND_LINE, arrival, enqueue.first).call
