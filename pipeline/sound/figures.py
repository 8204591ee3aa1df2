"""The figures of a call: how much each spoke, silences, holds, overlaps, interruptions, pace. No text is judged."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from pipeline.sound.contract import Stretch
from pipeline.sound.stretches import Stretches, crowded, gaps, joined, total_ms
from pipeline.transcribers.contract import AGENT, CUSTOMER, UNKNOWN, Utterance

BREATH_MS = 300  # a pause that a speaker makes while going on; also how long an overlap must be to count
LISTENING_MS = 1_000  # who says less than this into another's words is listening ('mhm'), not interrupting
HOLD_MS = 10_000
ENOUGH_TALK_MS = 3_000  # to speak of a pace


class Figures(BaseModel):
    """What was measured of a call.

    None where it cannot be said: nobody spoke, nobody knows who is the agent, or one channel holds both speakers,
    so that nobody can be heard to speak at once.
    """

    model_config = ConfigDict(frozen=True)

    duration_s: float
    speech_s: float  # when at least one speaks
    tone_s: float  # ringing, hold tones
    talk_s: Mapping[str, float]  # by speaker
    agent_talk_share: float | None  # of the talk of all known speakers, 0 to 1
    customer_talk_share: float | None
    longest_silence_s: float
    dead_air_share: float | None  # of the duration, 0 to 1
    overlaps: int | None  # times that two spoke at once for BREATH_MS or more
    overlap_s: float | None  # all time that two spoke at once
    agent_interruptions: int | None  # the agent began while another was speaking, and went on
    customer_interruptions: int | None
    words_per_minute: Mapping[
        str, float
    ]  # by speaker, of the own talk; not of who spoke under ENOUGH_TALK_MS, or without text
    holds: tuple[Stretch, ...]  # without speech for over HOLD_MS, with tones or without
    longest_hold_s: float
    hold_s: float


class Metric(NamedTuple):
    """A figure that a check may bound."""

    label: str
    unit: str
    read: Callable[[Figures], float | None]
    by_speaker: bool = False  # worth little where the speakers are only estimated


METRICS: Mapping[str, Metric] = {
    "duration_s": Metric("Duration", "s", lambda of: of.duration_s),
    "longest_silence_s": Metric("Longest silence", "s", lambda of: of.longest_silence_s),
    "dead_air_share": Metric("Share of silence", "0 to 1", lambda of: of.dead_air_share),
    "hold_s": Metric("Time on hold", "s", lambda of: of.hold_s),
    "longest_hold_s": Metric("Longest hold", "s", lambda of: of.longest_hold_s),
    "overlap_s": Metric("Time that both speak at once", "s", lambda of: of.overlap_s),
    "agent_talk_share": Metric("Agent's share of the talk", "0 to 1", lambda of: of.agent_talk_share, by_speaker=True),
    "interruptions": Metric("Interruptions by the agent", "", lambda of: of.agent_interruptions, by_speaker=True),
    "words_per_minute": Metric(
        "Agent's words a minute", "a minute", lambda of: of.words_per_minute.get(AGENT), by_speaker=True
    ),
}


def figures(
    speech: Mapping[str, Iterable[Stretch]],
    utterances: Sequence[Utterance],
    duration_ms: int,
    tones: Iterable[Stretch] = (),
    *,
    own_channels: bool = True,
) -> Figures:
    """Measure a call from who speaks when (`speech`, by speaker) and how many words were said.

    `own_channels`: each speaker has a channel, so that overlaps can be heard.
    """
    voices = {speaker: joined(stretches) for speaker, stretches in speech.items()}
    anyone = joined(stretch for stretches in voices.values() for stretch in stretches)
    silences = gaps(anyone, 0, duration_ms)
    holds = tuple(silence for silence in silences if silence.ms > HOLD_MS)
    both = crowded(voices.values())
    silent_ms = total_ms(silences)
    return Figures(
        duration_s=_seconds(duration_ms),
        speech_s=_seconds(total_ms(anyone)),
        tone_s=_seconds(total_ms(tones)),
        talk_s={speaker: _seconds(total_ms(stretches)) for speaker, stretches in voices.items()},
        agent_talk_share=_share(voices, AGENT),
        customer_talk_share=_share(voices, CUSTOMER),
        longest_silence_s=_seconds(max((silence.ms for silence in silences), default=0)),
        dead_air_share=silent_ms / duration_ms if duration_ms else None,
        overlaps=sum(piece.ms >= BREATH_MS for piece in both) if own_channels else None,
        overlap_s=_seconds(total_ms(both)) if own_channels else None,
        agent_interruptions=_interruptions(voices, AGENT) if own_channels else None,
        customer_interruptions=_interruptions(voices, CUSTOMER) if own_channels else None,
        words_per_minute=_paces(voices, utterances),
        holds=holds,
        longest_hold_s=_seconds(max((hold.ms for hold in holds), default=0)),
        hold_s=_seconds(total_ms(holds)),
    )


def _share(voices: Mapping[str, Stretches], speaker: str) -> float | None:
    talk = {name: total_ms(stretches) for name, stretches in voices.items() if name != UNKNOWN}
    everyone = sum(talk.values())
    return talk[speaker] / everyone if everyone and speaker in talk else None


def _interruptions(voices: Mapping[str, Stretches], speaker: str) -> int | None:
    """How often the speaker began into another's words, and both went on; None where there is no such speaker."""
    if speaker not in voices:
        return None
    others = joined((piece for name, pieces in voices.items() if name != speaker for piece in pieces), BREATH_MS - 1)
    turns = (turn for turn in joined(voices[speaker], BREATH_MS - 1) if turn.ms >= LISTENING_MS)
    return sum(any(_breaks_into(turn, other) for other in others) for turn in turns)


def _breaks_into(turn: Stretch, other: Stretch) -> bool:
    already_speaking = other.start_ms + BREATH_MS <= turn.start_ms
    return already_speaking and min(turn.end_ms, other.end_ms) - turn.start_ms >= BREATH_MS


def _paces(voices: Mapping[str, Stretches], utterances: Iterable[Utterance]) -> dict[str, float]:
    words: Counter[str] = Counter()
    for utterance in utterances:
        words[utterance.speaker] += len(utterance.text.split())
    talk = {speaker: total_ms(stretches) for speaker, stretches in voices.items()}
    return {name: words[name] * 60_000 / ms for name, ms in talk.items() if ms >= ENOUGH_TALK_MS and words[name]}


def _seconds(ms: int) -> float:
    return ms / 1000
