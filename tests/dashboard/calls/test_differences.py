"""What differs between two versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.differences import AROUND, MOST_PIECES, MOST_WORDS, Pair, pairs, words
from records.call_record import Result
from records.results import Version
from records.statuses import CheckKind, Verdict
from records.transcripts import Said
from tests.records.finished import greeting, transcript

texts = st.lists(st.sampled_from(["a", "b", "c", "the"]), max_size=30).map(" ".join)


def said(*texts: str, speaker: str = "agent"):
    return transcript(*((speaker, number * 1000, text) for number, text in enumerate(texts)))


def result(*checks) -> Result:
    version = Version(call_id="x", number=1, run_id=1, transcript_id=1)
    return Result(version, checks, Said(1, 1, {}, {}, redacted=False))


def kinds(found) -> list[tuple[str, str]]:
    return [tuple(piece) for piece in found.pieces]


def test_the_same_words_have_no_difference():
    assert words(said("Hello there.", "Bye."), said("Hello there.", "Bye.")) == (0, 0, (), False)
    assert words({}, {}) == (0, 0, (), False)


def test_a_replaced_word_is_gone_and_come():
    found = words(said("My bill is wrong"), said("My invoice is wrong"))
    assert (found.gone, found.come) == (1, 1)
    assert kinds(found) == [("same", "Agent: My"), ("gone", "bill"), ("come", "invoice"), ("same", "is wrong")]


def test_who_speaks_is_part_of_what_is_said():
    found = words(said("Hello."), said("Hello.", speaker="customer"))
    assert kinds(found) == [("gone", "Agent:"), ("come", "Customer:"), ("same", "Hello.")]


def test_long_stretches_that_are_the_same_are_shortened():
    many = " ".join(f"w{number}" for number in range(100))
    found = words(said(f"{many} one {many} x"), said(f"{many} two {many} y"))
    first, _, _, middle, *_ = found.pieces
    assert len(first.text.split()) == AROUND + 1
    assert len(middle.text.split()) == 2 * AROUND + 1
    assert first.text.startswith("… ")


@given(texts, texts)
def test_what_is_gone_and_come_leads_from_one_to_the_other(before, after):
    found = words(said(before), said(after))
    one, two = (len(text.split()) for text in (before, after))
    assert two - one == found.come - found.gone
    assert bool(found.pieces) is (before.split() != after.split())


def test_transcripts_of_a_long_call_are_compared_and_longer_ones_counted():
    before = [f"w{number % 500}" for number in range(MOST_WORDS - 1)]
    after = [word if number % 7 else "other" for number, word in enumerate(before)]
    found = words(said(" ".join(before)), said(" ".join(after)))
    assert (len(found.pieces), found.cut) == (MOST_PIECES, True)
    longer = words(said(" ".join([*before, "a", "b"])), said(" ".join([*before, "a", "c"])))
    assert longer == (1, 1, (), True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"check_id": 1, "name": "a"}, {"check_id": 1, "name": "renamed"}, True),
        ({"check_id": 1}, {"check_id": 2}, False),
        ({"check_id": None}, {"check_id": 2}, True),
        ({"section": "a"}, {"section": "b"}, False),
        ({"kind": CheckKind.AI}, {"kind": CheckKind.PHRASE}, False),
    ],
)
def test_a_check_is_known_again_by_its_id_else_by_its_name_section_and_kind(one, other, same):
    found = pairs(result(greeting(**one)), result(greeting(**other)))
    assert len(found) == (1 if same else 2)


def test_checks_of_the_later_version_come_first_and_none_is_lost():
    a, b, c, d = (greeting(name=name) for name in "abcd")
    found = pairs(result(a, b, c), result(greeting(name="c"), d))
    assert [(pair.after or pair.before).name for pair in found] == ["c", "d", "a", "b"]
    assert [pair.differs for pair in found] == [False, True, True, True]
    assert Pair(a, greeting(name="a", verdict=Verdict.FAIL)).differs


def test_two_checks_of_one_name_are_two():
    assert len(pairs(result(greeting(), greeting()), result(greeting(), greeting()))) == 2
