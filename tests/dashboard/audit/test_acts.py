"""Every act that the code logs has words, and belongs somewhere."""

import ast
from collections.abc import Iterator

import pytest

from dashboard.audit import acts
from tests.house_rules import product_files, tree

WRITERS = {"audit.log": (2, ""), "webhooks.log": (2, "webhook."), "log": (2, "webhook.")}


def logged() -> Iterator[str]:
    """The act in each call that writes a line of the log. One that is no plain word could not be looked up here."""
    for path in product_files():
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or (name := ast.unparse(node.func)) not in WRITERS:
                continue
            place, prefix = WRITERS[name]
            if name == "log" and path.name != "webhooks.py":
                continue
            act = node.args[place]
            if isinstance(act, ast.JoinedStr) and path.name == "webhooks.py":
                continue  # the door through which webhooks.log passes
            assert isinstance(act, ast.Constant), f"{path.name}, line {node.lineno}: write the act as one word"
            yield prefix + act.value


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
