"""A server that stands in for the real one, and the command that sends to it, without waiting long for anything."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.sending import batch, patience, pieces
from tests.commands.sending.standin import Standin, standin
from tests.commands.sending.uploading import KILOBYTE, Uploader, made


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(patience, "FIRST_S", 0.01)
    with standin() as running:
        yield running


@pytest.fixture
def uploader(server: Standin) -> Uploader:
    return Uploader(server)


@pytest.fixture
def thousandth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of the real sizes: files above 8 KB go in pieces of 16 KB."""
    for module, name in [(batch, "SMALL"), *[(pieces, name) for name in ("LARGEST", "SMALLEST", "SLICE")]]:
        monkeypatch.setattr(module, name, getattr(module, name) >> 10)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder of two small recordings."""
    return made(tmp_path / "calls", one=b"sound 1", two=b"sound 2")


@pytest.fixture
def large(tmp_path: Path, thousandth: None) -> Path:
    """A file that goes in three pieces."""
    return made(tmp_path / "large", large=os.urandom(40 * KILOBYTE)) / "large.wav"


@pytest.fixture
def said() -> list[str]:
    """The sentences that were told."""
    return []
