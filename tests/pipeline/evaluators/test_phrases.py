import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluators.phrases import Phrases
from pipeline.transcribers.contract import Utterance, Word
from records.checks import CheckSpec, PhraseRule
from records.statuses import Verdict
from tests.pipeline.evaluators.phrase_judging import CALL, FAIL, PASS, judge, said
from tests.pipeline.made import case, conversation, turn

# --- any, all, none


@pytest.mark.parametrize(
    ("rule", "verdict", "reason"),
    [
        ({"any": ("goodbye", "nonsense")}, PASS, "Said: 'goodbye'."),
        ({"any": ("nonsense", "rubbish")}, FAIL, "Not said: 'nonsense', 'rubbish'."),
        ({"all": ("goodbye", "thank you")}, PASS, "Said: 'goodbye', 'thank you'."),
        ({"all": ("goodbye", "nonsense")}, FAIL, "Not said: 'nonsense'."),
        ({"none": ("nonsense",)}, PASS, "Not said: 'nonsense'."),
        ({"none": ("nonsense", "goodbye")}, FAIL, "Said: 'goodbye'."),
        (
            {"any": tuple(f"nonsense {letter * 5}" for letter in "abcde")},
            FAIL,
            "Not said: 'nonsense aaaaa', 'nonsense bbbbb', 'nonsense ccccc' and 2 more.",
        ),
        ({"any": ("goodbye",), "speaker": "agent"}, FAIL, "Not said by the agent: 'goodbye'."),
        (
            {"any": ("goodbye",), "speaker": "customer", "within_last_s": 595},
            PASS,
            "Said by the customer in the last 595 s: 'goodbye'.",
        ),
        ({"any": ("goodbye",), "within_first_s": 2.5}, FAIL, "Not said in the first 2.5 s: 'goodbye'."),
    ],
)
def test_any_all_and_none_with_their_reasons(rule: dict, verdict: Verdict, reason: str):
    finding = judge(case(CALL), **rule)
    assert (finding.verdict, finding.reason, finding.confidence) == (verdict, reason, None)


def test_every_phrase_that_was_said_is_shown():
    finding = judge(case(CALL), any=("goodbye", "thank you for calling", "nonsense"))
    assert [evidence.quote for evidence in finding.evidence] == ["goodbye!", "Thank you for calling"]


def test_each_check_gets_its_own_finding():
    checks = [CheckSpec(name=phrase, rule=PhraseRule(any=(phrase,))) for phrase in ("goodbye", "nonsense", "worry")]
    outcome = Phrases().evaluate(case(CALL), checks)
    assert {place: finding.verdict for place, finding in outcome.value.findings.items()} == {0: PASS, 1: FAIL, 2: PASS}


def test_no_checks_are_no_findings():
    assert Phrases().evaluate(case(CALL), []).value.findings == {}


# --- speakers


@pytest.mark.parametrize(
    ("phrase", "agent", "customer", "either"),
    [
        ("thank you for calling", True, False, True),
        ("goodbye", False, True, True),
        ("thank you", True, True, True),
        ("nonsense", False, False, False),
    ],
)
def test_who_said_it_counts(phrase: str, agent: bool, customer: bool, either: bool):
    found = {who: bool(said(phrase, speaker=who)) for who in ("agent", "customer", "either")}
    assert found == {"agent": agent, "customer": customer, "either": either}


def test_others_than_agent_and_customer_count_for_either_alone():
    call = [*CALL, turn("speaker_3", "Let me put you through.", 60_000)]
    assert said("let me put you through", call).speaker == "speaker_3"
    assert said("let me put you through", call, speaker="agent") is None


def test_two_speakers_words_never_make_one_phrase():
    call = conversation(("agent", "thank you"), ("customer", "for calling"))
    assert said("thank you for calling", call) is None


# --- across turns


def test_a_phrase_goes_on_in_the_speakers_next_turn():
    call = conversation(("agent", "Well, thank you for"), ("agent", "calling Acme."))
    finding = judge(case(call), any=("thank you for calling",))
    assert [(each.turn, each.quote) for each in finding.evidence] == [(0, "thank you for"), (1, "calling")]


def test_a_phrase_goes_on_after_the_others_word():
    call = conversation(("agent", "Well, thank you for"), ("customer", "Hello?"), ("agent", "calling Acme."))
    finding = judge(case(call), any=("thank you for calling",), speaker="agent")
    assert [(each.turn, each.quote, each.speaker) for each in finding.evidence] == [
        (0, "thank you for", "agent"),
        (2, "calling", "agent"),
    ]


