"""`totalview agent`, as an operator types it."""

import json

import pytest
from sqlmodel import select

from records import agent_unlinked, db
from records.agents import Agent
from tests.records.agent_world import World, linked, names, world

__all__ = ["world"]  # a fixture made elsewhere

SHEET = "name,team,email,campaigns\nAda Moss,North,ada@example.org,support\n,South,,\nBen,South,,nowhere\n"


@pytest.fixture
def sheet(tmp_path):
    file = tmp_path / "agents.csv"
    file.write_text(SHEET, encoding="utf-8")
    return file


def agents() -> list[str]:
    with db.reading() as session:
        return sorted(session.exec(select(Agent.name)))


def test_a_dry_run_says_what_would_be_done_and_does_nothing(world: World, typed, sheet):
    done = typed("agent", "import", sheet, "--dry-run")
    assert (done.returncode, agents()) == (1, [])
    assert "1 would be added, 0 would be updated, 0 without change, 2 with a problem. Read as UTF-8." in done.stdout
    assert "Line 3 (no name): Give the agent a name." in done.stderr
    assert "Line 4 (Ben): There is no campaign 'nowhere'." in done.stderr


def test_good_lines_are_imported_or_none(world: World, typed, sheet):
    done = typed("agent", "import", sheet, "--all-or-nothing")
    assert (done.returncode, agents()) == (1, [])
    assert "Nothing was imported: 2 of 3 lines have a problem." in done.stderr
    done = typed("agent", "import", sheet, "--json")
    assert (done.returncode, agents()) == (1, ["Ada Moss"])
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["new", "problem", "problem"]
    assert typed("agent", "import", sheet.with_name("gone.csv")).stderr.endswith("No such file or directory.\n")


def test_agents_are_added_and_listed(world: World, typed):
    assert "There is no such agent" in typed("agent", "list").stdout
    made = typed("agent", "add", "--name", "Ada", "--alias", "A@x", "--campaign", "support", "--json")
    number = json.loads(made.stdout)["id"]
    world.calls(2, world.support, agent_id=number)
    (row,) = [
        json.loads(line) for line in typed("agent", "list", "--campaign", "support", "--json").stdout.splitlines()
    ]
    assert (row["name"], row["aliases"], row["campaigns"], row["calls"], row["score"]) == (
        "Ada",
        ["a@x"],
        ["Support"],
        2,
        None,
    )
    assert typed("agent", "list").stdout.splitlines()[1].split() == [str(number), "Ada", "-", "2", "-"]
    again = typed("agent", "add", "--name", "Ben", "--alias", "a@X")
    assert (again.returncode, "is Ada's already" in again.stderr, agents()) == (1, True, ["Ada"])


def test_unlinked_names_are_shown_linked_and_records_merged(world: World, typed):
    ada, second = world.agent("Ada Moss"), world.agent("ada moss", aliases=("second",))
    world.calls(3, world.support, agent_given="a.moss")
    (row,) = [json.loads(line) for line in typed("agent", "unlinked", "--json").stdout.splitlines()]
    assert (row["name"], row["calls"], len(row["suggestions"])) == ("a.moss", 3, 2)
    assert f"Give an id: {ada}, {second}" in typed("agent", "link", "a.moss", "Ada Moss").stderr
    assert "3 calls are linked to ada moss." in typed("agent", "link", "A.MOSS", "second").stdout
    assert "No unlinked call gives the name" in typed("agent", "link", "a.moss", "second").stderr
    assert typed("agent", "unlinked").stdout == "Every call that names an agent is linked.\n"
    assert "3 calls moved" in typed("agent", "merge", ada, second).stdout
    assert (linked(ada), names()["second"], agents()) == (3, ada, ["Ada Moss"])
    assert "There is no such agent" in typed("agent", "merge", ada, second).stderr
    assert "There is no agent 'Nobody'" in typed("agent", "merge", ada, "Nobody").stderr


def test_of_more_names_than_are_shown_it_is_said_and_each_can_be_linked(world: World, typed):
    ada = world.agent("Ada Moss")
    for number in range(agent_unlinked.MOST):
        world.calls(1, world.support, agent_given=f"name {number}")
    world.calls(1, world.support, agent_given="Élodie")
    shown = typed("agent", "unlinked")
    assert "lodie" not in shown.stdout
    assert shown.stderr.startswith(f"There are more than {agent_unlinked.MOST} names: those with most calls are shown.")
    assert "1 calls are linked to Ada Moss." in typed("agent", "link", "éLODIE", ada).stdout
    assert typed("agent", "unlinked", "--json").stderr == ""
