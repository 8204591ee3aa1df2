"""Every act that the code logs has words, and belongs somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.audit import acts
from tests.house_rules import product_files, tree

KINDS = "|".join(kind for group in acts.GROUPS.values() for kind in group.kinds)
PLACE = 2  # of the act among the arguments


def logged() -> Iterator[str]:
    """Every act that is logged: as it stands in the call, or, where a variable holds it, all that its module names."""
    for path in product_files():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            writer = ast.unparse(node.func)
            if writer == "audit.log" and path.name != "webhooks.py":
                yield from constants(node.args[PLACE]) or named_in(path)
            elif writer == "webhooks.log" or (writer == "log" and path.name == "webhooks.py"):
                yield from (f"webhook.{act}" for act in constants(node.args[PLACE]))


def constants(act: ast.AST) -> list[str]:
    """The words that this expression may become; none for a variable."""
    return [each.value for each in ast.walk(act) if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def named_in(path: Path) -> list[str]:
    found = [act for act in constants(tree(path)) if re.fullmatch(rf"({KINDS})\.[a-z_]+", act)]
    assert found, f"{path.name} logs an act that it does not name"
    return found


def test_every_act_has_words_and_a_group():
    found = set(logged())
    assert {"key.revoke", "webhook.replay", "person.set_role", "webhook.create"} <= found
    assert found - acts.WORDS.keys() == set()
    assert {act for act in found if acts.group(act) is acts.OTHER} == set()


def test_acts_are_short_enough_for_their_column():
    assert max(map(len, acts.WORDS)) <= 40


def test_an_act_of_another_version_is_named_as_it_is():
    assert acts.words("moon.fly_to") == "Moon fly to"
    assert acts.group("moon.fly_to") is acts.OTHER


@pytest.mark.parametrize("name", acts.GROUPS)
def test_a_group_stands_for_what_its_acts_begin_with(name):
    kinds = acts.kinds([name])
    assert kinds
    assert all(acts.group(f"{kind}.x") is acts.GROUPS[name] for kind in kinds)
