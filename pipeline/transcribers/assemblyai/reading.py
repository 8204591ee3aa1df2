"""AssemblyAI's finished answer becomes a Transcript."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline import prices
from pipeline.outcome import ProviderError
from pipeline.transcribers.assemblyai.answers import Answer, HeardTurn, HeardWord
from pipeline.transcribers.assemblyai.client import LABEL
from pipeline.transcribers.assemblyai.job import Job
from pipeline.transcribers.assemblyai.request import PROMPTED, by_channel, chosen, language_of
from pipeline.transcribers.contract import UNKNOWN, Order, Transcript, Utterance, Word
from pipeline.transcribers.redaction import TRUSTED, redacted
from pipeline.transcribers.turns import Spoken, mean_confidence, turns

NAME = "assemblyai"
NO_WORD = "There is speech in this recording, but AssemblyAI made out no word."
NO_SPEECH = "No speech was heard in this recording."
Who = tuple[str, int | None]  # speaker and channel


def transcript(order: Order, job: Job, answer: Answer) -> Transcript:
    """What the answer says, in the house's words. Raises ProviderError where redaction was asked for and not done."""
    people = _people(answer, channels=len(order.sound.speech) if by_channel(order) else 0)
    if job.redacted:
        said, notes = _redacted(answer, people)
    else:
        said, notes = _said(answer, people), ()
    words = [word for utterance in said for word in utterance.words]
    seconds = order.sound.duration_ms / 1000 if answer.audio_duration is None else answer.audio_duration
    model = answer.speech_model_used or chosen(order.wishes)
    return Transcript(
        provider=NAME,
        model=model,
        language=language_of(answer.language_code or order.wishes.language),
        utterances=said,
        confidence=mean_confidence(words) if words else _share(answer.confidence),
        speakers_by="channels" if by_channel(order) else "labels",
        audio_seconds=seconds,
        cost_usd=_cost(order, job, model, seconds),
        asked_again=job.asked_again,
        redacted=job.redacted,
        notes=(*notes, *_silence(order, said), *_strangers(said), *_again(job)),
    )


def empty(order: Order, job: Job) -> Transcript:
    """Of a recording in which nobody speaks; AssemblyAI answers an error for it, and bills nothing."""
    return Transcript(
        provider=NAME,
        model=chosen(order.wishes),
        language=language_of(order.wishes.language),
        speakers_by="channels" if by_channel(order) else "labels",
        cost_usd=0.0,
        asked_again=job.asked_again,
        redacted=job.redacted,
        notes=(NO_SPEECH, *_again(job)),
    )


def _cost(order: Order, job: Job, model: str, seconds: float) -> float | None:
    return prices.transcription(
        NAME,
        model,
        seconds,
        channels=len(order.sound.speech) if by_channel(order) else 1,
        diarized=not by_channel(order),
        keyterms=job.prompted and model.startswith(PROMPTED),
        redacted=job.redacted,
    )


def _said(answer: Answer, people: "_People") -> tuple[Utterance, ...]:
    """AssemblyAI's own turns; where it gives none, those that its words make."""
    if not answer.utterances:
        return turns(_spoken(answer.words or (), people))
    made = (_turn(turn, people) for turn in answer.utterances if (turn.text or "").strip())
    return tuple(sorted(made, key=lambda one: (one.start_ms, one.end_ms)))


def _turn(turn: HeardTurn, people: "_People") -> Utterance:
    speaker, channel = people.of(turn)
    words = tuple(one.word for one in _spoken(turn.words or (), people))
    start, end = _times(turn)
    return Utterance(
        speaker=speaker,
        channel=channel,
        start_ms=start,
        end_ms=max(end, *(word.end_ms for word in words), start),
        text=" ".join((turn.text or "").split()),
        confidence=_share(turn.confidence),
        words=words,
    )


