"""The list of campaigns that a person may see, each with what it judges by and how its calls fared lately."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select as rows_of
from sqlmodel import Session, case, col, func

from records import access
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check
from records.db import now, stored_id
from records.identity import Identity
from records.roles import Permission
from records.statuses import CallStatus

DAYS = 30  # what 'lately' means


@dataclass(frozen=True)
class Row:
    """One campaign. Of `calls`, those that came in lately; the score and the flags are of those that were completed."""

    campaign: Campaign
    checks: int
    calls: int = 0
    completed: int = 0
    flagged: int = 0
    score: float | None = None

    @property
    def flag_rate(self) -> float | None:
        """0 to 1; None when no call was completed."""
        return self.flagged / self.completed if self.completed else None


def rows(session: Session, who: Identity) -> list[Row]:
    """By name; in three queries, however many campaigns there are."""
    mine = access.campaigns(who, Permission.CAMPAIGN_READ)
    campaigns = sorted(session.exec(mine), key=lambda campaign: (campaign.name.casefold(), campaign.slug))
    ids = [stored_id(campaign.id) for campaign in campaigns]
    checks, lately = _checks(session, who), _lately(session, who)
    return [
        Row(campaign, checks.get(number, 0), *lately.get(number, ()))
        for number, campaign in zip(ids, campaigns, strict=True)
    ]


def _checks(session: Session, who: Identity) -> dict[int, int]:
    mine = access.campaigns(who, Permission.CAMPAIGN_READ).with_only_columns(col(Campaign.id))
    counted = (
        rows_of(col(Check.campaign_id), func.count())
        .where(col(Check.active), col(Check.campaign_id).in_(mine))
        .group_by(col(Check.campaign_id))
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def _lately(session: Session, who: Identity) -> dict[int, tuple[int, int, int, float | None]]:
    """Campaign -> calls, completed ones, flagged ones, mean score."""
    done = col(Call.status) == CallStatus.COMPLETED
    counted = (
        access.calls(who)
        .with_only_columns(
            col(Call.campaign_id),
            func.count(),
            func.count(case((done, 1))),
            func.count(case((done & col(Call.flagged), 1))),
            func.avg(case((done, col(Call.effective_score)))),
        )
        .where(col(Call.created_at) >= now() - timedelta(days=DAYS))
        .group_by(col(Call.campaign_id))
    )
    return {
        number: (calls, completed, flagged, mean)
        for number, calls, completed, flagged, mean in session.execute(counted)
    }
