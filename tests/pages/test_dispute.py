"""On a call's page: disputing a check, and what everybody sees of the review."""

import json

from records import db
from records.identity import Identity
from records.reviews import ReviewState
from records.roles import Role
from tests.pages.dialogs import as_markup, press
from tests.pages.one_call import NASTY
from tests.pipeline.reviewed import FAIL, PASS, again, close, judged, now, standing

OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


def states(at) -> list[tuple[str, str, str]]:
    """Badge, words and by of each line about the review."""
    for each in at.get("bidi_component"):
        if each.proto.component_name == "tv_facts" and '"states"' in each.proto.json:
            return [
                (line["badge"]["label"], line["words"], line["by"]) for line in json.loads(each.proto.json)["states"]
            ]
    return []


def keys(at) -> set[str]:
    return {button.key for button in at.button} & {"dispute", "review-this"}


def test_an_agent_disputes_a_check_of_an_own_call_and_sees_it_wait(cast, see):
    call = judged(cast.support, PASS, FAIL, agent_id=cast.ada.id)
    at = see(cast.adam, "call.py", id=call.id)
    at.button(key="dispute").click().run()
    assert at.selectbox(key="dispute-check").value == 1  # what failed comes first
    at.text_area(key="dispute-words").set_value(NASTY)
    press(at, "dispute", "dispute-send")
    (raised,) = standing(call).waiting
    assert (raised.check.name, raised.dispute.words, raised.dispute.by) == ("Disclosure", NASTY, cast.adam.email)
    at = see(cast.adam, "call.py", id=call.id)
    assert [line[0] for line in states(at)] == ["Waits for review", "Disputed"]
    assert states(at)[1][1] == f"Disclosure: {NASTY}"
    assert NASTY not in as_markup(at)


def test_a_refused_dispute_says_why_and_keeps_what_was_typed(cast, see):
    call = judged(cast.support, FAIL, agent_id=cast.ada.id)
    at = see(cast.adam, "call.py", id=call.id)
    press(at, "dispute", "dispute-send")
    assert "Say in a sentence" in at.error[0].value
    again(call, FAIL)
    at.text_area(key="dispute-words").set_value("I did.")
    press(at, "dispute")
    assert at.text_area(key="dispute-words").value == "I did."


def test_the_agent_sees_the_outcome_with_the_reviewers_words(cast, see):
    call = judged(cast.support, FAIL, PASS, agent_id=cast.ada.id)
    at = see(cast.adam, "call.py", id=call.id)
    at.button(key="dispute").click().run()
    at.text_area(key="dispute-words").set_value("I did.")
    press(at, "dispute", "dispute-send")
    close(OLIVIA, call, PASS, PASS, why="You are right.", comment="Thank you.")
    at = see(cast.adam, "call.py", id=call.id)
    assert states(at) == [
        ("Reviewed", "Score 100, was 66.7. Thank you.", "by olivia@example.org"),
        ("Pass", "Greeting. You are right.", ""),
        ("Answered", "Greeting: I did.", "Answered: changed to pass. You are right."),
    ]


def test_only_those_who_do_not_review_are_offered_a_dispute(cast, see):
    call = judged(cast.support, FAIL, agent_id=cast.ada.id)
    for name in ("mia", "carla", "sam", "olivia"):
        assert keys(see(getattr(cast, name), "call.py", id=call.id)) == {"review-this"}
    assert keys(see(cast.adam, "call.py", id=call.id)) == {"dispute"}


def test_an_older_version_shows_its_review_and_cannot_be_disputed(cast, see):
    call = judged(cast.support, FAIL, agent_id=cast.ada.id)
    close(OLIVIA, call, FAIL)
    again(call, PASS)
    at = see(cast.adam, "call.py", id=call.id, version="1")
    assert (keys(at), [line[0] for line in states(at)]) == (set(), ["Reviewed"])
    assert (now(call).review, states(see(cast.adam, "call.py", id=call.id))) == (ReviewState.NONE, [])


def test_another_agents_call_is_not_there_to_be_disputed(cast, see):
    call = judged(cast.support, FAIL)
    at = see(cast.adam, "call.py", id=call.id)
    assert [title.value for title in at.title] == ["There is no such call"]
    with db.reading():
        assert standing(call).disputes == ()
