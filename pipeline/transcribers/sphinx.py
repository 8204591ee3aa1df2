"""PocketSphinx at work in a child process: the words of some segments, and the phrases heard in them.

It holds the interpreter's lock while it decodes, so it never runs in the process that asks.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pocketsphinx import Decoder, Segment

from pipeline.sound.contract import RATE, Stretch
from pipeline.transcribers.contract import Word
from pipeline.transcribers.listening import read

FRAME_MS = 10
SHORTEST_BYTES = RATE * 2 // 10  # the decoder refuses nothing at all, and finds nothing in less than 0.1 s
PHRASES = "phrases"
SHORT_PHRASE = 3  # words; these need a smaller threshold against false finds
THRESHOLD, SHORT_THRESHOLD = "1e-30", "1e-20"
_VARIANT = re.compile(r"\(\d+\)$")
_NOT_A_WORD = re.compile(r"[^\w']+")


class Found(NamedTuple):
    """A phrase (as `words_of` writes it) that was heard in the sound."""

    phrase: str
    start_ms: int
    end_ms: int


class Heard(NamedTuple):
    """What a batch of segments holds."""

    words: tuple[Word, ...]
    found: tuple[Found, ...]


def recognise(file: Path, segments: Sequence[Stretch], phrases: Sequence[str], scratch: Path) -> Heard:
    """Recognise a channel's segments, and listen for phrases in them.

    The decoder adapts from segment to segment, so that what it answers depends on the batch, but on nothing before.
    """
    decoder = _decoder()
    free_text = decoder.current_search()
    decoder.reinit_feat()  # it still knows the last call's noise and level
    words = tuple(word for segment in segments for word in _words(decoder, read(file, segment), segment.start_ms))
    if not phrases:
        return Heard(words, ())
    with tempfile.NamedTemporaryFile("w", dir=scratch, suffix=".phrases", encoding="utf-8") as wanted:
        wanted.writelines(f"{phrase} /{_threshold(phrase)}/\n" for phrase in phrases)
        wanted.flush()
        decoder.add_kws(PHRASES, wanted.name)
    try:
        decoder.activate_search(PHRASES)
        decoder.reinit_feat()
        found = tuple(one for segment in segments for one in _found(decoder, read(file, segment), segment.start_ms))
    finally:
        decoder.activate_search(free_text)
        decoder.remove_search(PHRASES)
    return Heard(words, found)


def unknown(phrases: Sequence[str]) -> list[str]:
    """Those phrases, as `words_of` writes them, that hold a word which the dictionary lacks.

    Spotting ignores them without a word.
    """
    decoder = _decoder()
    return [phrase for phrase in phrases if not all(decoder.lookup_word(word) for word in phrase.split())]


def words_of(phrase: str) -> str:
    """A phrase as the decoder needs it: lower case, no punctuation."""
    return " ".join(_NOT_A_WORD.sub(" ", phrase.lower().replace("’", "'").replace("_", " ")).split())


@cache
def _decoder() -> Decoder:
    """The child's own, kept for its lifetime: loading takes half a second and 140 MB.

    Dithered, because in digital silence it otherwise hears words, and is sure of them; always by the same dice.
    """
    return Decoder(samprate=RATE, dither=True, seed=1, loglevel="FATAL")


def _words(decoder: Decoder, samples: bytes, start_ms: int) -> Iterator[Word]:
    for segment in _decoded(decoder, samples):
        if segment.word[0] in "<[+":  # silence and noise
            continue
        yield Word(
            text=_VARIANT.sub("", segment.word),
            start_ms=start_ms + segment.start_frame * FRAME_MS,
            end_ms=start_ms + (segment.end_frame + 1) * FRAME_MS,
            confidence=round(min(segment.prob, 1.0), 4),  # 1.0004 was seen
        )


def _found(decoder: Decoder, samples: bytes, start_ms: int) -> Iterator[Found]:
    for segment in _decoded(decoder, samples):
        start, end = segment.start_frame * FRAME_MS, (segment.end_frame + 1) * FRAME_MS
        yield Found(segment.word.strip(), start_ms + start, start_ms + end)


def _decoded(decoder: Decoder, samples: bytes) -> Iterator[Segment]:
    if len(samples) < SHORTEST_BYTES:
        return
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is not None:
        yield from decoder.seg()


def _threshold(phrase: str) -> str:
    return SHORT_THRESHOLD if len(phrase.split()) <= SHORT_PHRASE else THRESHOLD
