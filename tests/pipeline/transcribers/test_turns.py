"""Words become turns."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribers.contract import Word
from pipeline.transcribers.turns import Spoken, mean_confidence, turns


def word(speaker, start, end, text="word", *, confidence=None, channel=None):
    return Spoken(speaker, channel, Word(text=text, start_ms=start, end_ms=end, confidence=confidence))


def shown(utterances):
    return [(one.speaker, one.start_ms, one.end_ms, one.text) for one in utterances]


def test_what_one_says_without_a_pause_is_one_turn():
    said = [word("a", 0, 300, "good", confidence=0.5), word("a", 400, 700, "day", confidence=0.7)]
    (turn,) = turns(said)
    assert shown([turn]) == [("a", 0, 700, "good day")]
    assert turn.confidence == 0.6
    assert [one.text for one in turn.words] == ["good", "day"]


def test_another_speaker_begins_another_turn():
    said = [word("a", 0, 300, "hi"), word("b", 400, 700, "yes"), word("a", 800, 900, "no")]
    assert shown(turns(said)) == [("a", 0, 300, "hi"), ("b", 400, 700, "yes"), ("a", 800, 900, "no")]


def test_a_pause_ends_no_turn_while_nobody_else_speaks_but_a_long_one_does():
    said = [word("a", 0, 300, "one"), word("a", 2_300, 2_600, "two"), word("a", 4_601, 4_900, "three")]
    assert shown(turns(said)) == [("a", 0, 2_600, "one two"), ("a", 4_601, 4_900, "three")]


def test_a_listeners_mhm_does_not_cut_what_is_said_over_it():
    said = [
        word("a", 0, 500, "this", channel=0),
        word("b", 450, 700, "mhm", channel=1),
        word("a", 600, 900, "goes", channel=0),
        word("a", 1_000, 1_300, "on", channel=0),
    ]
    assert shown(turns(said)) == [("a", 0, 1_300, "this goes on"), ("b", 450, 700, "mhm")]


def test_words_may_come_in_any_order():
    said = [word("b", 400, 700, "yes"), word("a", 0, 300, "hi")]
    assert [turn.text for turn in turns(said)] == ["hi", "yes"]


def test_no_words_are_no_turns():
    assert turns([]) == ()


def test_confidence_is_the_mean_of_what_is_known():
    known = [Word(text="x", start_ms=0, end_ms=1, confidence=c) for c in (0.2, None, 0.6)]
    assert mean_confidence(known) == 0.4
    assert mean_confidence(known[1:2]) is None


SAID = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 20_000), st.integers(1, 900)).map(
        lambda said: word(said[0], said[1], said[1] + said[2])
    ),
    max_size=30,
)


@given(SAID)
def test_no_word_is_lost_or_given_to_another_and_turns_are_in_order(said):
    made = turns(said)
    assert sorted((turn.speaker, one.start_ms, one.end_ms) for turn in made for one in turn.words) == sorted(
        (one.speaker, one.word.start_ms, one.word.end_ms) for one in said
    )
    assert [turn.start_ms for turn in made] == sorted(turn.start_ms for turn in made)
    assert all(turn.text == " ".join(one.text for one in turn.words) for turn in made)
