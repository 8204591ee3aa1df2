"""The draft of a campaign's checks: what the grid, the editor and a file do to it. Nothing is stored here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.campaigns.draft import NAME_LONGEST, Draft
from records.check_edits import MOST, Kept, Loaded
from records.checks import AiRule, CheckSpec
from tests.conftest import CHECKS

POLITE = CheckSpec(name="Polite", section="Opening", weight=5, rule=AiRule(criterion="The agent is polite."))
LOADED = Loaded(tuple(Kept(number, spec) for number, spec in enumerate(CHECKS, start=1)), "seen")


def draft() -> Draft:
    return Draft.of(LOADED)


def act(on: Draft, *events: dict, source: str = "a") -> Draft:
    """Events as the grid sends them."""
    first = on.heard[1] + 1 if on.heard[0] == source else 1
    on.hear({"from": source, "events": [{"n": first + place, **event} for place, event in enumerate(events)]})
    return on


def names(on: Draft) -> list[str]:
    return [row.name for row in on.rows]


def test_what_is_loaded_is_unchanged_and_without_mistakes():
    assert (draft().changed, draft().mistakes, draft().kept) == (False, {}, list(LOADED.rows))
    assert draft().difference.words == ""


def test_a_name_section_weight_and_tick_are_set_in_their_row():
    edited = act(
        draft(),
        {"act": "set", "row": "c1", "field": "name", "value": " Hello "},
        {"act": "set", "row": "c1", "field": "section", "value": "Start"},
        {"act": "set", "row": "c1", "field": "weight", "value": "12,5"},
        {"act": "set", "row": "c1", "field": "critical", "value": True},
        {"act": "set", "row": "c2", "field": "active", "value": False},
    )
    first, second, _ = edited.kept
    assert (first.id, first.spec.name, first.spec.section) == (1, "Hello", "Start")
    assert (first.spec.weight, first.spec.critical, second.spec.active) == (12.5, True, False)
    assert edited.difference.words == "2 changed"
    assert edited.sections == ["Start", "Opening", "Handling"]


def test_a_change_that_is_taken_back_is_none():
    edited = act(draft(), {"act": "set", "row": "c1", "field": "weight", "value": "11"})
    assert edited.changed
    assert not act(edited, {"act": "set", "row": "c1", "field": "weight", "value": "10"}).changed


@pytest.mark.parametrize("value", ["", "abc", "-1", "101", "nan", "inf", "1e999"])
def test_what_is_no_weight_stays_as_typed_with_a_sentence(value):
    edited = act(draft(), {"act": "set", "row": "c1", "field": "weight", "value": value})
    assert edited.rows[0].weight == value
    assert edited.mistakes == {"c1": {"weight": "Give a weight from 0 to 100."}}
    assert edited.share(edited.rows[0]) is None


def test_a_check_needs_a_name_of_its_own_in_its_section():
    nameless = act(draft(), {"act": "set", "row": "c1", "field": "name", "value": "  "})
    assert nameless.mistakes == {"c1": {"name": "Give it a name."}}
    twin = act(draft(), {"act": "set", "row": "c2", "field": "name", "value": "GREETING"})
    assert twin.mistakes["c2"]["name"].startswith("Another check in this section has this name already")
    assert act(twin, {"act": "set", "row": "c2", "field": "section", "value": "Other"}).mistakes == {}


def test_shares_are_of_the_active_checks_weight():
    weights = draft()
    assert [weights.share(row) for row in weights.rows] == [10 / 35, 20 / 35, 5 / 35]
    act(weights, {"act": "set", "row": "c2", "field": "active", "value": False})
    assert [weights.share(row) for row in weights.rows] == [10 / 15, None, 5 / 15]


def test_rows_move_up_down_and_to_where_they_are_dropped():
    assert names(act(draft(), {"act": "move", "row": "c2", "by": -1})) == ["Disclosure", "Greeting", "No long silence"]
    assert names(act(draft(), {"act": "move", "row": "c3", "by": 1})) == names(draft())
    dropped = {"act": "place", "row": "c1", "beside": "c3"}
    assert names(act(draft(), dropped | {"below": True})) == ["Disclosure", "No long silence", "Greeting"]
    assert names(act(draft(), dropped | {"below": False})) == ["Disclosure", "Greeting", "No long silence"]


def test_a_duplicate_is_a_new_check_below_with_a_name_of_its_own():
    edited = act(draft(), {"act": "copy", "row": "c1"}, {"act": "copy", "row": "c1"})
    assert names(edited) == ["Greeting", "Greeting (3)", "Greeting (2)", "Disclosure", "No long silence"]
    assert [row.id for row in edited.rows[:3]] == [1, None, None]
    assert edited.mistakes == {}
    assert edited.difference.words == "2 added"


def test_a_removed_row_is_gone_and_an_edited_one_is_asked_for():
    edited = act(draft(), {"act": "remove", "row": "c2"}, {"act": "edit", "row": "c3"})
    assert (names(edited), edited.opened) == (["Greeting", "No long silence"], "c3")
    assert edited.difference.removed == ("Disclosure",)


def test_an_event_that_comes_again_is_dealt_with_once():
    """The grid sends what it has no answer to with every further event."""
    twice = {"from": "a", "events": [{"n": 1, "act": "remove", "row": "c1"}, {"n": 2, "act": "copy", "row": "c2"}]}
    edited = draft()
    edited.hear({"from": "a", "events": twice["events"][:1]})
    edited.hear(twice)
    edited.hear(twice)
    assert names(edited) == ["Disclosure", "Disclosure (2)", "No long silence"]
    assert edited.heard == ("a", 2)
    act(edited, {"act": "remove", "row": "c2"}, source="another window")
    assert names(edited) == ["Disclosure (2)", "No long silence"]


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.text(max_size=5)
    | st.sampled_from(["c1", "set", "move", "name"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["n", "act", "row", "field", "value", "by", "beside", "from", "events"]), inner
        )
    ),
    max_leaves=12,
)


@given(said=st.dictionaries(st.sampled_from(["from", "events"]), json | st.lists(json)))
def test_nonsense_from_a_browser_breaks_nothing(said):
    edited = draft()
    edited.hear(said)
    assert {row.id for row in edited.rows} <= {1, 2, 3, None}
    assert all(isinstance(row.name, str) for row in edited.rows)


def test_a_name_longer_than_can_be_is_cut():
    edited = act(draft(), {"act": "set", "row": "c1", "field": "name", "value": "x" * 999})
    assert len(edited.rows[0].name) == NAME_LONGEST


def test_the_editor_puts_a_check_into_its_row_or_at_the_end_of_its_section():
    edited = draft()
    edited.put("c2", POLITE)
    assert edited.kept[1] == Kept(2, POLITE)
    edited.put(None, POLITE.model_copy(update={"name": "New"}))
    assert names(edited) == ["Greeting", "Polite", "New", "No long silence"]
    edited.put(None, POLITE.model_copy(update={"name": "Last", "section": "Closing"}))
    assert names(edited)[-1] == "Last"


def test_a_file_replaces_all_and_a_check_of_the_same_name_stays_the_same_check():
    edited = draft()
    same = CHECKS[1].model_copy(update={"name": "DISCLOSURE", "weight": 50})
    edited.take([POLITE, same], instead=True)
    assert [(row.id, row.name) for row in edited.rows] == [(None, "Polite"), (2, "DISCLOSURE")]
    assert edited.difference.words == "1 added, 1 changed, 2 removed"


def test_a_file_is_added_to_what_is_there():
    edited = draft()
    edited.take([POLITE], instead=False)
    assert names(edited) == ["Greeting", "Disclosure", "No long silence", "Polite"]
    assert [row.id for row in edited.rows] == [1, 2, 3, None]


def test_a_full_scorecard_takes_no_more():
    edited = draft()
    edited.take([POLITE.model_copy(update={"name": f"N{n}"}) for n in range(MOST)], instead=True)
    assert edited.full
    act(edited, {"act": "copy", "row": edited.rows[0].key})
    edited.put(None, POLITE)
    assert len(edited.rows) == MOST


def test_what_one_keeps_over_anothers_save_has_their_fingerprint_and_new_ids_for_what_they_removed():
    edited = act(draft(), {"act": "set", "row": "c1", "field": "name", "value": "Mine"})
    edited.rebase(Loaded((LOADED.rows[0], Kept(9, POLITE)), "theirs"))
    assert edited.loaded.seen == "theirs"
    assert [row.id for row in edited.rows] == [1, None, None]
    assert edited.difference.words == "2 added, 1 changed, 1 removed"
