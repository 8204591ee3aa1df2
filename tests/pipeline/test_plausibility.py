import pytest

from pipeline.plausibility import longest_repeat, transcript_trouble
from pipeline.transcribers.contract import Transcript
from tests.pipeline.made import conversation, transcript, turn


def trouble(made: Transcript, *, duration_s: float = 600, speech_s: float = 60) -> str:
    return transcript_trouble(made, duration_ms=round(duration_s * 1000), speech_ms=round(speech_s * 1000))


def of_words(count: int) -> Transcript:
    return transcript([turn("agent", " ".join(f"word{number}" for number in range(count)))])


GOOD = transcript(conversation(("agent", "Thank you for calling."), ("customer", "Hello, I have a question.")))


def test_an_ordinary_transcript_is_no_trouble():
    assert trouble(GOOD, speech_s=4) == ""


@pytest.mark.parametrize(
    "made", [transcript(), *(transcript([turn("agent", text)]) for text in ("", " \n ", "... – !"))]
)
def test_a_transcript_without_words_is_empty(made: Transcript):
    assert trouble(made) == "The transcript is empty: no words were recognised."


def test_an_empty_transcript_of_a_silent_recording_is_empty_too():
    assert trouble(transcript(), speech_s=0).startswith("The transcript is empty")


@pytest.mark.parametrize(("over_ms", "is_trouble"), [(0, False), (5000, False), (5001, True), (60_000, True)])
def test_times_after_the_recordings_end_cannot_be_right(over_ms: int, is_trouble: bool):
    made = transcript([turn("agent", "hello there"), turn("agent", "bye", 10_000 + over_ms - 300)])
    assert ("goes on after the recording's end" in trouble(made, duration_s=10, speech_s=2)) == is_trouble


def test_the_latest_end_counts_though_it_is_not_the_last_turns():
    long = turn("agent", "hello there").model_copy(update={"end_ms": 99_000})
    made = transcript([long, turn("customer", "yes", 1000)])
    assert "after the recording's end" in trouble(made, duration_s=10, speech_s=2)


@pytest.mark.parametrize(
    ("words", "speech_s", "sentence"),
    [
        (1, 60, "Only one word was recognised in 1.0 minutes of speech."),
        (9, 120, "Only 9 words were recognised in 2.0 minutes of speech."),
        (10, 120, ""),
        (1, 59, ""),  # less than a minute says nothing
    ],
)
def test_much_speech_with_hardly_a_word_is_a_recogniser_that_gave_up(words: int, speech_s: float, sentence: str):
    assert trouble(of_words(words), speech_s=speech_s) == sentence


@pytest.mark.parametrize(
    ("words", "speech_s", "is_trouble"),
    [(400, 60, False), (401, 60, True), (50, 1, False), (51, 1, True), (51, 0, True), (250, 60, False)],
)
def test_faster_than_anybody_speaks_is_trouble(words: int, speech_s: float, is_trouble: bool):
    assert ("is faster than people speak" in trouble(of_words(words), speech_s=speech_s)) == is_trouble


@pytest.mark.parametrize(("times", "is_trouble"), [(9, False), (10, True), (40, True)])
def test_a_sentence_over_and_over_is_a_recogniser_in_a_loop(times: int, is_trouble: bool):
    made = transcript(conversation(*[("agent", "Thanks for watching")] * times))
    assert ("repeats one sentence over and over" in trouble(made)) == is_trouble


def test_repeats_are_seen_through_case_and_spaces():
    made = transcript(conversation(*[("agent", "Thanks for watching"), ("agent", "thanks  FOR watching")] * 5))
    assert longest_repeat(made) == 10


@pytest.mark.parametrize("text", ["yes", "okay okay", "mm hm"])
def test_short_answers_may_repeat(text: str):
    assert trouble(transcript(conversation(*[("customer", text)] * 30))) == ""


def test_a_sentence_that_comes_back_now_and_then_is_no_loop():
    made = transcript(conversation(*[("agent", "Is there anything else"), ("customer", "No")] * 30))
    assert longest_repeat(made) == 1
    assert trouble(made) == ""


def test_a_run_that_was_broken_begins_again():
    made = transcript(
        conversation(*[("agent", "one two three")] * 6, ("agent", "four"), *[("agent", "one two three")] * 5)
    )
    assert longest_repeat(made) == 6


def test_a_loop_within_one_turn_is_a_loop_too():
    """Some transcribers put the whole loop into one utterance."""
    assert "repeats one sentence" in trouble(transcript([turn("agent", "thanks for watching " * 30)]), speech_s=30)
    assert "repeats one sentence" in trouble(transcript([turn("agent", "hello. " + "you know " * 60)]), speech_s=30)


@pytest.mark.parametrize(
    "text",
    [
        "no no no no no",
        "bye bye bye bye",
        "my number is 5 5 5 5 5 5 5 5",
        "ring ring ring ring ring ring ring ring ring ring ring ring hello",
        "thank you thank you thank you so much",
    ],
)
def test_people_who_repeat_themselves_are_no_loop(text: str):
    assert trouble(transcript([turn("customer", text)]), speech_s=20) == ""
