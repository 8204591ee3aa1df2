"""What a recording sounds like, apart from its words: lengths, channels, where there is speech."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

RATE = 16_000  # samples a second of every decoded channel


class Flaw(StrEnum):
    """Why a file is not taken as a recording. Stable: the API answers these."""

    EMPTY = "empty"  # no bytes
    NOT_AUDIO = "not_audio"  # nothing that can be decoded as sound
    NO_AUDIO_TRACK = "no_audio_track"  # a film or picture without sound
    ZERO_DURATION = "zero_duration"  # a recording of no samples
    CUT_SHORT = "cut_short"  # under 90 % of what it says it holds
    IMPLAUSIBLE = "implausible"  # rates, channels or lengths that no call has


class NotARecording(Exception):  # noqa: N818  it reads as what is wrong with the file
    """This file is not taken as a recording. str() is a sentence for a person: what is wrong and what to do."""

    def __init__(self, code: Flaw, words: str) -> None:
        super().__init__(code, words)  # both, so that it pickles
        self.code = code

    def __str__(self) -> str:
        return str(self.args[1])


class Layout(StrEnum):
    """What a recording's channels mean."""

    MONO = "mono"  # one channel
    DUAL = "dual"  # two channels with different speech: one speaker each
    FALSE_STEREO = "false_stereo"  # two channels, one sound
    DEAD_CHANNEL = "dead_channel"  # two channels, one of them silent
    MIXED = "mixed"  # more than two channels, mixed to one


class Stretch(BaseModel):
    """A piece of time, in milliseconds from the recording's start."""

    model_config = ConfigDict(frozen=True)

    start_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        return self.end_ms - self.start_ms


class Probe(BaseModel):
    """What the first look at a file found (headers, declared lengths, the first seconds decoded)."""

    model_config = ConfigDict(frozen=True)

    container: str  # ffmpeg's format name: wav, mp3, mov,mp4,m4a,3gp,3g2,mj2 ...
    codec: str
    channels: int
    sample_rate: int
    stated_ms: int | None  # what the headers say, None where they say nothing
    exact: bool  # the container states its length exactly, so that a shorter decode is 'cut short'
    notes: tuple[str, ...] = ()


class Sound(BaseModel):
    """What the full decode found.

    `speech` holds one list of stretches a voice channel: two for DUAL, else one.
    With a scratch folder given, the decoder leaves `channel_<n>.s16` there for each voice channel:
    raw signed 16-bit little-endian samples at RATE.
    """

    model_config = ConfigDict(frozen=True)

    duration_ms: int
    layout: Layout
    speech: tuple[tuple[Stretch, ...], ...]
    tones: tuple[Stretch, ...] = ()  # hold tones and music-like stretches, which are not speech
    bad_packets: int = 0
    notes: tuple[str, ...] = ()
