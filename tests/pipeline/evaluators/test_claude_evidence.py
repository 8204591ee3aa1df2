import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluators.claude.answers import Quote, Result
from pipeline.evaluators.claude.evidence import Plain, Said
from records.statuses import Verdict
from tests.pipeline.evaluators.claude_judging import FAIL, PASS, call, check, judge, one, wanting
from tests.pipeline.made import conversation
from tests.simulators.claude import instead

SAID = Said(
    conversation(
        ("agent", "Well, I don't think it’s in your account."),
        ("customer", "Thank you... that's twenty-five pounds — right?"),
        ("agent", "你好吗 我可以帮你。"),
        ("customer", "Nai\u0308ve cafe\u0301s, \u00abà bientôt\u00bb!"),
        ("agent", "Thank you."),
    )
)


def found(quote: str, turn: int = 1) -> str | None:
    place = SAID.place(Quote(turn=turn, quote=quote))
    return f"{place.turn + 1}: {SAID.quote(place)}" if place else None


@pytest.mark.parametrize(
    ("quote", "where"),
    [
        ("I don't think", "1: I don't think"),
        ("  i DONT   think it's ", "1: I don't think it’s"),
        ("“in your account”", "1: in your account"),
        ("[1] agent 00:00: Well, I don't", "1: Well, I don't"),
        ("that's twenty five pounds, right", "2: that's twenty-five pounds — right"),
        ("可以帮", "3: 可以帮"),
        ("naïve cafés a bientôt", None),
        ("naïve cafés, à bientôt", "4: Naïve cafés, «à bientôt"),
    ],
)
def test_words_are_found_however_they_are_typed(quote, where):
    assert found(quote) == where


@pytest.mark.parametrize(
    "quote",
    [
        "I do think",
        "count",  # of 'account'
        "account Thank you",  # over two turns
        "I don't ... your account",  # shortened
        "I think it's in your account",
        "thirty-five pounds",
    ],
)
def test_words_that_nobody_said_are_not_found(quote):
    assert found(quote) is None


def test_the_named_turn_is_preferred_and_else_the_nearest_one():
    assert found("thank you", 2) == "2: Thank you"
    assert found("thank you", 5) == "5: Thank you"
    assert found("thank you", 4) == "5: Thank you"
    assert found("thank you", 999) == "5: Thank you"
    assert found("thank you", -7) == "2: Thank you"


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_stands_between_spaces_is_found_and_quoted_verbatim(before, words):
    text = f"{before} {words} end"
    place = Plain.of(text).find(Plain.of(words))
    assert (place is None) == (not Plain.of(words).letters)
    if place:
        assert Plain.of(text[slice(*place)]).letters.strip() == Plain.of(words).letters.strip()


def test_the_same_quote_twice_is_one_piece_of_evidence():
    quotes = [Quote(turn=5, quote="Thank you"), Quote(turn=4, quote="thank you."), Quote(turn=1, quote=" … ")]
    kept = SAID.keep(Result(check=1, evidence=quotes, reason="R.", verdict="pass", confidence=1))
    assert len(kept.places) == 1
    assert kept.verified, "an empty quote is none, and so not a false one"


def test_an_invented_quote_is_dropped_and_the_finding_marked(claude):
    claude.usual = instead(evidence=[{"turn": 1, "quote": "I promise you a full refund"}], verdict="pass")
    finding = one(claude)
    assert finding.verdict is PASS
    assert finding.evidence == ()
    assert not finding.verified
    assert finding.reason == ("The words were said. [Unverified: 1 quote is not in the transcript and left out.]")


def test_a_true_quote_stays_beside_an_invented_one(claude):
    quotes = [{"turn": 3, "quote": "I can help"}, {"turn": 3, "quote": "I cannot help"}]
    claude.usual = instead(evidence=quotes)
    finding = one(claude)
    assert [piece.quote for piece in finding.evidence] == ["I can help"]
    assert not finding.verified


def test_a_quote_under_a_wrong_number_gets_the_right_one(claude):
    claude.usual = instead(evidence=[{"turn": 1, "quote": "i'd like to CANCEL"}])
    (piece,) = one(claude).evidence
    assert (piece.turn, piece.quote, piece.speaker) == (1, "I'd like to cancel", "customer")


def test_a_failed_check_may_quote_too(claude):
    claude.usual = instead(verdict="fail", evidence=[{"turn": 2, "quote": "Hello"}])
    finding = judge(claude, call(), [check("The customer is not greeted")]).findings[0]
    assert (finding.verdict, finding.verified) == (FAIL, True)
    assert finding.evidence[0].quote == "Hello"


def test_no_more_than_five_quotes_are_kept(claude):
    words = ["Thank", "you", "for", "calling", "Acme", "how", "can"]
    claude.usual = instead(evidence=[{"turn": 1, "quote": word} for word in words])
    judgement = judge(claude, call(), wanting("Thank"))
    assert [piece.quote for piece in judgement.findings[0].evidence] == words[:5]
    assert judgement.findings[0].verdict is Verdict.PASS
