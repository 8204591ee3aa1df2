"""Programs that call the API with a key: one of campaign 'support', and one of another."""

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import PREFIX, build
from api.astray import STRAY, Below
from jobs import enqueue, rates
from records import api_keys, db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign, create
from records.runs import Run

CallerOf = Callable[[str], TestClient]


@pytest.fixture(scope="session")
def site() -> Starlette:
    """The API where it is mounted."""
    return Starlette(routes=[Below(PREFIX, build()), *STRAY])


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody counts requests: there is no Redis in most tests."""
    monkeypatch.setattr(rates, "count", lambda *_asked: None)


@pytest.fixture
def caller_of(site: Starlette, uncounted: None) -> Iterator[CallerOf]:
    """`caller_of(slug)`: a client with a new key of this campaign. It follows no redirect by itself."""
    clients = []

    def make(slug: str) -> TestClient:
        with db.writing() as session:
            _row, secret = api_keys.create(session, COMMAND_LINE, slug, name="tests")
        client = TestClient(site, follow_redirects=False, headers={"Authorization": f"Bearer {secret}"})
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def caller_client(campaign: Campaign, caller_of: CallerOf) -> TestClient:
    """With a key of campaign 'support'."""
    return caller_of(campaign.slug)


@pytest.fixture
def other_campaign(campaign: Campaign) -> Campaign:
    """Another campaign than 'support'."""
    with db.writing() as session:
        return create(session, COMMAND_LINE, "Elsewhere")


@pytest.fixture
def other_client(other_campaign: Campaign, caller_of: CallerOf) -> TestClient:
    """With a key of the other campaign: nothing of 'support' is there for it."""
    return caller_of(other_campaign.slug)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Call, Run]]:
    """The runs that a worker was asked to begin."""
    runs: list[tuple[Call, Run]] = []
    monkeypatch.setattr(enqueue, "first", lambda call, run: runs.append((call, run)))
    return runs
