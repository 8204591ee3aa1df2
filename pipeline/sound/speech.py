"""Where on one channel there is speech, and where only a tone: heard block by block, in little memory."""

from array import array
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Vad

from pipeline.sound import music, spectrum, tones
from pipeline.sound.contract import RATE, Stretch
from pipeline.sound.stretches import Stretches, joined

Samples = NDArray[np.int16]
Flags = NDArray[np.bool_]

TICK_MS, FRAME_MS = 10, 30  # loudness is kept a tick, speech and tones a frame (the Vad's own length)
TICK, FRAME = RATE * TICK_MS // 1000, RATE * FRAME_MS // 1000
CHUNK = 2000 * FRAME  # a minute at once, so that memory is small whatever block comes
GATE_DB = 28  # below the channel's own loud speech lies crosstalk and echo
LOUD_PERCENTILE = 90
FILL_MS, SHORTEST_MS = 300, 200  # pauses inside words; what is no word
FLAT_MS, FLAT_DB = 500, 0.9  # loudness that varies less is noise (0.5 seen), never speech (1.2 and more seen)
PAD_MS, PAUSE_MS = 200, 600  # for segments()


class Ear:
    """Hears one channel at RATE and remembers 20 bytes a frame: 2.4 MB an hour."""

    def __init__(self) -> None:
        self._vad = Vad(mode=Vad.STRICT, sample_rate=RATE, frame_length=FRAME_MS / 1000)
        self._rest = np.zeros(0, np.int16)
        self._before = np.zeros(FRAME, np.int16)
        self._voiced = bytearray()  # a frame
        self._loudness = array("f")  # dB a tick
        self._peaks = array("h")  # three a frame: tones.peaks()
        self._stillness, self._still = music.Stillness(), bytearray()  # three a frame

    def hear(self, block: Samples) -> None:
        """The next int16 samples of the channel, as many as there are."""
        samples = np.concatenate([self._rest, block])
        whole = len(samples) // FRAME * FRAME
        for start in range(0, whole, CHUNK):
            self._hear_frames(samples[start : min(start + CHUNK, whole)])
        self._rest = samples[whole:].copy()

    def _hear_frames(self, samples: Samples) -> None:
        raw = samples.astype("<i2", copy=False).tobytes()
        size = FRAME * 2
        self._voiced.extend(self._vad.is_speech(raw[at : at + size]) for at in range(0, len(raw), size))
        self._loudness.frombytes(_decibels(samples.reshape(-1, TICK)).tobytes())
        power = spectrum.power(np.concatenate([self._before, samples]), FRAME)
        self._peaks.frombytes(tones.peaks(power).tobytes())
        self._still.extend(self._stillness.hear(power).tobytes())
        self._before = samples[-FRAME:].copy()

    def tones(self) -> Stretches:
        """Pure tones, ringback, busy and hold tones, and music without a voice. They are never part of speech()."""
        return _stretches(self._no_voice(), FRAME_MS)

    def _no_voice(self) -> Flags:
        """Frames of tones and of music."""
        pure = tones.steady(np.array(self._peaks, np.int16).reshape(-1, 3), FRAME_MS)
        still = np.frombuffer(bytes(self._still), np.uint8).reshape(-1, 3)
        voiced = np.frombuffer(bytes(self._voiced), bool)
        return pure | music.musical(still, voiced & ~pure, FRAME_MS)

    def speech(self) -> Stretches:
        """Where somebody speaks on this channel, pauses inside a word filled."""
        voiced = np.frombuffer(bytes(self._voiced), bool) & ~self._no_voice()
        voiced = np.repeat(voiced, FRAME_MS // TICK_MS)
        loudness = np.array(self._loudness, np.float32)
        voiced &= ~_flat(loudness)
        if not voiced.any():
            return ()
        voiced &= loudness > np.percentile(loudness[voiced], LOUD_PERCENTILE) - GATE_DB
        spoken = joined(_stretches(voiced, TICK_MS), FILL_MS - 1)
        return tuple(stretch for stretch in spoken if stretch.ms >= SHORTEST_MS)


def segments(
    speech: Sequence[Stretch], longest_ms: int = 20_000, cut: Callable[[int, int], int] | None = None
) -> Stretches:
    """Pieces for a recogniser: speech with a margin, short pauses kept inside, none longer than `longest_ms`.

    What is longer is cut at its longest pause; where there is none, at what `cut(from_ms, to_ms)` answers, which
    may look for the quietest moment (None: at the end). The last piece may end a margin after the recording.
    """
    made: list[Stretch] = []
    for piece in joined(speech, PAUSE_MS - 1):
        inside = [stretch for stretch in speech if piece.start_ms <= stretch.start_ms < piece.end_ms]
        start, end = max(0, piece.start_ms - PAD_MS), piece.end_ms + PAD_MS
        while end - start > longest_ms:
            at = _cut(inside, start + longest_ms * 2 // 5, start + longest_ms, cut)
            made.append(Stretch(start_ms=start, end_ms=at))
            start = at
        made.append(Stretch(start_ms=start, end_ms=end))
    return tuple(made)


def _cut(inside: Sequence[Stretch], start_ms: int, end_ms: int, cut: Callable[[int, int], int] | None) -> int:
    pauses = [
        (after.start_ms - before.end_ms, (after.start_ms + before.end_ms) // 2)
        for before, after in pairwise(inside)
        if start_ms < before.end_ms and after.start_ms < end_ms
    ]
    if pauses:
        return max(pauses)[1]
    return cut((start_ms + end_ms) // 2, end_ms) if cut else end_ms


def _decibels(rows: Samples) -> NDArray[np.float32]:
    """Mean power of each row of int16 samples, in dB over one step."""
    power = np.einsum("ij,ij->i", rows, rows, dtype=np.float32) / rows.shape[1]
    made: NDArray[np.float32] = (10 * np.log10(power + 1)).astype(np.float32)
    return made


def _flat(loudness: NDArray[np.float32]) -> Flags:
    """Ticks that lie in some FLAT_MS of even loudness: the noise of a line or a fan."""
    width = FLAT_MS // TICK_MS
    if len(loudness) < width:
        return np.zeros(len(loudness), bool)
    sums = np.cumsum(np.stack([loudness, loudness**2]), axis=1, dtype=np.float64)
    sums = np.concatenate([np.zeros((2, 1)), sums], axis=1)
    mean, square = (sums[:, width:] - sums[:, :-width]) / width
    even = (square - mean**2 < FLAT_DB**2).astype(np.int32)
    begun, ended = np.zeros((2, len(loudness)), np.int32)
    begun[: len(even)], ended[width:] = even, even[:-1]
    return np.cumsum(begun - ended) > 0


def _stretches(flags: Flags, step_ms: int) -> Stretches:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)) * step_ms
    pairs = edges.reshape(-1, 2).tolist()
    return tuple(Stretch(start_ms=start, end_ms=end) for start, end in pairs)
