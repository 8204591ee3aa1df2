"""A Whisper model at work in a child process: the words of some windows of a channel."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.outcome import Fault, ProviderError
from pipeline.sound.contract import Stretch
from pipeline.transcribers.contract import Word
from pipeline.transcribers.listening import read

FULL_SCALE = 32_768
SHORTEST_BYTES = 3_200  # 0.1 s


class Heard(NamedTuple):
    """What some windows hold, and in which language."""

    words: tuple[Word, ...]
    language: str


def transcribe(model: str, file: Path, windows: Sequence[Stretch], language: str) -> Heard:
    """The words of a channel's windows. An empty `language` is found out from the first window.

    Raises ProviderError where the model cannot be loaded.
    """
    loaded = _model(model)
    words: list[Word] = []
    for window in windows:
        samples = read(file, window)
        if len(samples) < SHORTEST_BYTES:
            continue
        pieces, about = loaded.transcribe(
            np.frombuffer(samples, "<i2").astype(np.float32) / FULL_SCALE,
            language=language or None,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,  # else one slip is repeated to the end of the call
        )
        language = about.language
        words.extend(_words(pieces, window))
    return Heard(tuple(words), language)


@lru_cache(maxsize=1)
def _model(name: str) -> Any:  # noqa: ANN401  the library, an extra, states no types
    """The child's own, kept until another is asked for."""
    from faster_whisper import WhisperModel  # noqa: PLC0415  an extra that need not be installed, and slow to load

    try:
        return WhisperModel(name, cpu_threads=os.cpu_count() or 1, local_files_only=Path(name).is_dir())
    except Exception as error:
        words = (
            "The Whisper model could not be loaded. Give WHISPER_MODEL a folder that holds its model.bin, or the name "
            "of a model that this machine may download, and enough memory."
        )
        raise ProviderError(words, fault=Fault.ACCOUNT) from error


def _words(pieces: Iterable[Any], window: Stretch) -> Iterator[Word]:
    """Words with times of the recording; a word's times never leave its window."""
    for piece in pieces:
        for word in piece.words or ():
            if text := word.word.strip():
                start, end = (window.start_ms + min(round(at * 1000), window.ms) for at in (word.start, word.end))
                yield Word(text=text, start_ms=start, end_ms=end, confidence=round(float(word.probability), 4))
