"""Words with speakers become turns: what one said until the other did, or until a long pause."""

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from pipeline.transcribers.contract import Utterance, Word

PAUSE_MS = 800  # ends a piece of speech ...
TURN_MS = 2_000  # ... but not the turn, where the same speaker goes on within this and nobody else came between


class Spoken(NamedTuple):
    """One word, and who said it."""

    speaker: str
    channel: int | None
    word: Word


def turns(spoken: Iterable[Spoken]) -> tuple[Utterance, ...]:
    """Utterances in order of time. Who speaks on through another's 'mhm' is not cut by it."""
    made: list[list[Spoken]] = []
    for piece in _pieces(spoken):
        if made and _speaker(made[-1]) == _speaker(piece) and _start(piece) - _end(made[-1]) <= TURN_MS:
            made[-1] += piece
        else:
            made.append(piece)
    return tuple(_utterance(turn) for turn in made)


def mean_confidence(words: Iterable[Word]) -> float | None:
    """Of the words that have one; None where none has."""
    known = [word.confidence for word in words if word.confidence is not None]
    return round(fmean(known), 4) if known else None


def _pieces(spoken: Iterable[Spoken]) -> list[list[Spoken]]:
    """Runs of a speaker's words without a long pause, and without another's word in a short one; by their start."""
    last: dict[tuple[str, int | None], list[Spoken]] = {}
    between: dict[tuple[str, int | None], list[Word]] = {}
    made: list[list[Spoken]] = []
    for one in sorted(spoken, key=lambda one: (one.word.start_ms, one.word.end_ms)):
        who = one[:2]
        for other, words in between.items():
            if other != who:
                words.append(one.word)
        piece = last.get(who)
        if piece and one.word.start_ms - _end(piece) <= PAUSE_MS and not _within(between[who], piece, one):
            piece.append(one)
        else:
            last[who] = [one]
            made.append(last[who])
        between[who] = []
    return made


def _within(words: Iterable[Word], piece: Sequence[Spoken], following: Spoken) -> bool:
    """Whether some other's word fits whole between what was said and what follows."""
    return any(_end(piece) <= word.start_ms and word.end_ms <= following.word.start_ms for word in words)


def _utterance(turn: Sequence[Spoken]) -> Utterance:
    words = tuple(one.word for one in turn)
    return Utterance(
        speaker=turn[0].speaker,
        channel=turn[0].channel,
        start_ms=_start(turn),
        end_ms=_end(turn),
        text=" ".join(word.text for word in words),
        confidence=mean_confidence(words),
        words=words,
    )


def _speaker(turn: Sequence[Spoken]) -> tuple[str, int | None]:
    return turn[0][:2]


def _start(turn: Sequence[Spoken]) -> int:
    return turn[0].word.start_ms


def _end(turn: Sequence[Spoken]) -> int:
    return turn[-1].word.end_ms
