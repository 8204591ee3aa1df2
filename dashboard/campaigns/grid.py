"""What the grid of checks shows."""

from collections.abc import Mapping
from typing import Any

from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.campaigns import rules
from dashboard.campaigns.draft import Draft, Row
from records.statuses import CheckKind

KIND: Mapping[CheckKind, Badge] = {
    CheckKind.AI: Badge(badges.CHECK_KIND[CheckKind.AI], "violet", "psychology"),
    CheckKind.PHRASE: Badge(badges.CHECK_KIND[CheckKind.PHRASE], "blue", "format_quote"),
    CheckKind.METRIC: Badge(badges.CHECK_KIND[CheckKind.METRIC], "gray", "straighten"),
}
_HELP = {
    "share": "Of the weight of all active checks together",
    "critical": "A call that fails it is flagged, whatever its score",
    "active": "Only active checks are judged",
}


def data(draft: Draft, *, editable: bool) -> dict[str, Any]:
    """All rows, for the component."""
    wrong = draft.mistakes
    source, number = draft.heard
    return {
        "label": "Checks",
        "editable": editable,
        "heard": {"from": source, "n": number},
        "help": _HELP,
        "critical": badges.CRITICAL._asdict(),
        "sections": draft.sections,
        "rows": [_row(draft, row, wrong.get(row.key, {})) for row in draft.rows],
    }


def foot(draft: Draft) -> str:
    """'13 checks, 12 of them active. Weight in all: 105.'"""
    active = [row for row in draft.rows if row.active]
    number = f"{len(draft.rows)} check{'s' * (len(draft.rows) != 1)}"
    off = "" if len(active) == len(draft.rows) else f", {len(active)} of them active"
    return f"{number}{off}. Weight in all: {draft.weight:g}."


def _row(draft: Draft, row: Row, wrong: Mapping[str, str]) -> dict[str, Any]:
    share = draft.share(row)
    return {
        "key": row.key,
        "name": row.name,
        "section": row.section,
        "kind": KIND[row.rule.kind]._asdict(),
        "rule": rules.words(row.rule),
        "weight": row.weight,
        "share": "" if share is None else words.share(share),
        "critical": row.critical,
        "active": row.active,
        "wrong": dict(wrong),
    }
