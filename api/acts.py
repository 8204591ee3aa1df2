"""What a program may do with a call: send it through the pipeline again, and change what is known of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api import shown
from api.answers import CallAnswer, WholeCall
from api.caller import KEYS, Caller, CallerHere
from api.door import Guarded
from api.problems import Problem, problems
from api.questions import TEXT, CallId, invalid
from config import settings
from jobs import enqueue
from pipeline import amend, reruns
from pipeline.transcribers import registry
from records import access
from records.agents import LONGEST_NAME
from records.db import reading
from records.roles import Permission
from records.statuses import RunReason
from records.transcripts import Gone, Withheld

router = APIRouter(prefix="/calls", route_class=Guarded, dependencies=KEYS, tags=["Calls"])
REASONS = {"transcription": RunReason.RERUN_TRANSCRIPTION, "analysis": RunReason.RUN_ANALYSIS}
Transcriber = Annotated[str, Field(json_schema_extra={"enum": list(registry.names())})]


class Rerun(BaseModel):
    """From where a call is to go through the pipeline again."""

    model_config = ConfigDict(extra="forbid")

    start: Literal["transcription", "analysis"] = Field(alias="from", description="`analysis` keeps the transcript.")
    transcriber: Transcriber | None = Field(
        default=None, description="Who transcribes, this time. Without it: as the campaign says."
    )


class CallChanges(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    agent: Annotated[str, Field(max_length=LONGEST_NAME, pattern=TEXT)] | None = Field(
        default=None, description="An agent's name or alias; null unlinks.", examples=["ada@example.org"]
    )
    metadata: dict[str, Any] | None = Field(
        default=None,
        description="Merged into what is there (RFC 7396): a null takes its key away.",
        examples=[{"team": "north", "old": None}],
    )


@router.post(
    "/{call_id}/rerun",
    status_code=202,
    summary="Run a call again",
    responses=problems(
        "bad-request", "not-found", "busy", "nothing-to-analyze", "removed", "withheld", "too-large", "invalid"
    ),
)
def rerun_call(call_id: CallId, wanted: Rerun, caller: CallerHere) -> CallAnswer:
    """A new run, which makes a new version when it succeeds; earlier versions stay."""
    reason = REASONS[wanted.start]
    transcriber = _transcriber(caller, wanted)
    try:
        enqueue.first(*reruns.rerun(caller.who, call_id, reason, transcriber=transcriber))
    except reruns.Busy as busy:
        raise Problem("busy", str(busy)) from busy
    except reruns.NothingToAnalyze as nothing:
        raise Problem("nothing-to-analyze") from nothing
    except Gone as gone:
        raise Problem("removed", str(gone)) from gone
    except Withheld as withheld:
        raise Problem("withheld", str(withheld)) from withheld
    with reading() as session:
        return shown.short(session, caller.who, call_id)


@router.patch(
    "/{call_id}",
    summary="Change what is known of a call",
    response_model_exclude_unset=True,
    responses=problems("bad-request", "bad-metadata", "not-found", "too-large", "invalid"),
)
def change_call(call_id: CallId, changes: CallChanges, caller: CallerHere) -> WholeCall:
    """Link another agent, or change the metadata; either may be left out."""
    try:
        amend.amend(caller.who, call_id, changes.model_dump(exclude_unset=True))
    except amend.NobodyGoesByIt as nobody:
        raise invalid("agent", str(nobody)) from nobody
    with reading() as session:
        return shown.whole(session, caller.who, call_id)


def _transcriber(caller: Caller, wanted: Rerun) -> str:
    """Whom the request names, if this deployment and this campaign can have them; empty where it names nobody."""
    if wanted.transcriber is None:
        return ""
    if wanted.start != "transcription":
        raise invalid("transcriber", "An analysis transcribes nothing. Leave it out, or rerun from `transcription`.")
    with reading() as session:
        campaign = access.campaign(session, caller.who, caller.campaign, Permission.CALL_READ)
    able = [name for name in registry.usable(settings()) if registry.redacts(name) or not campaign.redact]
    if wanted.transcriber not in able:
        choice = f"Choose {', '.join(able)}, or leave it out." if able else "Leave it out."
        raise invalid("transcriber", f"'{wanted.transcriber}' is not to be had for this campaign. {choice}")
    return wanted.transcriber
