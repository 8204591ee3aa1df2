"""A call that went through the pipeline, straight into the database, for tests of what shows it."""

from typing import Any

from sqlmodel import Session

from records import call_text, transcripts
from records.calls import Call
from records.campaigns import Campaign
from records.results import CheckResult, Version
from records.runs import Run
from records.statuses import CallStatus, CheckKind, RunReason, Verdict
from tests.records.made import stored_call

TURNS = (
    ("agent", 0, "Thank you for calling, this is Ada."),
    ("customer", 4_000, "Hello, my line is dead."),
    ("agent", 9_500, "I am sorry to hear that."),
)
FIGURES = {
    "duration_s": 12.0,
    "agent_talk_share": 0.58,
    "longest_silence_s": 2.5,
    "agent_interruptions": None,
    "words_per_minute": {"agent": 131.2},
    "hold_s": 95.0,
}


def finished_call(session: Session, campaign: Campaign, *, score: float | None = 80.0, **facts: Any) -> Call:
    """A Completed call with one version."""
    given = {"status": CallStatus.COMPLETED, "duration_ms": 12_000, "container": "wav", "codec": "pcm_s16le", **facts}
    call = stored_call(session, campaign, score=score, **given)
    add_version(session, call, score=score, flagged=call.flagged, redacted=bool(call.redacted))
    return call


def add_version(
    session: Session,
    call: Call,
    *,
    reason: RunReason = RunReason.FIRST_RUN,
    checks: tuple[CheckResult, ...] | None = None,
    content: dict[str, Any] | None = None,
    redacted: bool = False,
    **facts: Any,
) -> Version:
    """One more run that succeeded, with its transcript, checks and version."""
    number = call.version_number + 1
    run = Run(call_id=call.id, number=number, reason=reason, asked_by="ann@example.org", stage="verdict")
    session.add(run)
    session.flush()
    said: dict[str, Any] = content or transcript()
    words = transcripts.keep(session, call.id, number, said, dict(FIGURES), redacted=redacted)
    run.transcript_id = words
    for position, check in enumerate(checks if checks is not None else (greeting(),)):
        check.run_id, check.position = run.id or 0, position
        session.add(check)
    made = {"transcriber": "local", "transcriber_model": "draft", **facts}
    version = Version(call_id=call.id, number=number, run_id=run.id or 0, transcript_id=words, **made)
    session.add(version)
    call_text.write(session, call.id, call_text.spoken(said))
    call.version_number, call.redacted = number, redacted
    session.add(call)
    session.flush()
    return version


def transcript(*turns: tuple[str, int, str], draft: bool = False, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """A transcript as the pipeline stores it."""
    said: list[dict[str, Any]] = [
        {"speaker": who, "channel": None, "start_ms": at, "end_ms": at + 2000, "text": text, "words": []}
        for who, at, text in turns or TURNS
    ]
    return {"provider": "local", "model": "draft", "language": "en", "utterances": said, "draft": draft, "notes": notes}


def greeting(**facts: Any) -> CheckResult:
    """A phrase check that was met."""
    given = {
        "name": "Greeting",
        "section": "Opening",
        "kind": CheckKind.PHRASE,
        "rule": {"kind": "phrase", "any": ["thank you for calling"]},
        "weight": 10,
        "critical": False,
        "verdict": Verdict.PASS,
        "reason": "It was said.",
        "evidence": [{"turn": 0, "quote": "Thank you for calling", "start_ms": 0, "speaker": "agent"}],
        **facts,
    }
    return CheckResult(run_id=0, position=0, **given)
