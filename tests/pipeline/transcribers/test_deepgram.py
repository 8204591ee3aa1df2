"""Deepgram's transcripts, by its own SDK from a simulated server."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from config import settings
from pipeline import prices
from pipeline.sound.contract import Layout
from pipeline.speakers import named
from pipeline.transcribers.deepgram import client as deepgram_client
from pipeline.transcribers.registry import transcriber
from tests.audio import encode, tone
from tests.pipeline.transcribers.deepgram_calls import SECONDS, client, fresh, order, sound, wav
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import serving

MONO = sound(Layout.MONO)


@pytest.fixture(scope="module")
def server():
    with serving(Deepgram()) as simulator:
        yield simulator


@pytest.fixture
def simulated(server):
    return fresh(server)


@pytest.fixture
def transcribed(simulated, tmp_path):
    def ask(body=b"", **facts):
        return client(simulated).transcribe(order(tmp_path, body, **facts)).value

    return ask


def asked(simulated):
    """The last request's options; lists where one was given twice."""
    found = {}
    for name, value in simulated.seen[-1].query:
        found[name] = [*found[name], value] if isinstance(found.get(name), list) else found.get(name) or value
        if [given for given, _ in simulated.seen[-1].query].count(name) > 1:
            found[name] = [value for given, value in simulated.seen[-1].query if given == name]
    return found


def test_two_channels_are_two_speakers_and_none_is_told_by_voice(simulated, transcribed):
    made = transcribed()
    assert [(one.channel, one.speaker) for one in made.utterances] == [(0, "speaker_1"), (1, "speaker_2")] * 2
    assert made.utterances[0].text == "Thank you for calling Acme, my name is Anna. How can I help you?"
    assert (made.speakers_by, made.provider, made.model, made.language) == ("channels", "deepgram", "nova-3", "en")
    assert asked(simulated) == {
        "model": "nova-3",
        "smart_format": "true",
        "punctuate": "true",
        "multichannel": "true",
        "language": "en",
    }
    assert named(made, sound()).channels == ("agent", "customer")


def test_one_channel_is_told_apart_by_voice(simulated, transcribed):
    made = transcribed(heard=MONO)
    assert [(one.channel, one.speaker) for one in made.utterances] == [(None, "speaker_1"), (None, "speaker_2")] * 2
    assert made.speakers_by == "labels"
    assert asked(simulated)["diarize_model"] == "latest"
    assert not {"multichannel", "diarize"} & set(asked(simulated))


@pytest.mark.parametrize("layout", [Layout.FALSE_STEREO, Layout.DEAD_CHANNEL, Layout.MIXED])
def test_channels_that_are_no_speakers_are_not_transcribed_each(simulated, transcribed, layout):
    made = transcribed(wav(), heard=sound(layout))
    assert made.speakers_by == "labels"
    assert "multichannel" not in asked(simulated)


def test_times_are_whole_milliseconds_in_order_and_confidences_are_kept(transcribed):
    made = transcribed()
    first = made.utterances[0].words[0]
    assert (first.text, first.start_ms, first.end_ms, first.confidence) == ("Thank", 0, 450, 0.97)
    assert made.confidence == pytest.approx(0.97)
    starts = [one.start_ms for one in made.utterances]
    assert starts == sorted(starts)
    assert made.utterances[-1].end_ms <= SECONDS * 1000


@pytest.mark.parametrize(
    ("heard", "facts", "extra"),
    [
        (sound(), {}, {"channels": 2}),
        (MONO, {}, {"diarized": True}),
        (sound(), {"keyterms": ("Acme",), "redact": True}, {"channels": 2, "keyterms": True, "redacted": True}),
    ],
)
def test_what_is_billed_is_what_was_heard_and_asked_for(transcribed, heard, facts, extra):
    made = transcribed(heard=heard, **facts)
    assert made.audio_seconds == SECONDS
    assert made.cost_usd == prices.transcription("deepgram", "nova-3", SECONDS, **extra)
    assert made.cost_usd


@pytest.mark.parametrize(
    ("language", "sent", "said"),
    [
        ("de-AT", {"language": "de-AT"}, "de-AT"),
        ("de_AT", {"language": "de-AT"}, "de-AT"),
        ("multi", {"language": "multi"}, "multi"),
        ("", {"detect_language": "true"}, "en"),
        ("auto", {"detect_language": "true"}, "en"),
        ("Detect", {"detect_language": "true"}, "en"),
    ],
)
def test_a_language_is_asked_for_or_found_out(simulated, transcribed, language, sent, said):
    assert transcribed(language=language).language == said
    assert {name: value for name, value in asked(simulated).items() if "language" in name} == sent


def test_keyterms_are_sent_as_phrases_of_their_own(simulated, transcribed):
    made = transcribed(keyterms=("account number", "Acme, Inc;\nand so on", "Müller 🙂", "account number", " "))
    assert asked(simulated)["keyterm"] == ["account number", "Acme Inc and so on", "Müller 🙂"]
    assert made.notes == ()