def test_a_phrase_does_not_go_on_minutes_later():
    call = [turn("agent", "thank you for", 0), turn("customer", "a long story", 2000), turn("agent", "calling", 90_000)]
    assert said("thank you for calling", call) is None


# --- when


def at(*moments_s: float) -> list[Utterance]:
    return [turn("agent", "good morning", round(moment * 1000)) for moment in moments_s]


@pytest.mark.parametrize(("start_s", "inside"), [(0, True), (29.7, True), (29.8, False), (40, False)])
def test_the_first_seconds_hold_every_word_that_begins_in_them(start_s: float, inside: bool):
    # 'morning' begins 0.3 s after 'good'
    assert bool(said("good morning", at(start_s), within_first_s=30)) == inside


@pytest.mark.parametrize(("start_s", "inside"), [(590, True), (570, True), (569.9, False), (5, False)])
def test_the_last_seconds_count_from_the_recordings_end(start_s: float, inside: bool):
    assert bool(said("good morning", at(start_s), within_last_s=30)) == inside


def test_a_window_longer_than_the_call_is_the_whole_call():
    call = at(0)
    for window in ({"within_first_s": 9999}, {"within_last_s": 9999}):
        assert judge(case(call, duration_s=2), any=("good morning",), **window).verdict is PASS


def test_the_likest_within_the_window_is_taken_not_the_likest_of_all():
    call = [turn("agent", "good mornin", 1000), turn("agent", "good morning", 100_000)]
    assert said("good morning", call, within_first_s=30).quote == "good mornin"
    assert said("good morning", call).start_ms == 100_000


def test_saying_it_too_late_passes_a_check_that_it_is_not_said_early():
    assert judge(case(at(100)), none=("good morning",), within_first_s=30).verdict is PASS


# --- evidence


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "Thank you, for calling.",
        "well  THANK   YOU\nfor calling me",
        "“Thank you for calling”, she said",
        "Thank-you for calling!",
        "🎧 Thank you for calling 🎧",
    ],
)
def test_the_quote_stands_in_its_turn_letter_by_letter(text: str, timed: bool):
    call = conversation(("customer", "Hello?"), ("agent", text), timed=timed)
    evidence = said("thank you for calling", call)
    assert evidence.turn == 1
    assert evidence.quote in call[1].text
    assert evidence.quote.lower().startswith(("thank", "“thank"))
    assert "calling" in evidence.quote


def test_the_time_is_the_first_words():
    evidence = said("this call may be recorded")
    words = {word.text: word.start_ms for word in CALL[0].words}
    assert (evidence.start_ms, evidence.speaker, evidence.turn) == (words["this"], "agent", 0)


def test_without_word_times_the_turn_is_shared_out_evenly():
    call = [Utterance(speaker="agent", start_ms=10_000, end_ms=20_000, text="one two three four five")]
    assert said("three four", call).start_ms == 14_000


def test_words_that_differ_from_the_text_are_quoted_from_the_text():
    """Some providers write '20 dollars' in the text and 'twenty' 'dollars' in the words."""
    words = [
        Word(text=text, start_ms=100 * place, end_ms=100)
        for place, text in enumerate(["that's", "twenty", "dollars", "please"])
    ]
    call = [Utterance(speaker="agent", start_ms=0, end_ms=400, text="That's $20, please.", words=tuple(words))]
    assert said("that's twenty dollars please", call).quote == "That's $20, please"
    evidence = said("twenty dollars", call)
    assert evidence.quote
    assert evidence.quote in call[0].text


@given(
    st.lists(
        st.tuples(st.sampled_from(["agent", "customer"]), st.text("ab ,.'T\n", min_size=1, max_size=30)), max_size=8
    ),
    st.booleans(),
)
def test_any_quote_of_any_call_stands_in_its_turn(turns: list[tuple[str, str]], timed: bool):
    call = conversation(*turns, timed=timed)
    finding = judge(case(call), any=("ab a", "aaaaa", "ba ba ba"))
    for evidence in finding.evidence:
        spoken = call[evidence.turn]
        assert evidence.quote in spoken.text
        assert evidence.speaker == spoken.speaker
        assert spoken.start_ms <= evidence.start_ms <= spoken.end_ms
