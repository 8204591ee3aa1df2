"""The components' scripts: text stays text, and nothing is fetched from elsewhere."""

import re

import pytest

from dashboard.components import ASSETS, BENEATH

SCRIPTS = sorted(ASSETS.glob("*.js"))
EVERYTHING = sorted(path for path in ASSETS.iterdir() if path.suffix in (".js", ".css", ".html", ".svg"))
named = {"ids": lambda path: path.name}


@pytest.mark.parametrize("path", SCRIPTS, **named)
def test_no_script_makes_markup_of_text(path):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|DOMParser|srcdoc"
    assert re.findall(forbidden, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", EVERYTHING, **named)
def test_nothing_is_fetched_from_elsewhere(path):
    addresses = re.findall(r"https?://[^\s\"')]+|@import|url\(", path.read_text(encoding="utf-8"))
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}


def test_every_script_has_its_style():
    """But for those that draw nothing."""
    drawing = {path.stem for path in SCRIPTS if path.name not in BENEATH.values()}
    assert drawing <= {path.stem for path in ASSETS.glob("*.css")}
