"""The redacted text is the authority: no word comes from anywhere else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribers.contract import Word
from pipeline.transcribers.redaction import TRUSTED, redacted
from pipeline.transcribers.turns import Spoken, turns


def said(text, speaker="speaker_1", channel=None, start=0):
    return [
        Spoken(speaker, channel, Word(text=word, start_ms=start + 100 * at, end_ms=start + 100 * at + 80))
        for at, word in enumerate(text.split())
    ]


def shown(words):
    return [(one.word.text, one.word.start_ms, one.word.end_ms) for one in words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my name is [PERSON_NAME].", [("[PERSON_NAME].", 300, 380)]),
        ("my name is ####", [("####", 300, 380)]),
        ("my name is [PERSON_NAME] [PERSON_NAME]", [("[PERSON_NAME]", 300, 380), ("[PERSON_NAME]", 300, 380)]),
        ("my name is", []),
    ],
)
def test_what_was_redacted_has_the_time_of_what_it_hides(text, expected):
    words, _ = redacted(text, said("my name is Smith"))
    assert shown(words)[3:] == expected


def test_one_name_for_many_words_lasts_as_long_as_they_do():
    words, _ = redacted("card [CREDIT_CARD_NUMBER] thanks", said("card 4111 1111 1111 1111 thanks"))
    assert shown(words) == [("card", 0, 80), ("[CREDIT_CARD_NUMBER]", 100, 480), ("thanks", 500, 580)]


def test_a_leak_that_the_text_leaves_out_altogether_is_left_out():
    words, _ = redacted("call me", said("call me at 555 0100"))
    assert [one.word.text for one in words] == ["call", "me"]


def test_words_that_only_the_text_has_stand_where_they_belong():
    words, _ = redacted("well good day to you", said("good day"))
    assert [one.word.text for one in words] == ["well", "good", "day", "to", "you"]
    assert [one.word.start_ms for one in words] == sorted(one.word.start_ms for one in words)


def test_the_texts_own_punctuation_and_case_hold():
    words, fit = redacted("Hello, there!", said("hello there"))
    assert ([one.word.text for one in words], fit) == (["Hello,", "there!"], 1.0)


def test_each_word_keeps_its_speaker():
    spoken = said("I am Smith") + said("hello Mr. Smith", "speaker_2", start=1_000)
    words, _ = redacted("I am [PERSON_NAME] hello Mr. [PERSON_NAME]", spoken)
    assert [one.speaker for one in words] == ["speaker_1"] * 3 + ["speaker_2"] * 3


def test_a_text_that_has_one_channel_after_the_other_is_told_apart_too():
    left = said("one two three Smith five six", "speaker_1", 0)
    right = said("uno dos tres Garcia cinco seis", "speaker_2", 1, start=50)
    mixed = sorted(left + right, key=lambda one: one.word.start_ms)
    words, fit = redacted("one two three [NAME] five six uno dos tres [NAME] cinco seis", mixed)
    assert {one.channel: one.word.start_ms for one in words if one.word.text == "[NAME]"} == {0: 300, 1: 350}
    assert fit > TRUSTED


def test_without_any_spoken_word_the_text_stands_alone():
    words, fit = redacted("hello there", [])
    assert ([one.word.text for one in words], fit) == (["hello", "there"], 0.0)
    assert {one.speaker for one in words} == {"unknown"}


def test_two_hours_of_talk_are_no_trouble():
    words = [f"w{min(int(random.Random(at).paretovariate(0.9)), 5_000)}" for at in range(20_000)]
    hidden = ["[X]" if at % 40 == 0 else word for at, word in enumerate(words)]
    made, fit = redacted(" ".join(hidden), said(" ".join(words)))
    assert [one.word.text for one in made] == hidden
    assert fit > 0.95


WORDS = st.lists(st.sampled_from(["yes", "no", "Smith", "Garcia", "[NAME]", "four", "!"]), max_size=25).map(" ".join)


@given(WORDS, WORDS, st.integers(0, 25))
def test_every_word_of_the_text_and_no_other_comes_out(text, spoken, change):
    voices = said(spoken)
    voices[change:] = [one._replace(speaker="speaker_2") for one in voices[change:]]
    words, _ = redacted(text, voices)
    assert [one.word.text for one in words] == text.split()
    assert all(one.word.start_ms <= one.word.end_ms for one in words)
    assert sorted(word.text for turn in turns(words) for word in turn.words) == sorted(text.split())
