"""The rules of docs/ARCHITECTURE.md, checked from the code itself."""

import ast
import sys
from collections.abc import Iterator
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


def at(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def test_there_are_files_to_check():
    assert len(FILES) > 50


def each_import() -> Iterator[tuple[Path, str]]:
    """A file, and what it imports."""
    return ((path, name) for path in FILES for name in imports(path))


def test_imports_only_point_down():
    wrong = []
    for path, name in each_import():
        here, floor = home(path), name.split(".")[0]
        relative = name == "."  # hides which floor it reaches
        if relative or (floor in FLOOR and floor != here and FLOOR[floor] >= FLOOR[here]):
            wrong.append((at(path), name))
    assert wrong == []


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


def test_libraries_stay_on_their_floors():
    allowed = ((path, name, KNOWN_BY.get(name.split(".")[0])) for path, name in each_import())
    assert [(at(path), name) for path, name, floors in allowed if floors is not None and home(path) not in floors] == []


def test_every_module_says_what_it_is():
    assert [at(path) for path in FILES if not ast.get_docstring(tree(path))] == []


def test_files_stay_small():
    texts = {path: path.read_text(encoding="utf-8") for path in {*FILES, *(ROOT / "tests").rglob("*.py")}}
    assert [at(path) for path, said in texts.items() if len(said.splitlines()) > FILE_LINES] == []


def test_functions_stay_small():
    known = [path for path in FILES if "migrations" not in path.parts]  # a migration is a list of tables
    long = [(at(path), name, lines) for path in known for name, lines in functions(path) if lines > FUNCTION_LINES]
    assert long == []


def test_only_moves_writes_a_status():
    wrong = [where for path in FILES if path.name not in {"moves.py", "sftp_moves.py"} for where in statuses(path)]
    assert wrong == []


def statuses(path: Path) -> Iterator[str]:
    """Where a file writes a status."""
    for node in ast.walk(tree(path)):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        written = [target for target in targets if isinstance(target, ast.Attribute) and target.attr == "status"]
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
        if written or (called and "status" in {keyword.arg for keyword in node.keywords}):
            yield f"{at(path)}:{node.lineno}"


@pytest.mark.parametrize(
    "source",
    ["call.status = 1", "status.status: int = 1", "update(Call).values(id=1, status=2)"],
)
def test_a_written_status_would_be_seen(source: str, tmp_path: Path):
    path = tmp_path / "some.py"
    path.write_text(source)
    assert len(list(statuses(path))) == 1


def test_what_was_said_is_read_through_one_door():
    others = {at(path) for path, name in each_import() if name == "records.results.StoredTranscript"}
    assert others <= set(TRANSCRIPTS_BY), "read it by records/transcripts.py"


def test_every_page_begins_with_its_guard():
    pages = sorted((ROOT / "pages").glob("*.py"))
    assert pages
    assert [page.name for page in pages if not begins_with_its_guard(page)] == []


def begins_with_its_guard(page: Path) -> bool:
    _docstring, *body = tree(page).body
    first = next(node for node in body if not isinstance(node, ast.Import | ast.ImportFrom))
    return ast.unparse(first).startswith("who = require(")


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
