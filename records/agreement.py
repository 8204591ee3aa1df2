"""How often people agree with a campaign's checks: what their closed reviews say of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select

from records import access
from records.checks import Check
from records.db import stored_id
from records.identity import Identity
from records.reviews import Review, ReviewedCheck, ReviewState
from records.roles import Permission
from records.statuses import Verdict


@dataclass(frozen=True)
class Agreement:
    """One check. Where the judge gave no verdict there is nothing to agree with."""

    check_id: int
    name: str
    section: str
    active: bool
    reviewed: int = 0  # verdicts of the judge that a person looked at
    agreed: int = 0
    too_strict: int = 0  # the judge failed it, the person passed it
    too_lenient: int = 0  # the reverse

    @property
    def share(self) -> float | None:
        """0 to 1; None where nobody has reviewed it."""
        return self.agreed / self.reviewed if self.reviewed else None

    @property
    def otherwise(self) -> int:
        """Changed in another way: to or from 'not applicable'."""
        return self.reviewed - self.agreed - self.too_strict - self.too_lenient


def by_check(session: Session, who: Identity, slug: str, since: datetime | None = None) -> list[Agreement]:
    """Each check of a campaign, in its order. Raises NotFound."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_READ)
    checks = session.exec(select(Check).where(Check.campaign_id == campaign.id).order_by(col(Check.position))).all()
    of_these = col(ReviewedCheck.check_id).in_([stored_id(check.id) for check in checks])
    found = (
        rows_of(col(ReviewedCheck.check_id), col(ReviewedCheck.was), col(ReviewedCheck.verdict), func.count())
        .join(Review, col(Review.id) == ReviewedCheck.review_id)
        .where(of_these, col(Review.state) == ReviewState.CLOSED, col(ReviewedCheck.was) != Verdict.NOT_EVALUATED)
        .group_by(col(ReviewedCheck.check_id), col(ReviewedCheck.was), col(ReviewedCheck.verdict))
    )
    if since is not None:
        found = found.where(col(ReviewedCheck.at) >= since)
    counts: dict[int, dict[tuple[Verdict, Verdict], int]] = {}
    for check_id, was, verdict, number in session.execute(found):
        counts.setdefault(check_id or 0, {})[was, verdict] = number
    return [_of(check, counts.get(stored_id(check.id), {})) for check in checks]


def _of(check: Check, counts: dict[tuple[Verdict, Verdict], int]) -> Agreement:
    return Agreement(
        check_id=stored_id(check.id),
        name=check.name,
        section=check.section,
        active=check.active,
        reviewed=sum(counts.values()),
        agreed=sum(number for (was, verdict), number in counts.items() if was is verdict),
        too_strict=counts.get((Verdict.FAIL, Verdict.PASS), 0),
        too_lenient=counts.get((Verdict.PASS, Verdict.FAIL), 0),
    )
