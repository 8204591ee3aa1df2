"""Decoded sound as a stream of samples: bad packets are counted and passed over, changes in the middle followed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet
from numpy.typing import NDArray

from pipeline.sound.contract import RATE, Flaw, NotARecording
from pipeline.sound.opening import READ_ERRORS, Recording

Block = NDArray[np.int16]  # (samples, channels) at RATE

RATES = range(4_000, 768_001)  # samples a second; a header may claim 2 GHz
MOST_CHANNELS = 64
MOST_FAILURES = 50  # unreadable packets in a row, after which the rest is given up
BLOCK = 3 * RATE  # samples that are handed on at once: many for numpy, few for the processor's caches


@dataclass
class Tally:
    """What went by while decoding."""

    packets: int = 0
    bad_packets: int = 0


def frames(recording: Recording, tally: Tally) -> Iterator[AudioFrame]:
    """Decoded frames in order. Raises NotARecording where a frame has a rate or channels that no call has."""
    for packet in _packets(recording, tally):
        try:
            decoded = packet.decode()
        except READ_ERRORS:
            tally.bad_packets += 1
            continue
        for frame in decoded:
            if isinstance(frame, AudioFrame) and frame.samples:
                _check(frame)
                yield frame


def blocks(recording: Recording, tally: Tally) -> Iterator[Block]:
    """All samples at RATE, some seconds at a time, always with the channels of the first frame."""
    pending: list[Block] = []
    count = 0
    for piece in _resampled(frames(recording, tally)):
        pending.append(piece)
        count += len(piece)
        if count >= BLOCK:
            yield np.concatenate(pending)
            pending, count = [], 0
    if pending:
        yield np.concatenate(pending)


def _packets(recording: Recording, tally: Tally) -> Iterator["Packet[AudioStream]"]:
    packets = recording.container.demux(recording.stream)
    failures = 0
    while failures < MOST_FAILURES:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError:  # the demuxer stumbled; asked anew, it goes on behind the bad place
            tally.bad_packets += 1
            failures += 1
            packets = recording.container.demux(recording.stream)
            continue
        failures = 0
        tally.packets += bool(packet.size)
        yield packet


def _resampled(decoded: Iterator[AudioFrame]) -> Iterator[Block]:
    resampler: AudioResampler | None = None
    layout, channels, before = "", 0, ("", "", 0)
    for frame in decoded:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None:
            layout, channels = frame.layout.name, frame.layout.nb_channels
        if resampler is None or shape != before:  # a resampler refuses what changes in the middle
            if resampler:
                yield from _packed(resampler, None, channels)
            resampler, before = AudioResampler(format="s16", layout=layout, rate=RATE), shape
        frame.pts = None  # times in files jump; ours are counted in samples
        yield from _packed(resampler, frame, channels)
    if resampler:
        yield from _packed(resampler, None, channels)


def _packed(resampler: AudioResampler, frame: AudioFrame | None, channels: int) -> Iterator[Block]:
    """Always packed, in one plane: PyAV's own arrays copy it, and those of eight planar channels end the process."""
    for got in resampler.resample(frame):
        yield np.frombuffer(memoryview(got.planes[0]), np.int16, got.samples * channels).reshape(-1, channels)


def _check(frame: AudioFrame) -> None:
    channels = frame.layout.nb_channels
    if frame.sample_rate not in RATES:
        words = f"states a sample rate of {frame.sample_rate:,} Hz; recordings have 4,000 to 768,000 Hz"
    elif not 1 <= channels <= MOST_CHANNELS:
        words = f"states {channels} channels; recordings have 1 to {MOST_CHANNELS}"
    else:
        return
    raise NotARecording(Flaw.IMPLAUSIBLE, f"This file {words}. Export it again, as WAV or MP3.")