def test_keyterms_beyond_the_bounds_are_left_out_and_that_is_noted(simulated, transcribed):
    made = transcribed(keyterms=tuple(f"w{place}" for place in range(150)))
    assert asked(simulated)["keyterm"] == [f"w{place}" for place in range(100)]
    assert made.notes == ("Deepgram was told of 100 of the 150 phrases that the checks listen for: it takes no more.",)
    transcribed(keyterms=tuple(f"{place} {'long phrase' * 10}" for place in range(100)))
    assert sum(len(term) for term in asked(simulated)["keyterm"]) <= 1500


def test_nova_2_gets_no_keyterms_and_has_its_own_price(simulated, transcribed):
    made = transcribed(model="nova-2-phonecall", keyterms=("Acme",))
    assert "keyterm" not in asked(simulated)
    assert made.model == "nova-2"
    assert made.cost_usd == prices.transcription("deepgram", "nova-2", SECONDS, channels=2)


def test_a_model_without_a_known_price_costs_nobody_knows_what(simulated, transcribed):
    simulated.changes = {"metadata": {"duration": SECONDS, "models": [], "model_info": None}}
    made = transcribed(model="nova-3-medical")
    assert (made.model, made.cost_usd) == ("nova-3-medical", None)


@pytest.mark.parametrize(("fmt", "kind"), [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("m4a", "audio/mp4")])
def test_the_original_is_sent_as_it_is_with_its_kind(simulated, transcribed, fmt, kind):
    body = encode(tone(4, channels=1), 16_000, fmt)
    transcribed(body, heard=sound(Layout.MONO, 4))
    assert simulated.seen[-1].body == body
    assert simulated.seen[-1].headers["content-type"] == kind
    assert simulated.seen[-1].headers["content-length"] == str(len(body))


def test_a_silent_recording_is_a_transcript_without_words(simulated, transcribed):
    simulated.says = ()
    made = transcribed(heard=sound(silent=True))
    assert (made.utterances, made.confidence) == ((), None)
    assert made.notes == ("No speech was heard in this recording.",)


def test_much_speech_without_a_word_is_noted_for_the_channel_that_it_is_on(simulated, transcribed):
    simulated.says = ((0, "Nobody answers."),)
    assert transcribed().notes == ("There are 20 s of speech in channel 2, but Deepgram made out no word of it.",)
    simulated.says = ()
    made = transcribed(heard=MONO)
    assert made.notes == ("There are 20 s of speech in this recording, but Deepgram made out no word of it.",)


def channels(*words, transcript="", count=1):
    return {"channels": [{"alternatives": [{"transcript": transcript, "words": list(words)}]}] * count}


def test_an_answer_with_less_than_expected_is_taken_for_what_it_is(simulated, transcribed):
    simulated.changes = {"results": channels({"word": "hello", "start": 0.5}, {"word": None}, {"start": 3})}
    (said,) = transcribed(heard=MONO).utterances
    assert (said.speaker, said.text, said.start_ms, said.end_ms) == ("unknown", "hello", 500, 500)


def test_words_in_disorder_and_out_of_bounds_are_put_in_their_place(simulated, transcribed):
    late = {"word": "late", "start": 900.0, "end": 1e300, "confidence": 7, "speaker": 1}
    early = {"word": "a\0 b", "start": -4, "end": -9, "confidence": -1, "speaker": -1, "punctuated_word": ""}
    simulated.changes = {"results": channels(late, early)}
    first, last = (one.words[0] for one in transcribed(heard=MONO).utterances)
    assert (first.text, first.start_ms, first.end_ms, first.confidence) == ("a b", 0, 0, 0.0)
    assert (last.text, last.start_ms, last.end_ms, last.confidence) == ("late", 20_000, 20_000, 1.0)


def test_a_transcript_without_timed_words_is_kept(simulated, transcribed):
    simulated.changes = {"results": channels(transcript="Hello there.", count=2)}
    made = transcribed()
    assert [(one.speaker, one.text, one.end_ms) for one in made.utterances] == [
        ("speaker_1", "Hello there.", 20_000),
        ("speaker_2", "Hello there.", 20_000),
    ]


def test_the_deployments_key_address_and_patience_are_used(simulated, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGRAM_API_KEY", f"{simulated.key}\n")
    monkeypatch.setenv("DEEPGRAM_BASE_URL", f"{simulated.url}/")
    monkeypatch.setenv("TOTALVIEW_PROVIDER_SECONDS", "33")
    settings.cache_clear()
    made = transcriber("deepgram")
    assert (made.name, made.reach.seconds) == ("deepgram", 33.0)
    assert simulated.key not in repr(made)
    assert made.transcribe(order(tmp_path)).value.utterances
    assert len(simulated.paid) == 1


def test_threads_share_a_client_and_each_has_its_own_answer(simulated, tmp_path, monkeypatch):
    ours, all_answered, real = client(simulated), Barrier(4, timeout=60), deepgram_client._send

    def sent(*args):
        real(*args)
        all_answered.wait()

    monkeypatch.setattr(deepgram_client, "_send", sent)
    lengths = [2, 3, 4, 5]
    orders = [order(tmp_path, heard=sound(seconds=seconds)) for seconds in lengths]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(ours.transcribe, orders))
    assert [one.value.audio_seconds for one in made] == lengths
