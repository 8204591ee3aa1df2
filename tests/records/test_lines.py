import pytest

from records.lines import unshown


@pytest.mark.parametrize("text", ["", "Support", "é 日本語 🎧", "👩‍👩‍👧", "می‌خواهم", "a\u200fb", "e\u0301", "tab-less"])
def test_what_people_write_can_be_shown(text: str):
    assert not unshown(text)


@pytest.mark.parametrize("character", ["\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"])
def test_what_is_no_character_of_a_line_cannot(character: str):
    assert unshown(f"a{character}b")


@pytest.mark.parametrize("character", ["\u202a", "\u202b", "\u202d", "\u202e", "\u202c"])
def test_what_makes_a_name_read_backwards_cannot(character: str):
    assert unshown(f"call{character}gpj.exe")
