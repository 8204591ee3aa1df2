"""The voice channels of an order: where their samples are, and who speaks on each when."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import children
from pipeline.outcome import ProviderError
from pipeline.sound.contract import RATE, Layout, Stretch
from pipeline.sound.diarisation import diarise
from pipeline.sound.stretches import Stretches, joined
from pipeline.transcribers.contract import UNKNOWN, Order

BYTES_A_MS = RATE // 1000 * 2
QUIET_MS = 50  # a cut falls into the quietest so many milliseconds
DIARISE_LEAST_S, DIARISE_A_SECOND = 120.0, 1.0  # measured: 4 s for an hour of speech


@dataclass(frozen=True)
class Voice:
    """One channel that is listened to."""

    file: Path  # raw int16 samples at RATE
    channel: int | None  # None where one channel holds all speakers
    speech: Stretches
    speakers: tuple[tuple[Stretch, str], ...]  # who speaks when, in order of time

    def speaker(self, start_ms: int, end_ms: int) -> str:
        """Who speaks in the middle of that time, or nearest to it."""
        middle = (start_ms + end_ms) // 2
        at = bisect_right(self.speakers, middle, key=lambda turn: turn[0].start_ms)
        around = self.speakers[max(0, at - 1) : at + 1]
        return min(around, key=lambda turn: _distance(turn[0], middle), default=(None, UNKNOWN))[1]

    def quietest(self, start_ms: int, end_ms: int) -> int:
        """Where between the two a cut hurts least."""
        samples = np.frombuffer(read(self.file, Stretch(start_ms=start_ms, end_ms=end_ms)), "<i2").astype(np.float32)
        step = RATE * QUIET_MS // 1000
        steps = samples[: len(samples) // step * step].reshape(-1, step)
        if not len(steps):
            return end_ms
        return start_ms + int(np.square(steps).mean(axis=1).argmin()) * QUIET_MS + QUIET_MS // 2


def voices(order: Order) -> list[Voice]:
    """The channels of an order, told apart where two share one. Raises ProviderError in words."""
    sound = order.sound
    files = [order.scratch / f"channel_{number}.s16" for number in range(len(sound.speech))]
    if sound.layout is Layout.DUAL:
        return [
            Voice(file, channel, joined(speech), tuple((stretch, f"speaker_{channel + 1}") for stretch in speech))
            for channel, (file, speech) in enumerate(zip(files, sound.speech, strict=True))
        ]
    return [Voice(files[0], None, speech, _told_apart(files[0], speech)) for speech in map(joined, sound.speech[:1])]


def read(file: Path, stretch: Stretch) -> bytes:
    """The samples of a stretch, fewer where the file ends before."""
    with file.open("rb") as opened:
        opened.seek(stretch.start_ms * BYTES_A_MS)
        return opened.read(stretch.ms * BYTES_A_MS)


def _told_apart(file: Path, speech: Stretches) -> tuple[tuple[Stretch, str], ...]:
    if not speech:
        return ()
    seconds = DIARISE_LEAST_S + DIARISE_A_SECOND * sum(stretch.ms for stretch in speech) / 1000
    try:
        each: Sequence[Stretches] = children.run(diarise, file, speech, timeout_s=seconds)
    except children.ChildFailed as error:
        raise ProviderError(f"Telling the two speakers apart failed. {error}") from error
    turns = [(stretch, f"speaker_{number}") for number, own in enumerate(each, 1) for stretch in own]
    return tuple(sorted(turns, key=lambda turn: turn[0].start_ms))


def _distance(stretch: Stretch, at_ms: int) -> int:
    return max(stretch.start_ms - at_ms, at_ms - stretch.end_ms, 0)
