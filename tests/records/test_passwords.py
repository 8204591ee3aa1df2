"""Passwords are kept as argon2id, and tell nothing about who exists."""

import argon2
import pytest

from records import passwords

PHRASE = "correct horse battery"


def test_a_hash_is_argon2id_and_never_twice_the_same():
    first, second = passwords.hashed(PHRASE), passwords.hashed(PHRASE)
    assert first.startswith("$argon2id$")
    assert first != second


def test_the_right_password_matches_and_another_does_not():
    stored = passwords.hashed(PHRASE)
    assert passwords.matches(PHRASE, stored)
    assert not passwords.matches(PHRASE + " ", stored)


def test_the_same_letters_match_however_the_keyboard_composed_them():
    assert passwords.matches("cafe\N{COMBINING ACUTE ACCENT} au lait 12", passwords.hashed("caf\u00e9 au lait 12"))


def test_a_password_with_half_a_character_is_compared_and_breaks_nothing():
    stored = passwords.hashed("broken \ud800 half and more")
    assert passwords.matches("broken \ud800 half and more", stored)
    assert not passwords.matches("broken \udfff half and more", stored)


def test_nobody_costs_as_much_as_somebody(monkeypatch):
    asked = []
    verify = argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher, "verify", lambda *given: asked.append(given[1].split("$")[3]) or verify(*given)
    )
    stored = passwords.hashed(PHRASE)
    assert not passwords.matches(PHRASE, None)
    assert passwords.matches(PHRASE, stored)
    assert len(asked) == 2
    assert asked[0] == asked[1], "the same memory, passes and lanes"


def test_a_stored_value_that_is_no_hash_matches_nothing():
    assert not passwords.matches(PHRASE, "plain text from long ago")


def test_a_hash_of_weaker_parameters_is_outdated():
    assert passwords.outdated(argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024).hash(PHRASE))
    assert not passwords.outdated(passwords.hashed(PHRASE))


@pytest.mark.parametrize("short", ["", "elevenchars", "ääääääääääa"])
def test_a_short_password_is_refused_in_a_sentence_that_says_how_long(short):
    assert "12 characters" in (passwords.weakness(short) or "")


def test_twelve_characters_will_do_whatever_they_are():
    assert passwords.weakness("            ") is None
    assert passwords.weakness("🙂" * 12) is None
