"""A provider for tests of lines and outages: whatever the play says, from somebody else's machines."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import update

from config import settings
from pipeline.transcribers import registry
from records import db
from records.campaigns import Campaign
from records.outages import ProviderState

CLOUD = "cloud"


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
