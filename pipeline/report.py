"""What there is to say of a call, as plain data: the shape that `totalview process --json` prints."""

from typing import Any

from sqlmodel import Session, select

from pipeline.transcribers.contract import Transcript
from records import transcripts
from records.calls import Call
from records.results import Version


def report(session: Session, call: Call, *, file: str) -> dict[str, Any]:
    """One call with its newest version; keys as in docs/command-line.md. A call without a version has empty lists."""
    version = session.exec(
        select(Version).where(Version.call_id == call.id, Version.number == call.version_number)
    ).first()
    return {
        "file": file,
        "call_id": call.id,
        "status": call.status.value,
        "score": rounded(call.score),
        "flagged": call.flagged,
        "flag_reasons": [reason["words"] for reason in version.flag_reasons] if version else [],
        "duration_s": None if call.duration_ms is None else call.duration_ms / 1000,
        "transcript": _turns(session, version) if version else [],
        "checks": _checks(session, version) if version else [],
        "error": call.error,
    }


def refused(file: str, words: str) -> dict[str, Any]:
    """The same shape for a file that never became a call."""
    return {
        "file": file,
        "call_id": None,
        "status": "failed",
        "score": None,
        "flagged": False,
        "flag_reasons": [],
        "duration_s": None,
        "transcript": [],
        "checks": [],
        "error": words,
    }


def rounded(score: float | None) -> float | None:
    """A score as people read it: one digit after the point."""
    return None if score is None else round(score, 1)


def _turns(session: Session, version: Version) -> list[dict[str, Any]]:
    said = transcripts.shown(session, version.transcript_id)
    kept = {"speaker", "start_ms", "end_ms", "text"}
    return [turn.model_dump(include=kept) for turn in Transcript.model_validate(said.content).utterances]


def _checks(session: Session, version: Version) -> list[dict[str, Any]]:
    return [
        {
            "name": result.name,
            "kind": result.kind.value,
            "verdict": result.verdict.value,
            "weight": result.weight,
            "critical": result.critical,
            "reason": result.reason,
            "evidence": result.evidence,
        }
        for result in transcripts.checks(session, version)
    ]
