"""A campaign's checks as a YAML file: reading, with every mistake named by its place, and writing."""

from typing import Any

import yaml
from pydantic import ValidationError

from records.checks import CheckSpec

MOST = 100  # checks on one scorecard; more cannot be read by anybody
_OF_THE_CHECK = ("name", "section", "weight", "critical", "active")


class BadChecks(Exception):  # noqa: N818  what the file is
    """The file cannot be used; the message says which check, which field, and what would do."""


def read(text: str) -> list[CheckSpec]:
    """The checks of a file. Raises BadChecks in words."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark else ""
        raise BadChecks(f"This is not YAML{place}: {getattr(error, 'problem', error)}.") from error
    rows = content.get("checks") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadChecks("The file needs 'checks:' with a list of at least one check.")
    if len(rows) > MOST:
        raise BadChecks(f"The file has {len(rows)} checks; a scorecard holds at most {MOST}.")
    return [_spec(place, row) for place, row in enumerate(rows, start=1)]


def write(specs: list[CheckSpec]) -> str:
    """A file that `read` takes back unchanged."""
    rows = [
        spec.model_dump(mode="json", exclude_defaults=True, exclude={"rule"})
        | {"kind": spec.rule.kind.value}
        | spec.rule.model_dump(mode="json", exclude_defaults=True)
        for spec in specs
    ]
    return yaml.safe_dump({"checks": rows}, sort_keys=False, allow_unicode=True, width=100)


def _spec(place: int, row: Any) -> CheckSpec:  # noqa: ANN401  whatever YAML holds
    if not isinstance(row, dict):
        raise BadChecks(f"Check {place} is not a set of fields, such as 'name: Greeting'.")
    fields: dict[str, Any] = {key: row[key] for key in _OF_THE_CHECK if key in row}
    fields["rule"] = {key: value for key, value in row.items() if key not in _OF_THE_CHECK}
    try:
        return CheckSpec.model_validate(fields)
    except ValidationError as error:
        raise BadChecks(f"Check {place} ({row.get('name', 'without a name')}): {_first(error)}.") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = [str(part) for part in first["loc"] if part not in ("rule", "ai", "phrase", "metric")]
    if first["type"].startswith("union_tag"):
        return "kind: must be ai, phrase or metric"
    message = first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(where)}: {message}" if where else message
