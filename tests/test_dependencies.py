"""What is installed is what was locked, by hash; each direct dependency is explained, each licence one that we take."""

import re
import tomllib
from importlib import metadata

import pytest

from tests.house_rules import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(
    r"([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?==(\S+)(?: ;[^\\]*)?(?:(?: \\\n    --hash=sha256:[0-9a-f]{64})+)"
)
TAKEN = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Mozilla|CC0")
LESSER = {"paramiko", "pebble", "psycopg", "psycopg-binary"}  # LGPL: used as libraries, unchanged


def locked(lock: str) -> dict[str, set[str]]:
    """Versions by name; there are several where Pythons differ."""
    found: dict[str, set[str]] = {}
    for name, version in PINNED.findall((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(name.lower(), set()).add(version)
    return found


def direct() -> set[str]:
    """What pyproject.toml asks for to run the product."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return {re.split(r"[\[>=<; ]", each, maxsplit=1)[0].lower() for each in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_version_with_its_hashes(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    rest = [line for line in PINNED.sub("", text).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert rest == [], "no addresses, options or ranges"
    assert locked(lock)


def test_the_product_asks_for_nothing_that_is_not_locked():
    assert direct() <= locked("requirements.lock").keys()


def test_what_is_installed_is_what_was_locked():
    there = {name: versions for lock in LOCKS for name, versions in locked(lock).items() if installed(name)}
    assert len(there) > len(direct())
    assert {name: installed(name) for name in there if installed(name) not in there[name]} == {}


def test_every_direct_dependency_is_explained_and_nothing_else_is():
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)
    explained = {re.sub(r" \(.*\)", "", name).strip().lower() for row in rows[1:] for name in row.split(",")}
    assert explained - {"---"} == direct()


def test_every_licence_is_one_that_we_take():
    unknown = {name: licence(name) for name in locked("requirements.lock") if installed(name)}
    unknown = {name: words for name, words in unknown.items() if not TAKEN.search(words)}
    assert unknown.keys() <= LESSER, unknown
    assert all("LGPL" in words for words in unknown.values())


def installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # of another system
        return ""


def licence(name: str) -> str:
    facts = metadata.metadata(name)
    kinds = [kind.rpartition("::")[2] for kind in facts.get_all("Classifier") or () if kind.startswith("License ::")]
    return facts.get("License-Expression") or "; ".join(kinds) or (facts.get("License") or "").partition("\n")[0]
