"""How the review of one version stands: what people found, what agents dispute, and whether it has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import and_
from sqlmodel import Session, col, func, select

from records.results import CheckResult, Version
from records.reviews import Dispute, Review, ReviewedCheck, ReviewState


@dataclass(frozen=True)
class Disputed:
    """An agent's objection, with the check it is about and, once settled, what a person found of that check."""

    dispute: Dispute
    version_number: int
    check: CheckResult
    answer: ReviewedCheck | None = None


@dataclass(frozen=True)
class Standing:
    """A version's review. `disputes` are those of the whole call, oldest first: a rerun does not answer any."""

    review: Review | None = None
    checks: Mapping[int, ReviewedCheck] = field(default_factory=dict)  # by position; also those of before a reopening
    disputes: tuple[Disputed, ...] = ()

    @property
    def state(self) -> ReviewState:
        return self.review.state if self.review else ReviewState.NONE

    @property
    def score(self) -> float | None:
        """The reviewed one, once the review is closed."""
        return self.review.score if self.review and self.state is ReviewState.CLOSED else None

    @property
    def waiting(self) -> tuple[Disputed, ...]:
        """The disputes that nobody has answered."""
        return tuple(each for each in self.disputes if each.dispute.settled_at is None)

    def about(self, check: CheckResult) -> tuple[Disputed, ...]:
        """The disputes of this check of the version, also where they were raised on an earlier version."""
        return tuple(each for each in self.disputes if _same(each.check, check))


def of(session: Session, version: Version) -> Standing:
    """How the review of this version stands. Whoever asks has been given the version, and so may see it."""
    review = session.exec(select(Review).where(Review.version_id == version.id)).first()
    found = select(ReviewedCheck).where(ReviewedCheck.review_id == (review.id if review else None))
    checks = {each.position: each for each in session.exec(found)} if review else {}
    return Standing(review, checks, _disputes(session, version.call_id))


def stamp(session: Session, review: Review) -> str:
    """Changes when the review is opened again, or when another dispute comes: whoever closes it must have seen that."""
    of_the_call = select(Review.id).where(Review.call_id == review.call_id)
    newest = session.exec(select(func.max(Dispute.id)).where(col(Dispute.review_id).in_(of_the_call))).one()
    return f"{review.id}-{review.opened_at.timestamp():.6f}-{newest or 0}"


def _disputes(session: Session, call_id: str) -> tuple[Disputed, ...]:
    rows = session.exec(
        select(Dispute, Version.number, CheckResult, ReviewedCheck)
        .join(Review, col(Review.id) == Dispute.review_id)
        .join(Version, col(Version.id) == Review.version_id)
        .join(
            CheckResult,
            and_(col(CheckResult.run_id) == Version.run_id, col(CheckResult.position) == Dispute.position),
        )
        .outerjoin(
            ReviewedCheck,
            and_(col(ReviewedCheck.review_id) == Review.id, col(ReviewedCheck.position) == Dispute.position),
        )
        .where(Review.call_id == call_id)
        .order_by(col(Dispute.id))
    ).all()
    return tuple(
        Disputed(dispute, number, check, answer if dispute.settled_at else None)
        for dispute, number, check, answer in rows
    )


def _same(one: CheckResult, other: CheckResult) -> bool:
    """Whether two results are of one check: by its id, or by its name where the id is not known."""
    if one.check_id is not None and other.check_id is not None:
        return one.check_id == other.check_id
    return (one.section, one.name) == (other.section, other.name)
