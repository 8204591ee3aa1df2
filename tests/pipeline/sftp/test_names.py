from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.sftp.facts.names import GROUPS, LONGEST, MOST_LINES, BadPattern, pattern
from pipeline.sftp.facts.presets import PRESETS
from pipeline.sftp.facts.told import Told

VIENNA = {"zone": "Europe/Vienna", "day_first": True}
AT = datetime(2025, 11, 4, 9, 31, 8, tzinfo=UTC)


def own(text, form=""):
    return pattern("", text, form)


def test_without_a_pattern_nothing_is_read():
    assert pattern("", "", "") is None
    assert pattern("", " \n ", "%Y") is None


def test_a_persons_own_pattern_goes_before_the_preset():
    assert pattern("five9", "(?P<agent>[^_]+)_", "").read("ada_1.wav", **VIENNA) == Told("ada")


def test_groups_become_facts_and_what_has_another_name_is_kept():
    line = r"(?P<team>[^/]+)/(?<agent>.+) (?P<called_at>[\d-]{15}) (?P<external_id>\w+) (?P<customer>\+?\d+)(?P<x>x?)"
    assert own(line).read("North/Zoë Moss 20251104-103108 é7 +431234.wav", **VIENNA) == Told(
        "Zoë Moss", AT, "é7", {"customer": "+431234", "team": "North"}
    )


def test_what_each_group_found_can_be_shown():
    reading = own(r"(?P<agent>\w+)_(?P<called_at>\d+)(?P<team>x?)")
    assert reading.groups("ada_17.wav") == {"agent": "ada", "called_at": "17"}
    assert reading.groups("17.wav") is None


def test_each_line_is_searched_for_and_the_first_that_says_something_counts():
    reading = own("AGENT-(?P<agent>[^_]+)\r\n\n(?P<agent>[a-z]+)_(?P<customer>[0-9]+)\n")
    assert reading.read("AGENT-ada_17", **VIENNA) == Told("ada", details={"customer": "17"})
    assert reading.read("ada_17", **VIENNA) == Told("ada", details={"customer": "17"})
    assert reading.read("ADA_17", **VIENNA) is None


def test_a_date_in_the_folder_and_a_time_in_the_name_make_one_moment():
    reading = own(r"(?P<call_date>\d+_\d+_\d+)/(?P<call_time>\d+_\d+_\d+)", "%d_%m_%Y %H_%M_%S")
    assert reading.read("4_11_2025/10_31_08.wav", **VIENNA).called_at == AT
    assert own(r"(?P<call_date>[\d.]+)/(?P<call_time>[\d-]+)").read("4.11.2025/10-31-08.wav", **VIENNA).called_at == AT


def test_letters_are_those_of_all_languages():
    for line in (r"(?P<agent>\w+)", r"(?P<agent>[\w]+)", r"(?P<agent>[^\W\d_]+)", r"\W?(?P<agent>[\w-]+)-"):
        assert own(line).read("Žofie-1.wav", **VIENNA).agent == "Žofie"
    assert own(r"\\w(?P<agent>.)").read(r"\wx", **VIENNA).agent == "x"


def test_what_a_name_holds_is_cleaned_and_bounded():
    line = "(?P<agent>[^_]*)_(?P<external_id>[^_]*)_(?P<note>.*)"
    found = own(line).read(f"Ada\n\x07 \u202eMoss\udc80_{'1' * 256}_{'x' * 3000}", **VIENNA)
    assert found.agent == "Ada Moss?"
    assert found.external_id is None
    assert found.details == {"note": "x" * 1999 + "…"}
    assert found.notes == (
        "The external id has more than 255 characters and was left out.",
        "'note' was cut after 2,000 characters.",
    )
    assert own(line).read(f"{'a' * 321}_1_", **VIENNA).notes == (
        "The agent's name has more than 320 characters and was left out.",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(?P<agent>.*", "cannot be read: missing \\)"),
        ("(?P<agent>a**)", "cannot be read: bad repetition"),
        ("(?=x)(?P<agent>.)", "without look-ahead"),
        (r"(?P<agent>.)\1", "without look-ahead, look-behind and references back"),
        ("[a-z]+", r"names no group, such as \(\?P<agent>"),
        (r"\(?P<agent>x", "names no group"),
        ("(?P<agent>a)|(?P<agent>b)", "The group 'agent' stands twice"),
        ("(?P<my agent>a)", "'my agent' cannot be the name of a group"),
        ("(?P<>a)", "cannot be the name of a group"),
        ("(?P<agent>\ud800)", "cannot be read"),
        ("(?P<agent>x)" + "y" * LONGEST, "at most 4,000 characters"),
        ("(?P<agent>x)\n" * (MOST_LINES + 1), "20 lines"),
        ("(?P<agent>(.?){900})!", "too large"),
        ("(?P<agent>(.?){400})!\n(?P<agent>(.?){400})!", "too large"),
        ("(?P<agent>((a{100}){100}){100})", "cannot be read: invalid repetition"),
    ],
    ids=range(15),
)
def test_what_is_no_pattern_is_refused_in_words(text, words):
    with pytest.raises(BadPattern, match=words) as refused:
        own(text)
    assert refused.value.field == "pattern"
    assert str(refused.value).endswith((".", "groups that are known: " + ", ".join(GROUPS) + "."))
    assert len(str(refused.value)) < 400


def test_a_preset_and_a_format_that_are_not_there_are_refused_by_their_fields():
    with pytest.raises(BadPattern, match="no preset 'nine5'") as refused:
        pattern("nine5", "", "")
    assert refused.value.field == "preset"
    with pytest.raises(BadPattern, match="must name year, month and day") as refused:
        own("(?P<called_at>.*)", "%H:%M")
    assert refused.value.field == "called_at_format"


CATASTROPHES = ("(?P<agent>(a+)+)$", "(?P<agent>(a|aa|a?)*)b", "^(?P<agent>(.*a){20})$", "(?P<agent>(x?){400})y")


@pytest.mark.parametrize("text", CATASTROPHES)
@pytest.mark.timeout(60)
def test_a_pattern_that_would_keep_others_busy_for_ever_is_read_at_once(text):
    for name in ("a" * 4000 + "!", "x" * 4000, "é" * 2000):
        own(text).read(name, **VIENNA)


READINGS = [pattern(preset, "", "") for preset in PRESETS] + [own(text) for text in CATASTROPHES]
PIECES = some.sampled_from(
    [" by ", " @ ", "_", "-", "/", ".wav", "7_16_55 AM", "20251104-103108", "in", "conversation_id="]
)


@given(some.text(max_size=300) | some.lists(PIECES | some.text(max_size=5), max_size=12).map("".join), some.booleans())
def test_no_name_makes_it_stumble(path, day_first):
    for reading in READINGS:
        found = reading.read(path, zone="Europe/Vienna", day_first=day_first)
        assert found is None or Told.from_json(found.as_json()) == found


@given(some.text(max_size=60) | some.from_regex(r"[(?P<a>\\\[\]w.*+{}0-9|^$)]{1,30}", fullmatch=True))
def test_no_pattern_makes_it_stumble(text):
    for line in (text, f"(?P<agent>{text})"):
        try:
            reading = own(line)
        except BadPattern:
            continue
        if reading:
            reading.read("North/Zoë Moss 20251104-103108.wav", **VIENNA)
