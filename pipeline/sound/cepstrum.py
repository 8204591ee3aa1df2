"""What a voice is like, frame by frame: 19 mel-frequency cepstral coefficients of the telephone band."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.contract import RATE, Stretch

Floats = NDArray[np.float32]

FRAME_MS = 10
HOP, WINDOW, FOURIER = RATE // 100, RATE // 40, 512  # samples: a window of 25 ms every 10 ms
LOWEST_HZ, HIGHEST_HZ, BANDS, SIZE = 120, 3600, 26, 19
EMPHASIS = 0.97
LONGEST_MS = 30_000  # read at once: 5 MB of windows


def cepstra(path: Path, speech: Iterable[Stretch]) -> Iterator[Floats]:
    """For each stretch, or each LONGEST_MS of a longer one, its frames: (frames, SIZE).

    `path` holds raw int16 samples at RATE; what lies behind its end sounds like silence.
    """
    with path.open("rb") as file:
        for piece in pieces(speech):
            frames = piece.ms // FRAME_MS
            wanted = (frames - 1) * HOP + WINDOW
            file.seek(piece.start_ms * RATE // 1000 * 2)
            samples = np.zeros(wanted, np.float32)
            read = np.frombuffer(file.read(wanted * 2), "<i2")
            samples[: len(read)] = read
            yield _cepstra(samples)


def pieces(speech: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches as cepstra() answers them: none longer than LONGEST_MS, none shorter than a frame."""
    for stretch in speech:
        for start in range(stretch.start_ms, stretch.end_ms - FRAME_MS + 1, LONGEST_MS):
            yield Stretch(start_ms=start, end_ms=min(stretch.end_ms, start + LONGEST_MS))


def _cepstra(samples: Floats) -> Floats:
    flat = samples - EMPHASIS * np.concatenate([samples[:1], samples[:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(flat, WINDOW)[::HOP] * _hamming()
    power = np.square(np.abs(np.fft.rfft(windows, FOURIER))).astype(np.float32)
    found: Floats = np.log(power @ _mel_bands() + np.float32(1)) @ _cosines()
    return found


@cache
def _hamming() -> Floats:
    return np.hamming(WINDOW).astype(np.float32)


@cache
def _mel_bands() -> Floats:
    """Overlapping triangles, even in mel: (spectrum lines, BANDS)."""
    mels = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    edges = np.floor((FOURIER + 1) * 700 * (10 ** (mels / 2595) - 1) / RATE)
    lines = np.arange(FOURIER // 2 + 1)[:, None]
    low, peak, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (lines - low) / np.maximum(1, peak - low)
    falling = (high - lines) / np.maximum(1, high - peak)
    bands: Floats = np.clip(np.where(lines < peak, rising, falling), 0, None).astype(np.float32)
    return bands


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


@cache
def _cosines() -> Floats:
    bands = np.arange(BANDS)[:, None]
    cosines: Floats = np.cos(np.pi / BANDS * (bands + 0.5) * np.arange(1, SIZE + 1)[None, :]).astype(np.float32)
    return cosines
