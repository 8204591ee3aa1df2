"""What a file's name says of its recording, by a pattern with named groups.

A pattern is one regular expression a line. Each line is searched for in the path below the campaign's folder; what an
earlier line has said stands, later ones add to it. RE2 reads them: its time grows with the name and with the pattern,
and with nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import re2

from pipeline.sftp.facts import moments
from pipeline.sftp.facts.presets import PRESETS
from pipeline.sftp.facts.telling import LONGEST_HEADING, clean, tell
from pipeline.sftp.facts.told import Told
from records.campaigns import NotUsable

GROUPS = {  # names of groups that mean something here; what any other finds is kept as metadata under its name
    "agent": "The agent: a name, a login, an e-mail address",
    "agent_first_name": "The agent's first name",
    "agent_last_name": "The agent's last name",
    "called_at": "When the call took place: date and time",
    "call_date": "The date alone",
    "call_time": "The time of day alone",
    "external_id": "The call's id in the other system",
    "customer": "The customer's number or name",
    "direction": "Inbound or outbound",
}
LONGEST, MOST_LINES = 4_000, 20
# Steps of all lines together, as RE2 counts them: a path takes 30 ms at worst, and one of 4 KB 0.2 s.
LARGEST = 5_000
_DATED, _CLOCKS = ("called_at", "call_date"), ("call_time",)
_PART = re.compile(r"\\(?P<escaped>.)|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?P?<(?P<group>[^>=!]*)>", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_LETTERS = {  # RE2's own know no letter beyond a to z
    r"\w": r"0-9A-Za-z_\x{80}-\x{10FFFF}",
    r"\W": r"\x00-/:-@\[-\^`\{-\x7f",
}


class BadPattern(NotUsable):
    """No names can be read by this; the message is a sentence that says what would do."""

    def __init__(self, words: str, *, field: str = "pattern") -> None:
        super().__init__(words, field=field)


class _Expression(Protocol):
    """A line of a pattern, as RE2 has it (which brings no types)."""

    programsize: int

    def search(self, text: str) -> re.Match[str] | None: ...


@dataclass(frozen=True)
class NamePattern:
    """A pattern that names are read by."""

    lines: tuple[_Expression, ...] = field(repr=False)
    formats: tuple[str, ...] = ()

    def read(self, path: str, *, zone: str, day_first: bool) -> Told | None:
        """What this path (below the campaign's folder) says; None where no line fits. Never raises.

        `zone` is the time zone of times that name none, `day_first` says whether 03/04 is in April.
        """
        found = self.groups(path)
        if found is None:
            return None
        return tell(
            found,
            {name: text for name, text in found.items() if name not in GROUPS},
            dated=[found[name] for name in _DATED if name in found],
            clocks=[found[name] for name in _CLOCKS if name in found],
            zone=zone,
            day_first=day_first,
            formats=self.formats,
        )

    def groups(self, path: str) -> dict[str, str] | None:
        """What each group found in this path, as text; None where no line fits."""
        path = path.encode(errors="replace").decode()  # halves of characters are no UTF-8
        matches = [match for line in self.lines if (match := line.search(path))]
        if not matches:
            return None
        found: dict[str, str] = {}
        for match in matches:
            said: Mapping[str, str | None] = match.groupdict()
            for name, text in said.items():
                if text and name not in found and (kept := clean(text)):
                    found[name] = kept
        return found


def pattern(preset: str, own: str, called_at_format: str) -> NamePattern | None:
    """What reads the names: a person's own pattern, else the preset's; None where neither is set. Raises BadPattern.

    `called_at_format` (as strptime reads it) belongs to the person's own; empty, a time says itself how it is read.
    """
    if own.strip():
        lines = tuple(_expression(line) for line in _lines(own))
        if sum(line.programsize for line in lines) > LARGEST:
            raise BadPattern(_TOO_LARGE)
        form = called_at_format.strip()
        if form and (words := moments.trouble(form)):
            raise BadPattern(words, field="called_at_format")
        return NamePattern(lines, (form,) if form else ())
    if not preset:
        return None
    known = PRESETS.get(preset)
    if known is None:
        raise BadPattern(f"There is no preset '{preset}'. There are: {', '.join(PRESETS)}.", field="preset")
    return NamePattern(tuple(_expression(line) for line in known.pattern.splitlines()), known.formats)


def _lines(own: str) -> list[str]:
    lines = [line for line in own.splitlines() if line.strip()]
    if len(own) > LONGEST or len(lines) > MOST_LINES:
        raise BadPattern(f"A pattern has at most {LONGEST:,} characters and {MOST_LINES} lines.")
    return lines


def _expression(line: str) -> _Expression:
    names = [found["group"] for found in _PART.finditer(line) if found["group"] is not None]
    for name in names:
        if not name.isidentifier() or len(name) > LONGEST_HEADING:
            raise BadPattern(f"'{moments.shown(name)}' cannot be the name of a group: letters, digits and '_' only.")
        if names.count(name) > 1:
            raise BadPattern(f"The group '{name}' stands twice. Write the other way as a line of its own.")
    if not names:
        known = ", ".join(GROUPS)
        raise BadPattern(f"The pattern names no group, such as (?P<agent>[^_]+). Groups that are known: {known}.")
    options = re2.Options()
    options.log_errors, options.dot_nl = False, True
    try:
        compiled: _Expression = re2.compile(_PART.sub(_with_letters, line), options)
    except (re2.error, UnicodeEncodeError) as error:
        raise BadPattern(f"The pattern cannot be read: {_cause(error)}. {_SYNTAX}") from error
    return compiled


_TOO_LARGE = r"The pattern is too large. Write [^_]+ where it says \p{L} or .{0,1000}."
_SYNTAX = "It is a regular expression as RE2 reads it: without look-ahead, look-behind and references back."


def _with_letters(part: re.Match[str]) -> str:
    r"""\w as people mean it: the letters of all languages."""
    text = part[0]
    if text.startswith("["):
        return _ESCAPED.sub(lambda found: _LETTERS.get(found[0], found[0]), text)
    return f"[{_LETTERS[text]}]" if text in _LETTERS else text


def _cause(error: Exception) -> str:
    cause = error.args[0]
    return clean(cause.decode(errors="replace") if isinstance(cause, bytes) else str(error))
