"""GET /campaign and GET /checks: how the key's campaign transcribes and judges."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from api.caller import KEYS, CallerHere
from api.door import Guarded
from api.problems import problems
from pipeline import checksheet
from records import access
from records.checks import Check
from records.db import reading
from records.roles import Permission
from records.statuses import CheckKind

router = APIRouter(route_class=Guarded, dependencies=KEYS, tags=["Campaign"])


class CampaignAnswer(BaseModel):
    """A campaign's settings."""

    id: int
    slug: str
    name: str
    language: str
    transcriber: str = Field(description="Empty: the best that the deployment's keys allow.")
    redact: bool = Field(description="Transcripts leave out names and numbers, and nobody hears the recordings.")
    flag_threshold: float = Field(description="A score below flags the call.")
    section_thresholds: dict[str, float]
    review_bound: float = Field(description="A check judged with less confidence flags the call.")
    time_zone: str = Field(description="Of times that state none.")
    day_first: bool = Field(description="03/04 is 3 April.")


class CheckRow(BaseModel):
    """A check as a checks file has it; what is as usual is left out."""

    name: str
    section: str = ""
    weight: float = 10
    critical: bool = False
    active: bool = True
    kind: CheckKind
    criterion: str = Field(default="", description="Of an `ai` check.")
    any: list[str] = Field(default=[], description="Of a `phrase` check; or `all`, or `none`.")
    all: list[str] = []
    none: list[str] = []
    speaker: Literal["agent", "customer", "either"] = "either"
    within_first_s: float | None = None
    within_last_s: float | None = None
    metric: str = Field(default="", description="Of a `metric` check.")
    at_most: float | None = None
    at_least: float | None = None


class CheckRows(BaseModel):
    """The campaign's checks, in its order."""

    checks: list[CheckRow]


@router.get("/campaign", summary="Ask for the key's campaign", responses=problems())
def get_campaign(caller: CallerHere) -> CampaignAnswer:
    """Its settings, as far as they concern what comes in and what comes out."""
    with reading() as session:
        campaign = access.campaign(session, caller.who, caller.campaign, Permission.CALL_READ)
    return CampaignAnswer(**campaign.model_dump(include=set(CampaignAnswer.model_fields)))


@router.get("/checks", summary="List the campaign's checks", response_model_exclude_unset=True, responses=problems())
def list_checks(caller: CallerHere) -> CheckRows:
    """As a checks file has them, so that `totalview campaign create --checks` takes them."""
    with reading() as session:
        found = session.exec(
            select(Check).where(Check.campaign_id == caller.campaign_id).order_by(col(Check.position), col(Check.id))
        ).all()
    return CheckRows(checks=[CheckRow(**checksheet.row(check.spec())) for check in found])
