"""The real web process, attacked."""

from pathlib import Path

import pytest

from tests.browser.conftest import browse, outside
from tests.served import Served, served, served_home
from tests.website import Website

__all__ = ["browse", "outside", "served", "served_home"]  # fixtures made elsewhere


@pytest.fixture
def home(served_home: Path) -> Path:
    return served_home


@pytest.fixture
def site(served: Served) -> Website:
    return served.site
