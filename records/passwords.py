"""Passwords: argon2id, one minimum length, and the same cost whether or not the person exists."""

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM = 12  # characters; length is what resists guessing, so no rule about digits or signs


def weakness(password: str) -> str | None:
    """What is wrong with a new password, as a sentence; None when it will do."""
    if len(password) >= MINIMUM:
        return None
    return f"Use at least {MINIMUM} characters. A few words in a row are easy to remember and hard to guess."


def hashed(password: str) -> str:
    """The argon2id hash to store, with its salt and parameters inside."""
    return _hasher().hash(_bytes(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password behind a stored hash. Nobody's hash (None) costs the same, and never matches."""
    try:
        _hasher().verify(stored or _decoy(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """True when a stored hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    # The same word typed on two keyboards may differ in how its accents are composed.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # RFC 9106's low-memory profile: 64 MiB, 3 passes, 4 lanes


@lru_cache(maxsize=1)
def _decoy() -> str:
    return hashed(secrets.token_urlsafe(32))
