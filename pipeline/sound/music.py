"""Tells music from voices: its notes stand still for a tenth of a second and more, a voice's overtones drift.

Two figures say how much of the sound stands still: by power, and by number of peaks. Over 8 s of music they were seen
from 0.59 and 0.34 up, of people speaking up to 0.36 and 0.28, of the flattest made-up voice up to 0.59 and 0.35.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.spectrum import Power, audible, line

Still = NDArray[np.uint8]  # (frames, 3): power and peaks that stand still, each of 255, and whether the frame counts

LOWEST_HZ, HIGHEST_HZ = 300, 3400  # where a voice's overtones are, and a telephone lets them through
DEEPEST = 10**-2.5  # of the strongest line's power: what lies 25 dB under it is no peak
LAG = 4  # frames that a peak must stand for
WINDOW_MS, STEP_MS = 8_000, 500
LEAST_POWER, LEAST_PEAKS = 0.61, 0.35
LEAST_COUNTED = 0.4  # of a window's frames
EDGE_MS, LIKE_THE_REST = 1_000, 0.85  # each second at the ends must be nearly as still as the whole
SCALE = 255


class Stillness:
    """Follows the peaks of one channel's spectra."""

    def __init__(self) -> None:
        self._before: NDArray[np.bool_] | None = None

    def hear(self, spectrum: Power) -> Still:
        """How still each frame is."""
        band = spectrum[:, line(LOWEST_HZ, spectrum.shape[1]) : line(HIGHEST_HZ, spectrum.shape[1])]
        peaks = np.zeros(band.shape, bool)
        peaks[:, 1:-1] = (band[:, 1:-1] > band[:, :-2]) & (band[:, 1:-1] >= band[:, 2:])
        peaks &= band > DEEPEST * band.max(axis=1, keepdims=True)
        before = self._before if self._before is not None else np.zeros((LAG, band.shape[1]), bool)
        seen = np.concatenate([before, peaks])
        self._before = seen[-LAG:].copy()
        still = peaks & _standing(seen)
        shares = [(still * band).sum(axis=1) / ((peaks * band).sum(axis=1) + 1e-6)]
        shares.append(still.sum(axis=1) / np.maximum(1, peaks.sum(axis=1)))
        found: Still = np.stack([*(share * SCALE for share in shares), audible(spectrum)], axis=1).astype(np.uint8)
        return found


def musical(still: Still, counted: NDArray[np.bool_], frame_ms: int) -> NDArray[np.bool_]:
    """For each frame whether it lies in music: in the middle of a window that is.

    Only frames `counted` tell anything: what sounds like speech and is no tone. The hum in a speaker's pauses does not.
    """
    width, step = WINDOW_MS // frame_ms, STEP_MS // frame_ms
    flags = np.zeros(len(still), bool)
    if len(still) < width:
        return flags
    power, peaks, heard = _means(still, counted, width)
    music = (heard > LEAST_COUNTED) & (power >= LEAST_POWER) & (peaks >= LEAST_PEAKS)
    for start in (np.flatnonzero(music[::step]) * step).tolist():
        flags[start + width // 4 : start + width * 3 // 4] = True
    return _without_voice_at_ends(flags, still, counted, EDGE_MS // frame_ms)


def _without_voice_at_ends(
    flags: NDArray[np.bool_], still: Still, counted: NDArray[np.bool_], width: int
) -> NDArray[np.bool_]:
    """Each run begins and ends where the music itself does: the speech beside it moves."""
    around = np.zeros(len(flags))
    power, _, _ = _means(still, counted, width)
    around[width // 2 : width // 2 + len(power)] = power
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    for start, end in edges.tolist():
        own = around[start:end]
        steady = np.flatnonzero(own >= LIKE_THE_REST * np.median(own))
        flags[start : start + steady[0]] = False
        flags[start + steady[-1] + 1 : end] = False
    return flags


def _means(still: Still, counted: NDArray[np.bool_], width: int) -> NDArray[np.float64]:
    """Over each window of so many frames: what stands still by power and by peaks, and the share that counts."""
    counts = still[:, 2:] & counted[:, None]
    values = np.hstack([still[:, :2] * counts.astype(np.int64), counts])
    sums = np.concatenate([np.zeros((1, 3), np.int64), np.cumsum(values, axis=0)])
    power, peaks, heard = (sums[width:] - sums[:-width]).T
    scale = SCALE * np.maximum(heard, 1)
    return np.stack([power / scale, peaks / scale, heard / width])


def _standing(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where each of the LAG frames before had a peak too, on the same line or the next."""
    near = seen.copy()
    near[:, 1:] |= seen[:, :-1]
    near[:, :-1] |= seen[:, 1:]
    standing = np.ones((len(seen) - LAG, seen.shape[1]), bool)
    for lag in range(1, LAG + 1):
        standing &= near[LAG - lag : len(near) - lag]
    return standing
