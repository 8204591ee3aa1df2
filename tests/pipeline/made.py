"""Transcripts, figures and cases for tests, from as few words as they take."""

from collections.abc import Iterable
from typing import Any

from pipeline.evaluators.contract import Case
from pipeline.sound.figures import Figures, figures
from pipeline.transcribers.contract import Transcript, Utterance, Word

WORD_MS = 300


def turn(speaker: str, text: str, start_ms: int = 0, *, timed: bool = True) -> Utterance:
    """One turn; a word each 300 ms, with the punctuation left on, as cloud transcribers do."""
    texts = text.split()
    words = tuple(
        Word(text=word, start_ms=start_ms + WORD_MS * place, end_ms=start_ms + WORD_MS * (place + 1))
        for place, word in enumerate(texts)
    )
    end = start_ms + WORD_MS * max(len(texts), 1)
    return Utterance(speaker=speaker, start_ms=start_ms, end_ms=end, text=text, words=words if timed else ())


def conversation(*turns: tuple[str, str], pause_ms: int = 500, timed: bool = True) -> list[Utterance]:
    """Turns one after the other: (speaker, text)."""
    made: list[Utterance] = []
    for speaker, text in turns:
        begins = made[-1].end_ms + pause_ms if made else 0
        made.append(turn(speaker, text, begins, timed=timed))
    return made


def transcript(utterances: Iterable[Utterance] = (), **facts: Any) -> Transcript:
    return Transcript(
        **{"provider": "made up", "model": "m", "language": "en", "utterances": tuple(utterances), **facts}
    )


def measured(duration_s: float = 60, **facts: Any) -> Figures:
    """Figures of a call of this length in which nobody spoke, but for the `facts`."""
    return figures({}, (), round(duration_s * 1000)).model_copy(update=facts)


class NoMemory:
    """A run's memory, kept nowhere."""

    def __init__(self) -> None:
        self.facts: dict[str, str] = {}

    def remember(self, **facts: str) -> None:
        self.facts |= facts


def case(utterances: Iterable[Utterance] = (), *, duration_s: float = 600, speech_s: float = 300, **facts: Any) -> Case:
    return Case(transcript(utterances, **facts), measured(duration_s), speech_s, NoMemory())
