"""The list's filters in its address: what each is called there, and what of it is let in. Nothing here draws."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any, TypeVar

from records.call_filters import Filters
from records.db import LARGEST_ID
from records.figures_days import midnight
from records.statuses import CallStatus, Source

Choice = TypeVar("Choice", bound=StrEnum)
Values = dict[str, Any]
Address = dict[str, str | list[str]]

TEXT, SAID, STATUS, SOURCE, CAMPAIGN, FLAGGED = "q", "text", "status", "source", "campaign", "flagged"
FROM, UNTIL, CALLED_FROM, CALLED_UNTIL = "from", "until", "called_from", "called_until"
SCORE_FROM, SCORE_TO, AGENT, CHECK = "score_from", "score_to", "agent", "check"
STUCK, PAUSED, CANCELLED, BULK_JOB = "stuck", "paused", "cancelled", "bulk_job"
WITHHELD = "withheld"
NO_AGENT = "none"
LEFT_OUT, ALONE = "0", "1"  # what was cancelled
TEXT_LONGEST = 200
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)


def text(given: Sequence[str]) -> str:
    """One line that can be shown."""
    return "".join(filter(str.isprintable, next(iter(given), "")))[:TEXT_LONGEST].strip()


def day(given: Sequence[str]) -> date | None:
    """'2026-11-18'."""
    try:
        found = date.fromisoformat(next(iter(given), ""))
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def points(given: Sequence[str]) -> float | None:
    """A score, from 0 to 100."""
    try:
        found = float(next(iter(given), ""))
    except ValueError:
        return None
    return found if isfinite(found) and 0 <= found <= 100 else None  # noqa: PLR2004  what a score can be


def number(given: Sequence[str]) -> int | None:
    """A row's number."""
    said = next(iter(given), "")
    if not said.isascii() or not said.isdecimal() or len(said) > len(str(LARGEST_ID)):
        return None
    return int(said) if 0 < int(said) <= LARGEST_ID else None


def agent(given: Sequence[str]) -> str:
    """An agent's number, or NO_AGENT."""
    found = number(given)
    return NO_AGENT if list(given) == [NO_AGENT] else "" if found is None else str(found)


def yes(given: Sequence[str]) -> bool:
    return list(given) == ["1"]


def members(kind: type[Choice]) -> Callable[[Iterable[str]], list[Choice]]:
    """Those of an enumeration that are named, in its order."""
    return lambda given: [member for member in kind if member in set(given)]


READ: Mapping[str, Callable[[Sequence[str]], Any]] = {
    TEXT: text,
    SAID: text,
    STATUS: members(CallStatus),
    SOURCE: members(Source),
    CAMPAIGN: lambda given: list(filter(str.isprintable, given)),
    FLAGGED: yes,
    FROM: day,
    UNTIL: day,
    CALLED_FROM: day,
    CALLED_UNTIL: day,
    SCORE_FROM: points,
    SCORE_TO: points,
    AGENT: agent,
    CHECK: text,
    STUCK: yes,
    PAUSED: yes,
    WITHHELD: yes,
    CANCELLED: lambda given: next(iter(given), "") if list(given) in ([LEFT_OUT], [ALONE]) else "",
    BULK_JOB: number,
}
NAMES = tuple(READ)
MORE = NAMES[NAMES.index(FROM) :]  # behind those in the row


def values(asked: Mapping[str, Sequence[str]]) -> Values:
    """What the address says, as the inputs hold it; nonsense is as good as nothing."""
    return {name: read(asked.get(name, ())) for name, read in READ.items()}


def written(value: object) -> list[str]:
    """One input's value as it stands in the address; empty when it narrows nothing."""
    match value:
        case list():
            return [str(each) for each in value]
        case None | False | "":
            return []
        case True:
            return ["1"]
        case float():
            return [f"{value:g}"]
    return [str(value)]  # a date is written as it is read


def filters(chosen: Mapping[str, Any], zone: str) -> Filters:
    """What the inputs say, for the query. Days are whole, and by the viewer's clock."""
    said = {name: read(()) for name, read in READ.items()} | dict(chosen)
    return Filters(
        text=text([said[TEXT]]),
        said=text([said[SAID]]),
        statuses=frozenset(said[STATUS]),
        sources=frozenset(said[SOURCE]),
        campaigns=frozenset(said[CAMPAIGN]),
        flagged=said[FLAGGED] or None,
        added_from=midnight(said[FROM], zone) if said[FROM] else None,
        added_until=_after(said[UNTIL], zone),
        called_from=midnight(said[CALLED_FROM], zone) if said[CALLED_FROM] else None,
        called_until=_after(said[CALLED_UNTIL], zone),
        score_from=said[SCORE_FROM],
        score_to=said[SCORE_TO],
        agent_id=int(said[AGENT]) if said[AGENT].isdecimal() else None,
        unlinked=said[AGENT] == NO_AGENT,
        check_failed=said[CHECK],
        stuck=said[STUCK],
        paused=said[PAUSED],
        withheld=said[WITHHELD],
        cancelled={LEFT_OUT: False, ALONE: True}.get(said[CANCELLED]),
        bulk_job_id=said[BULK_JOB],
    )


def _after(last: date | None, zone: str) -> Any:  # noqa: ANN401  a moment or none
    return midnight(last + timedelta(days=1), zone) if last else None
