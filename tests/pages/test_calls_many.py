"""Acts on many calls, as people use them on the list."""

import pytest

from dashboard.calls import acting, picking
from pipeline.many import Act, Outcome
from records import db
from records.calls import Call
from records.statuses import CallStatus
from tests.pages.conftest import shown
from tests.records.made import stored_call


@pytest.fixture
def ids(cast) -> list[str]:
    with db.writing() as session:
        return [
            stored_call(session, cast.support, filename=f"{n}", status=CallStatus.COMPLETED, flagged=n == 0).id
            for n in range(3)
        ]


@pytest.mark.parametrize(
    ("name", "may"), [("olivia", True), ("sam", True), ("carla", True), ("mia", True), ("adam", False)]
)
def test_those_who_may_reprocess_pick_and_act(cast, see, ids, name, may):
    with db.writing() as session:
        session.get_one(Call, ids[0]).agent_id = cast.ada.id
    at = see(getattr(cast, name), "calls.py")
    assert ("pick" in shown(at, "table")) is may
    assert bool(at.get("menu_button")) is may


def test_what_is_picked_is_kept_over_pages_and_forgotten_with_the_list(cast, see, ids):
    at = see(cast.mia, "calls.py")
    at.session_state["calls_picked"] = dict.fromkeys(ids[:2])
    at.run()
    assert shown(at, "table")["pick"]["picked"] == ids[:2]
    at.toggle(key="flagged").set_value(True).run()
    assert shown(at, "table")["pick"]["picked"] == []


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ([], "pick:a;a,b", ["a"]),
        (["a", "z"], "pick:b;a,b", ["z", "b"]),
        (["a"], "pick:;a,b", []),
        (["a"], "a", ["a"]),
        ([], "pick:<b>,a;a", ["a"]),
    ],
)
def test_the_table_says_what_of_its_page_is_picked(monkeypatch, before, said, after):
    state: dict[str, object] = {"calls_picked": dict.fromkeys(before)}
    monkeypatch.setattr(picking.st, "session_state", state)
    picking.heard(said)
    assert picking.picked() == after
    assert picking.changed() is said.startswith(picking.PICK)
    assert not picking.changed()


def test_what_came_of_it_is_said_with_what_was_passed_over():
    outcome = Outcome(done=7)
    outcome.passed_over.update({"being processed": 2, "without a transcript": 1})
    assert acting.said(Act.RUN_ANALYSIS, outcome) == (
        "Run Analysis: begun for 7 of 10 calls. Passed over: 2 being processed, 1 without a transcript."
    )
    assert acting.said(Act.LINK_AGENT, Outcome(done=1)) == "Link an agent: linked 1 of 1 call."


def test_an_act_on_all_that_the_list_shows_and_the_way_back(cast, see, ids, monkeypatch):
    monkeypatch.setattr(acting.st, "menu_button", lambda *_args, **_how: Act.LINK_AGENT)
    at = see(cast.olivia, "calls.py")
    assert at.radio(key="act_scope_False").options == ["All that the list shows (3)"]
    assert at.button(key="act_now").label == "Link an agent: 3 calls"
    at.text_input(key="many-typed").set_value("Ada").run()
    at.button(key="act_now").click().run()
    with db.reading() as session:
        assert {session.get_one(Call, each).agent_id for each in ids} == {cast.ada.id}
    assert at.text[0].value == "Link an agent: linked 3 of 3 calls."
    at.button(key="undo_act").click().run()
    with db.reading() as session:
        assert {session.get_one(Call, each).agent_id for each in ids} == {None}
    assert at.text[0].value == "3 calls are linked as before."
    at.button(key="close_act").click().run()
    assert not at.text


def test_a_run_begins_for_the_selected_ones(cast, see, ids, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(acting.enqueue, "first", lambda call, _run: asked.append(call.id))
    monkeypatch.setattr(acting.st, "menu_button", lambda *_args, **_how: Act.RERUN_TRANSCRIPTION)
    at = see(cast.mia, "calls.py")
    at.session_state["calls_picked"] = dict.fromkeys(ids[:2])
    at.run()
    assert at.radio(key="act_scope_True").options == ["The selected ones (2)", "All that the list shows (3)"]
    at.button(key="act_now").click().run()
    assert asked == ids[:2]
    assert at.text[0].value == "Rerun Transcription: begun for 2 of 2 calls."
