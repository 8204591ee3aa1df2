"""The review page: the queue, the review of one call, and what becomes of what a reviewer sends."""

import json

import pytest
import streamlit as st

from dashboard import components
from records import db, review_acts
from records.calls import Call
from records.identity import Identity
from records.reviews import ReviewState
from records.roles import Role
from tests.pages.conftest import mounted, shown
from tests.pages.dialogs import as_markup
from tests.pages.one_call import NASTY
from tests.pipeline.reviewed import FAIL, NA, NE, PASS, close, judged, now, standing

ABSENT = "There is no such call"
OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


@pytest.fixture
def says(monkeypatch):
    """`says(act, call, *verdicts)`: what the reviewer's browser sends at the next run of the page."""
    waiting: list[dict] = []
    mount = components.mount

    def told(name, data, *, key, heard=None):
        mount(name, data, key=key)
        if heard and waiting:
            heard(json.dumps({"seen": data["seen"], "call": data["call"], "version": data["version"]} | waiting.pop()))
            st.rerun()

    monkeypatch.setattr(components, "mount", told)

    def say(act, *verdicts, why="Heard it.", **more):
        given = [{"position": place, "verdict": each, "comment": why} for place, each in enumerate(verdicts)]
        waiting.append({"act": act, "decisions": given, "comment": "", **more})

    return say


def dispute(call: Call, words: str = "I did.") -> None:
    with db.writing() as session:
        review_acts.dispute(session, OLIVIA, call.id, 1, position=0, words=words)


def titles(at) -> list[str]:
    return [title.value for title in at.title]


def address(at) -> dict[str, str]:
    return dict(at.query_params)


def toasts(at) -> list[str]:
    return [toast.value for toast in at.toast]


def test_the_queue_shows_what_waits_why_and_for_whose_answer(cast, see):
    call = judged(cast.support, PASS, FAIL, filename=NASTY, agent_id=cast.ada.id)
    dispute(judged(cast.support, PASS, PASS, filename="fine.wav"))
    judged(cast.support, PASS, filename="elsewhere.wav")
    at = see(cast.mia, "review.py")
    fine, flagged = shown(at, "table")["rows"]
    assert [cell and cell["text" if "text" in cell else "label"] for cell in flagged["cells"]][:5] == [
        *(NASTY, "Low score", "33.3", None, "Support"),
    ]
    assert (fine["cells"][0]["text"], fine["cells"][1], fine["cells"][3]["label"]) == ("fine.wav", None, "Disputed")
    assert flagged["href"] == f"/review?id={call.id}"
    assert "2 wait for a review" in [caption.value for caption in at.caption]
    assert NASTY not in as_markup(at)


def test_an_empty_queue_says_what_comes_there(cast, see):
    at = see(cast.mia, "review.py")
    assert [head.value for head in at.subheader] == ["Nothing waits for a review"]


def test_filters_come_from_the_address_go_to_it_and_can_be_cleared(cast, see):
    judged(cast.support, FAIL, filename="a.wav")
    judged(cast.sales, FAIL, filename="b.wav", agent_id=cast.ada.id)
    at = see(cast.olivia, "review.py", campaign="sales", agent=str(cast.ada.id), reason="nonsense", order="worst")
    assert [row["cells"][0]["text"] for row in shown(at, "table")["rows"]] == ["b.wav"]
    assert (at.selectbox(key="review-order").value, at.selectbox(key="review-reason").value) == ("worst", None)
    at.selectbox(key="review-reason").select("disputed").run()
    agent = str(cast.ada.id)
    assert address(at) == {"campaign": "sales", "agent": agent, "order": "worst", "reason": "disputed"}
    at.button(key="review-clear").click().run()
    assert len(shown(at, "table")["rows"]) == 2
    assert address(at) == {"order": "worst"}


def test_whatever_the_address_says_is_checked(cast, see):
    judged(cast.support, FAIL)
    wild = {"campaign": "no-such", "agent": "9" * 40, "order": "x", "after": "nowhere", "before": "\x00"}
    at = see(cast.mia, "review.py", **wild)
    assert not at.exception
    assert len(shown(at, "table")["rows"]) == 1


def test_a_review_shows_each_check_with_what_was_found_and_what_is_disputed(cast, see):
    call = judged(cast.support, PASS, FAIL, filename=NASTY)
    dispute(call, NASTY)
    at = see(cast.mia, "review.py", id=call.id)
    assert mounted(at) == ["menulink", "heading", "transcript", "review"]
    desk = shown(at, "review")
    (section,) = desk["sections"]
    first, second = section["checks"]
    assert (desk["open"], desk["score"], desk["version"], desk["problem"]) == (True, "33.3", 1, None)
    assert [dispute["words"] for dispute in first["disputes"]] == [" ".join(NASTY.split())]
    assert (first["was"], first["weight"], second["was"], second["disputes"]) == ("pass", 10, "fail", [])
    assert NASTY not in as_markup(at)


