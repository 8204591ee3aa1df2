"""Recordings in a form that everybody reads, for those who cannot take the original: made once, and kept beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from config import settings
from pipeline import children
from pipeline.sound.rendition import render
from pipeline.storage import recording_key, rendition_key, storage
from records.calls import Call

BLOCK = 1 << 20
# Decoding was measured at 200 to 3,500 times real time; a file that takes this long is hostile.
LEAST_S, BYTES_A_SECOND = 120.0, 100_000

CONTAINERS = ("wav", "mp3", "mov", "ogg", "flac", "matroska", "aac", "amr", "asf", "aiff", "au")  # ffmpeg's names
CODECS = (
    *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_u8", "pcm_f32le", "pcm_mulaw", "pcm_alaw"),
    *("mp3", "aac", "opus", "vorbis", "flac", "alac", "wmav1", "wmav2", "amr_nb", "amr_wb"),
)


def is_common(call: Call) -> bool:
    """Whether the original itself is in a form that every provider reads."""
    return call.container.split(",", maxsplit=1)[0] in CONTAINERS and call.codec in CODECS


def decoding_s(call: Call) -> float:
    """How long decoding all of the recording may take."""
    return max(LEAST_S, call.size / BYTES_A_SECOND)


@contextmanager
def lent(call: Call) -> Iterator[Path]:
    """The rendition as a file on this machine, for as long as the block lasts."""
    shelf, key = storage(), rendition_key(call.id)
    if _is_there(key):
        with shelf.local(key) as kept:
            yield kept
        return
    folder = settings().scratch
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"run-{call.id}-", dir=folder, ignore_cleanup_errors=True) as room:
        made = Path(room) / "rendition.flac"
        with shelf.local(recording_key(call.id)) as original:
            children.run(render, original, made, call.filename, timeout_s=decoding_s(call))
        with made.open("rb") as file, shelf.write(key) as sink:
            while block := file.read(BLOCK):
                sink.write(block)
        yield made


def _is_there(key: str) -> bool:
    try:
        storage().size(key)
    except FileNotFoundError:
        return False
    return True
