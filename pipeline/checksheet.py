"""A campaign's checks as a YAML file: reading, with every mistake named by its place, and writing."""

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from pipeline.plain_yaml import NotPlain, load
from records.check_edits import MOST, twins
from records.checks import CheckSpec
from records.statuses import CheckKind

SHOWN = 10  # mistakes named at once
LONGEST_NAME = 60  # characters of a value from the file that a sentence repeats
_OF_THE_CHECK = ("name", "section", "weight", "critical", "active")

_WORDS = {  # for what pydantic says otherwise
    "missing": "is missing",
    "extra_forbidden": "is no field of such a check",
    "invalid_key": "is no field of such a check",
    "string_type": "must be text; put it in quotes",
    "union_tag_invalid": "kind: must be ai, phrase or metric",
    "union_tag_not_found": "kind: must be ai, phrase or metric",
}

_SENTENCES = {  # for a form, where the input stands beside it
    "weight": "Give a weight from 0 to 100.",
    "within_first_s": "Give the number of seconds, more than 0.",
    "within_last_s": "Give the number of seconds, more than 0.",
    "criterion": "Say in words what a call that passes holds: 3 to 4,000 characters.",
}


class BadChecks(Exception):  # noqa: N818  what the file is
    """The file cannot be used; the message says which check, which field, and what would do."""


def read(text: str) -> list[CheckSpec]:
    """The checks of a file. Raises BadChecks in words, a line for each mistake."""
    try:
        content = load(text)
    except NotPlain as error:
        raise BadChecks(str(error)) from error
    rows = content.get("checks") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadChecks("The file needs 'checks:' with a list of at least one check.")
    if content.keys() != {"checks"}:
        stray = next(key for key in content if key != "checks")
        raise BadChecks(f"The file holds '{clipped(stray)}:' beside 'checks:'. Nothing else belongs there.")
    if len(rows) > MOST:
        raise BadChecks(f"The file has {len(rows)} checks; a scorecard holds at most {MOST}.")
    mistakes: list[str] = []
    specs = [spec for place, row in enumerate(rows, start=1) if (spec := _spec(place, row, mistakes))]
    mistakes += _twins(specs) if not mistakes else []
    if mistakes:
        more = [f"... and {len(mistakes) - SHOWN} more."] if len(mistakes) > SHOWN else []
        raise BadChecks("\n".join(mistakes[:SHOWN] + more))
    return specs


def write(specs: list[CheckSpec]) -> str:
    """A file that `read` takes back unchanged."""
    rows = [row(spec) for spec in specs]
    return yaml.safe_dump({"checks": rows}, sort_keys=False, allow_unicode=True, width=100)


def row(spec: CheckSpec) -> dict[str, Any]:
    """A check as the file has it: what is as usual is left out."""
    return (
        spec.model_dump(mode="json", exclude_defaults=True, exclude={"rule"})
        | {"kind": spec.rule.kind.value}
        | spec.rule.model_dump(mode="json", exclude_defaults=True)
    )


def mistakes(error: ValidationError) -> dict[str, str]:
    """What is wrong with a check, as a sentence for each field (of the check or of its rule); '' for all of a rule."""
    found: dict[str, str] = {}
    for mistake in error.errors(include_url=False):
        where = [part for part in mistake["loc"] if part != "rule" and part not in set(CheckKind)]
        item = f"line {int(where[1]) + 1}: " if len(where) > 1 else ""
        words = _WORDS.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
        said = f"{item}{words}."
        field = str(where[0]) if where else ""
        found.setdefault(field, _SENTENCES.get(field) or said[0].upper() + said[1:])
    return found


def clipped(value: object) -> str:
    """A value of the file, short enough for a sentence."""
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def _spec(place: int, row: Any, mistakes: list[str]) -> CheckSpec | None:  # noqa: ANN401  whatever YAML holds
    if not isinstance(row, dict):
        mistakes.append(f"Check {place} is not a set of fields, such as 'name: Greeting'.")
        return None
    name = f"'{clipped(row['name'])}'" if isinstance(row.get("name"), str) else "without a name"
    fields: dict[str, Any] = {key: row[key] for key in _OF_THE_CHECK if key in row}
    fields["rule"] = {key: value for key, value in row.items() if key not in _OF_THE_CHECK}
    try:
        return CheckSpec.model_validate(fields)
    except ValidationError as error:
        mistakes.extend(f"Check {place} ({name}): {_said(mistake)}." for mistake in error.errors(include_url=False))
        return None


def _said(mistake: ErrorDetails) -> str:
    """A mistake as field and sentence."""
    where = list(mistake["loc"])
    if where[0] == "rule":
        where = where[2:]  # beside 'rule' stands the kind, which people do not write as a level
    field = ", ".join([clipped(str(part)) for part in where[:1]] + [f"item {int(part) + 1}" for part in where[1:]])
    words = _WORDS.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))
    if mistake["input"] is None and mistake["type"] != "missing":
        words = "is empty; give a value, or leave the line out"
    return f"{field}: {words}" if field else words


def _twins(specs: Sequence[CheckSpec]) -> list[str]:
    """Two checks of one name in one section cannot be told apart on a scorecard."""
    found = []
    for place, earlier in twins(specs):
        spec = specs[place]
        where = f" in section '{clipped(spec.section)}'" if spec.section else ""
        found.append(
            f"Check {place + 1} ('{clipped(spec.name)}'): name: check {earlier + 1}{where} has this name already."
        )
    return found
