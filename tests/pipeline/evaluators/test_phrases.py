import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluators.contract import Case, Evidence, Finding
from pipeline.evaluators.phrases import Phrases
from pipeline.outcome import Done
from pipeline.transcribers.contract import Spotted, Utterance, Word
from records.checks import CheckSpec, PhraseRule
from records.statuses import Verdict
from tests.pipeline.made import case, conversation, turn

PASS, FAIL, NOT_EVALUATED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED
CALL = conversation(
    ("agent", "Thank you for calling Acme, this call may be recorded."),
    ("customer", "Hello, I'd like to cancel."),
    ("agent", "I'm sorry to hear that. Don't worry, I can help."),
    ("customer", "Thank you, goodbye!"),
)


def judge(heard: Case, **rule) -> Finding:
    outcome = Phrases().evaluate(heard, [CheckSpec(name="A", rule=PhraseRule(**rule))])
    assert isinstance(outcome, Done)
    return outcome.value.findings[0]


def said(phrase: str, utterances=CALL, **rule) -> Evidence | None:
    finding = judge(case(utterances), any=(phrase,), **rule)
    assert finding.verdict is (PASS if finding.evidence else FAIL)
    return finding.evidence[0] if finding.evidence else None


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


# --- what cannot be judged


def test_an_empty_transcript_is_not_evaluated():
    finding = judge(case(), any=("hello",))
    assert finding.verdict is NOT_EVALUATED
    assert "the transcript is empty" in finding.reason


@pytest.mark.parametrize(
    "utterances", [[turn("agent", "")], [turn("agent", " \n")], [turn("agent", "..."), turn("customer", "–")]]
)
def test_turns_without_a_word_are_an_empty_transcript(utterances: list[Utterance]):
    for rule in ({"any": ("hello",)}, {"none": ("hello",)}):
        assert judge(case(utterances), **rule).verdict is NOT_EVALUATED


@pytest.mark.parametrize(
    ("draft", "confidence", "judged"),
    [(True, 0.44, False), (True, 0.45, True), (True, None, True), (False, 0.1, True), (True, 0.0, False)],
)
def test_a_draft_too_unsure_of_its_words_is_not_evaluated(draft: bool, confidence: float | None, judged: bool):
    finding = judge(case(CALL, draft=draft, confidence=confidence), any=("goodbye",))
    assert (finding.verdict is PASS) == judged
    assert judged or "too unsure of its words" in finding.reason


@pytest.mark.parametrize(
    ("speakers_by", "speech_s", "speaker", "judged"),
    [
        ("estimate", 29.9, "agent", False),
        ("estimate", 29.9, "customer", False),
        ("estimate", 29.9, "either", True),
        ("estimate", 30, "agent", True),
        ("labels", 5, "agent", True),
        ("channels", 5, "agent", True),
    ],
)
def test_estimated_speakers_need_half_a_minute_of_speech(speakers_by: str, speech_s: float, speaker: str, judged: bool):
    heard = case(CALL, speech_s=speech_s, speakers_by=speakers_by)
    finding = judge(heard, any=("thank you",), speaker=speaker)
    assert (finding.verdict is PASS) == judged
    assert judged or "the recording has one channel" in finding.reason


def test_unknown_speakers_cannot_be_judged_as_agent_or_customer():
    call = conversation(("speaker_1", "thank you for calling"), ("speaker_2", "hello"))
    assert "Set the campaign's channel map" in judge(case(call), any=("hello",), speaker="agent").reason
    assert judge(case(call), any=("hello",)).verdict is PASS


# --- phrases heard in the sound itself

SPOTTED = Spotted(phrase="Money-back guarantee", speaker="agent", start_ms=5000, end_ms=6000)


def test_a_phrase_heard_in_the_sound_counts_without_text():
    finding = judge(case(CALL, spotted=(SPOTTED,)), any=("Money-back guarantee",), speaker="agent")
    assert finding.verdict is PASS
    assert finding.evidence == (Evidence(turn=None, quote="Money-back guarantee", speaker="agent", start_ms=5000),)


@pytest.mark.parametrize(
    "rule",
    [
        {"any": ("money",)},
        {"any": ("Money-back guarantee",), "speaker": "customer"},
        {"any": ("Money-back guarantee",), "within_first_s": 4.9},
        {"any": ("Money-back guarantee",), "within_last_s": 30},
    ],
)
def test_a_phrase_heard_by_another_or_elsewhere_does_not_count(rule: dict):
    assert judge(case(CALL, spotted=(SPOTTED,)), **rule).verdict is FAIL


def test_the_text_is_evidence_before_the_sound():
    spotted = Spotted(phrase="goodbye", speaker="customer", start_ms=1, end_ms=2)
    evidence = judge(case(CALL, spotted=(spotted,)), any=("goodbye",)).evidence
    assert [each.turn for each in evidence] == [3]


# --- a very long call


def test_a_call_of_20000_words_is_searched_for_fifty_phrases(capsys: pytest.CaptureFixture[str]):
    text = "the quick brown fox jumps over a lazy dog while we talk about the weather and your account number 42"
    call = conversation(*[(speaker, text) for _ in range(500) for speaker in ("agent", "customer")])
    call.append(turn("agent", "our terms have changed since spring", call[-1].end_ms + 500))
    assert sum(len(each.words) for each in call) > 20_000
    phrases = tuple(f"unheard of phrase number {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(49))
    began = time.perf_counter()
    finding = judge(case(call, duration_s=7200), any=(*phrases, "our terms have changed"))
    with capsys.disabled():
        print(f" [50 phrases in 20,000 words: {time.perf_counter() - began:.2f} s]", end="")  # noqa: T201  a figure to read
    assert [each.turn for each in finding.evidence] == [1000]


def test_two_phrases_that_are_alike_are_not_both_heard_in_the_same_words():
    finding = judge(case(CALL), any=("thank you for calling", "thanks for calling"))
    assert finding.reason == "Said: 'thank you for calling'."
    assert len(finding.evidence) == 1


def test_alike_phrases_that_are_all_wanted_may_share_their_words():
    assert judge(case(CALL), all=("thank you for calling", "thanks for calling")).verdict is PASS
