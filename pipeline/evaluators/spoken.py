"""What was said, by speaker, as words that know their turn and their time. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.evaluators.contract import Evidence
from pipeline.evaluators.likeness import Like, Words, plain
from pipeline.transcribers.contract import Transcript, Utterance

LONGEST_PAUSE_MS = 10_000  # a speaker who is silent for longer does not go on with the same phrase
NEAR = 24  # characters: how far on in its turn's text a word may stand
LONGEST_QUOTE = 300  # characters, where a turn's words are nowhere in its text


@dataclass(frozen=True)
class Heard:
    """One plain word, and where it stands."""

    text: str
    start_ms: int
    turn: int
    begin: int  # place in the turn's text, where the whole word begins ...
    end: int  # ... and ends; of a word such as 'twenty-five', both halves have the whole's


@dataclass(frozen=True)
class Stream:
    """What one speaker said without a long pause; others may have spoken in between."""

    speaker: str
    heard: Sequence[Heard]
    words: Words

    def evidence(self, hit: Like, transcript: Transcript) -> tuple[Evidence, ...]:
        """The words of a hit as they stand in the transcript, a piece for each turn."""
        pieces = groupby(self.heard[hit.start : hit.end], key=lambda heard: heard.turn)
        return tuple(_quoted(list(words), transcript.utterances[turn]) for turn, words in pieces)


def streams(transcript: Transcript) -> list[Stream]:
    """Everything that was said, in pieces in which phrases can be looked for."""
    by_speaker: dict[str, list[Heard]] = defaultdict(list)
    for place, turn in enumerate(transcript.utterances):
        by_speaker[turn.speaker] += _heard(place, turn)
    return [
        Stream(speaker, piece, Words([heard.text for heard in piece]))
        for speaker, words in by_speaker.items()
        for piece in _pieces(words)
    ]


def _pieces(words: Sequence[Heard]) -> Iterator[Sequence[Heard]]:
    begin = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or words[place].start_ms - words[place - 1].start_ms > LONGEST_PAUSE_MS:
            yield words[begin:place]
            begin = place


def _heard(place: int, turn: Utterance) -> Iterator[Heard]:
    for text, start_ms, begin, end in _placed(turn):
        yield from (Heard(word, start_ms, place, begin, end) for word in plain(text).split())


def _placed(turn: Utterance) -> Iterator[tuple[str, int, int, int]]:
    """Each word with its time and its place in the turn's text: (text, start_ms, begin, end)."""
    told = turn.text.lower()
    at = 0
    for text, start_ms in [(word.text, word.start_ms) for word in turn.words] or _spread(turn):
        # Some providers' words differ from their text ('twenty', '20'): such a word stands between its neighbours.
        found = told.find(text.lower(), at, at + len(text) + NEAR)
        begin = at if found < 0 else found
        at = begin if found < 0 else begin + len(text)
        yield text, start_ms, begin, at


def _spread(turn: Utterance) -> list[tuple[str, int]]:
    """Words without times: spread evenly over the turn."""
    texts = turn.text.split()
    step = (turn.end_ms - turn.start_ms) / max(len(texts), 1)
    return [(text, round(turn.start_ms + step * index)) for index, text in enumerate(texts)]


def _quoted(words: Sequence[Heard], turn: Utterance) -> Evidence:
    quote = turn.text[words[0].begin : words[-1].end].strip(" ,;:") or turn.text[:LONGEST_QUOTE]
    return Evidence(turn=words[0].turn, quote=quote, speaker=turn.speaker, start_ms=words[0].start_ms)
