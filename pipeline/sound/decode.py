"""Hearing a recording whole, once: its true length, what its channels mean, and where there is speech."""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.sound import lengths
from pipeline.sound.contract import RATE, Flaw, Layout, NotARecording, Sound
from pipeline.sound.foreign import AGAIN
from pipeline.sound.layout import Pair
from pipeline.sound.lengths import ENOUGH, Length, in_words
from pipeline.sound.opening import opened
from pipeline.sound.samples import Block, Tally, blocks
from pipeline.sound.speech import Ear
from pipeline.sound.stretches import joined

LONGEST_S = 24 * 3600  # a few bytes can claim days of silence


def listen(path: Path, scratch: Path | None, accept_truncated: bool = False, name_hint: str = "") -> Sound:
    """Decode all of `path`, in memory that does not grow with it. Meant to run in a child.

    With a `scratch` folder, each voice channel's samples are left there as Sound describes.
    Raises NotARecording (cut short, no samples, implausible ...), and OSError where a file cannot be read or written.
    """
    with opened(path, name_hint) as recording, ExitStack() as files:
        length = lengths.measured(recording)
        if length.stated_ms is not None and not accept_truncated:
            lengths.refuse_cut(length.stated_ms, length.stated_ms * length.share)
        tally, hearing = Tally(), _Hearing(scratch, files)
        for block in blocks(recording, tally):
            hearing.hear(block)
        heard_ms = round(hearing.count * 1000 / RATE)
        _accept(heard_ms, length, tally, accept_truncated=accept_truncated)
        files.close()
        layout, voices = hearing.verdict()
        hearing.keep(voices)
        return Sound(
            duration_ms=heard_ms,
            layout=layout,
            speech=tuple(hearing.ears[voice].speech() for voice in voices),
            tones=joined(tone for voice in voices for tone in hearing.ears[voice].tones()),
            bad_packets=tally.bad_packets,
            notes=(*recording.notes, *_notes(heard_ms, length, tally)),
        )


class _Hearing:
    """One ear and one file a channel; which of them count is known at the end."""

    def __init__(self, scratch: Path | None, files: ExitStack) -> None:
        self.count = 0  # samples a channel
        self.ears: list[Ear] = []
        self._scratch, self._stack = scratch, files
        self._files: list[BinaryIO] = []
        self._pair: Pair | None = None
        self._channels = 0

    def hear(self, block: Block) -> None:
        if not self._channels:
            self._begin(block.shape[1])
        self.count += len(block)
        if self.count > LONGEST_S * RATE:
            words = (
                f"This recording is longer than {in_words(LONGEST_S * 1000)}. Cut it into its calls and upload those."
            )
            raise NotARecording(Flaw.IMPLAUSIBLE, words)
        if self._pair:
            self._pair.hear(block)
        voices = block if len(self.ears) == block.shape[1] else _mixed(block)
        for number, ear in enumerate(self.ears):
            samples = np.ascontiguousarray(voices[:, number])
            ear.hear(samples)
            if self._files:
                self._files[number].write(samples.astype("<i2", copy=False).data)

    def _begin(self, channels: int) -> None:
        self._channels = channels
        voices = 2 if channels == 2 else 1  # noqa: PLR2004  a telephone call has two ends
        self._pair = Pair() if voices == 2 else None  # noqa: PLR2004
        self.ears = [Ear() for _ in range(voices)]
        if self._scratch:
            paths = [_scratch_file(self._scratch, number) for number in range(voices)]
            self._files = [self._stack.enter_context(path.open("wb")) for path in paths]

    def verdict(self) -> tuple[Layout, tuple[int, ...]]:
        """The layout, and which channels are voices."""
        if self._pair is None:
            return (Layout.MONO if self._channels == 1 else Layout.MIXED), (0,)
        layout, voice = self._pair.verdict()
        return layout, (0, 1) if layout is Layout.DUAL else (voice,)

    def keep(self, voices: tuple[int, ...]) -> None:
        """Leave the files of these channels, numbered from 0."""
        if not self._scratch:
            return
        for number in range(len(self.ears)):
            file = _scratch_file(self._scratch, number)
            if number in voices:
                file.replace(_scratch_file(self._scratch, voices.index(number)))
            else:
                file.unlink()


def _scratch_file(scratch: Path, number: int) -> Path:
    return scratch / f"channel_{number}.s16"


def _mixed(block: Block) -> NDArray[np.int16]:
    mean: NDArray[np.int16] = block.mean(axis=1, keepdims=True).astype(np.int16)
    return mean


def _accept(heard_ms: int, length: Length, tally: Tally, *, accept_truncated: bool) -> None:
    if not heard_ms and tally.bad_packets:
        words = "Nothing in this file can be decoded as sound: it is damaged, or no recording."
        raise NotARecording(Flaw.NOT_AUDIO, f"{words} {AGAIN}")
    if not heard_ms:
        raise NotARecording(Flaw.ZERO_DURATION, f"This recording holds no sound at all (0 seconds). {AGAIN}")
    if length.exact and length.stated_ms is not None and not accept_truncated:
        lengths.refuse_cut(length.stated_ms, heard_ms)


def _notes(heard_ms: int, length: Length, tally: Tally) -> list[str]:
    notes = []
    if length.stated_ms and not ENOUGH <= heard_ms / length.stated_ms <= 1 / ENOUGH:
        stated, heard = in_words(length.stated_ms), in_words(heard_ms)
        notes.append(f"The file says that it is {stated} long; {heard} of sound are in it.")
    if tally.bad_packets:
        notes.append(f"Damaged pieces of the file that could not be decoded and were left out: {tally.bad_packets:,}.")
    return notes
