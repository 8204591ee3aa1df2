"""The offline draft: from an order to a transcript, on made-up calls of real speech, in real children."""

import numpy as np
import pytest

from benchmarks.recogniser import error_rate, plain, telephoned
from pipeline import children
from pipeline.outcome import Done, Fault, ProviderError
from pipeline.sound.contract import Stretch
from pipeline.speakers import named
from pipeline.transcribers import local
from pipeline.transcribers.contract import AGENT, CUSTOMER, Word
from pipeline.transcribers.local import Local
from pipeline.transcribers.sphinx import Found, Heard
from tests import audio

KEYTERMS = ("Thank you for calling!", "thank you for calling", "how can I help you?", "Grumblefitz speaking", "👍")


def transcribed(made):
    done = Local().transcribe(made)
    assert isinstance(done, Done)
    return done.value


def words_by(transcript, speaker):
    return [word for turn in transcript.utterances if turn.speaker == speaker for word in plain(turn.text)]


def words_said(channel):
    return plain(" ".join(turn.words for turn in audio.speech().turns if turn.channel == channel))


@pytest.fixture(scope="session")
def dual(order):
    made = order(audio.speech().samples, keyterms=KEYTERMS)
    return made, transcribed(made)


@pytest.fixture(scope="session")
def mono(order):
    made = order(audio.mono_speech()[0])
    return made, transcribed(made)


@pytest.fixture(scope="session")
def by_telephone(order):
    made = order(np.stack([telephoned(channel) for channel in audio.speech().samples]))
    return transcribed(made)


def test_a_two_channel_call_has_the_right_words_on_the_right_channels(dual):
    made, transcript = dual
    told = named(transcript, made.sound)
    assert error_rate(words_said(0), words_by(told, AGENT)) < 0.15
    assert error_rate(words_said(1), words_by(told, CUSTOMER)) < 0.15
    assert {turn.channel for turn in told.utterances if turn.speaker == AGENT} == {0}
    assert told.speakers_by == "channels"


def test_turns_come_one_after_the_other_with_times_of_the_call(dual):
    transcript = dual[1]
    turns = audio.speech().turns
    assert [turn.channel for turn in transcript.utterances] == [turn.channel for turn in turns]
    for heard, said in zip(transcript.utterances, turns, strict=True):
        assert said.start_ms <= heard.start_ms < heard.end_ms <= said.end_ms + 200


def test_a_draft_says_what_it_is(dual):
    transcript = dual[1]
    assert (transcript.provider, transcript.model, transcript.language) == ("local", "pocketsphinx-en-us", "en")
    assert transcript.draft
    assert 0.6 < transcript.confidence < 1
    assert transcript.audio_seconds == pytest.approx(19.4, abs=0.1)


def test_a_turn_reads_as_people_write_and_its_words_are_its_text(dual):
    for turn in dual[1].utterances:
        assert turn.text[0].isupper()
        assert turn.text == " ".join(word.text for word in turn.words)
        assert " i " not in turn.text
    assert "help you" in dual[1].utterances[0].text


def test_a_phrase_of_a_check_is_heard_in_the_sound_under_the_name_that_it_was_wished_by(dual):
    first = audio.speech().turns[0]
    heard = {spotted.phrase: spotted for spotted in dual[1].spotted}
    assert set(heard) == {"Thank you for calling!", "thank you for calling", "how can I help you?"}
    assert all((one.channel, one.speaker) == (0, "speaker_1") for one in heard.values())
    assert all(first.start_ms <= one.start_ms < one.end_ms <= first.end_ms for one in heard.values())


def test_phrases_that_cannot_be_listened_for_are_named(dual):
    (note,) = dual[1].notes
    assert note == (
        "These phrases contain words that the offline recogniser does not know and can only be found in the text: "
        "Grumblefitz speaking, 👍."
    )


def test_the_scratch_folder_holds_what_it_held(dual):
    assert sorted(path.name for path in dual[0].scratch.iterdir()) == ["channel_0.s16", "channel_1.s16"]


def test_a_summed_call_has_two_speakers_with_their_own_words(mono):
    made, transcript = mono
    told = named(transcript, made.sound)
    assert told.speakers_by == "estimate"
    assert [turn.speaker for turn in told.utterances] == [AGENT, CUSTOMER, AGENT, CUSTOMER, AGENT]
    assert error_rate(words_said(0), words_by(told, AGENT)) < 0.2
    assert error_rate(words_said(1), words_by(told, CUSTOMER)) < 0.2
    assert all(turn.channel is None for turn in told.utterances)


def test_a_telephone_line_lowers_the_confidence(dual, by_telephone):
    assert by_telephone.confidence < dual[1].confidence - 0.1


def test_the_same_call_gives_the_same_transcript_however_many_children_there_are(dual):
    made, before = dual
    children.configure(workers=1)
    try:
        assert transcribed(made) == before
    finally:
        children.configure()


def test_silence_is_an_empty_transcript_that_says_so(order):
    transcript = transcribed(order(audio.silence(3), keyterms=KEYTERMS[:1]))
    assert transcript.utterances == transcript.spotted == ()
    assert transcript.confidence is None
    assert transcript.notes == ("No speech was heard in this recording.",)


