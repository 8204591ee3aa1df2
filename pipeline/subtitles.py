"""A transcript as text for people, and as subtitles (SubRip). Pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Turn(NamedTuple):
    """What one speaker said at a stretch; times in milliseconds."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str


def text(turns: Iterable[Turn]) -> str:
    """'[00:00:04] Customer: Hello.', a line for each turn."""
    return "".join(f"[{_clock(turn.start_ms)}] {label(turn.speaker)}: {_line(turn.text)}\n" for turn in turns)


def srt(turns: Iterable[Turn]) -> str:
    """Numbered subtitles, each of one turn; turns without a word are left out."""
    spoken = (turn for turn in turns if _line(turn.text))
    return "\n".join(
        f"{number}\n{_stamp(turn.start_ms)} --> {_stamp(max(turn.end_ms, turn.start_ms + 1))}\n"
        f"{label(turn.speaker)}: {_line(turn.text)}\n"
        for number, turn in enumerate(spoken, start=1)
    )


def label(speaker: str) -> str:
    """'Agent', 'Speaker 1': a stored speaker as people read it."""
    return _line(speaker).replace("_", " ").capitalize()


def _line(words: str) -> str:
    """In one line: an empty one would end a subtitle, and an arrow could pass for its times."""
    return " ".join(words.split()).replace("-->", "->")


def _stamp(at_ms: int) -> str:
    return f"{_clock(at_ms)},{at_ms % 1000:03d}"


def _clock(at_ms: int) -> str:
    minutes, seconds = divmod(at_ms // 1000, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
