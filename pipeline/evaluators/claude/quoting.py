"""How text that others wrote is put into a prompt so that it cannot pass for the prompt itself. Pure."""

import re
import unicodedata

from records.lines import unshown

# A model reads the likeness as well, and neither a tag, nor a turn's number, nor an answer in JSON can be made of it.
_TAGS = str.maketrans("<>", "\u2039\u203a")
_SPOKEN = str.maketrans("<>[]{}", "\u2039\u203a()()")
_NAME = re.compile(r"[^a-z0-9_]+")
_LANGUAGE = re.compile(r"[^A-Za-z-]+")
LONGEST_NAME = 40


def shown(text: str) -> str:
    """One line, of characters that every screen and database takes."""
    return " ".join("".join(" " if unshown(character) else character for character in text).split())


def criterion(text: str) -> str:
    """What a manager wrote: lines stay, tags do not."""
    lines = (shown(line) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(line for line in lines if line).translate(_TAGS)


def speech(text: str) -> str:
    """What somebody said: one line without tags, square brackets or braces."""
    return shown(unicodedata.normalize("NFC", text)).translate(_SPOKEN)


def speaker(name: str) -> str:
    """A speaker's name as one word."""
    return _NAME.sub("_", name.lower())[:LONGEST_NAME].strip("_") or "unknown"


def language(code: str) -> str:
    """A language's code, or nothing."""
    return _LANGUAGE.sub("", code)[:LONGEST_NAME]


def clock(ms: int) -> str:
    """03:05, or 1:03:05 after an hour."""
    seconds = max(ms, 0) // 1000
    minutes, rest = seconds // 60 % 60, seconds % 60
    return f"{seconds // 3600}:{minutes:02}:{rest:02}" if seconds >= 3600 else f"{minutes:02}:{rest:02}"  # noqa: PLR2004  an hour
