"""Tells a tone from a voice by its spectrum: one or two peaks above a voice's pitch that stand still.

A voice's may do so for a third of a second, but not while it keeps its level; a tone keeps it through every codec.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.spectrum import Power, audible, line

Peaks = NDArray[np.int16]

LOWEST_HZ = 290  # telephone tones begin at 330 Hz, voices' pitch ends below
SHARE = 0.85  # of the power that one or two peaks hold in a tone
SECOND_COUNTS = 0.05  # a second peak weaker than this is no peak
LEVEL_STEP = 15  # tenths of a decibel from frame to frame: tones 9, voices far more but in passing
SHORTEST_MS = 300
RUMBLE_HZ = 50  # what lies below says nothing
WIDTH = 2  # lines on each side that a peak smears over


def peaks(power: Power) -> Peaks:
    """Two spectrum lines a frame, and its level in tenths of a decibel: (frames, 3); zeros where it is no tone."""
    spectrum = power.copy()
    spectrum[:, : line(RUMBLE_HZ, spectrum.shape[1])] = 0
    whole = spectrum.sum(axis=1) + 1e-6
    first, first_power = _take_peak(spectrum)
    second, second_power = _take_peak(spectrum)
    lowest = line(LOWEST_HZ, spectrum.shape[1])
    tonal = (first_power + second_power > SHARE * whole) & (first > lowest)
    tonal &= (second > lowest) | (second_power < SECOND_COUNTS * whole)
    tonal &= audible(power)
    found: Peaks = np.stack([first, second, 100 * np.log10(whole)], axis=1).astype(np.int16) * tonal[:, None]
    return found


def steady(found: Peaks, frame_ms: int) -> NDArray[np.bool_]:
    """For each frame whether it belongs to a tone of at least SHORTEST_MS."""
    now, before = found[1:].astype(int), found[:-1].astype(int)
    still = (np.abs(now[:, :1] - before[:, :2]).min(axis=1) <= 1) & (now[:, 0] > 0)
    still &= np.abs(now[:, 2] - before[:, 2]) <= LEVEL_STEP
    edges = np.flatnonzero(np.diff(still.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    flags = np.zeros(len(found), bool)
    for start, end in edges.tolist():
        if (end - start + 1) * frame_ms >= SHORTEST_MS:
            flags[start : end + 1] = True
    return flags


def _take_peak(spectrum: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The strongest line of each row, and the power that goes out of `spectrum` with it."""
    rows, strongest = np.arange(len(spectrum)), spectrum.argmax(axis=1)
    power = np.zeros(len(spectrum), np.float32)
    for step in range(-WIDTH, WIDTH + 1):
        at = np.minimum(np.maximum(strongest + step, 0), spectrum.shape[1] - 1)
        power += spectrum[rows, at]
        spectrum[rows, at] = 0
    return strongest, power
