"""Files as the product stores them: under a random id, without an ending."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def stored(tmp_path: Path) -> Callable[[bytes], Path]:
    """Keep bytes as a stored recording, and answer where."""

    def store(data: bytes) -> Path:
        path = tmp_path / secrets.token_hex(8)
        path.write_bytes(data)
        return path

    return store
