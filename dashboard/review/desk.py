"""One review as data for its component: each check with what was found of it so far. All text stays text."""

from collections.abc import Iterable
from typing import Any

from dashboard import badges, words
from dashboard.calls import view
from records.call_record import Record, Result
from records.identity import Identity
from records.results import CheckResult
from records.review_record import Disputed, Standing
from records.reviews import ReviewedCheck, ReviewState
from records.statuses import CheckKind


def desk(who: Identity, record: Record, result: Result, standing: Standing, stamp: str) -> dict[str, Any]:
    """The review of this version; what its reviewer enters is kept in their browser under `draft`."""
    shown = view.checks(result)
    checks = iter(_in_sections(result.checks))
    for section in shown["sections"]:
        section["checks"] = [each | _more(next(checks), standing) for each in section["checks"]]
    call, version = record.call, result.version
    return {
        "call": call.id,
        "version": version.number,
        "draft": f"tv-review:{who.user_id}:{call.id}:{version.number}",
        "open": standing.state is ReviewState.OPEN,
        "seen": stamp,
        "score": words.score(version.score),
        "comment": standing.review.comment if standing.review else "",
        "sections": shown["sections"],
        "verdicts": {verdict: badge._asdict() for verdict, badge in badges.VERDICT.items()},
        "outcome": _outcome(result, standing),
    }


def refused(title: str, why: str) -> dict[str, Any]:
    """What the component says of a review that was not saved."""
    return {"colour": "red", "icon": "error", "title": title, "lines": [why]}


def answer(check: CheckResult, found: ReviewedCheck | None) -> str:
    """What came of a dispute, in words; found is what a person found of the check."""
    if found is None:
        return "Answered."
    verdict = badges.VERDICT[found.verdict].label.lower()
    kept = found.verdict is check.verdict
    return f"Answered: {'it stays' if kept else 'changed to'} {verdict}. {found.comment}".strip()


def _in_sections(checks: Iterable[CheckResult]) -> list[CheckResult]:
    """As the sections show them: by section, in the order in which those first appear."""
    found = list(checks)
    order = {section: place for place, section in enumerate(dict.fromkeys(check.section for check in found))}
    return sorted(found, key=lambda check: order[check.section])


def _more(check: CheckResult, standing: Standing) -> dict[str, Any]:
    found, disputes = standing.checks.get(check.position), standing.about(check)
    # What is disputed is to be decided anew; all else stays as it was when the review was opened again.
    open_dispute = any(each.dispute.settled_at is None for each in disputes)
    undecided = found is None or (open_dispute and standing.state is ReviewState.OPEN)
    return {
        "position": check.position,
        "weight": check.weight,
        "was": check.verdict,
        "judge": "AI" if check.kind is CheckKind.AI else "Rule",
        "decided": None if undecided or found is None else {"verdict": found.verdict, "comment": found.comment},
        "disputes": [_dispute(each) for each in disputes],
    }


def _dispute(each: Disputed) -> dict[str, str]:
    raised = each.dispute
    said = answer(each.check, each.answer) if raised.settled_at else ""
    return {"by": raised.by, "when": words.date(raised.at), "words": raised.words, "answer": said}


def _outcome(result: Result, standing: Standing) -> dict[str, Any] | None:
    review = standing.review
    if review is None or review.closed_at is None:
        return None
    came_to = f"Score {words.score(review.score)}, was {words.score(result.version.score)}."
    changed = sum(found.verdict is not found.was for found in standing.checks.values())
    verdicts = (
        "Every verdict was confirmed." if not changed else f"{changed} of {len(standing.checks)} verdicts changed."
    )
    lines = [
        f"By {review.closed_by}, {words.date(review.closed_at)}.",
        f"{came_to} {verdicts}" if standing.checks else came_to,
    ]
    return {
        "colour": "blue",
        "icon": "task_alt",
        "title": "Review closed",
        "lines": [*lines, *filter(None, [review.comment])],
    }
