"""A running server with a key, and the clients."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from records.campaigns import Campaign
from tests.api.uploading import key_of
from tests.clients.node import node_modules, scripts
from tests.clients.tusing import Sending, Server, sending
from tests.installation import installed

__all__ = ["node_modules", "scripts"]  # fixtures made elsewhere


@pytest.fixture
def key(campaign: Campaign) -> str:
    return key_of(campaign.slug)


@pytest.fixture
def server(home: Path, key: str) -> Iterator[Server]:
    with installed(home), closing(Server(home)) as running:
        yield running


@pytest.fixture
def send(server: Server, key: str, scripts: Path) -> Iterator[Callable[..., Sending]]:
    """`send({"file": path}, ...)` starts tus-js-client on these files, at once."""
    begun: list[Sending] = []

    def start(*uploads: dict[str, Any], **how: Any) -> Sending:
        begun.append(sending(scripts, server.uploads, uploads=uploads, **{"key": key, **how}))
        return begun[-1]

    yield start
    for one in begun:
        one.end()
