"""Transcripts as text and as subtitles, whatever was said."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.subtitles import Turn, label, srt, text

TURNS = (Turn("agent", 0, 1900, "Thank you for calling."), Turn("speaker_1", 3_661_001, 3_662_000, "Hello."))
turns = st.lists(
    st.builds(Turn, st.sampled_from(["agent", "speaker_12"]), st.integers(0, 10**8), st.integers(0, 10**8), st.text())
)


def test_text_has_a_line_for_each_turn():
    assert text(TURNS) == "[00:00:00] Agent: Thank you for calling.\n[01:01:01] Speaker 1: Hello.\n"


def test_subtitles_are_numbered_and_timed():
    assert srt(TURNS) == (
        "1\n00:00:00,000 --> 00:00:01,900\nAgent: Thank you for calling.\n\n"
        "2\n01:01:01,001 --> 01:01:02,000\nSpeaker 1: Hello.\n"
    )


def test_nothing_said_is_nothing_written():
    assert (text([]), srt([])) == ("", "")
    assert srt([Turn("agent", 0, 5, " \n ")]) == ""


def test_a_turn_without_length_is_shown_for_a_moment():
    assert "00:00:05,000 --> 00:00:05,001" in srt([Turn("agent", 5000, 5000, "Oh.")])


def test_lines_and_arrows_in_what_was_said_stay_within_their_subtitle():
    said = srt([Turn("agent", 0, 5, "One\n\n2\n00:00:00,000 --> 00:00:09,000\nTwo")])
    assert said.splitlines()[2] == "Agent: One 2 00:00:00,000 -> 00:00:09,000 Two"
    assert len(said.splitlines()) == 3


def test_speakers_are_named_as_people_read_them():
    assert [label(name) for name in ("agent", "speaker_2", "unknown")] == ["Agent", "Speaker 2", "Unknown"]


@given(turns)
def test_subtitles_always_have_the_shape_that_players_read(said):
    blocks = [block for block in srt(said).split("\n\n") if block]
    assert len(blocks) == sum(bool(turn.text.split()) for turn in said)
    for number, block in enumerate(blocks, start=1):
        first, times, *_words = block.split("\n")
        assert first == str(number)
        assert re.fullmatch(r"\d\d+:\d\d:\d\d,\d{3} --> \d\d+:\d\d:\d\d,\d{3}", times)
