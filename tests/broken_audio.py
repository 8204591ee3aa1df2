"""Bad and odd files for tests: cut, empty, lying, foreign and hostile ones."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from tests import audio

RIFF_SIZE, DATA_SIZE = 4, 40  # where the plain WAV's two lengths stand
RATE_AT = 24  # where its sample rate stands


def wav_with(*, data_bytes: int | None = None, rate: int | None = None, seconds: float = 3) -> bytes:
    """A plain WAV of a tone whose header states another length of its samples, or another rate."""
    made = bytearray(audio.pcm_wav(audio.tone(seconds), 16_000))
    if data_bytes is not None:
        struct.pack_into("<I", made, DATA_SIZE, data_bytes)
        struct.pack_into("<I", made, RIFF_SIZE, min(data_bytes + 36, 0xFFFFFFFF))
    if rate is not None:
        struct.pack_into("<II", made, RATE_AT, rate, min(rate * 2, 0xFFFFFFFF))
    return bytes(made)


def piped_wav() -> bytes:
    """What a recorder writes into a pipe: it never came back to fill in the length."""
    return wav_with(data_bytes=0xFFFFFFFF)


def unfilled_wav() -> bytes:
    """What a recorder leaves that died, or never came back: a length of 0, and samples all the same."""
    return wav_with(data_bytes=0)


def zero_wav() -> bytes:
    """A correct WAV of no samples at all."""
    return audio.pcm_wav(audio.silence(0), 16_000)


def cut(data: bytes, share: float) -> bytes:
    """What a broken transfer leaves: the first part of a file."""
    return data[: int(len(data) * share)]


def cut_without_moov() -> bytes:
    """An M4A whose index stood at its end, and is gone."""
    return cut(audio.encode(audio.tone(8), 16_000, "m4a"), 0.6)


def spoilt(data: bytes, *, share: float = 0.5, length: int = 2000) -> bytes:
    """A file with a hole of noise in its middle."""
    at = int(len(data) * share)
    hole = np.random.default_rng(1).bytes(length)
    return data[:at] + hole + data[at + length :]


def changing_mp3() -> bytes:
    """One MP3 stream that changes rate and channels in the middle: 3 s mono 16 kHz, then 3 s stereo 44.1 kHz."""
    first = audio.encode(audio.tone(3), 16_000, "mp3_vbr_bare")
    return first + audio.encode(audio.tone(3, rate=44_100, channels=2), 44_100, "mp3_vbr_bare")


def playlist(target: Path) -> dict[str, bytes]:
    """Playlists in every dress that would make a reader open another file of this machine."""
    return {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n".encode(),
        "concat": f"ffconcat version 1.0\nfile '{target}'\nduration 3\n".encode(),
        "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "dash": (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'mediaPresentationDuration="PT3S"><Period><AdaptationSet mimeType="audio/wav"><Representation id="1" '
            f'bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
        ).encode(),
        "imf": (
            '<?xml version="1.0"?><AssetMap xmlns="http://www.smpte-ra.org/schemas/429-9/2007/AM"><AssetList><Asset>'
            f"<Id>urn:uuid:1</Id><ChunkList><Chunk><Path>{target}</Path></Chunk></ChunkList></Asset></AssetList></AssetMap>"
        ).encode(),
    }


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("call.wav", audio.pcm_wav(audio.tone(1), 16_000))
    return made.getvalue()


HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Your session has ended.</p></body></html>\n"
TEXT = b"Dear team, the recording follows by post. " * 40
CSV = b"filename,agent,call_date\ncall_0001.wav,Susan,2026-02-11\n" * 30


def foreign() -> dict[str, bytes]:
    """Things that are no recording at all, whatever their names say."""
    return {
        "html": HTML,
        "text": TEXT,
        "csv": CSV,
        "zip": zipped(),
        "noise": np.random.default_rng(3).bytes(20_000),
        "zeros": bytes(20_000),
        "one byte": b"R",
        "m4a without its index": cut_without_moov(),
        "pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + b"0000000000 65535 f\n" * 100,
    }


def soundless() -> dict[str, bytes]:
    """Things that open, and hold no audio track."""
    return {
        "png": audio.picture(),
        "mp4 without sound": audio.film("mp4_video"),
        "webm without sound": audio.film("webm_video"),
    }
