"""The lines of the audit log as they are shown and exported."""

import json
from typing import Any

from dashboard import badges, words
from dashboard.audit import acts
from dashboard.components import mount
from records.audit_list import Line

_ROLES = {role.value: label for role, label in badges.ROLE.items()}
HEADINGS = ("Time (UTC)", "Who", "What", "Act", "To what", "Campaign", "Details")


def log(lines: tuple[Line, ...]) -> None:
    """Show lines, each with its details behind it. All of it is text."""
    mount("log", {"label": "Audit log", "lines": [_line(line) for line in lines]}, key="log")


def cells(line: Line) -> tuple[Any, ...]:
    """A line of the exported file."""
    details = json.dumps(line.details, ensure_ascii=False) if line.details else ""
    return (line.at, line.by, acts.words(line.act), line.act, line.subject, line.campaign, details)


def pairs(details: dict[str, Any]) -> list[tuple[str, str]]:
    """An act's details, as names and words."""
    return [(name.replace("_", " ").capitalize(), _words(name, value)) for name, value in details.items()]


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "when": words.date(line.at),
        "icon": acts.group(line.act).icon,
        "what": acts.words(line.act),
        "subject": line.subject,
        "by": line.by,
        "campaign": line.campaign or "",
        "pairs": [*pairs(line.details), ("Time", line.at.isoformat(timespec="seconds")), ("Act", line.act)],
    }


def _words(name: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or words.NONE
    parts = [words.NONE] if value is None else str(value).split(" -> ")
    return " → ".join(_ROLES.get(part, part) if name == "role" else part for part in parts)
