"""Opening a file of unknown nature as sound: by its bytes alone, and never another file than that one."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard

from pipeline.sound import foreign
from pipeline.sound.contract import Flaw, NotARecording
from pipeline.sound.endings import HEADERLESS

# Formats that hold recordings, by ffmpeg's names. Not among them: all that open further files or addresses
# (playlists, concat, SDP, DASH, IMF), pictures, and subtitles.
FORMATS = (
    "wav,w64,aiff,au,caf,voc,ircam,sox,nistsphere,mp3,aac,loas,ac3,eac3,ogg,flac,asf,amr,amrnb,amrwb,mov,matroska,"
    "avi,flv,mpegts,mpeg,wv,ape,tta,dss,act,qcp,gsm,g722,g729,mulaw,alaw,s16le"
)
BOUNDS = {"protocol_whitelist": "fd", "format_whitelist": FORMATS}

# A WAVE's header says what it holds; ffmpeg would search five seconds of its samples for other formats (9 ms, not 1).
WAVE = re.compile(rb"(RIFF|RF64|BW64)....WAVE", re.DOTALL)
WAVE_BOUNDS = {"probesize": "16384"}

# What PyAV raises for files that lie: FFmpegError mostly, and these where a figure makes no sense to it.
READ_ERRORS = (FFmpegError, ValueError, ArithmeticError)


@dataclass
class Recording:
    """An open recording and the one audio stream that is used."""

    container: InputContainer
    stream: AudioStream
    path: Path
    size: int  # bytes
    notes: list[str]


@contextmanager
def opened(path: Path, name_hint: str = "") -> Iterator[Recording]:
    """The recording in `path`, whatever its name; `name_hint` only helps with files that have no header.

    Raises NotARecording for a file that is none, OSError where the file itself cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size == 0:
            words = "This file is empty (0 bytes). Export it again from the recording system."
            raise NotARecording(Flaw.EMPTY, words)
        container, notes = _container(file, name_hint)
        with container:
            yield Recording(container, _audio(container, notes), path, size, notes)


def _container(file: BinaryIO, name_hint: str) -> tuple[InputContainer, list[str]]:
    try:
        return _open(file), []
    except READ_ERRORS:
        ending = name_hint.rpartition(".")[2].lower()
        file.seek(0)
        if ending not in HEADERLESS or foreign.has_another_nature(file.read(foreign.HEAD)):
            raise foreign.refusal(file) from None
    form, options = HEADERLESS[ending]
    try:
        return _open(file, form, options), [f"A file without a header, taken as .{ending} by its name."]
    except READ_ERRORS:
        raise foreign.refusal(file) from None


def _open(file: BinaryIO, form: str | None = None, options: dict[str, str] | None = None) -> InputContainer:
    """By descriptor: ffmpeg sees no name, which would sway it, and no path, which may hold anything."""
    file.seek(0)
    bounds = BOUNDS | WAVE_BOUNDS if WAVE.match(os.pread(file.fileno(), 12, 0)) else BOUNDS
    options = {**bounds, **(options or {}), "fd": str(file.fileno())}
    return av.open("fd:", format=form, options=options, metadata_errors="ignore")


def _audio(container: InputContainer, notes: list[str]) -> AudioStream:
    tracks = list(container.streams.audio)
    if not tracks:
        words = "This file holds no audio track (a film or picture without sound). Export it with its sound."
        raise NotARecording(Flaw.NO_AUDIO_TRACK, words)
    readable = [track for track in tracks if track.codec_context is not None]
    if not readable:
        words = "This file's sound is stored in a way (its codec) that cannot be decoded. Export it as WAV or MP3."
        raise NotARecording(Flaw.NOT_AUDIO, words)
    if len(tracks) > 1:
        notes.append(f"The file holds {len(tracks)} audio tracks; the first that can be read is used.")
    chosen = readable[0]
    for stream in container.streams:
        if stream.index != chosen.index:
            stream.discard = Discard.all  # a film's pictures need not even be read
    chosen.codec_context.thread_count = 1
    return chosen
