"""Who of a call's speakers is the agent: by the campaign's channel map, else by what they say, with a confidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from rapidfuzz import fuzz
from rapidfuzz.utils import default_process as plain

from pipeline.sound.contract import Layout, Sound, Stretch
from pipeline.sound.stretches import Stretches, common, joined, without
from pipeline.transcribers.contract import AGENT, CUSTOMER, UNKNOWN, Spotted, Transcript, Utterance

CHANNEL_MAPS = {"agent_left": (AGENT, CUSTOMER), "agent_right": (CUSTOMER, AGENT)}  # any other: detect

AGENT_PHRASES = {  # what it weighs that somebody says this early in a call
    "thank you for calling": 1.0,
    "thanks for calling": 1.0,
    "how can i help you": 1.0,
    "how may i help you": 1.0,
    "how can i assist you": 1.0,
    "how may i direct your call": 1.0,
    "calls are recorded for quality and training": 1.0,
    "this call may be recorded": 1.0,
    "you are speaking with": 0.8,
    "i am calling on behalf of": 0.8,
    "may i have your account number": 0.8,
    "can i have your full name and date of birth": 0.8,
    "happy to help you with that": 0.8,
    "welcome to": 0.5,
    "my name is": 0.5,
    "this is a courtesy call": 0.5,
}
CUSTOMER_PHRASES = {
    "i am calling about": 0.8,
    "i am calling because": 0.8,
    "i have a problem with": 0.8,
    "i have a question about my": 0.8,
    "i would like to cancel": 0.8,
    "i would like to buy": 0.5,
    "i was wondering if you could help me": 0.8,
    "my account number is": 0.8,
}
WEIGHTS = AGENT_PHRASES | {phrase: -weight for phrase, weight in CUSTOMER_PHRASES.items()}

Said = TypeVar("Said", Utterance, Spotted)

EARLY_MS = 90_000
LIKE = 80  # of 100, in rapidfuzz's partial ratio
LEAST_LENGTH = 0.6  # of the phrase's, for a text to be compared with it

CLEAR_LEAD = 0.25  # of one speaker's weight over all others'
BY_PHRASE, BY_PHRASE_MORE = 0.6, 0.35  # confidence of the smallest lead, and what a lead of 1 adds
BY_FIRST_WORD = 0.6
ALONE = 0.8  # a single speaker, by what is said
OF_ESTIMATE = 0.9  # times this where the speakers are themselves estimated
BY_PERSON = 1.0


def named(transcript: Transcript, sound: Sound, channel_map: str = "detect") -> Transcript:
    """The transcript with agent and customer for its speakers, and how sure that is.

    Where two channels are two speakers, their names stand in `channels` too. Speakers beyond two become speaker_3 and
    so on; a single one who says nothing telling keeps the name. What is 'unknown' stays so.
    """
    by_channel = sound.layout is Layout.DUAL and transcript.speakers_by == "channels"
    if by_channel:
        transcript = _by_channel(transcript, len(sound.speech))
    roles, confidence = _roles(transcript, sound, channel_map)
    return _renamed(transcript, roles).model_copy(update={"roles_confidence": confidence})


def swap(transcript: Transcript) -> Transcript:
    """Agent and customer the other way round, because a person says so."""
    swapped = _renamed(transcript, {AGENT: CUSTOMER, CUSTOMER: AGENT})
    return swapped.model_copy(update={"roles_confidence": BY_PERSON})


def speech_by_speaker(transcript: Transcript, sound: Sound) -> dict[str, Stretches]:
    """When each speaker speaks, heard in the sound and not in the words.

    Where channels are speakers it is the channels' speech. Else each moment of speech goes to whose utterance it
    lies in, or whose came before it in the same stretch; speech without any utterance goes to 'unknown'.
    """
    if transcript.channels:
        both = zip(transcript.channels, sound.speech, strict=True)
        return {speaker: joined(speech) for speaker, speech in both}
    speech = joined(stretch for channel in sound.speech for stretch in channel)
    said: dict[str, list[Stretch]] = {}
    for utterance in transcript.utterances:
        said.setdefault(utterance.speaker, []).append(_span(utterance))
    found = {speaker: list(common(speech, spans)) for speaker, spans in said.items()}
    for piece, speaker in _left_over(speech, transcript.utterances):
        found.setdefault(speaker, []).append(piece)
    return {speaker: joined(pieces) for speaker, pieces in found.items()}


def _by_channel(transcript: Transcript, channels: int) -> Transcript:
    """Each channel a speaker, whatever the provider called them."""
    names = tuple(f"speaker_{channel + 1}" for channel in range(channels))
    numbered = transcript.model_copy(update={"channels": names})
    return numbered.model_copy(
        update={
            "utterances": tuple(_on_channel(utterance, names) for utterance in transcript.utterances),
            "spotted": tuple(_on_channel(spotted, names) for spotted in transcript.spotted),
        }
    )


def _on_channel(said: Said, names: Sequence[str]) -> Said:
    known = said.channel is not None and said.channel < len(names)
    return said.model_copy(update={"speaker": names[said.channel or 0] if known else UNKNOWN})


def _renamed(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    def of(said: Said) -> Said:
        return said.model_copy(update={"speaker": names.get(said.speaker, said.speaker)})

    return transcript.model_copy(
        update={
            "utterances": tuple(map(of, transcript.utterances)),
            "spotted": tuple(map(of, transcript.spotted)),
            "channels": tuple(names.get(speaker, speaker) for speaker in transcript.channels),
        }
    )


def _roles(transcript: Transcript, sound: Sound, channel_map: str) -> tuple[dict[str, str], float | None]:
    """The new name of each speaker that gets one, and how sure that is."""
    if transcript.channels and channel_map in CHANNEL_MAPS:
        return dict(zip(transcript.channels, CHANNEL_MAPS[channel_map], strict=True)), BY_PERSON
    speakers = _in_order(transcript, sound)
    weights = {speaker: _weight(transcript, speaker) for speaker in speakers}
    trust = OF_ESTIMATE if transcript.speakers_by == "estimate" else 1.0
    if not speakers:
        return {}, None
    if len(speakers) == 1:
        return _alone(speakers[0], weights[speakers[0]], trust)
    first, second = sorted(weights.values(), reverse=True)[:2]
    clear = first - second >= CLEAR_LEAD
    agent = max(speakers, key=lambda speaker: weights[speaker]) if clear else speakers[0]
    confidence = BY_PHRASE + BY_PHRASE_MORE * min(1.0, first - second) if clear else BY_FIRST_WORD
    return _names(transcript, speakers, agent), round(trust * confidence, 2)


def _alone(speaker: str, weight: float, trust: float) -> tuple[dict[str, str], float | None]:
    if abs(weight) < CLEAR_LEAD:
        return {}, None
    return {speaker: AGENT if weight > 0 else CUSTOMER}, round(trust * ALONE, 2)


def _names(transcript: Transcript, speakers: Sequence[str], agent: str) -> dict[str, str]:
    others = [speaker for speaker in speakers if speaker != agent]
    words = dict.fromkeys(speakers, 0)
    for utterance in transcript.utterances:
        if utterance.speaker in words:
            words[utterance.speaker] += len(utterance.text.split())
    customer = max(others, key=lambda speaker: words[speaker])
    rest = [speaker for speaker in others if speaker != customer]
    return {agent: AGENT, customer: CUSTOMER} | {speaker: f"speaker_{at}" for at, speaker in enumerate(rest, 3)}


def _in_order(transcript: Transcript, sound: Sound) -> list[str]:
    """The known speakers, in the order in which they begin to speak."""
    if transcript.channels:
        begins = [speech[0].start_ms if speech else sound.duration_ms for speech in sound.speech]
        return [name for _, name in sorted(zip(begins, transcript.channels, strict=True))]
    by_start = sorted(transcript.utterances, key=lambda utterance: utterance.start_ms)
    return [name for name in dict.fromkeys(utterance.speaker for utterance in by_start) if name != UNKNOWN]


def _weight(transcript: Transcript, speaker: str) -> float:
    """How much of an agent (positive) or a customer (negative) the speaker sounds, early in the call: -1 to 1."""
    texts = [one.text for one in transcript.utterances if _early(one, speaker)]
    texts += [one.phrase for one in transcript.spotted if _early(one, speaker)]
    telling = [_telling(plain(text)) for text in texts]
    return max(0.0, *telling) + min(0.0, *telling) if telling else 0.0


def _early(said: Utterance | Spotted, speaker: str) -> bool:
    return said.speaker == speaker and said.start_ms < EARLY_MS


def _telling(text: str) -> float:
    """What the phrase weighs that is most like something in the text; the longer one of two alike."""
    likeness = {phrase: _likeness(phrase, text) for phrase in WEIGHTS}
    best = max(WEIGHTS, key=lambda phrase: (likeness[phrase], len(phrase)))
    return WEIGHTS[best] if likeness[best] else 0.0


def _likeness(phrase: str, text: str) -> float:
    return fuzz.partial_ratio(phrase, text, score_cutoff=LIKE) if len(text) >= LEAST_LENGTH * len(phrase) else 0.0


def _left_over(speech: Iterable[Stretch], utterances: Sequence[Utterance]) -> Iterator[tuple[Stretch, str]]:
    """Speech that lies in no utterance, and whose it probably is."""
    for stretch in speech:
        inside = [one for one in utterances if one.start_ms < stretch.end_ms and stretch.start_ms < one.end_ms]
        for piece in without([stretch], map(_span, inside)):
            before = [utterance for utterance in inside if utterance.end_ms <= piece.start_ms]
            nearest = max(before, key=lambda one: one.end_ms) if before else next(iter(inside), None)
            yield piece, nearest.speaker if nearest else UNKNOWN


def _span(utterance: Utterance) -> Stretch:
    return Stretch(start_ms=utterance.start_ms, end_ms=utterance.end_ms)
