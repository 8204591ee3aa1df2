"""What two channels mean, told while they stream by: two speakers, one sound twice, or one dead line."""

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.contract import RATE, Layout

Block = NDArray[np.int16]  # (samples, 2) at RATE

ALIKE = 0.9  # correlation, of either sign, from which two channels are one sound
DEAD_DB = 34  # a channel whose loudest moments lie this far under the other's holds only what leaks into it
TICK = RATE // 10  # samples over which loudness is taken
LOUD_TICKS = 5  # loud is what is reached for half a second: clicks are shorter, a customer's one 'yes' is not
SCALE_DB = 91  # of 16-bit sound, over one step


class Pair:
    """Listens to both channels of a recording in constant memory."""

    def __init__(self) -> None:
        self._count = 0
        self._sums = np.zeros(2)
        self._products = np.zeros((2, 2))
        self._ticks = np.zeros((2, SCALE_DB + 1), np.int64)  # how often a channel was how loud, by dB
        self._rest: Block = np.zeros((0, 2), np.int16)

    def hear(self, block: Block) -> None:
        exact = np.ascontiguousarray(block.T, np.float64)  # a channel a row: numpy adds up columns six times slower
        self._count += len(block)
        self._sums += exact.sum(axis=1)
        self._products += exact @ exact.T
        waiting = np.concatenate([self._rest, block])
        whole = len(waiting) // TICK * TICK
        self._count_ticks(waiting[:whole])
        self._rest = waiting[whole:]

    def verdict(self) -> tuple[Layout, int]:
        """The layout, and the channel to use where it is one voice (the louder one)."""
        loud = [self._loud(channel) for channel in (0, 1)]
        louder = int(loud[1] > loud[0])
        if abs(loud[0] - loud[1]) >= DEAD_DB:
            return Layout.DEAD_CHANNEL, louder
        if abs(self._correlation()) > ALIKE:
            return Layout.FALSE_STEREO, louder
        return Layout.DUAL, 0

    def _count_ticks(self, samples: Block) -> None:
        ticks = np.ascontiguousarray(samples.T, np.float32).reshape(2, -1, TICK)
        power = np.einsum("cij,cij->ci", ticks, ticks) / TICK
        level = (10 * np.log10(power + 1)).astype(np.int64)
        for channel in (0, 1):
            self._ticks[channel] += np.bincount(level[channel], minlength=SCALE_DB + 1)

    def _loud(self, channel: int) -> int:
        """Decibels over one step that the channel reaches for half a second, or at all where it is shorter."""
        from_loudest = np.cumsum(self._ticks[channel][::-1])
        if not from_loudest[-1]:
            return 0
        return SCALE_DB - int(np.argmax(from_loudest >= min(LOUD_TICKS, from_loudest[-1])))

    def _correlation(self) -> float:
        """Around the mean; 1 where either channel never moves, as two such channels are one sound."""
        if not self._count:
            return 1.0
        mean = self._sums / self._count
        covariance = self._products / self._count - np.outer(mean, mean)
        scale = float(np.sqrt(max(covariance[0, 0], 0) * max(covariance[1, 1], 0)))
        return float(covariance[0, 1]) / scale if scale > 1e-9 else 1.0  # noqa: PLR2004  floating-point dust
