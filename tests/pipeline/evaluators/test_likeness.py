import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluators.likeness import LONG, Words, plain

OPENING = "hello and thank you for calling acme my name is joe how may i help you today"


def likest(phrase: str, said: str) -> str | None:
    """The words that are likest to the phrase; None when none are like it."""
    words = said.split()
    hits = Words(words).like(phrase)
    return " ".join(words[hits[0].start : hits[0].end]) if hits else None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thank you, for CALLING!", "thank you for calling"),
        ("It’s  fine – really…", "it's fine really"),
        ("'quoted' words'", "quoted words"),
        ("twenty-five", "twenty five"),
        ("Rese\u0301rve\u0301", "resérvé"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER F}ull\N{IDEOGRAPHIC SPACE}width", "full width"),
        ("of\N{LATIN SMALL LIGATURE FI}ce", "office"),
        ("24/7", "24 7"),
        ("...", ""),
        ("", ""),
        ("Größe №5", "größe no5"),
    ],
)
def test_plain_words_have_no_case_punctuation_or_spelling_of_accents(text: str, words: str):
    assert plain(text) == words


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("thank you for calling", "thank you for coming"),
        ("thank you for calling", "thankyou for calling"),
        ("thank you for calling", "thank you for call in"),
        ("thank you for calling", "thank you calling"),
        ("thank you for calling", "thanks you for calling"),
        ("how may i help you", "how may help you"),
        ("this call may be recorded", "this call maybe recorded"),
        ("supervisor", "supervisors"),
        ("don't worry", "dont worry"),
        ("is there anything else i can help you with", "is there anything else i can help with"),
    ],
)
def test_a_recognisers_slips_are_forgiven(phrase: str, said: str):
    assert likest(phrase, f"so well {said} and then") is not None


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("art", "start"),
        ("art", "part of a heart"),
        ("thank you", "you"),
        ("thank you", "are you there"),
        ("refund", "fund"),
        ("account", "how does that count"),
        ("yes", "eyes"),
        ("no", "now"),
        ("hi", "his"),
        ("press 1", "press 2"),
        ("option 12", "option 13"),
        ("call 911", "call 91"),
        ("this call is recorded", "this call is not recorded"),
        ("this call may be recorded", "this call may not be recorded"),
        ("may be recorded", "may not be recorded"),
        ("i can help you", "i can't help you"),
        ("i cannot promise that", "i can promise that"),
        ("we do not share your data", "we do share your data"),
        ("thank you for calling", "the blue house on the hill"),
        ("goodbye", "good buy"),
    ],
)
def test_a_false_friend_is_no_match(phrase: str, said: str):
    assert likest(phrase, f"so well {said} and then") is None


def test_the_real_one_is_found_beside_its_false_friends():
    assert likest("art", "start part art heart") == "art"
    assert likest("press 1", "press 2 or press 1") == "press 1"
    assert likest("this call is recorded", "this call is not recorded oh sorry this call is recorded").count("not") == 0


def test_the_very_words_count_even_after_a_no():
    assert likest("thank you", "no thank you") == "thank you"
    assert likest("guarantee it", "i do not guarantee it") == "guarantee it"


def test_the_likest_place_comes_first_and_the_earliest_of_equals():
    said = "thank you for coming hello thank you for calling hello thank you for calling"
    words = Words(said.split())
    first, second, *_ = words.like("thank you for calling")
    assert (first.start, first.likeness, second.start) == (5, 100, 10)


def test_an_answer_of_no_before_it_denies_nothing():
    assert likest("is there anything else i can help with", "no is there anything else i can help you with") is not None
    assert likest("it is not refundable", "no it's not refundable") is not None


@pytest.mark.parametrize("phrase", ["", "...", "🎧", "–"])
def test_a_phrase_of_no_words_is_nowhere(phrase: str):
    assert Words(OPENING.split()).like(phrase) == []


@pytest.mark.parametrize("said", ["", "thank"])
def test_fewer_words_than_the_phrase_has_are_no_match(said: str):
    assert Words(said.split()).like("thank you for calling") == []


@given(st.integers(0, 16), st.integers(1, 17))
def test_any_words_in_a_row_are_found_where_they_are(start: int, length: int):
    words = OPENING.split()
    phrase = " ".join(words[start : start + length])
    if not phrase:
        return
    best = Words(words).like(phrase)[0]
    assert best.likeness == 100
    assert " ".join(words[best.start : best.end]) == phrase


DISCLOSURE = (
    "please note that this call may be monitored or recorded for quality and training purposes and that by staying "
    "on the line you agree to that recording being kept for up to twelve months"
)


def test_a_long_phrase_is_found_with_its_slips_in_a_long_call():
    assert len(DISCLOSURE.split()) > LONG
    slips = DISCLOSURE.replace("monitored or", "monitor and").replace("that by staying", "buy staying")
    said = f"{OPENING} {slips} {OPENING}"
    assert likest(DISCLOSURE, said).split()[:3] == ["please", "note", "that"]
    assert likest(DISCLOSURE, f"{OPENING} " * 50) is None
    assert likest(DISCLOSURE, DISCLOSURE) == DISCLOSURE
    assert likest(DISCLOSURE, DISCLOSURE[:40]) is None


def test_a_long_phrase_said_more_than_once_is_found_each_time():
    words = f"{OPENING} {DISCLOSURE} {OPENING} {DISCLOSURE.replace('note', 'know')} {OPENING}".split()
    exact, slipped = 17, 17 + len(DISCLOSURE.split()) + 17
    starts = {hit.start for hit in Words(words).like(DISCLOSURE) if hit.likeness > 95}
    assert {exact, slipped} <= starts


def test_a_long_phrase_in_a_call_that_is_all_like_it_is_found_quickly():
    words = (f"{DISCLOSURE} " * 400).split()
    assert Words(words).like(DISCLOSURE)[0].likeness == 100


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=8), max_size=20))
def test_any_text_is_searched_without_breaking(phrase: str, said: list[str]):
    for hit in Words([word for text in said for word in plain(text).split()]).like(phrase):
        assert hit.likeness >= 80
        assert hit.start < hit.end
