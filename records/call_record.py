"""One call as a person may see it: the call itself, its versions, the result of one of them, its timeline."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from records import access, retention, transcripts, waiting
from records.agents import Agent
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.identity import Identity
from records.people import User
from records.results import CheckResult, Version
from records.retention import Removal
from records.reviews import Review
from records.runs import Run
from records.statuses import CallStatus, RunReason
from records.transcripts import Said
from records.waiting import Waiting


@dataclass(frozen=True)
class Summary:
    """A version's line in the list of versions."""

    number: int
    reason: RunReason
    asked_by: str
    version: Version


@dataclass(frozen=True)
class Result:
    """What one version found."""

    version: Version
    checks: tuple[CheckResult, ...]
    transcript: Said
    review: Review | None = None


@dataclass(frozen=True)
class Record:
    """A call and what surrounds it. `versions` is newest first; `waiting` says why its run is not going on."""

    call: Call
    campaign: Campaign
    agent: str | None
    uploader: str | None
    versions: tuple[Summary, ...]
    events: tuple[CallEvent, ...]
    waiting: Waiting
    removals: tuple[Removal, ...] = ()  # what retention took away, and when
    can_be_judged: bool = False  # there is a transcript to judge anew, and it may be read


def find(session: Session, who: Identity, call_id: str) -> Record:
    """The record of a call that this person may see; else NotFound."""
    call = access.call(session, who, call_id)
    return Record(
        call=call,
        campaign=session.get_one(Campaign, call.campaign_id),
        agent=session.get_one(Agent, call.agent_id).name if call.agent_id else None,
        uploader=session.get_one(User, call.uploader_id).email if call.uploader_id else None,
        versions=_versions(session, call),
        waiting=_waiting(session, call),
        removals=retention.receipts(session, call),
        can_be_judged=_can_be_judged(session, call),
        events=tuple(
            session.exec(select(CallEvent).where(CallEvent.call_id == call.id).order_by(col(CallEvent.id))).all()
        ),
    )


def pulse(session: Session, who: Identity, call_id: str) -> tuple[CallStatus, int, int, str, int]:
    """What changes while a call is on its way; another value means that there is something new to show."""
    call = access.call(session, who, call_id)
    newest = session.exec(select(func.max(CallEvent.id)).where(CallEvent.call_id == call.id)).one()
    return call.status, call.run_number, call.version_number, _waiting(session, call).words, newest or 0


def result(session: Session, record: Record, number: int | None = None) -> Result | None:
    """What a version of this call found: the one with this number, else the newest; None before the first."""
    if not record.versions:
        return None
    chosen = next((each for each in record.versions if each.number == number), record.versions[0]).version
    review = session.exec(select(Review).where(Review.version_id == chosen.id)).first()
    said = transcripts.shown(session, chosen.transcript_id)
    return Result(chosen, transcripts.checks(session, chosen), said, review)


def stage_seconds(session: Session, call: Call) -> dict[str, float]:
    """How long each stage of the newest run took; of a run under way, those that are over."""
    newest = select(Run.stage_seconds).where(Run.call_id == call.id, Run.number == call.run_number)
    return dict(session.exec(newest).first() or {})


def _versions(session: Session, call: Call) -> tuple[Summary, ...]:
    rows = session.exec(
        select(Version, Run)
        .join(Run, col(Run.id) == Version.run_id)
        .where(Version.call_id == call.id)
        .order_by(col(Version.number).desc())
    ).all()
    return tuple(Summary(version.number, run.reason, run.asked_by, version) for version, run in rows)


def _can_be_judged(session: Session, call: Call) -> bool:
    newest = transcripts.newest(session, call) if call.transcripts_gone_at is None else None
    return newest is not None and not transcripts.is_withheld(session, newest)


def _waiting(session: Session, call: Call) -> Waiting:
    return waiting.of(session, [call.id]).get(call.id, Waiting())
