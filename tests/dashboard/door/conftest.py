"""A real identity provider, set up as the company's, and where somebody stands who comes back from it."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from config import settings
from dashboard.door import identity_provider
from tests.clients.identity import IdentityProvider
from tests.clients.identity import identity_provider as running
from tests.clients.node import node_modules

__all__ = ["node_modules"]  # a fixture made elsewhere

ANN = {"email": "Ann@Example.org", "email_verified": True}


class Came:
    """Where somebody stands after the way to the provider and back."""

    def __init__(self, client, answer) -> None:
        self.client, self.answer = client, answer
        self.place = urlsplit(answer.headers["location"])
        self.trouble = parse_qs(self.place.query).get("trouble", [""])[0]
        self.who = client.get("/calls").json()["who"] if not self.trouble else None


@pytest.fixture(scope="session")
def _provider(node_modules, tmp_path_factory) -> Iterator[IdentityProvider]:
    with running(node_modules, tmp_path_factory.mktemp("idp"), "http://testserver/sso/callback") as provider:
        yield provider


@pytest.fixture
def works(_provider, monkeypatch, home) -> IdentityProvider:
    """The company's provider, which knows Ann and is set up here."""
    for name, value in {**_provider.settings, "TOTALVIEW_PUBLIC_URL": "http://testserver"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    identity_provider._client.cache_clear()
    _provider.knows(u1=ANN)
    return _provider
