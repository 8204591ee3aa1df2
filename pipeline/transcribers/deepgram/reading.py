"""A transcript from Deepgram's result: whether it can be believed, who said what, and what is to be noted. Pure."""

from collections.abc import Iterator, Sequence

from pipeline import prices
from pipeline.sound.contract import Sound, Stretch
from pipeline.transcribers.contract import UNKNOWN, Transcript, Utterance, Word
from pipeline.transcribers.deepgram.options import Asking
from pipeline.transcribers.deepgram.wire import NAME, Answer, Channel, Lost, Results
from pipeline.transcribers.deepgram.wire import Word as Theirs
from pipeline.transcribers.redaction import redacted
from pipeline.transcribers.turns import Spoken, mean_confidence, turns

PROVIDER = "deepgram"
OFF_SHARE, OFF_MS = 0.1, 2_000  # both must be exceeded, for lengths to differ
NOTHING_HEARD = 0.1  # of the recording's length
MUCH_MS = 5_000  # of speech without a word, for a note


def transcript(answer: Answer, asking: Asking, sound: Sound) -> Transcript:
    """Raises Lost where the result is none of this recording as it was asked for."""
    results = _believed(answer, asking, sound)
    said = tuple(_said(results.channels, asking, sound))
    dual = asking.channels > 1
    model, seconds = _model(answer, asking), answer.metadata.duration
    return Transcript(
        provider=PROVIDER,
        model=model,
        language=_language(results.channels, asking),
        utterances=tuple(sorted(said, key=lambda one: one.start_ms)),
        confidence=mean_confidence(word for one in said for word in one.words),
        speakers_by="channels" if dual else "labels",
        audio_seconds=seconds,
        cost_usd=prices.transcription(
            PROVIDER,
            model,
            seconds,
            channels=asking.channels,
            diarized=not dual,
            keyterms=asking.keyterms,
            redacted=asking.redact,
        ),
        redacted=asking.redact,
        notes=(*asking.notes, *_silence(said, sound, asking.channels)),
    )


def _believed(answer: Answer, asking: Asking, sound: Sound) -> Results:
    """Its results. A request whose body got lost is answered by a success of 0 seconds, and no words."""
    if answer.results is None:
        raise Lost.because("there is no result in what it sent")
    heard_ms, off_ms = answer.metadata.duration * 1000, abs(answer.metadata.duration * 1000 - sound.duration_ms)
    off = off_ms > OFF_MS and off_ms > OFF_SHARE * sound.duration_ms
    if off or heard_ms < NOTHING_HEARD * sound.duration_ms:
        lasts = sound.duration_ms / 1000
        raise Lost(f"{NAME} heard {answer.metadata.duration:.1f} s of this recording, which lasts {lasts:.1f} s.")
    channels = len(answer.results.channels)
    if channels != asking.channels:
        raise Lost(f"{NAME} transcribed {channels} channel(s) of this recording, and {asking.channels} were asked for.")
    return answer.results


def _said(channels: Sequence[Channel], asking: Asking, sound: Sound) -> Iterator[Utterance]:
    dual = asking.channels > 1
    spoken: list[Spoken] = []
    for number, channel in enumerate(channels):
        place = number if dual else None
        theirs = sorted(channel.best.words, key=lambda word: (word.start, word.end))
        words = [_spoken(word, place, sound.duration_ms) for word in theirs if word.text]
        if words and asking.redact:
            words = list(redacted(channel.best.transcript, words)[0])
        elif not words and channel.best.transcript:
            yield _untimed(channel.best.transcript, place, sound)
        spoken += words
    yield from turns(spoken)


def _spoken(word: Theirs, channel: int | None, longest_ms: int) -> Spoken:
    start = min(max(round(word.start * 1000), 0), longest_ms)
    end = min(max(round(word.end * 1000), start), longest_ms)
    sure = None if word.confidence is None else min(max(word.confidence, 0.0), 1.0)
    return Spoken(
        _speaker(word.speaker if channel is None else channel),
        channel,
        Word(text=word.text, start_ms=start, end_ms=end, confidence=sure),
    )


def _speaker(number: int | None) -> str:
    return UNKNOWN if number is None or number < 0 else f"speaker_{number + 1}"


def _untimed(text: str, channel: int | None, sound: Sound) -> Utterance:
    """What was said, where no word has a time: over all of the channel's speech."""
    speech = _speech(sound, channel)
    start, end = (speech[0].start_ms, speech[-1].end_ms) if speech else (0, sound.duration_ms)
    return Utterance(speaker=_speaker(channel), channel=channel, start_ms=start, end_ms=end, text=text)


def _speech(sound: Sound, channel: int | None) -> tuple[Stretch, ...]:
    at = channel or 0
    return sound.speech[at] if at < len(sound.speech) else ()


def _model(answer: Answer, asking: Asking) -> str:
    """The model's family, which has a price, where Deepgram names one that has; else the model that was asked for."""
    info = answer.metadata.model_info.values()
    priced = (one.arch for one in info if (PROVIDER, one.arch) in prices.AUDIO)
    return next(priced, asking.model)


def _language(channels: Sequence[Channel], asking: Asking) -> str:
    """As asked for; else as found on the channel where most was said."""
    found = [channel for channel in channels if channel.detected_language]
    if asking.language or not found:
        return asking.language
    return max(found, key=lambda channel: len(channel.best.words)).detected_language[:20]


def _silence(said: Sequence[Utterance], sound: Sound, channels: int) -> Iterator[str]:
    """What there is to say about channels of which there are no words."""
    if not said and not any(stretch.ms for speech in sound.speech for stretch in speech):
        yield "No speech was heard in this recording."
        return
    for number in range(channels):
        of = None if channels == 1 else number
        speech_ms = sum(stretch.ms for stretch in _speech(sound, of))
        if speech_ms >= MUCH_MS and not any(one.channel == of for one in said):
            where = "this recording" if of is None else f"channel {number + 1}"
            yield f"There are {speech_ms // 1000} s of speech in {where}, but {NAME} made out no word of it."
