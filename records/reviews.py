"""Reviews: a person's reading of a flagged or disputed version, beside the AI's, which stays as it is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.statuses import Verdict


class ReviewState(StrEnum):
    """Where the review of a call's newest version stands."""

    NONE = "none"  # nobody asked for one
    OPEN = "open"  # it is in the queue
    CLOSED = "closed"


class Review(SQLModel, table=True):
    """The review of one version. A dispute opens it again, with what was decided before."""

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id", unique=True)
    call_id: str = Field(foreign_key="call.id", index=True, max_length=32)
    state: ReviewState = Field(default=ReviewState.OPEN, sa_type=stored_as_value(ReviewState))
    opened_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
    closed_by: str = Field(default="", max_length=320)
    comment: str = ""
    score: float | None = None  # the reviewed one, once closed


class ReviewedCheck(SQLModel, table=True):
    """What a person found of one check; where it is the AI's verdict, it is confirmed."""

    __tablename__ = "reviewed_check"
    __table_args__ = (UniqueConstraint("review_id", "position", name="uq_reviewed_check_review_position"),)

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id")
    position: int  # of the check_result
    check_id: int | None = Field(default=None, index=True)  # as the check_result names it, for agreement by check
    was: Verdict = Field(sa_type=stored_as_value(Verdict))  # the AI's
    verdict: Verdict = Field(sa_type=stored_as_value(Verdict))
    comment: str = ""
    by: str = Field(default="", max_length=320)
    at: datetime = Field(default_factory=now)


class Dispute(SQLModel, table=True):
    """An agent who does not agree with one check of a version."""

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    position: int
    words: str
    user_id: int | None = Field(default=None, foreign_key="person.id")
    by: str = Field(default="", max_length=320)
    at: datetime = Field(default_factory=now)
    settled_at: datetime | None = None  # when the review was next closed
