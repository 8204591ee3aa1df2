"""Real recordings for tests, made with numpy and PyAV alone, in every format the product takes."""

import functools
import io
import tempfile
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

DATA = Path(__file__).parent / "audio_data"
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
VBR = {"flags": "+qscale", "global_quality": str(118 * 9)}  # 118 is ffmpeg's FF_QP2LAMBDA, 9 the smallest files
BARE = {"write_xing": "0", "id3v2_version": "0"}


@dataclass(frozen=True)
class Format:
    """How a recording is written, and what a reader should find in it."""

    suffix: str
    container: str  # ffmpeg's muxer
    encoder: str
    codec: str  # what a probe answers
    options: dict[str, str] = field(default_factory=dict)  # the muxer's
    codec_options: dict[str, str] = field(default_factory=dict)
    rate: int | None = None  # the only rate that the encoder takes
    channels: int | None = None  # the only number of channels that the encoder takes
    exact: bool = False  # the container states its length exactly
    video: str = ""  # encoder of a moving picture beside the sound


FORMATS = {
    "wav": Format(".wav", "wav", "pcm_s16le", "pcm_s16le", exact=True),
    "wav_8bit": Format(".wav", "wav", "pcm_u8", "pcm_u8", exact=True),
    "wav_24bit": Format(".wav", "wav", "pcm_s24le", "pcm_s24le", exact=True),
    "wav_float": Format(".wav", "wav", "pcm_f32le", "pcm_f32le", exact=True),
    "wav_mulaw": Format(".wav", "wav", "pcm_mulaw", "pcm_mulaw", exact=True),
    "wav_alaw": Format(".wav", "wav", "pcm_alaw", "pcm_alaw", exact=True),
    "wav_adpcm": Format(".wav", "wav", "adpcm_ima_wav", "adpcm_ima_wav"),
    "rf64": Format(".wav", "wav", "pcm_s16le", "pcm_s16le", {"rf64": "always"}, exact=True),
    "w64": Format(".w64", "w64", "pcm_s16le", "pcm_s16le"),
    "aiff": Format(".aiff", "aiff", "pcm_s16be", "pcm_s16be", exact=True),
    "au": Format(".au", "au", "pcm_s16be", "pcm_s16be", exact=True),
    "caf": Format(".caf", "caf", "pcm_s16be", "pcm_s16be"),
    "mp3": Format(".mp3", "mp3", "libmp3lame", "mp3", {}, {"b": "32k"}),
    "mp3_vbr_bare": Format(".mp3", "mp3", "libmp3lame", "mp3", BARE, VBR),
    "m4a": Format(".m4a", "ipod", "aac", "aac", exact=True),
    "m4a_faststart": Format(".m4a", "ipod", "aac", "aac", {"movflags": "faststart"}, exact=True),
    "m4a_fragmented": Format(".m4a", "mp4", "aac", "aac", {"movflags": "empty_moov+default_base_moof"}),
    "m4a_alac": Format(".m4a", "ipod", "alac", "alac", exact=True),
    "aac": Format(".aac", "adts", "aac", "aac"),
    "opus": Format(".opus", "ogg", "libopus", "opus"),
    "vorbis": Format(".ogg", "ogg", "vorbis", "vorbis", {}, {"strict": "experimental"}, channels=2),
    "flac": Format(".flac", "flac", "flac", "flac", exact=True),
    "wma": Format(".wma", "asf", "wmav2", "wmav2", {}, {"b": "64k"}, rate=44_100),
    "amr": Format(".amr", "amr", "libopencore_amrnb", "amr_nb", rate=8_000, channels=1),
    "3gp": Format(".3gp", "3gp", "libopencore_amrnb", "amr_nb", rate=8_000, channels=1, exact=True),
    "webm": Format(".webm", "webm", "libopus", "opus"),
    "mp4_video": Format(".mp4", "mp4", "aac", "aac", exact=True, video="mpeg4"),
    "webm_video": Format(".webm", "webm", "libopus", "opus", video="libvpx"),
}


class Turn(NamedTuple):
    """What one speaker of `speech()` says, and when."""

    channel: int
    start_ms: int
    end_ms: int
    words: str


class Speech(NamedTuple):
    """A made-up call: int16 samples (2, n), agent left, customer right."""

    samples: np.ndarray
    rate: int
    turns: tuple[Turn, ...]


@functools.cache
def speech() -> Speech:
    """19.4 s of clear speech at 16 kHz; copy the samples before changing them."""
    lines = (line.split("\t") for line in (DATA / "speech.tsv").read_text().splitlines())
    turns = tuple(Turn(int(channel), int(start), int(end), words) for channel, start, end, words in lines)
    samples, rate = decode((DATA / "speech.opus").read_bytes(), rate=16_000)
    samples.flags.writeable = False
    return Speech(samples, rate, turns)


