"""A check tried on a call that is there, before it is saved: judged as the pipeline would, and nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import cast

from pydantic import ValidationError
from sqlmodel import Session, col, not_, select

from pipeline.evaluators import registry
from pipeline.evaluators.contract import Case, Evaluator, Finding
from pipeline.outcome import Done, ProviderError
from pipeline.sound.figures import Figures
from pipeline.transcribers.contract import Transcript
from records import access, transcripts
from records.calls import Call
from records.checks import CheckSpec
from records.db import reading
from records.identity import Identity, require
from records.results import Version
from records.roles import Permission
from records.statuses import CallStatus, CheckKind, Verdict
from records.transcripts import Gone, Withheld

MOST = 20  # calls offered at once
NOT_LISTENED_FOR = (
    "This call has an offline draft: it listens for a check's phrases in the sound while it transcribes, so a phrase "
    "that is new to the campaign may be heard in later calls though it is not found here."
)
SOLE = "pipeline.evaluators.claude.sole"  # loaded only when an AI check is tried, as the registry does


class NotTried(Exception):  # noqa: N818  what happened
    """The check could not be tried; the message is a sentence that says why and what to do."""


@dataclass
class Forgetful:
    """A memory for a judging that nobody goes on with."""

    facts: Mapping[str, str] = field(default_factory=dict)

    def remember(self, **facts: str) -> None:
        self.facts = {**self.facts, **facts}


def calls(session: Session, who: Identity, campaign_id: int, text: str = "") -> list[Call]:
    """Calls of a campaign on which a check can be tried, newest first; `text` is part of the file name."""
    done = (
        access.calls(who)
        .where(Call.campaign_id == campaign_id, Call.status == CallStatus.COMPLETED, Call.version_number > 0)
        .where(col(Call.transcripts_gone_at).is_(None), not_(transcripts.withheld()))
    )
    if text:
        done = done.where(col(Call.filename).icontains(text, autoescape=True))
    return list(session.exec(done.order_by(col(Call.created_at).desc(), col(Call.id).desc()).limit(MOST)))


def tried(who: Identity, call_id: str, spec: CheckSpec) -> Finding:
    """What this check finds in the newest version of a call. Nothing is stored; an AI check costs one request.

    Raises NotTried, NotAllowed, NotFound for a call that is not this person's.
    """
    require(who, Permission.CAMPAIGN_EDIT)
    case = _case(who, call_id)
    try:
        outcome = _judge(spec.rule.kind).evaluate(case, [spec])
    except ProviderError as error:
        raise NotTried(str(error)) from error
    if not isinstance(outcome, Done):  # no judge asks to wait; one that did would have to be a call's own
        raise NotTried("The judge did not answer at once. Try again in a moment.")
    return _in_view_of(case.transcript, spec, outcome.value.findings[0])


def _case(who: Identity, call_id: str) -> Case:
    with reading() as session:
        call = access.call(session, who, call_id)
        newest = select(Version.transcript_id).where(Version.call_id == call.id).order_by(col(Version.number).desc())
        number = session.exec(newest.limit(1)).first()
        if number is None or call.transcripts_gone_at is not None:
            why = "any more: its campaign keeps transcripts for a time" if number else "yet"
            raise NotTried(f"This call has no transcript {why}. Choose another one.")
        try:
            said = transcripts.whole(session, number)
        except (Gone, Withheld) as refused:
            raise NotTried(str(refused)) from refused
    try:
        figures, transcript = Figures.model_validate(said.figures), Transcript.model_validate(said.content)
    except ValidationError as error:  # stored by another version of the product
        raise NotTried(
            "This call's transcript is of an older kind. Use Rerun Transcription, or another call."
        ) from error
    return Case(transcript, figures, speech_s=figures.speech_s, memory=Forgetful())


def _in_view_of(transcript: Transcript, spec: CheckSpec, finding: Finding) -> Finding:
    """The draft listens for a campaign's phrases in the sound itself: what it was not asked for, it could not hear."""
    if spec.rule.kind is not CheckKind.PHRASE or not transcript.draft or finding.evidence:
        return finding
    if finding.verdict is Verdict.NOT_EVALUATED:
        return finding
    return finding.model_copy(update={"reason": f"{finding.reason} {NOT_LISTENED_FOR}"})


def _judge(kind: CheckKind) -> Evaluator:
    if kind is CheckKind.AI and registry.connected():
        return cast(Evaluator, import_module(SOLE).configured())
    return registry.evaluator(kind)
