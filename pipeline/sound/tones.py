"""Tells a tone from a voice by its spectrum: one or two peaks above a voice's pitch that stand still.

Over real and made speech such peaks were never seen to stand still for longer than 0.15 s.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.contract import RATE

Peaks = NDArray[np.int16]

LOWEST_HZ = 290  # telephone tones begin at 330 Hz, voices' pitch ends below
SHARE = 0.85  # of the power that one or two peaks hold in a tone
SECOND_COUNTS = 0.05  # a second peak weaker than this is no peak
QUIETEST = 320.0  # mean power of int16 samples, 25 dB
SHORTEST_MS = 300
RUMBLE = 3  # spectrum lines below 50 Hz, which say nothing
WIDTH = 2  # lines on each side that a peak smears over


def peaks(samples: NDArray[np.int16], frame: int) -> Peaks:
    """Two spectrum lines for each frame but the first, (frames, 2); zeros where the sound is no tone.

    Each is measured over its own frame and the one before it.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples, 2 * frame)[::frame].astype(np.float32)
    spectrum = np.square(np.abs(np.fft.rfft(windows * np.hanning(2 * frame).astype(np.float32)))).astype(np.float32)
    spectrum[:, :RUMBLE] = 0
    power = spectrum.sum(axis=1) + 1e-6
    first, first_power = _take_peak(spectrum)
    second, second_power = _take_peak(spectrum)
    lowest = LOWEST_HZ * 2 * frame / RATE
    tonal = (first_power + second_power > SHARE * power) & (first > lowest)
    tonal &= (second > lowest) | (second_power < SECOND_COUNTS * power)
    tonal &= np.square(windows).mean(axis=1) > QUIETEST
    found: Peaks = np.stack([first, second], axis=1).astype(np.int16) * tonal[:, None]
    return found


def steady(found: Peaks, frame_ms: int) -> NDArray[np.bool_]:
    """For each frame whether it belongs to a tone of at least SHORTEST_MS."""
    now, before = found[1:, :1].astype(int), found[:-1].astype(int)
    still = (np.abs(now - before).min(axis=1) <= 1) & (now[:, 0] > 0)
    edges = np.flatnonzero(np.diff(still.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    flags = np.zeros(len(found), bool)
    for start, end in edges.tolist():
        if (end - start + 1) * frame_ms >= SHORTEST_MS:
            flags[start : end + 1] = True
    return flags


def _take_peak(spectrum: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The strongest line of each row, and the power that goes out of `spectrum` with it."""
    rows, line = np.arange(len(spectrum)), spectrum.argmax(axis=1)
    power = np.zeros(len(spectrum), np.float32)
    for step in range(-WIDTH, WIDTH + 1):
        at = (line + step).clip(0, spectrum.shape[1] - 1)
        power += spectrum[rows, at]
        spectrum[rows, at] = 0
    return line, power
