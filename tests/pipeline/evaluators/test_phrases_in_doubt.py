import time

import pytest

from pipeline.evaluators.contract import Evidence
from pipeline.transcribers.contract import Spotted, Utterance
from tests.pipeline.evaluators.phrase_judging import CALL, FAIL, NOT_EVALUATED, PASS, judge
from tests.pipeline.made import case, conversation, turn

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