@pytest.mark.parametrize("language", ["de", "de-CH", "fr_FR"])
def test_another_language_is_not_transcribed_and_the_note_says_what_to_do(order, language):
    transcript = transcribed(order(audio.speech().samples, language=language))
    assert transcript.utterances == ()
    assert transcript.language == language[:2]
    (note,) = transcript.notes
    assert note.startswith("Not transcribed: the offline recogniser knows English only")
    assert f"'{language}'" in note
    assert "Rerun Transcription" in note


class Recogniser:
    """Stands in for the children: remembers what it was asked, and answers one word a segment."""

    def __init__(self, monkeypatch, answer=None):
        self.batches, self.timeout = [], 0.0
        self.answer = answer or self.one_word_each
        monkeypatch.setattr(children, "run_all", self.run_all)
        monkeypatch.setattr(children, "run", lambda _function, _phrases, **_more: [])

    def one_word_each(self, _file, segments, phrases, _scratch):
        words = tuple(Word(text="i", start_ms=one.start_ms, end_ms=one.end_ms, confidence=0.5) for one in segments)
        found = tuple(Found(phrase, segments[0].start_ms, segments[0].end_ms) for phrase in phrases)
        return Heard(words, found)

    def run_all(self, _function, calls, timeout_s):
        self.batches, self.timeout = list(calls), timeout_s
        return [self.answer(*call) for call in self.batches]


def talking(made, seconds, channels=2):
    """The order, with so much speech on each channel."""
    speech = tuple(Stretch(start_ms=at, end_ms=at + 9_000) for at in range(0, seconds * 1000, 10_000))
    return made.__class__(
        made.recording,
        made.sound.model_copy(update={"speech": (speech,) * channels}),
        made.wishes,
        made.memory,
        made.scratch,
    )


def test_a_long_call_is_cut_into_batches_of_a_minute_of_one_channel(order, monkeypatch):
    asked = Recogniser(monkeypatch)
    transcribed(talking(order(audio.speech().samples), 600))
    assert len(asked.batches) > 16
    for file, segments, _, _ in asked.batches:
        assert sum(one.ms for one in segments) < local.BATCH_MS + 20_000
        assert file.name in ("channel_0.s16", "channel_1.s16")
    assert asked.timeout > 600


def test_all_speech_is_asked_for(order, monkeypatch):
    asked = Recogniser(monkeypatch)
    made = talking(order(audio.speech().samples), 300)
    transcribed(made)
    for channel, speech in enumerate(made.sound.speech):
        mine = [one for file, segments, _, _ in asked.batches if str(channel) in file.name for one in segments]
        assert all(any(seg.start_ms <= one.start_ms and one.end_ms <= seg.end_ms for seg in mine) for one in speech)


def test_a_phrase_with_an_unknown_word_is_not_listened_for(order, monkeypatch):
    asked = Recogniser(monkeypatch)
    monkeypatch.setattr(children, "run", lambda _function, _phrases, **_more: ["grumblefitz speaking"])
    transcript = transcribed(order(audio.speech().samples, keyterms=("Grumblefitz speaking", "!", "thank you")))
    assert {phrases for _, _, phrases, _ in asked.batches} == {("thank you",)}
    assert transcript.notes[0].endswith(": Grumblefitz speaking, !.")


def test_a_phrase_that_is_wished_twice_is_listened_for_once(order, monkeypatch):
    asked = Recogniser(monkeypatch)
    made = order(audio.speech().samples, keyterms=("Thank you!", "thank you", "Thank you!"))
    transcript = transcribed(made)
    assert {phrases for _, _, phrases, _ in asked.batches} == {("thank you",)}
    assert {spotted.phrase for spotted in transcript.spotted} == {"Thank you!", "thank you"}
    assert [spotted.start_ms for spotted in transcript.spotted] == sorted(one.start_ms for one in transcript.spotted)


def test_speech_without_a_word_is_said_to_be_that(order, monkeypatch):
    Recogniser(monkeypatch, answer=lambda *_call: Heard((), ()))
    transcript = transcribed(order(audio.speech().samples))
    assert (transcript.utterances, transcript.confidence) == ((), None)
    assert transcript.notes == ("There is speech in this recording, but the offline recogniser made out no word.",)


@pytest.mark.parametrize("language", ["", "auto", "EN", "en-GB"])
def test_english_and_no_language_at_all_are_transcribed(order, monkeypatch, language):
    Recogniser(monkeypatch)
    transcript = transcribed(order(audio.speech().samples, language=language))
    assert transcript.utterances[0].text.startswith("I")
    assert any("took this call to be in English" in note for note in transcript.notes) == (language in ("", "auto"))


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (children.ChildTimedOut("The work was not done in 9 s, and was ended."), "not done in 9 s"),
        (children.ChildDied("The process that did the work was killed."), "was killed"),
        (FileNotFoundError("/home/secret/channel_0.s16"), "Rerun Transcription"),
        (RuntimeError("Failed to add keyphrases /home/secret"), "Rerun Transcription"),
    ],
)
def test_what_goes_wrong_is_said_without_a_path_and_may_be_tried_again(order, monkeypatch, raised, words):
    def fail(*_call):
        raise raised

    Recogniser(monkeypatch, answer=fail)
    with pytest.raises(ProviderError) as caught:
        Local().transcribe(order(audio.speech().samples))
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.fault is Fault.PASSING


def test_samples_that_are_gone_are_the_providers_error(order):
    made = order(audio.speech().samples)
    for path in made.scratch.iterdir():
        path.unlink()
    with pytest.raises(ProviderError):
        Local().transcribe(made)
