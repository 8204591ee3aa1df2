"""One web process for all tests that leave it as they found it: to start one takes longer than most of them."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import settings
from records import db
from records.tables import METADATA
from tests import postgres
from tests.conftest import EVERYTHING_ON
from tests.website import Website, website


@dataclass
class Served:
    """What the web process was started with, and where it is."""

    environment: dict[str, str]
    site: Website


@pytest.fixture(scope="session")
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One web process for all: to start one takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        environment = {"TOTALVIEW_HOME": str(folder)}
        if EVERYTHING_ON == "postgresql":
            server, like = map(request.getfixturevalue, ("postgres_server", "migrated_postgres"))
            environment["DATABASE_URL"] = stack.enter_context(postgres.database(server, like))
        else:
            shutil.copy(request.getfixturevalue("_migrated"), folder / "totalview.db")
        yield Served(environment, stack.enter_context(website(folder, **environment)))


@pytest.fixture
def served_home(served: Served, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The web process's home, with nothing in it."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    with db.writing() as session:
        for table in reversed(METADATA.sorted_tables):
            session.connection().execute(table.delete())
    return Path(served.environment["TOTALVIEW_HOME"])
