"""GET /calls: the list, one call, its versions, its transcript."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from api import shown
from api.answers import CallList, TranscriptAnswer, VersionList, WholeCall
from api.caller import KEYS, CallerHere
from api.door import Guarded
from api.problems import problems
from api.questions import CallId, Line, Moment, Nothing, VersionNumber, cursor_of, place_of
from pipeline import subtitles
from records import agents, call_list, call_record
from records.call_filters import Filters
from records.db import LARGEST_ID, reading
from records.statuses import CallStatus, Source


class ForPeopleToo(Guarded):
    """What reads: the call's page downloads the same answers, narrowed to whoever is signed in there."""

    takes_people = True


router = APIRouter(prefix="/calls", route_class=ForPeopleToo, dependencies=KEYS, tags=["Calls"])
MOST = 200  # calls on one page


class ListQuery(BaseModel):
    """What a list is narrowed to. A filter that is not there is refused: it would narrow nothing."""

    model_config = ConfigDict(extra="forbid")

    status: list[CallStatus] = Field(default=[], description="Any of these.")
    source: list[Source] = Field(default=[], description="Any of these.")
    flagged: bool | Nothing = Field(default=None, description="Only those that are flagged, or are not.")
    agent: str = Line(agents.LONGEST_NAME, "A linked agent's name or alias; else the name that the source gave.")
    external_id: str = Line(255, "The call's id in your system.")
    sha256: str = Field(default="", pattern="^([0-9a-fA-F]{64})?$", description="Of the recording's bytes.")
    called_after: Moment | Nothing = Field(default=None, description="The call took place then or later. No zone: UTC.")
    called_before: Moment | Nothing = Field(default=None, description="The call took place earlier.")
    updated_after: Moment | Nothing = Field(default=None, description="Something changed then or later.")
    q: str = Line(200, "Part of the file's name.")
    bulk_job_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | Nothing = Field(
        default=None, description="The calls of a bulk job."
    )
    limit: int = Field(default=50, ge=1, le=MOST)
    cursor: str = Field(default="", max_length=100, description="`next_cursor` of the page before.")


@router.get("", summary="List calls", responses=problems("bad-cursor", "invalid"))
def list_calls(asked: Annotated[ListQuery, Query()], caller: CallerHere) -> CallList:
    """The campaign's calls, newest first. Calls that come in meanwhile do not move the pages behind a cursor."""
    behind = place_of(asked.cursor)
    with reading() as session:
        filters = _filters(session, asked)
        found, more = call_list.entries(session, caller.who, filters, older_than=behind, size=asked.limit)
    following = cursor_of(found[-1].place) if more else None
    return CallList(items=[shown.entry(each) for each in found], next_cursor=following)


@router.get(
    "/{call_id}",
    summary="Ask for a call",
    response_model_exclude_unset=True,
    responses=problems("not-found", "invalid"),
)
def get_call(
    call_id: CallId,
    caller: CallerHere,
    version: VersionNumber = None,
    include: Annotated[Literal["transcript"] | Nothing, Query(description="What else is wanted.")] = None,
) -> WholeCall:
    """Where a call stands, and what its newest version found, or an earlier one."""
    with reading() as session:
        return shown.whole(session, caller.who, call_id, version, transcript=include is not None)


@router.get("/{call_id}/versions", summary="List a call's versions", responses=problems("not-found", "invalid"))
def list_versions(call_id: CallId, caller: CallerHere) -> VersionList:
    """Every run that succeeded made one; the newest comes first."""
    with reading() as session:
        return VersionList(items=shown.versions(call_record.find(session, caller.who, call_id)))


_FORMATS = {
    "text/plain": {"schema": {"type": "string"}},
    "application/x-subrip": {"schema": {"type": "string"}},
}


@router.get(
    "/{call_id}/transcript",
    summary="Ask for a transcript",
    response_model=TranscriptAnswer,
    responses={
        200: {"description": "The transcript, in the format that was asked for.", "content": _FORMATS},
        **problems("not-found", "invalid"),
    },
)
def get_transcript(
    call_id: CallId,
    caller: CallerHere,
    version: VersionNumber = None,
    as_format: Annotated[Literal["json", "txt", "srt"], Query(alias="format")] = "json",
) -> TranscriptAnswer | Response:
    """Who said what, and when: as JSON, as text for people, or as subtitles."""
    with reading() as session:
        found = shown.transcript(session, call_record.find(session, caller.who, call_id), version)
    turns = [subtitles.Turn(turn.speaker, turn.start_ms, turn.end_ms, turn.text) for turn in found.transcript]
    if as_format == "txt":
        return PlainTextResponse(subtitles.text(turns))
    if as_format == "srt":
        return Response(subtitles.srt(turns), media_type="application/x-subrip; charset=utf-8")
    return found


def _filters(session: Session, asked: ListQuery) -> Filters:
    agent = agents.named(session, asked.agent)
    return Filters(
        statuses=frozenset(asked.status),
        sources=frozenset(asked.source),
        flagged=asked.flagged,
        text=asked.q,
        agent_id=agent.id if agent else None,
        agent_given="" if agent else asked.agent.strip(),
        external_id=asked.external_id,
        sha256=asked.sha256,
        called_from=asked.called_after,
        called_until=asked.called_before,
        updated_from=asked.updated_after,
        bulk_job_id=asked.bulk_job_id,
    )
