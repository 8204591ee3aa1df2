"""A provider for tests of lines and outages: whatever the play says, from somebody else's machines."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import update

from config import settings
from pipeline.conductor import step
from pipeline.outcome import Again, Fault, ProviderError
from pipeline.transcribers import registry
from records import db
from records.campaigns import Campaign
from records.outages import ProviderState

CLOUD = "cloud"
REFUSED = ProviderError("Cloud refuses the key.", fault=Fault.ACCOUNT)
NOBODY = ProviderError("Cloud cannot be reached.", fault=Fault.AWAY)
BUSY = ProviderError("Cloud is busy.")


def put_cloud(monkeypatch: pytest.MonkeyPatch, *, places: int = 2) -> None:
    """Every campaign is transcribed by a remote provider with this many places."""
    cloud = registry.Provider("nowhere:nobody", "Cloud", lambda _: places)
    monkeypatch.setattr(registry, "PROVIDERS", {**registry.PROVIDERS, CLOUD: cloud})
    monkeypatch.setenv("TOTALVIEW_RETRY_SECONDS", "0.01")
    settings.cache_clear()
    with db.writing() as session:
        session.exec(update(Campaign).values(transcriber=CLOUD))


def state() -> ProviderState | None:
    with db.reading() as session:
        return session.get(ProviderState, CLOUD)


@contextmanager
def time_to_try() -> Iterator[None]:
    """As if the pause until the next try were over."""
    with db.writing() as session:
        session.exec(update(ProviderState).values(next_try_at=db.now()))
    yield


def once(look: Again) -> Again | None:
    return step(look.run_id, look.ticket)


def to_the_end_of_its_tries(look: Again) -> None:
    """Three tries."""
    for _ in range(2):
        following = once(look)
        assert following is not None
        look = following
    assert once(look) is None
