"""A campaign, and a pipeline whose transcription a test decides."""

from collections.abc import Iterator

import pytest

from pipeline.storage import Folder
from records import db
from records.campaigns import Campaign
from tests.pipeline.staging import Play, put_stage, shop


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """The transcription stage, played; analysis and verdict are the real ones."""
    played = Play()
    put_stage(monkeypatch, "transcription", played)
    yield played
    assert not played.acts, "the play was not played to its end"


@pytest.fixture
def store(database: str) -> Campaign:
    """A campaign with three checks, once in each kind of database."""
    with db.writing() as session:
        return shop(session)


@pytest.fixture
def desk(home) -> Campaign:
    """A campaign with three checks, in SQLite."""
    with db.writing() as session:
        return shop(session)


@pytest.fixture(params=["one file", "whole objects"])
def grows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether storage makes safe what is not whole, as a folder does and a bucket does not."""
    if request.param == "whole objects":
        monkeypatch.setattr(Folder, "grow", lambda *_: None)
    return request.param == "one file"
