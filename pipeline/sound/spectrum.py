"""Power spectra of a channel, frame by frame, for whoever tells tones and music from voices."""

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.contract import RATE

Power = NDArray[np.float32]  # (frames, lines)

QUIETEST = 320.0  # mean power of int16 samples under which nothing is told, 25 dB
HANN_POWER = 3 / 8  # of a Hann window, by its length


def power(samples: NDArray[np.int16], frame: int) -> Power:
    """The spectrum of each frame but the first, each over its own frame and the one before it."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, 2 * frame)[::frame].astype(np.float32)
    windows *= np.hanning(2 * frame).astype(np.float32)
    lines = np.fft.rfft(windows)
    return np.square(lines.real) + np.square(lines.imag)  # np.abs would draw a root of each


def audible(spectrum: Power) -> NDArray[np.bool_]:
    """Which frames are loud enough to be told anything of."""
    length = 2 * (spectrum.shape[1] - 1)
    mean: NDArray[np.float32] = spectrum.sum(axis=1) * 2 / (HANN_POWER * length**2)
    return mean > QUIETEST


def line(hertz: float, lines: int) -> int:
    """The line of a spectrum of so many lines that lies at this frequency."""
    return round(hertz * 2 * (lines - 1) / RATE)
