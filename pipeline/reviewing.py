"""Reviewing: a person's verdicts are scored exactly as the judges' are."""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session

from pipeline.scoring import Judged, score
from records import review_acts
from records.identity import Identity
from records.results import CheckResult
from records.review_acts import Decision
from records.reviews import Review
from records.statuses import Verdict


def close(
    session: Session,
    who: Identity,
    call_id: str,
    number: int,
    decisions: Iterable[Decision],
    *,
    comment: str = "",
    seen: str,
) -> Review:
    """Close the review of a version, and score what the person found. Raises as `review_acts.close` does."""
    return review_acts.close(session, who, call_id, number, decisions, comment=comment, seen=seen, scored=scored)


def scored(checks: Sequence[CheckResult], verdicts: Mapping[int, Verdict]) -> float | None:
    """The score of these checks with a person's verdicts, by position, in place of the judges'. Pure."""
    return score(
        Judged(check.name, check.section, check.weight, check.critical, verdicts[check.position]) for check in checks
    )
