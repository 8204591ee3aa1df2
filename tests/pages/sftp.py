"""What the pages of SFTP show, read off their components; and a server that is set up in words alone."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from config import settings
from records import db
from records.sftp_state import SftpState
from tests.pages.conftest import components

NASTY = "<img src=x onerror=alert(1)> **bold** [a](http://evil.test) :smile: \u202egpj.wav"


def set_up(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """The settings name a server; nothing answers there."""
    for name, value in {"SFTP_HOST": "127.0.0.1", "SFTP_PORT": "1", **more}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()


def swept(**facts: Any) -> None:
    with db.writing() as session:
        session.add(SftpState(**facts))


def table(at: AppTest, label: str) -> list[dict[str, Any]]:
    """The rows of one of the tables; none where it is not on the page."""
    return next((each["rows"] for each in components(at, "table") if each["label"] == label), [])


def cells(at: AppTest, label: str) -> list[list[str]]:
    """What each row of a table says."""
    return [[_said(cell) for cell in row["cells"]] for row in table(at, label)]


def keys(at: AppTest) -> list[str]:
    return [button.key for button in at.button]


def _said(cell: dict[str, Any] | None) -> str:
    return "" if cell is None else str(cell.get("text") or cell.get("label", ""))
