"""Records as answers: each model of api/answers.py is filled here and nowhere else."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from api.answers import (
    CallAnswer,
    CheckAnswer,
    Reviewed,
    Step,
    Timings,
    TranscriptAnswer,
    Turn,
    VersionAnswer,
    VersionScore,
    WholeCall,
    Words,
)
from api.problems import Problem
from records import call_record, review_record, transcripts
from records.call_list import Entry
from records.call_record import Record, Summary
from records.calls import Call, CallEvent
from records.identity import Identity
from records.results import CheckResult
from records.review_record import Standing
from records.reviews import ReviewState
from records.transcripts import Withheld

_OF_THE_VERSION = set(VersionAnswer.model_fields) - {"number", "reason", "asked_by"}
CAME_IN = "The recording came in."


def entry(found: Entry) -> CallAnswer:
    """A line of a list."""
    return CallAnswer(**_facts(found.call, found.campaign, found.agent, found.waiting_for))


def short(session: Session, who: Identity, call_id: str) -> CallAnswer:
    """One call without its results."""
    record = call_record.find(session, who, call_id)
    return CallAnswer(**_facts(record.call, record.campaign.slug, record.agent, record.waiting.words))


def whole(
    session: Session, who: Identity, call_id: str, number: int | None = None, *, transcript: bool = False
) -> WholeCall:
    """One call with what a version found. Raises NotFound, Problem for a version that it does not have."""
    record = call_record.find(session, who, call_id)
    facts = _facts(record.call, record.campaign.slug, record.agent, record.waiting.words)
    seconds = call_record.stage_seconds(session, record.call)
    facts["timings"] = Timings(stage_seconds=seconds, timeline=list(_steps(record.events)))
    summary = chosen(record, number) if record.versions or number else None
    if summary is None:
        nothing: list[Any] = []
        return WholeCall(
            **facts,
            version=None,
            section_scores={},
            flag_reasons=nothing,
            checks=nothing,
            figures={},
            withheld=False,
            **_turns([], transcript=transcript),
        )
    found, standing = summary.version, review_record.of(session, summary.version)
    said = transcripts.shown(session, found.transcript_id).content["utterances"] if transcript else []
    return WholeCall(
        **facts | {"score": found.score, "reviewed_score": standing.score, "flagged": found.flagged},
        version=VersionAnswer(**_version(summary)),
        section_scores=found.section_scores,
        flag_reasons=[Words(code=reason["code"], words=reason["words"]) for reason in found.flag_reasons],
        checks=[_check(each, standing) for each in transcripts.checks(session, found)],
        figures=transcripts.figures(session, found.transcript_id),
        withheld=transcripts.is_withheld(session, found.transcript_id),
        **_turns(said, transcript=transcript),
    )


def versions(record: Record) -> list[VersionScore]:
    """All of a call's versions, newest first."""
    return [
        VersionScore(**_version(each), score=each.version.score, flagged=each.version.flagged)
        for each in record.versions
    ]


def transcript(session: Session, record: Record, number: int | None) -> TranscriptAnswer:
    """A version's transcript. Raises Problem where there is none, or where it is withheld."""
    summary = chosen(record, number)
    said = transcripts.shown(session, summary.version.transcript_id)
    if said.withheld:
        raise Problem("not-found", str(Withheld()))
    content = said.content
    return TranscriptAnswer(
        call_id=record.call.id,
        version=summary.number,
        language=content.get("language", ""),
        transcriber=summary.version.transcriber,
        transcriber_model=summary.version.transcriber_model,
        draft=bool(content.get("draft")),
        transcript=[Turn(**_said(turn)) for turn in content.get("utterances", [])],
    )


def chosen(record: Record, number: int | None) -> Summary:
    """The version with this number, or the newest. Raises Problem where the call does not have it."""
    if not record.versions:
        raise Problem("not-found", "This call has no result yet. Wait until its status is `completed`.")
    found = record.versions[0] if number is None else next((v for v in record.versions if v.number == number), None)
    if found is None:
        raise Problem("not-found", f"This call has no version {number}. Its newest is {record.versions[0].number}.")
    return found


def _facts(call: Call, campaign: str, agent: str | None, waiting_for: str) -> dict[str, Any]:
    own = set(CallAnswer.model_fields) & set(Call.model_fields)
    return {
        **call.model_dump(include=own - {"error"}),
        "campaign": campaign,
        "duration_s": None if call.duration_ms is None else call.duration_ms / 1000,
        "agent": agent,
        "metadata": call.details,
        "waiting_for": waiting_for or None,
        "error": Words(code=call.error_code, words=call.error or "") if call.error_code else None,
        "newest_version": call.version_number or None,
    }


def _version(summary: Summary) -> dict[str, Any]:
    made = summary.version.model_dump(include=_OF_THE_VERSION)
    return {**made, "number": summary.number, "reason": summary.reason, "asked_by": summary.asked_by}


def _check(found: CheckResult, standing: Standing) -> CheckAnswer:
    person = standing.checks.get(found.position) if standing.state is ReviewState.CLOSED else None
    reviewed = Reviewed(**person.model_dump(include=set(Reviewed.model_fields))) if person else None
    return CheckAnswer(**found.model_dump(include=set(CheckAnswer.model_fields)), reviewed=reviewed)


def _steps(events: Iterable[CallEvent]) -> Iterable[Step]:
    for event in events:
        came = "" if event.was or event.words else CAME_IN
        yield Step(at=event.at, status=event.became, words=came or event.words)


def _turns(said: list[dict[str, Any]], *, transcript: bool) -> dict[str, Any]:
    return {"transcript": [Turn(**_said(turn)) for turn in said]} if transcript else {}


def _said(turn: dict[str, Any]) -> dict[str, Any]:
    return {name: turn[name] for name in Turn.model_fields}
