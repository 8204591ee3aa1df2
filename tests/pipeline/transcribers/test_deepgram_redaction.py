"""What Deepgram redacts is in nothing that is kept, whatever its words say."""

import pytest

from pipeline.sound.contract import Layout
from tests.pipeline.transcribers.deepgram_calls import client, fresh, order, sound
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import serving

SECRETS = ("anna", "forty", "two")


@pytest.fixture(scope="module")
def server():
    with serving(Deepgram()) as simulator:
        yield simulator


@pytest.fixture
def simulated(server):
    return fresh(server)


def redacted(simulated, folder, layout=Layout.DUAL, **wishes):
    given = order(folder, heard=sound(layout), redact=True, **wishes)
    made = client(simulated).transcribe(given).value
    words = [word for one in made.utterances for word in one.words]
    assert not any(secret in made.model_dump_json().lower() for secret in SECRETS)
    assert all(one.text == " ".join(word.text for word in one.words) for one in made.utterances)
    return made, [word.text for word in words]


@pytest.mark.parametrize("layout", [Layout.DUAL, Layout.MONO])
def test_names_cards_and_numbers_are_asked_to_be_left_out(simulated, tmp_path, layout):
    made, words = redacted(simulated, tmp_path, layout)
    assert [value for name, value in simulated.seen[-1].query if name == "redact"] == ["pii", "pci", "numbers"]
    assert words.count("[NAME_1]") == words.count("[NUMBER_1]") == 1
    assert made.notes == ()


def test_nothing_is_redacted_where_nobody_asked(simulated, tmp_path):
    made = client(simulated).transcribe(order(tmp_path)).value
    assert "redact" not in dict(simulated.seen[-1].query)
    assert "Anna" in made.utterances[0].text


@pytest.mark.parametrize("layout", [Layout.DUAL, Layout.MONO])
def test_words_that_leak_what_the_transcript_leaves_out_are_not_taken(simulated, tmp_path, layout):
    clean, expected = redacted(simulated, tmp_path, layout)
    simulated.leaks = True
    made, words = redacted(simulated, tmp_path, layout)
    assert words == expected
    assert [one.speaker for one in made.utterances] == [one.speaker for one in clean.utterances]
    first = made.utterances[0]
    label = next(word for word in first.words if word.text == "[NAME_1]")
    assert first.start_ms < label.start_ms < label.end_ms < first.end_ms


def leaking(transcript, *words):
    spoken = [{"word": word, "start": place, "end": place + 0.5, "speaker": 0} for place, word in enumerate(words)]
    return {"results": {"channels": [{"alternatives": [{"transcript": transcript, "words": spoken}]}]}}


@pytest.mark.parametrize(
    ("transcript", "words", "kept"),
    [
        ("", ("Anna", "here"), []),
        ("[NAME_1]", ("Anna",), ["[NAME_1]"]),
        ("[NAME_1] [NUMBER_1]", ("Anna", "forty", "two"), ["[NAME_1]", "[NUMBER_1]"]),
        ("I am [NAME_1] [NAME_2] [NAME_3] here", ("i", "am", "anna", "here"), None),
        ("Say [NAME_1]", ("say",), ["Say", "[NAME_1]"]),
        ("[NAME_1] said", ("said",), ["[NAME_1]", "said"]),
        ("quite other words", ("Anna", "Anna", "Anna", "Anna", "Anna"), ["quite", "other", "words"]),
    ],
)
def test_the_transcript_is_the_authority_however_much_they_differ(simulated, tmp_path, transcript, words, kept):
    simulated.changes = leaking(transcript, *words)
    made, got = redacted(simulated, tmp_path, Layout.MONO)
    assert got == (transcript.split() if kept is None else kept)
    assert " ".join(one.text for one in made.utterances) == transcript


def test_a_redacted_transcript_in_another_language_warns_its_reader(simulated, tmp_path):
    made, _ = redacted(simulated, tmp_path, language="de")
    assert made.notes == (
        "Deepgram redacts names and addresses in English only: read this transcript before you pass it on.",
    )
