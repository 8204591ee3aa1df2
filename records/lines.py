"""What a person may type into one line: anything that can be shown, and that every database takes."""

import unicodedata
from pathlib import PurePosixPath

_UNSHOWN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, line and paragraph separators
LONGEST_FILENAME = 255  # characters
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF"}  # make a name read backwards, and what stands behind it too


def unshown(text: str) -> bool:
    """Whether the text holds what no screen shows, or should show, in a line.

    Joiners and marks of direction, which scripts and emoji need, are fine.
    """
    return any(
        unicodedata.category(character) in _UNSHOWN or unicodedata.bidirectional(character) in _TURNING
        for character in text
    )


def paragraph(text: str) -> str:
    """Several lines as a person typed them: one kind of line end, and blanks for tabs."""
    return "\n".join(line.replace("\t", " ").rstrip() for line in text.splitlines()).strip()


def clean_name(name: str) -> str:
    """The name to show: the last part of a path, without control characters, at most LONGEST_FILENAME characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(character for character in last if not unshown(character)).strip()
    return kept[:LONGEST_FILENAME] or "recording"
