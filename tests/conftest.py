"""What every test may ask for: a fresh home, both databases, a campaign.

TOTALVIEW_TEST_DATABASE=postgresql runs every test on PostgreSQL that does not ask for SQLite by name.
"""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from config import settings
from pipeline import clients
from records import db
from records.access import COMMAND_LINE
from records.campaigns import Campaign, create
from records.checks import CheckSpec, MetricRule, PhraseRule
from records.migrate import upgrade
from tests import browsers, postgres
from tests.engines import Lender
from tests.simulators.s3 import bucket, s3_server
from tests.sshd import sshd

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["bucket", "s3_server", "sshd"]  # fixtures made elsewhere

OURS = (
    *("TOTALVIEW_", "DATABASE_URL", "REDIS_URL", "WHISPER_MODEL", "S3_", "AWS_", "OIDC_"),
    *("ASSEMBLYAI_", "DEEPGRAM_", "ANTHROPIC_", "SFTP_"),
)
# Tests by chance: how many examples `make test` tries, and how many `make test-all`. A busy machine is no failure.
hypothesis.settings.register_profile("quick", max_examples=40, deadline=None)
hypothesis.settings.register_profile("long", max_examples=400, deadline=None)
hypothesis.settings.load_profile("quick")

NOWHERE_ELSE = "--host-resolver-rules=MAP totalview.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
EVERYTHING_ON = os.environ.get("TOTALVIEW_TEST_DATABASE") or "sqlite"
ABOUT_THE_TESTS = {"TOTALVIEW_TEST_ALL", "TOTALVIEW_TEST_DATABASE"}
CHOOSE_THEMSELVES = ("database", "about_sqlite")
MADE_BY = {"sqlite": "_on_sqlite", "postgresql": "on_postgres"}  # kinds of database, and the fixtures that make them
if EVERYTHING_ON not in MADE_BY:
    raise ValueError(f"TOTALVIEW_TEST_DATABASE is 'sqlite' or 'postgresql', not '{EVERYTHING_ON}'.")


# What is tried on both databases every day: schema, locks and races. The rest is tried on SQLite, and on
# PostgreSQL by the long run and `make test-postgres`.
DAILY_ON_BOTH = (
    "test_migrations",
    "test_db",
    "at_once",
    "test_runs",
    "test_line",
    "test_rescue",
    "test_moves",
    "pipeline/sftp",
    "test_every_row_and_every_byte",
)
SLOW_ON_BOTH = ("test_each_step_goes_down_and_up_by_itself", "test_several_processes_may_migrate_at_once")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the long run what is much the same on PostgreSQL."""
    for item in items:
        daily = any(word in item.nodeid for word in DAILY_ON_BOTH) and not item.name.startswith(SLOW_ON_BOTH)
        if "postgresql" in item.name and not daily:
            item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """What is collected stays to the end: no collection of garbage looks through thousands of tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # a sixteenth of the time of tests of pages, with some megabytes more


def missing(reason: str) -> None:
    """Skip, or fail where nothing may be skipped."""
    if os.environ.get("TOTALVIEW_TEST_ALL") == "1":
        pytest.fail(f"TOTALVIEW_TEST_ALL=1, and {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """One for all tests of a process, in which Playwright can start only once. No page reaches another machine."""
    if browsers.CHROMIUM is None:
        missing(browsers.NO_CHROMIUM)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  half a second that most tests do not need

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.CHROMIUM, args=[*browsers.FLAGS, NOWHERE_ELSE])
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _engines_are_lent() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_open", Lender(db._open))
        yield


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the machine's own settings, nor another test's."""
    for name in list(os.environ):
        if name.startswith(OURS) and name not in ABOUT_THE_TESTS:
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
def home(request: pytest.FixtureRequest, _empty_home: Path) -> Path:
    """A fresh TOTALVIEW_HOME with a migrated database."""
    chosen = [name for name in CHOOSE_THEMSELVES if name in request.fixturenames]
    request.getfixturevalue(chosen[0] if chosen else MADE_BY[EVERYTHING_ON])
    return _empty_home


@pytest.fixture
def about_sqlite(_on_sqlite: Path) -> Path:
    """A fresh, migrated SQLite file, whatever the others run on: for tests of how SQLite itself is used."""
    return _on_sqlite


@pytest.fixture
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("TOTALVIEW_HOME", str(folder))
    settings.cache_clear()
    return folder


@pytest.fixture
def _on_sqlite(_empty_home: Path, _migrated: Path) -> Path:
    return Path(shutil.copy(_migrated, _empty_home / "totalview.db"))


@pytest.fixture
def nothing_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A TOTALVIEW_HOME that is not there yet, and on PostgreSQL a database without a table."""
    monkeypatch.setenv("TOTALVIEW_HOME", str(tmp_path / "data"))
    with ExitStack() as stack:
        if EVERYTHING_ON == "postgresql":
            server = request.getfixturevalue("postgres_server")
            monkeypatch.setenv("DATABASE_URL", stack.enter_context(postgres.database(server)))
        settings.cache_clear()
        yield tmp_path / "data"
        db.forget_engines()


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
def migrated_postgres(postgres_server: str) -> Iterator[str]:
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
    monkeypatch: pytest.MonkeyPatch, _empty_home: Path, postgres_server: str, migrated_postgres: str
) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database; yields its address."""
    with postgres.database(postgres_server, migrated_postgres) as address:
        monkeypatch.setenv("DATABASE_URL", address)
        settings.cache_clear()
        yield address
        db.forget_engines()


@pytest.fixture(params=list(MADE_BY))
def database(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, once of each kind; answers the kind."""
    request.getfixturevalue(MADE_BY[request.param])
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
