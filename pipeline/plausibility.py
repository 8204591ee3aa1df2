"""Is this transcript empty, or one that cannot be right? Pure."""

from collections import Counter
from collections.abc import Sequence

from pipeline.transcribers.contract import Transcript

FASTEST_WPM = 400  # auctioneers reach 250 to 400 words a minute; nobody serves customers so
LONG_SPEECH_MS = 60_000
FEWEST_WPM = 5  # a minute of speech with fewer words is a recogniser that gave up
REPEATS = 10  # the same sentence this often in a row is a recogniser in a loop
LONGEST_PERIOD = 12  # words of a loop within one turn
PAST_THE_END_MS = 5_000


def transcript_trouble(transcript: Transcript, *, duration_ms: int, speech_ms: int) -> str:
    """A sentence that says why the transcript cannot be used as it is; empty when it can.

    `speech_ms` is how long somebody spoke by voice activity, whatever the text says.
    """
    said = (word for turn in transcript.utterances for word in turn.text.split())
    words = sum(any(letter.isalnum() for letter in word) for word in said)
    if not words:
        return "The transcript is empty: no words were recognised."
    last = max(utterance.end_ms for utterance in transcript.utterances)
    if last > duration_ms + PAST_THE_END_MS:
        return "The transcript goes on after the recording's end, so its times cannot be right."
    minutes = max(speech_ms, 1) / 60_000
    if speech_ms >= LONG_SPEECH_MS and words / minutes < FEWEST_WPM:
        recognised = "one word was" if words == 1 else f"{words} words were"
        return f"Only {recognised} recognised in {minutes:.1f} minutes of speech."
    if words > 50 and words / minutes > FASTEST_WPM:  # noqa: PLR2004  fewer words say nothing about speed
        return f"{words} words in {minutes:.1f} minutes of speech is faster than people speak."
    if longest_repeat(transcript) >= REPEATS or any(
        _loops(turn.text.lower().split()) for turn in transcript.utterances
    ):
        return "The transcript repeats one sentence over and over, as a recogniser in a loop does."
    return ""


def longest_repeat(transcript: Transcript) -> int:
    """How often the most repeated sentence of three or more words follows itself."""
    longest: Counter[str] = Counter()
    run, before = 0, ""
    for utterance in transcript.utterances:
        text = " ".join(utterance.text.lower().split())
        run = run + 1 if text == before and len(text.split()) >= 3 else 1  # noqa: PLR2004  'yes', 'okay' do repeat
        before = text
        longest[text] = max(longest[text], run)
    return max(longest.values(), default=0)


def _loops(words: Sequence[str]) -> bool:
    """Whether one turn says the same few words over and over; people who do so stop before 30 words."""
    for period in range(1, LONGEST_PERIOD + 1):
        again = 0
        for word, before in zip(words[period:], words, strict=False):
            again = again + 1 if word == before else 0
            if again + period >= REPEATS * max(period, 3):
                return True
    return False
