"""The rules of docs/ARCHITECTURE.md, checked from the code itself."""

import ast
import sys
from pathlib import Path

import pytest

from tests.house_rules import (
    FILE_LINES,
    FLOOR,
    FUNCTION_LINES,
    KNOWN_BY,
    ROOT,
    TRANSCRIPTS_BY,
    cycles,
    functions,
    home,
    imports,
    modules,
    product_files,
    tree,
)

FILES = product_files()
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def test_there_are_files_to_check():
    assert len(FILES) > 50


@each_file
def test_imports_only_point_down(path: Path):
    here = home(path)
    for name in imports(path):
        floor = name.split(".")[0]
        assert name != ".", "relative imports hide which floor they reach"
        if floor in FLOOR and floor != here:
            assert FLOOR[floor] < FLOOR[here], f"{here} must not import {name}"


def test_no_module_reaches_itself_again():
    known = modules()
    graph = {
        name: {
            target for target in imports(path) if target in known and target != name and not is_package(known[target])
        }
        for name, path in known.items()
    }
    assert cycles(graph) == []


def is_package(path: Path) -> bool:
    return path.name == "__init__.py"


def test_a_cycle_would_be_seen():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [["a", "b", "c", "a"]]


@each_file
def test_libraries_stay_on_their_floors(path: Path):
    for name in imports(path):
        allowed = KNOWN_BY.get(name.split(".")[0])
        assert allowed is None or home(path) in allowed, f"{name} does not belong here"


@each_file
def test_every_module_says_what_it_is(path: Path):
    assert ast.get_docstring(tree(path)), "a module begins with one line that says what it is"


@each_file
def test_files_and_functions_stay_small(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    if "migrations" in path.parts:
        return  # a migration is a list of tables
    assert not [(name, lines) for name, lines in functions(path) if lines > FUNCTION_LINES]


def test_test_files_stay_small_too():
    assert not [path.name for path in (ROOT / "tests").rglob("*.py") if len(path.read_text().splitlines()) > FILE_LINES]


@each_file
def test_only_moves_writes_a_status(path: Path):
    if path.name in {"moves.py", "sftp_moves.py"}:
        return
    for node in ast.walk(tree(path)):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        written = [target for target in targets if isinstance(target, ast.Attribute) and target.attr == "status"]
        assert not written, f"line {node.lineno} writes a status past records/moves.py"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
            assert "status" not in {keyword.arg for keyword in node.keywords}, f"line {node.lineno}"


@each_file
def test_what_was_said_is_read_through_one_door(path: Path):
    if str(path.relative_to(ROOT)) not in TRANSCRIPTS_BY:
        assert "records.results.StoredTranscript" not in imports(path), "read it by records/transcripts.py"


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda page: page.name)
def test_every_page_begins_with_its_guard(page: Path):
    _docstring, *body = tree(page).body
    first = next(node for node in body if not isinstance(node, ast.Import | ast.ImportFrom))
    assert ast.unparse(first).startswith("who = require(")


def test_there_are_pages():
    assert list((ROOT / "pages").glob("*.py"))


def test_no_streamlit_entry_stands_beside_the_pages():
    assert not (ROOT / "dashboard" / "pages").exists()
    entries = [path.name for path in ROOT.glob("*.py") if "navigation(" in path.read_text(encoding="utf-8")]
    assert entries == []


def test_dashboard_modules_shadow_nothing():
    taken = sys.stdlib_module_names | FLOOR.keys()
    assert not ({path.stem for path in (ROOT / "dashboard").iterdir()} - {"__init__"}) & taken


def test_pages_and_api_fetch_no_row_by_its_bare_id():
    for path in FILES:
        if home(path) in {"pages", "api"}:
            source = path.read_text(encoding="utf-8")
            assert ".get_one(" not in source, path.name
            assert "session.get(" not in source, path.name


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "service", "misc", "common"])
def test_no_file_bears_a_name_that_says_nothing(word: str):
    assert not [path for path in FILES if word in (path.stem, path.parent.name)]