def mono_speech() -> tuple[np.ndarray, int]:
    """The same call summed to one channel, (1, n) at 16 kHz, as a mono recorder would keep it."""
    samples, rate, _ = speech()
    return samples.astype(np.int32).sum(axis=0, keepdims=True).clip(-32768, 32767).astype(np.int16), rate


def gsm() -> bytes:
    """8 s of mono speech as GSM 6.10 in WAV, which PyAV reads but cannot write."""
    return (DATA / "gsm.wav").read_bytes()


def tone(seconds: float, *, rate: int = 16_000, channels: int = 1, hertz: float = 440, loud: int = 9000) -> np.ndarray:
    """A sine, another pitch on each channel (so that stereo is no false stereo): int16 (channels, n)."""
    at = np.arange(int(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * hertz * (1 + 0.3 * channel) * at) for channel in range(channels)]
    return (np.array(waves) * loud).astype(np.int16)


def noise(seconds: float, *, rate: int = 16_000, channels: int = 1, loud: int = 3000, seed: int = 7) -> np.ndarray:
    """White noise, independent on each channel: int16 (channels, n)."""
    return (np.random.default_rng(seed).normal(size=(channels, int(seconds * rate))) * loud).astype(np.int16)


def silence(seconds: float, *, rate: int = 16_000, channels: int = 1) -> np.ndarray:
    return np.zeros((channels, int(seconds * rate)), dtype=np.int16)


def encode(samples: np.ndarray, rate: int, fmt: str = "wav") -> bytes:
    """A whole file of int16 samples (channels, n) in one of FORMATS."""
    form = FORMATS[fmt]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made{form.suffix}"  # a file, not memory: fast start reads back what it wrote
        with av.open(path, "w", format=form.container, options=form.options) as container:
            layout = LAYOUTS[form.channels or len(samples)]
            made = container.add_stream(
                form.encoder, rate=form.rate or rate, layout=layout, options=dict(form.codec_options)
            )
            stream = cast(AudioStream, made)
            if form.video:
                _film(container, form.video, seconds=samples.shape[1] / rate)
            container.start_encoding()  # so that no samples make a file too
            for frame in _frames(samples, rate):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def two_tracks(seconds: float = 2, rate: int = 16_000) -> bytes:
    """A Matroska file of two audio tracks of one channel each."""
    made = io.BytesIO()
    with av.open(made, "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=rate, layout="mono") for _ in range(2)]
        for stream, hertz in zip(streams, (440, 660), strict=True):
            for frame in _frames(tone(seconds, rate=rate, hertz=hertz), rate):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return made.getvalue()


def film(fmt: str = "mp4_video", seconds: float = 1) -> bytes:
    """A moving picture without sound."""
    form = FORMATS[fmt]
    made = io.BytesIO()
    with av.open(made, "w", format=form.container) as container:
        _film(container, form.video, seconds)
    return made.getvalue()


def picture() -> bytes:
    """A PNG."""
    made = io.BytesIO()
    with av.open(made, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "rgb24"
        container.mux(stream.encode(_picture(0)))
        container.mux(stream.encode(None))
    return made.getvalue()


def pcm_wav(samples: np.ndarray, rate: int) -> bytes:
    """The plainest WAV: a 44-byte header and 16-bit samples, for tests that change single bytes."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(samples.T).astype("<i2").tobytes())
    return made.getvalue()


def decode(data: bytes, *, rate: int) -> tuple[np.ndarray, int]:
    """Samples (channels, n) of a healthy file at `rate`; for tests' own use."""
    with cast(InputContainer, av.open(io.BytesIO(data))) as container:
        channels = container.streams.audio[0].channels
        resampler = av.AudioResampler(format="s16", layout=LAYOUTS[channels], rate=rate)
        frames = [got for frame in container.decode(audio=0) for got in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([f.to_ndarray().reshape(-1, channels).T for f in frames], axis=1), rate


def _frames(samples: np.ndarray, rate: int) -> list[av.AudioFrame]:
    frames = []
    for start in range(0, samples.shape[1], rate):
        packed = np.ascontiguousarray(samples[:, start : start + rate].T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=LAYOUTS[len(samples)])
        frame.sample_rate = rate
        frames.append(frame)
    return frames


def _film(container: OutputContainer, encoder: str, seconds: float) -> None:
    stream = cast(VideoStream, container.add_stream(encoder, rate=5))
    stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
    for number in range(max(1, round(seconds * 5))):
        container.mux(stream.encode(_picture(number)))
    container.mux(stream.encode(None))


def _picture(number: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((32, 32, 3), number % 255, dtype=np.uint8), format="rgb24")