def test_a_call_that_is_absent_not_theirs_or_nonsense_looks_the_same(cast, see):
    foreign = judged(cast.sales, FAIL)
    for address in ("f" * 32, foreign.id, "../x", "%00"):
        at = see(cast.mia, "review.py", id=address)
        assert titles(at) == [ABSENT]
    assert titles(see(cast.carla, "review.py", id=foreign.id)) == []


def test_close_and_next_goes_to_the_next_call_and_at_the_end_to_the_queue(cast, see, says):
    one, two = judged(cast.support, PASS, FAIL), judged(cast.support, FAIL)
    at = see(cast.mia, "review.py", id=one.id)
    says("next", PASS, PASS)
    at.run()
    assert shown(at, "review")["call"] == two.id
    assert toasts(at) == ["The review is closed\\."]
    assert (now(one).reviewed_score, now(one).review) == (100, ReviewState.CLOSED)
    says("next", NA)
    at.run()
    assert (titles(at), "id" in at.query_params) == (["Review"], False)
    assert now(two).effective_score is None


def test_skip_changes_nothing_and_goes_on(cast, see, says):
    one, two = judged(cast.support, FAIL), judged(cast.support, FAIL)
    at = see(cast.mia, "review.py", id=one.id)
    says("skip")
    at.run()
    assert shown(at, "review")["call"] == two.id
    assert now(one).review is ReviewState.OPEN


def test_a_closed_review_shows_both_verdicts_and_can_be_opened_again(cast, see, says):
    call = judged(cast.support, PASS, FAIL)
    at = see(cast.mia, "review.py", id=call.id)
    says("close", PASS, PASS)
    at.run()
    desk = shown(at, "review")
    assert (desk["open"], desk["outcome"]["title"]) == (False, "Review closed")
    assert desk["sections"][0]["checks"][1]["decided"] == {"verdict": "pass", "comment": "Heard it."}
    at.button(key="review-reopen").click().run()
    desk = shown(at, "review")
    assert (desk["open"], desk["sections"][0]["checks"][1]["decided"]["verdict"]) == (True, "pass")
    assert now(call).reviewed_score is None


def test_who_comes_second_is_told_and_finds_what_the_first_one_decided(cast, see, says):
    call = judged(cast.support, PASS, FAIL)
    at = see(cast.mia, "review.py", id=call.id)
    seen = shown(at, "review")["seen"]
    close(OLIVIA, call, PASS, FAIL)
    says("next", PASS, PASS, seen=seen)
    at.run()
    desk = shown(at, "review")
    assert desk["problem"]["title"] == "Somebody was before you"
    assert "olivia@example.org closed this review before you" in desk["problem"]["lines"][0]
    assert (desk["open"], now(call).reviewed_score) == (False, now(call).score)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"why": ""}, "Say why the verdict on 'Disclosure'"),
        ({"decisions": []}, "Give a verdict on each check"),
        ({"decisions": "x"}, "could not be read"),
        ({"more": 1}, "could not be read"),
        ({"version": 7}, "no such version"),
    ],
)
def test_what_cannot_be_saved_comes_back_with_the_reason(cast, see, says, sent, words):
    call = judged(cast.support, PASS, FAIL)
    at = see(cast.mia, "review.py", id=call.id)
    says("next", PASS, PASS, **sent)
    at.run()
    desk = shown(at, "review")
    assert words in desk["problem"]["lines"][0]
    assert (desk["call"], now(call).review) == (call.id, ReviewState.OPEN)


def test_what_is_sent_for_a_call_that_is_not_theirs_closes_nothing(cast, see, says):
    mine, foreign = judged(cast.support, FAIL), judged(cast.sales, FAIL)
    at = see(cast.mia, "review.py", id=mine.id)
    says("next", PASS, call=foreign.id)
    at.run()
    assert shown(at, "review")["problem"]["lines"] == ["There is no such call."]
    assert now(foreign).review is ReviewState.OPEN


def test_a_call_that_nobody_flagged_can_be_reviewed_and_one_without_a_result_cannot_yet(cast, see):
    fine = judged(cast.support, PASS, NE)
    at = see(cast.mia, "review.py", id=fine.id)
    assert "review" not in mounted(at)
    at.button(key="review-ask").click().run()
    assert shown(at, "review")["open"]
    assert standing(fine).state is ReviewState.OPEN
    with db.writing() as session:
        bare = Call(campaign_id=cast.support.id, source="api", filename="a.wav", size=1, sha256="a" * 64)
        session.add(bare)
    at = see(cast.mia, "review.py", id=bare.id)
    assert [head.value for head in at.subheader] == ["There is no result to review yet"]
