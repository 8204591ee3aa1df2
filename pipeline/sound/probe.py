"""The first look at a file: whether it is a recording, by decoding its first seconds and measuring its length."""

from pathlib import Path

from av.audio.frame import AudioFrame

from pipeline.sound import lengths
from pipeline.sound.contract import Flaw, NotARecording, Probe
from pipeline.sound.foreign import AGAIN
from pipeline.sound.opening import Recording, opened
from pipeline.sound.samples import Tally, frames

__all__ = ["NotARecording", "probe"]

FIRST_S = 2.0  # decoded to be sure
SELF_STYLED = {"mp3", "aac", "loas", "ac3", "eac3", "gsm"}  # no header: a few bytes of anything may look like these
LEAST_S = 0.1  # of such, all that is heard of terminal descriptions and the like is shorter
MOST_BAD = 0.9  # share of packets that may fail in the first seconds; noise that looks like sound exceeds it


def probe(path: Path, accept_truncated: bool = False, name_hint: str = "") -> Probe:
    """What `path` holds, by its bytes. Meant to run in a child: hostile files may end the process.

    `accept_truncated` takes recordings that are cut short; `name_hint` is a file name, which helps only with files
    that have no header (.g722, .ulaw ...). Raises NotARecording, and OSError where the file cannot be read.
    """
    with opened(path, name_hint) as recording:
        frame = _first_seconds(recording)
        found = lengths.measured(recording)
        if found.stated_ms is not None and not accept_truncated:
            lengths.refuse_cut(found.stated_ms, found.stated_ms * found.share)
        return Probe(
            container=recording.container.format.name,
            codec=recording.stream.codec_context.codec.canonical_name,
            channels=frame.layout.nb_channels,
            sample_rate=frame.sample_rate,
            stated_ms=found.stated_ms,
            exact=found.exact,
            notes=tuple(recording.notes),
        )


def _first_seconds(recording: Recording) -> AudioFrame:
    """Decode a little; the first frame."""
    tally, first, seconds = Tally(), None, 0.0
    for frame in frames(recording, tally):
        first = first or frame
        seconds += frame.samples / frame.sample_rate
        if seconds >= FIRST_S:
            break
    if first is None and not tally.packets and not tally.bad_packets:
        words = "This recording holds no sound at all (0 seconds)."
        raise NotARecording(Flaw.ZERO_DURATION, f"{words} {AGAIN}")
    chance = seconds < LEAST_S and recording.container.format.name in SELF_STYLED
    if first is None or chance or tally.bad_packets > MOST_BAD * tally.packets:
        words = "This file looks like sound, but what it holds cannot be decoded: it is damaged, or no recording."
        raise NotARecording(Flaw.NOT_AUDIO, f"{words} {AGAIN}")
    return first
