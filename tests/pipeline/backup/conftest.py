"""Installations of each kind, and an archive of one with a finished call and a waiting one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from pipeline import children
from records.campaigns import Campaign
from records.migrate import upgrade
from tests import postgres
from tests.pipeline.arriving import here
from tests.pipeline.backup.world import came_in, elsewhere, exported
from tests.pipeline.staging import Play, drive
from tests.simulators.s3 import settings_for, straight

Installation = Callable[[str], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "run", here)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Installation:
    """`with installation(kind)`: a fresh and empty one, of SQLite and a folder, or of PostgreSQL and a bucket."""

    @contextmanager
    def made(kind: str) -> Iterator[None]:
        home = tmp_path / uuid4().hex
        if kind == "sqlite":
            with elsewhere(monkeypatch, home):
                upgrade()
                yield
            return
        server, (endpoint, _process) = map(request.getfixturevalue, ("postgres_server", "s3_server"))
        bucket = f"copies-{uuid4().hex[:12]}"
        straight(endpoint).create_bucket(Bucket=bucket)
        with (
            postgres.database(server) as address,
            elsewhere(monkeypatch, home, DATABASE_URL=address, **settings_for(endpoint, bucket)),
        ):
            upgrade()
            yield

    return made


@pytest.fixture
def archive(desk: Campaign, play: Play, tmp_path: Path) -> Path:
    """What was exported of a small installation."""
    drive(came_in(1))
    came_in(2)
    exported(tmp_path / "archive")
    return tmp_path / "archive"
