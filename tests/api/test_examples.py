"""The examples of docs/api.md, run as they stand there, in their order, against a real installation."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import checksheet
from records import api_keys, campaigns, db
from records.access import COMMAND_LINE
from tests.clients.node import node_modules
from tests.conftest import missing
from tests.house_rules import ROOT
from tests.installation import installed
from tests.website import website

__all__ = ["node_modules"]  # a fixture made elsewhere
PROGRAMS = {
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "--eval"],
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """A block of code, and what it prints, where the page says so."""

    program: str
    code: str
    prints: str | None


def examples(page: str) -> list[Example]:
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    found: list[Example] = []
    for language, text in blocks:
        if language == "text":
            found[-1].prints = text
        elif language in PROGRAMS:
            found.append(Example(language, text, None))
    return found


@pytest.fixture
def folder(tmp_path: Path, node_modules: Path) -> Path:
    """What the examples find around them."""
    (tmp_path / "node_modules").symlink_to(node_modules)
    shutil.copy(ROOT / "samples" / "flagged_call.opus", tmp_path / "call.opus")
    shutil.copy(ROOT / "samples" / "good_call.opus", tmp_path / "other.opus")
    (tmp_path / "notes.txt").write_text("Call Dana back.\n")
    return tmp_path


@pytest.fixture
def environment(home: Path) -> Iterator[dict[str, str]]:
    """A running installation with a campaign, and a key of it."""
    with db.writing() as session:
        checks = checksheet.read((ROOT / "samples" / "checks.yaml").read_text(encoding="utf-8"))
        campaigns.create(session, COMMAND_LINE, "Customer service", checks)
        key = api_keys.create(session, COMMAND_LINE, "customer-service")[1]
    with installed(home) as installation, website(home, options=["--api-only"]) as site:
        installation.workers()
        yield {**os.environ, "TOTALVIEW_URL": site.address, "TOTALVIEW_API_KEY": key}


def test_the_examples_do_what_the_page_says(environment: dict[str, str], folder: Path):
    for name in ("bash", "curl", "node"):
        if shutil.which(name) is None:
            missing(f"{name} is not installed")
    found = examples("api.md")
    assert {example.program for example in found} == set(PROGRAMS)
    for example in found:
        ran = subprocess.run(
            [*PROGRAMS[example.program], example.code],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, example.code + ran.stdout + ran.stderr
        if example.prints is not None:
            assert re.fullmatch(pattern(example.prints), ran.stdout.strip(), re.DOTALL), example.code + ran.stdout


def pattern(prints: str) -> str:
    """What was printed, where … stands for anything."""
    return ".*?".join(map(re.escape, prints.strip().split("…")))


def test_a_page_that_promised_something_else_would_be_seen():
    assert re.fullmatch(pattern('{"id":"…","n":…}'), '{"id":"abc","n":7}')
    assert not re.fullmatch(pattern("completed … flagged"), "completed 22.2 not")
