"""The offline draft: PocketSphinx in child processes, English only, with nothing to install and no key."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline import children
from pipeline.outcome import Done, ProviderError
from pipeline.sound.contract import Stretch
from pipeline.sound.speech import segments
from pipeline.transcribers.contract import Order, Spotted, Transcript, Utterance, Wishes
from pipeline.transcribers.listening import Voice, voices
from pipeline.transcribers.sphinx import Heard, recognise, unknown, words_of
from pipeline.transcribers.turns import Spoken, mean_confidence, turns

BATCH_MS = 60_000  # of speech: long enough for the decoder to adapt, short enough to keep all cores at work
BATCH_TIMEOUT_S, BATCH_SECONDS_A_SECOND = 120.0, 20.0  # a second of speech takes 0.15 to 0.8 s of a core
ENGLISH, NOT_SAID = "en", ("", "auto", "detect", "multi")
I_WORDS = {"i", "i'm", "i'd", "i'll", "i've"}


class Local:
    """See docs/local-recogniser.md for what it is good for, and what not."""

    name = "local"

    def transcribe(self, order: Order) -> Done[Transcript]:
        """Recognise on all cores; returns when all is done. What it cannot do stands in the transcript's notes.

        In another language than English nothing is transcribed, and that is no failure: the figures of the sound are
        right in any language, and a failed call would have none.
        """
        spoken, wished = _language(order.wishes)
        if spoken != ENGLISH:
            words = (
                f"Not transcribed: the offline recogniser knows English only, and this campaign's language is "
                f"'{order.wishes.language}'. Choose another transcriber in the campaign's settings, then use "
                "Rerun Transcription. The figures of the call are measured all the same."
            )
            return Done(_transcript(order, spoken, notes=(words,)))
        try:
            return Done(_recognised(order, wished))
        except children.ChildFailed as error:
            raise ProviderError(f"The offline recogniser did not finish. {error}") from error
        except (OSError, RuntimeError) as error:
            raise ProviderError("The offline recogniser failed; the log says how. Use Rerun Transcription.") from error


class _Batch(NamedTuple):
    voice: Voice
    segments: tuple[Stretch, ...]

    @property
    def seconds(self) -> float:
        return sum(segment.ms for segment in self.segments) / 1000


def _recognised(order: Order, notes: Sequence[str]) -> Transcript:
    phrases, lacking = _phrases(order.wishes.keyterms)
    heard_voices = voices(order)
    batches = [batch for voice in heard_voices for batch in _batches(voice)]
    longest = max((batch.seconds for batch in batches), default=0.0)
    heard = children.run_all(
        recognise,
        [(batch.voice.file, batch.segments, tuple(phrases), order.scratch) for batch in batches],
        timeout_s=BATCH_TIMEOUT_S + BATCH_SECONDS_A_SECOND * longest,
    )
    pairs = list(zip((batch.voice for batch in batches), heard, strict=True))
    said = turns(_spoken(pairs))
    return _transcript(
        order,
        ENGLISH,
        utterances=tuple(map(_readable, said)),
        spotted=tuple(sorted(_spotted(pairs, phrases), key=lambda spotted: spotted.start_ms)),
        notes=(*notes, *_silence(batches, said), *lacking),
        estimated=any(voice.channel is None for voice in heard_voices),
    )


def _language(wishes: Wishes) -> tuple[str, tuple[str, ...]]:
    """The language as two letters, and what there is to say about it."""
    language = wishes.language.lower().replace("_", "-").split("-")[0]
    if language in NOT_SAID:
        return ENGLISH, ("The offline recogniser took this call to be in English, the only language that it knows.",)
    return language, ()


def _phrases(keyterms: Iterable[str]) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The phrases that can be listened for, each with the keyterms that it stands for; a note on the others."""
    wanted: dict[str, list[str]] = {}
    for keyterm in dict.fromkeys(keyterms):
        wanted.setdefault(words_of(keyterm), []).append(keyterm)
    if not wanted:
        return {}, ()
    lacking = {"", *children.run(unknown, list(wanted), timeout_s=BATCH_TIMEOUT_S)}
    named = [keyterm for phrase in wanted if phrase in lacking for keyterm in wanted[phrase]]
    note = (
        "These phrases contain words that the offline recogniser does not know and can only be found in the text: "
        f"{', '.join(named)}."
    )
    known = {phrase: stands_for for phrase, stands_for in wanted.items() if phrase not in lacking}
    return known, (note,) if named else ()


def _batches(voice: Voice) -> Iterator[_Batch]:
    """The voice's segments in batches that do not depend on how many cores there are."""
    batch: list[Stretch] = []
    for segment in segments(voice.speech, cut=voice.quietest):
        batch.append(segment)
        if sum(one.ms for one in batch) >= BATCH_MS:
            yield _Batch(voice, tuple(batch))
            batch = []
    if batch:
        yield _Batch(voice, tuple(batch))


def _spoken(pairs: Iterable[tuple[Voice, Heard]]) -> Iterator[Spoken]:
    for voice, heard in pairs:
        for word in heard.words:
            yield Spoken(voice.speaker(word.start_ms, word.end_ms), voice.channel, word)


def _spotted(pairs: Iterable[tuple[Voice, Heard]], phrases: dict[str, list[str]]) -> Iterator[Spotted]:
    for voice, heard in pairs:
        for found in heard.found:
            speaker = voice.speaker(found.start_ms, found.end_ms)
            for keyterm in phrases[found.phrase]:
                yield Spotted(
                    phrase=keyterm,
                    speaker=speaker,
                    channel=voice.channel,
                    start_ms=found.start_ms,
                    end_ms=found.end_ms,
                )


def _readable(utterance: Utterance) -> Utterance:
    """A capital first and for 'I', as a reader expects; no punctuation, for the recogniser hears none."""
    words = [word.model_copy(update={"text": _capital_i(word.text)}) for word in utterance.words]
    words[0] = words[0].model_copy(update={"text": words[0].text[0].upper() + words[0].text[1:]})
    return utterance.model_copy(update={"words": tuple(words), "text": " ".join(word.text for word in words)})


def _capital_i(word: str) -> str:
    return word[0].upper() + word[1:] if word in I_WORDS else word


def _silence(batches: Sequence[_Batch], said: Sequence[Utterance]) -> tuple[str, ...]:
    if not batches:
        return ("No speech was heard in this recording.",)
    return () if said else ("There is speech in this recording, but the offline recogniser made out no word.",)


def _transcript(
    order: Order,
    language: str,
    *,
    utterances: tuple[Utterance, ...] = (),
    spotted: tuple[Spotted, ...] = (),
    notes: tuple[str, ...] = (),
    estimated: bool = False,
) -> Transcript:
    return Transcript(
        provider=Local.name,
        model="pocketsphinx-en-us",
        language=language,
        utterances=utterances,
        spotted=spotted,
        confidence=mean_confidence(word for utterance in utterances for word in utterance.words),
        speakers_by="estimate" if estimated else "channels",
        draft=True,
        audio_seconds=order.sound.duration_ms / 1000,
        cost_usd=0.0,
        notes=notes,
    )