def _redacted(answer: Answer, people: "_People") -> tuple[tuple[Utterance, ...], tuple[str, ...]]:
    """The words of the redacted text alone: what stands elsewhere may not have been redacted."""
    spoken = list(_spoken(_every_word(answer), people))
    if answer.redact_pii is False or (spoken and not (answer.text or "").strip()):
        raise ProviderError(f"{LABEL} answered without redacting, so nothing of it was kept.")
    words, fit = redacted(answer.text or "", spoken)
    unsure = f"{LABEL}'s redacted text fits its words badly: who said what, and when, is uncertain in this transcript."
    return turns(words), (unsure,) if words and fit < TRUSTED else ()


def _every_word(answer: Answer) -> Iterator[HeardWord]:
    """Of the words where they tell who spoke, else of the turns."""
    if any(_names_somebody(word) for word in answer.words or ()) or not answer.utterances:
        yield from answer.words or ()
        return
    for turn in answer.utterances:
        who = {"speaker": turn.speaker, "channel": turn.channel}
        yield from (word.model_copy(update=who) for word in turn.words or _timed(turn))


def _timed(turn: HeardTurn) -> Iterator[HeardWord]:
    """The words of a turn that has none, evenly over its time."""
    texts = (turn.text or "").split()
    start, end = _times(turn)
    for place, text in enumerate(texts):
        begins, ends = (start + (end - start) * at / len(texts) for at in (place, place + 1))
        yield HeardWord(text=text, start=begins, end=ends, confidence=turn.confidence)


def _spoken(words: Iterable[HeardWord], people: "_People") -> Iterator[Spoken]:
    for heard in words:
        if text := (heard.text or "").strip():
            start, end = _times(heard)
            word = Word(text=text, start_ms=start, end_ms=end, confidence=_share(heard.confidence))
            yield Spoken(*people.of(heard), word)


class _People:
    """Whose a word or turn is, by what AssemblyAI calls its channel or speaker."""

    def __init__(self, names: Mapping[str, Who], *, channels: bool) -> None:
        self.names, self.channels = names, channels

    def of(self, heard: HeardWord) -> Who:
        """'unknown' where it does not say."""
        label = (heard.channel or heard.speaker) if self.channels else heard.speaker
        return self.names.get(label or "", (UNKNOWN, None))


def _people(answer: Answer, *, channels: int) -> _People:
    """Channels '1', '2' are 0 and 1; labels 'A', 'B' are speaker_1 and speaker_2."""
    if channels:
        return _People({str(at + 1): (f"speaker_{at + 1}", at) for at in range(channels)}, channels=True)
    heard: Sequence[HeardWord] = (*(answer.utterances or ()), *(answer.words or ()))
    labels = sorted({one.speaker for one in heard if one.speaker}, key=lambda label: (len(label), label))
    return _People({label: (f"speaker_{at}", None) for at, label in enumerate(labels, 1)}, channels=False)


def _names_somebody(heard: HeardWord) -> bool:
    return bool(heard.speaker or heard.channel)


def _times(heard: HeardWord) -> tuple[int, int]:
    start = max(round(heard.start or 0), 0)
    return start, max(round(heard.end or 0), start)


def _share(confidence: float | None) -> float | None:
    return None if confidence is None else round(min(max(confidence, 0.0), 1.0), 4)


def _silence(order: Order, said: Sequence[Utterance]) -> tuple[str, ...]:
    if said:
        return ()
    return (NO_WORD if any(order.sound.speech) else NO_SPEECH,)


def _strangers(said: Sequence[Utterance]) -> tuple[str, ...]:
    unknown = said and all(utterance.speaker == UNKNOWN for utterance in said)
    return (f"{LABEL} did not tell the speakers apart.",) if unknown else ()


def _again(job: Job) -> tuple[str, ...]:
    if not job.asked_again:
        return ()
    times = "once" if job.asked_again == 1 else f"{job.asked_again} times"
    return (f"{LABEL} was asked again {times}, because an answer was lost or wrong; that may have been paid for too.",)
