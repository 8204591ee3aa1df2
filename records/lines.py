"""What a person may type into one line: anything that can be shown, and that every database takes."""

import unicodedata

_UNSHOWN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, line and paragraph separators


def unshown(text: str) -> bool:
    """Whether the text holds what no screen shows in a line. Joiners, which scripts and emoji need, are fine."""
    return any(unicodedata.category(character) in _UNSHOWN for character in text)
