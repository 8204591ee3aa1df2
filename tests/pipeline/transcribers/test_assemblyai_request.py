"""What is asked of AssemblyAI, and when it is asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribers.assemblyai.job import LONGEST_PAUSE_S, RAREST_PAUSE_S, Job, next_look
from pipeline.transcribers.assemblyai.request import keyterms, language_code, language_of
from pipeline.transcribers.contract import Wishes
from tests.pipeline.transcribers.assembled import Memory, account, desk_at


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def desk(served, tmp_path):
    return desk_at(served, tmp_path)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("en", "en"),
        ("de-AT", "de"),
        ("en-US", "en_us"),
        ("en_GB", "en_uk"),
        ("de-CH", "de_ch"),
        ("PT-br", "pt"),
        ("auto", ""),
        ("detect", ""),
        ("multi", ""),
        (" ", ""),
    ],
)
def test_a_language_is_named_as_assemblyai_names_it(language, code):
    assert language_code(language) == code


@pytest.mark.parametrize(("code", "language"), [("en", "en"), ("en_us", "en-US"), ("en_uk", "en-GB"), ("", "")])
def test_and_back(code, language):
    assert language_of(code) == language


@pytest.mark.parametrize(
    ("language", "sent", "detects"), [("de-AT", "de", None), ("auto", None, True), ("", None, True)]
)
def test_a_language_is_sent_or_found_out(desk, language, sent, detects):
    desk.wishes = {"language": language}
    desk.simulator.changes = {"language_code": "fr"}
    assert desk.finish().language == "fr"
    assert (desk.asked().get("language_code"), desk.asked().get("language_detection")) == (sent, detects)


@pytest.mark.parametrize(
    ("model", "models"),
    [
        ("", ["universal-3-pro", "universal"]),
        ("universal-3-5-pro", ["universal-3-5-pro", "universal"]),
        ("universal", ["universal"]),
    ],
)
def test_the_campaigns_model_comes_first_and_one_that_knows_all_languages_after_it(desk, model, models):
    desk.wishes = {"model": model}
    assert desk.finish().model == models[0]
    assert desk.asked()["speech_models"] == models


def test_the_model_that_was_used_is_named_and_an_unknown_one_has_no_price(desk):
    desk.simulator.changes = {"speech_model_used": "universal-9"}
    made = desk.finish()
    assert (made.model, made.cost_usd) == ("universal-9", None)


def test_phrases_are_bounded_as_assemblyai_bounds_them(desk):
    many = tuple(f"phrase {number}" for number in range(1_200))
    desk.wishes = {"keyterms": ("  thank   you ", "thank you", "", "one two three four five six seven", *many)}
    desk.look()
    sent = desk.asked()["keyterms_prompt"]
    assert (len(sent), sent[:2]) == (1_000, ["thank you", "phrase 0"])


def test_a_model_that_takes_no_phrases_gets_none(desk):
    assert keyterms(Wishes(keyterms=("a b",), model="universal")) == []
    desk.wishes = {"keyterms": ()}
    desk.look()
    assert "keyterms_prompt" not in desk.asked()


def test_punctuation_is_asked_for_and_no_webhook_where_nobody_can_reach_us(desk):
    desk.look()
    assert (desk.asked()["punctuate"], desk.asked()["format_text"]) == (True, True)
    assert not [name for name in desk.asked() if name.startswith("webhook")]


def test_the_first_look_comes_after_a_part_of_the_recording_and_later_ones_ever_more_rarely():
    assert next_look(0, 60_000, 5) == 5
    assert next_look(0, 1_200_000, 5) == 30
    assert next_look(0, 10 * 3_600_000, 5) == LONGEST_PAUSE_S
    assert [next_look(waited, 1_200_000, 5) for waited in (30, 80, 200, 5_000)] == [7.5, 20, 50, LONGEST_PAUSE_S]
    assert next_look(5_000, 0, 90) == 90


@given(st.floats(0, 1e6), st.integers(0, 36_000_000), st.floats(0.01, 60), st.booleans())
def test_a_pause_is_never_shorter_than_the_first_nor_longer_than_a_bound(waited, audio, first, told):
    pause = next_look(waited, audio, first, told=told)
    assert first <= pause <= (RAREST_PAUSE_S if told else LONGEST_PAUSE_S)
    assert pause >= next_look(waited, audio, first)


def test_a_memory_that_says_nothing_is_one_of_a_job_not_begun():
    job = Job(Memory())
    assert (job.id, job.audio_url, job.asked_again, job.waited_s, job.redacted, job.odd) == ("", "", 0, 0, False, False)
