"""What every test may ask for: a fresh home, both databases, a campaign."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import settings
from pipeline import clients
from records import db
from records.access import COMMAND_LINE
from records.campaigns import Campaign, create
from records.checks import CheckSpec, MetricRule, PhraseRule
from records.migrate import upgrade
from tests import postgres
from tests.simulators.s3 import bucket, s3_server

__all__ = ["bucket", "s3_server"]  # fixtures made elsewhere

OURS = (
    *("TOTALVIEW_", "DATABASE_URL", "REDIS_URL", "WHISPER_MODEL", "S3_", "AWS_", "OIDC_"),
    *("ASSEMBLYAI_", "DEEPGRAM_", "ANTHROPIC_"),
)


def missing(reason: str) -> None:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("TOTALVIEW_TEST_ALL") == "1":
        pytest.fail(f"TOTALVIEW_TEST_ALL=1, and {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the machine's own settings, nor another test's."""
    for name in list(os.environ):
        if name.startswith(OURS) and name != "TOTALVIEW_TEST_ALL":
            monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    db.forget_engines()
    clients.forget_all()
    settings.cache_clear()


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating once is enough for all."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTALVIEW_HOME", str(folder))
        settings.cache_clear()
        upgrade()
        settings.cache_clear()
    return folder / "totalview.db"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _migrated: Path) -> Path:
    """A fresh TOTALVIEW_HOME with a migrated SQLite database."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(_migrated, folder / "totalview.db")
    monkeypatch.setenv("TOTALVIEW_HOME", str(folder))
    settings.cache_clear()
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL server."""
    binaries = postgres.programs()
    if binaries is None:
        missing("PostgreSQL is not installed (apt-get install postgresql)")
    else:
        with postgres.server(binaries) as address:
            yield address


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database to copy."""
    with postgres.database(postgres_server) as address:
        with pytest.MonkeyPatch.context() as patch:  # ends before the first test: none may write to the template
            patch.setenv("DATABASE_URL", address)
            settings.cache_clear()
            upgrade()
            settings.cache_clear()
        yield address.rsplit("/", 1)[1]


@pytest.fixture
def on_postgres(
    monkeypatch: pytest.MonkeyPatch, home: Path, postgres_server: str, _migrated_postgres: str
) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database; yields its address."""
    with postgres.database(postgres_server, _migrated_postgres) as address:
        monkeypatch.setenv("DATABASE_URL", address)
        settings.cache_clear()
        yield address
        db.forget_engines()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, home: Path) -> str:
    """A fresh, migrated database, once of each kind; answers the kind."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
    return str(request.param)


CHECKS = (
    CheckSpec(
        name="Greeting", section="Opening", weight=10, rule=PhraseRule(any=("thank you for calling",), speaker="agent")
    ),
    CheckSpec(
        name="Disclosure", section="Opening", weight=20, critical=True, rule=PhraseRule(any=("call may be recorded",))
    ),
    CheckSpec(
        name="No long silence", section="Handling", weight=5, rule=MetricRule(metric="longest_silence_s", at_most=20)
    ),
)


@pytest.fixture
def campaign(home: Path) -> Campaign:
    """A campaign 'support' with three checks."""
    with db.writing() as session:
        return create(session, COMMAND_LINE, "Support", CHECKS)
