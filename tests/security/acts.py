"""Every function by which a person does or reads something, read off the code, and how to call those that act."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from tests.house_rules import ROOT, home, product_files, tree


def taking_identities() -> set[str]:
    """`module.function` of all in records/ and pipeline/ that are told who asks."""
    return {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{name}"
        for path in product_files()
        if home(path) in {"records", "pipeline"}
        for name in _told(tree(path))
    }


def function(name: str) -> Callable[..., Any]:
    module, _, called = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), called)
    return found


def wants_session(act: Callable[..., Any]) -> bool:
    return next(iter(inspect.signature(act).parameters)) == "session"


def _told(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = [*node.args.args, *node.args.kwonlyargs]
            if any(each.annotation and ast.unparse(each.annotation) == "Identity" for each in given):
                yield node.name
