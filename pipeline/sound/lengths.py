"""How long a file says it is, and how much of that is there: by arithmetic, without decoding it."""

import struct
from dataclasses import dataclass
from pathlib import Path

from pipeline.sound.contract import Flaw, NotARecording
from pipeline.sound.opening import READ_ERRORS, Recording, opened

ENOUGH = 0.9  # of the stated length; less is cut short
MOST_CHUNKS = 1000
NOT_HERE = 0xFFFF_FFFF  # RF64: the length stands in another chunk

# Lengths that recorders write who cannot come back to fill in the true one: into pipes, or dying.
UNFILLED = (range(1), range(0x7FFF_0000, 0x8000_0100), range(0xFFFF_0000, 0x1_0000_0000))


@dataclass(frozen=True)
class Length:
    """`stated_ms` is None where the file says nothing; `share` is the part of it that is there, 0 to 1.

    `exact` is True where the file counts its samples, so that the decoded length can be held against it.
    """

    stated_ms: int | None
    share: float = 1.0
    exact: bool = False


def measured(recording: Recording) -> Length:
    """Reads a little of the file, apart from what is being decoded."""
    measure = _MEASURES.get(recording.container.format.name.partition(",")[0], _estimate)
    try:
        return measure(recording)
    except (*READ_ERRORS, NotARecording):
        return _estimate(recording)


def refuse_cut(stated_ms: int, there_ms: float) -> None:
    """Raise NotARecording where a recording with an exactly stated length has under 90 % of it."""
    if there_ms < ENOUGH * stated_ms:
        words = (
            f"This recording is cut short or damaged: it says that it is {in_words(stated_ms)} long, and only "
            f"{in_words(there_ms)} are there. Upload it again from the recording system, or upload it with "
            "accept_truncated to take it all the same."
        )
        raise NotARecording(Flaw.CUT_SHORT, words)


def in_words(milliseconds: float) -> str:
    """'45.3 s', '12 min 40 s', '2 h 03 min'."""
    seconds = milliseconds / 1000
    if seconds < 60:  # noqa: PLR2004  clock
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left:02} min" if hours else f"{minutes} min {rest:02} s"


def _estimate(recording: Recording) -> Length:
    stream, container = recording.stream, recording.container
    if stream.duration and stream.time_base:
        return Length(round(stream.duration * stream.time_base * 1000))
    return Length(round(container.duration / 1000) if container.duration else None)


def _wav(recording: Recording) -> Length:
    data = _wav_data(recording.path)
    codec = recording.stream.codec_context
    if data is None or data.stated == 0:
        return _estimate(recording)
    share = min(1.0, data.there / data.stated)
    if not codec.name.startswith("pcm_") or not codec.bit_rate:
        return Length(_estimate(recording).stated_ms, share)
    return Length(round(data.stated * 8000 / codec.bit_rate), share, exact=True)


def _pcm(recording: Recording) -> Length:
    """AIFF and AU: ffmpeg repeats the stated length, and the bytes that it needs are known."""
    found = _estimate(recording)
    codec = recording.stream.codec_context
    if not found.stated_ms or not codec.name.startswith("pcm_") or not codec.bit_rate:
        return found
    needed = found.stated_ms * codec.bit_rate / 8000
    return Length(found.stated_ms, min(1.0, recording.size / needed), exact=True)


def _flac(recording: Recording) -> Length:
    """How far the file reaches is seen from a seek to its end, and the packets that follow there."""
    length, base = recording.stream.duration, recording.stream.time_base
    if not length or not base:
        return Length(None)
    target, reached = int(length * ENOUGH), 0
    with opened(recording.path) as again:  # a container that was read to its end refuses to seek
        again.container.seek(target, stream=again.stream)
        for packet in again.container.demux(again.stream):
            reached = max(reached, (packet.pts or 0) + (packet.duration or 0))
            if reached >= target:
                break
    return Length(round(length * base * 1000), 1.0 if reached >= target else reached / length, exact=True)


def _mp4(recording: Recording) -> Length:
    """The sample table says where each sample lies: the first one behind the file's end tells what is missing."""
    stream, table = recording.stream, recording.stream.index_entries
    if not stream.frames or not stream.duration or not stream.time_base or not len(table):
        return _estimate(recording)  # fragments are counted nowhere
    low, high = 0, len(table)
    while low < high:
        middle = (low + high) // 2
        if table[middle].pos + table[middle].size <= recording.size:
            low = middle + 1
        else:
            high = middle
    share = 1.0 if low == len(table) else max(0, table[low].timestamp) / stream.duration
    return Length(round(stream.duration * stream.time_base * 1000), min(1.0, share), exact=True)


_MEASURES = {"wav": _wav, "aiff": _pcm, "au": _pcm, "flac": _flac, "mov": _mp4}


@dataclass(frozen=True)
class _Data:
    stated: int  # bytes; 0: the recorder never filled it in
    there: int


def _wav_data(path: Path) -> _Data | None:
    """The data chunk of a RIFF or RF64 file."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        kind, _, form = struct.unpack("<4sI4s", file.read(12).ljust(12))
        if kind not in (b"RIFF", b"RF64", b"BW64") or form != b"WAVE":
            return None
        large = 0
        for _ in range(MOST_CHUNKS):
            name, size = struct.unpack("<4sI", file.read(8).ljust(8))
            start = file.tell()
            if name == b"ds64":
                large = struct.unpack("<QQ", file.read(16).ljust(16))[1]
            if name == b"data" and large and size == NOT_HERE:
                return _Data(large, end - start)
            if name == b"data":
                return _Data(0 if any(size in lengths for lengths in UNFILLED) else size, end - start)
            if start >= end:
                break
            file.seek(start + size + size % 2)
        return None
