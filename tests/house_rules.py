"""Reads the house's rules off its own code: files, imports, sizes. Used by tests/test_house.py."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Floors, lowest first; each imports only from those below it. Two names on a floor never meet.
FLOORS = (
    ("config",),
    ("records",),
    ("pipeline",),
    ("jobs",),
    ("web",),
    ("api", "dashboard"),
    ("pages",),
    ("commands",),
    ("asgi", "cli"),
)
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}
# Only these floors may know these libraries.
KNOWN_BY = {
    "streamlit": {"dashboard", "pages", "asgi"},
    "rq": {"jobs"},
    "redis": {"jobs", "commands"},
    "fastapi": {"api", "asgi"},
    "prometheus_client": {"jobs", "api"},
}
# What was said is read by the first of these alone, which withholds what it must; the others only take it away.
TRANSCRIPTS_BY = {"records/transcripts.py", "pipeline/deletion.py", "pipeline/retention.py"}
FILE_LINES, FUNCTION_LINES = 300, 60


def product_files() -> list[Path]:
    """Every Python file of the product that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return sorted(
        ROOT / name for name in listed if name.split("/")[0].removesuffix(".py") in FLOOR and (ROOT / name).exists()
    )


def home(path: Path) -> str:
    """The floor's name that a file stands on."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Full names of everything imported anywhere in a file, in functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else f"{node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> dict[str, Path]:
    """Dotted name -> file."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in product_files()
    }


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Import cycles, each as the way round."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, way: list[str]) -> None:
        if name in way:
            found.append([*way[way.index(name) :], name])
            return
        if name in done:
            return
        for following in sorted(graph.get(name, ())):
            visit(following, [*way, name])
        done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return found
