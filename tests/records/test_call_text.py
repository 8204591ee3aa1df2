"""Calls are found by what was said in them, on both databases alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, delete, select

from pipeline import catching_up
from records import call_list, call_text, db
from records.call_filters import Filters
from records.call_text import CallText, UnreadCall
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.identity import Identity
from records.roles import Role
from tests.records.finished import add_version, finished_call, transcript
from tests.records.made import agent, stored_call, stored_campaign

OWNER = Identity(1, Role.OWNER, "owner@example.org")
ODD = [
    *('"', '""', "*", "a*", '"a b', "'", "' OR 1=1 --", "AND", "NOT", "a:b", "(", "NEAR(a b)", "\\", "\\'", "%", "_"),
    *("-x", "+", "&", "|", "!", "<->", ":*", "¶", "\u2028", "^a", "{x}", "x\x00y"),
]


@pytest.fixture
def support(database):
    with db.writing() as session:
        return stored_campaign(session, "Support")


def say(campaign, **turns_by_name) -> dict[str, str]:
    """Completed calls in which this was said, agent and customer in turn; their ids by name."""
    with db.writing() as session:
        return {name: spoken(session, campaign, name, turns).id for name, turns in turns_by_name.items()}


def spoken(session: Session, campaign, name: str, turns, **facts) -> Call:
    call = stored_call(session, campaign, filename=name, **facts)
    add_version(session, call, content=transcript(*said(turns)))
    return call


def said(turns):
    return [
        ("agent" if n % 2 == 0 else "customer", n * 1000, text)
        for n, text in enumerate([turns] if isinstance(turns, str) else turns)
    ]


def found(words: str, who: Identity = OWNER, **filters) -> set[str]:
    wanted = Filters(said=words, **filters)
    with db.reading() as session:
        page = call_list.page(session, who, wanted)
        assert call_list.count(session, who, wanted) == len(page.rows)
        return {row.filename for row in page.rows}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("refund", {"one"}),
        ("REFUND please", {"one"}),
        ("please refund", {"one"}),
        ("refund invoice", set()),
        ("refun", set()),
        ("refun*", {"one", "two"}),
        ("r*", set()),
        ('"your refund"', {"one"}),
        ('"refund your"', set()),
        ('"the refunds we*"', {"two"}),
        ('"the refunds we"*', {"two"}),
        ("“the refunds”", {"two"}),
        ('"unclosed phrase', set()),
        ('"the refunds', {"two"}),
        ('"please hold"', set()),  # the end of one turn and the beginning of the next
        ("don't", {"two"}),
        ("don’t", {"two"}),
        ("cafe", {"three"}),
        ("CAFÉ", {"three"}),
        ("strasse", {"three"}),
        ("привет", {"three"}),
        ("退款", {"three"}),
        ("款退", set()),
        ("12.50", {"three"}),
        ("ref-7", {"three"}),
        ("a@example.org", {"three"}),
    ],
)
def test_words_phrases_and_beginnings_are_found(support, words, expected):
    say(
        support,
        one=["Your refund, please.", "Hold on."],
        two="The refunds we don't make.",
        three="Café Straße, Привет! 我要退款。 12.50 for REF-7 to a@example.org",
    )
    assert found(words) == expected


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_break_nothing(support, odd):
    say(support, one="Nothing of the kind")
    assert found(odd) == set()
    assert found(f"nothing {odd} kind") <= {"one"}


@given(st.text(max_size=60))
def test_whatever_is_asked_becomes_words_that_both_databases_take(asked):
    for phrase in call_text.phrases(asked):
        assert phrase.words
        for word in phrase.words:
            assert word == "".join(word.split())
            assert not set(word) & set("\"'*:\\&|!<>()¶\x00"), word
    assert len([word for phrase in call_text.phrases(asked) for word in phrase.words]) <= call_text.MOST_WORDS


@given(st.text(st.characters(categories=["L", "N", "M", "P", "Z"]), max_size=60))
def test_words_are_folded_once_and_for_all(text):
    folded = call_text.words(text)
    assert call_text.words(" ".join(folded)) == folded


def test_a_new_version_takes_the_place_of_the_one_before(support):
    ids = say(support, one="Nothing but a draft")
    with db.writing() as session:
        add_version(session, session.get_one(Call, ids["one"]), content=transcript(("agent", 0, "The final words")))
    assert (found("draft"), found("final")) == (set(), {"one"})


def test_what_goes_with_its_call_is_found_no_more(support):
    ids = say(support, one="A secret", two="A secret")
    with db.writing() as session:
        session.exec(delete(CallText).where(CallText.call_id == ids["one"]))
    assert found("secret") == {"two"}


def test_the_words_are_gone_when_the_row_of_the_call_is(support):
    with db.writing() as session:
        call = stored_call(session, support)
        call_text.write(session, call.id, ["secret"])
        session.exec(delete(CallEvent).where(CallEvent.call_id == call.id))
        session.exec(delete(Call).where(Call.id == call.id))
    with db.reading() as session:
        assert session.exec(select(CallText)).all() == []


def test_it_narrows_with_the_other_filters_and_to_whoever_asks(support):
    with db.writing() as session:
        other, ada = stored_campaign(session, "Sales"), agent(session, "Ada")
        spoken(session, support, "mine", "A refund")
        spoken(session, other, "theirs", "A refund", agent_id=ada.id, score=40.0)
    manager = Identity(9, Role.MANAGER, "m@example.org", None, frozenset({support.id or 0}))
    assert found("refund") == {"mine", "theirs"}
    assert found("refund", manager) == {"mine"}
    assert found("refund", Identity(8, Role.AGENT, "ada@example.org", ada.id)) == {"theirs"}
    assert found("refund", Identity(8, Role.AGENT, "nobody@example.org")) == set()
    assert found("refund", score_to=50.0) == {"theirs"}
    assert found("refund", campaigns=frozenset({"support"})) == {"mine"}


def test_what_many_calls_hold_is_looked_for_in_another_way_and_found_the_same(support, monkeypatch):
    monkeypatch.setattr(call_text, "COMMON", 2)
    say(support, **{f"{n}": "Thank you for calling" if n % 2 else "Hello" for n in range(8)})
    with db.reading() as session:
        assert call_text.common(session, "thank")
        assert not call_text.common(session, "nowhere")
    assert found("thank") == found('"you for ca*"') == {"1", "3", "5", "7"}
    assert found("thank hello") == set()
    with db.reading() as session:
        assert call_list.shown_count(session, OWNER, Filters(said="thank")) == (2, True)
        assert call_list.shown_count(session, OWNER, Filters(said="thank", flagged=True)) == (0, True)
        assert call_list.shown_count(session, OWNER, Filters(said="nowhere")) == (0, False)


def test_the_number_of_what_many_calls_hold_counts_only_what_may_be_seen(support, monkeypatch):
    monkeypatch.setattr(call_text, "COMMON", 2)
    say(support, **{f"{n}": "Thank you for calling" for n in range(4)})
    stranger = Identity(9, Role.MANAGER, "m@example.org", None, frozenset())
    with db.writing() as session:
        assert call_list.shown_count(session, stranger, Filters(said="thank")) == (0, True)
        session.get_one(Campaign, support.id).redact = True
    with db.reading() as session:
        assert call_list.shown_count(session, OWNER, Filters(said="thank")) == (0, True), "all of them are withheld"


def test_a_call_that_goes_on_for_hours_is_indexed_as_far_as_it_fits(support):
    endless = " ".join(f"word{n}" for n in range(60_000))
    say(support, long=f"beginning {endless}", babble="ab " * 200_000)
    assert found("beginning") == found('"word1 word2 word3"') == {"long"}
    assert found("word15000 word20000") == {"long"}
    assert found("ab") == {"babble"}


def test_a_word_longer_than_any_is_cut_and_breaks_nothing(support):
    say(support, one="x" * 5000 + " tail")
    assert found("tail") == {"one"}


def test_calls_from_before_the_index_are_read_some_at_a_time(support, monkeypatch):
    monkeypatch.setattr(catching_up, "BATCH", 2)
    ids = say(support, a="A refund", b="A refund", c="A refund")
    with db.writing() as session:
        session.exec(delete(CallText))
        for call_id in ids.values():
            session.add(UnreadCall(call_id=call_id))
    assert found("refund") == set()
    assert catching_up.index_texts(30) == 3
    assert found("refund") == {"a", "b", "c"}
    assert catching_up.index_texts(30) == 0


def test_a_version_that_comes_meanwhile_is_kept(support):
    ids = say(support, a="The old words")
    with db.writing() as session:
        session.exec(delete(CallText))
        session.add(UnreadCall(call_id=ids["a"]))
    with db.writing() as session:
        call_text.write(session, ids["a"], ["new"])
    with db.writing() as session:
        assert call_text.catch_up(session, {ids["a"]: ["old"]}) == 0
    assert (found("new"), found("old")) == ({"a"}, set())


def test_no_time_is_no_work(support):
    say(support, a="A refund")
    assert catching_up.index_texts(0) == 0


def test_a_call_of_which_nothing_is_written_down_has_no_words(support):
    with db.writing() as session:
        finished_call(session, support)
        call_text.write(session, stored_call(session, support).id, call_text.spoken({}))
    assert len(found("thank")) == 1
