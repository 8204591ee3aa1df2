"""One call's parts as data for the components: heading, checks, transcript, timeline. All text stays text."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.calls import advice, speaking
from dashboard.calls.speaking import speaker
from records.call_record import Record, Result, Summary
from records.calls import CallEvent
from records.results import CheckResult
from records.reviews import ReviewState
from records.statuses import FINISHED, CallStatus
from records.transcripts import WITHHELD
from web.recordings import audible

DRAFT_TITLE = "Offline draft transcript, low confidence"
DRAFT_WORDS = "Words may be wrong. Listen to the recording before you rely on one."
RECORDING_GONE = "The recording was removed on {when}: this campaign keeps recordings for a time. The results stay."
WORDS_GONE = "What was said was removed on {when}: this campaign keeps transcripts for a time. Scores and figures stay."
WITHHELD_TOO = "Its words, and the quotes and reasons of its checks, are withheld. Verdicts, score and figures stay."
READABLE = "Version {number}, the newest, is redacted: choose it to read what was said."
REDACTED = "This campaign redacts its calls: the recording itself is not played."


def heading(
    record: Record,
    result: Result | None,
    *,
    may_rerun: bool = False,
    flag_elsewhere: bool = False,
    at_desk: bool = False,
) -> dict[str, Any]:
    """The file name, where the call stands, and what must be said at once."""
    call = record.call
    shown = [badges.CALL[call.status], badges.SOURCE[call.source]]
    if result and result.version.flagged:
        shown.append(badges.FLAGGED)
    if result and result.review:
        shown.append(badges.REVIEW[result.review.state])
    facts = (
        record.campaign.name,
        record.agent or "No agent linked",
        f"Called {words.date(call.called_at)}" if call.called_at else "",
        f"Added {words.date(call.created_at)}",
        words.length(call.duration_ms) if call.duration_ms is not None else "",
        words.size(call.size),
    )
    return {
        "title": call.filename,
        "badges": [badge._asdict() for badge in shown],
        "facts": [fact for fact in facts if fact],
        "notes": [
            *_standing(record, result, may_rerun=may_rerun),
            *_withheld(record, result, may_rerun=may_rerun, at_desk=at_desk),
            *_about(result, flag_elsewhere=flag_elsewhere),
        ],
    }


def checks(result: Result) -> dict[str, Any]:
    """What each check found, by section, in the campaign's order."""
    by_section: dict[str, list[CheckResult]] = {}
    for found in result.checks:
        by_section.setdefault(found.section, []).append(found)
    nameless = "Other" if len(by_section) > 1 else ""
    scores = result.version.section_scores
    return {
        "sections": [
            {
                "name": name or nameless,
                "score": "" if scores.get(name) is None else words.score(scores[name]),
                "checks": [_check(each) for each in found],
            }
            for name, found in by_section.items()
        ]
    }


def transcript(record: Record, result: Result, *, start_s: float = 0.0, turn: int = 0) -> dict[str, Any]:
    """The recording, who speaks when, and the turns. It begins at a moment, or with a turn (counted from 1)."""
    turns = result.transcript.content.get("utterances", [])
    colours = speaking.colours(each["speaker"] for each in turns)
    measured = result.transcript.figures.get("talk_s") or {}
    begins = turns[turn - 1]["start_ms"] if 0 < turn <= len(turns) else int(start_s * 1000)
    return {
        **_recording(record),
        "start_ms": begins,
        "turns": [_turn(each, colours[each["speaker"]]) for each in turns],
        "talk": speaking.along(turns, measured, record.call.duration_ms or 0),
        "empty": _no_words(record, result) or "No speech was recognised in this recording.",
    }


def recording_only(record: Record) -> dict[str, Any]:
    """The recording of a call that has no transcript yet."""
    waiting = record.call.status not in FINISHED
    empty = "The transcript appears here when it is ready." if waiting else "There is no transcript."
    empty = _no_words(record, None) or empty
    return {**_recording(record), "start_ms": 0, "turns": [], "talk": None, "empty": empty}


def scores(result: Result) -> dict[str, str]:
    """The AI's score of a version, and a person's where its review is closed."""
    review = result.review
    given = {"Score": words.score(result.version.score)}
    if review and review.state is ReviewState.CLOSED and review.score is not None:
        given["Reviewed score"] = words.score(review.score)
    return given


def figures(result: Result) -> dict[str, str]:
    """What was measured, mostly of the agent, by name; a dash where it could not be said."""
    measured = result.transcript.figures
    pace = measured.get("words_per_minute")
    return {
        "Agent talk share": _share(measured.get("agent_talk_share")),
        "Longest silence": seconds(measured.get("longest_silence_s")),
        "Interruptions": _number(measured.get("agent_interruptions")),
        "Words a minute": _number(pace.get("agent") if isinstance(pace, Mapping) else None),
        "Time on hold": seconds(measured.get("hold_s")),
    }


def timeline(events: Iterable[CallEvent]) -> dict[str, Any]:
    """What happened to the call, newest first."""
    return {"timeline": [_event(event) for event in reversed(tuple(events))]}


def version_label(summary: Summary) -> str:
    """'Version 2 · Run analysis · 24 Nov 2026, 23:17'."""
    reason = badges.RUN_REASON[summary.reason]
    return f"Version {summary.number} · {reason} · {words.date(summary.version.created_at)}"


def flag(result: Result) -> dict[str, Any] | None:
    """Why a version is flagged, beside its score; None where it is not."""
    reasons = [str(reason.get("words", "")) for reason in result.version.flag_reasons]
    return _note("red", "flag", "Flagged for review", reasons) if result.version.flagged else None


def _standing(record: Record, result: Result | None, *, may_rerun: bool) -> Iterable[dict[str, Any]]:
    call = record.call
    if call.held_at:
        since = f"Since {words.date(call.held_at)}, by {call.held_by}. Nothing of this call is removed or deleted."
        yield _note("blue", "gavel", "Legal hold", [since, *filter(None, [call.held_why])])
    if call.status is CallStatus.FAILED:
        error = call.error or "Something went wrong while this call was processed."
        has_transcript = result is not None and record.can_be_judged
        tries = advice.after_failure(call.error_code, has_transcript=has_transcript, may_rerun=may_rerun)
        yield _note("red", "error", "This call failed", [error, *tries])
    elif record.waiting.held_up:
        yield _note("orange", "hourglass", "This call waits", [record.waiting.words])
    elif record.waiting.words:
        yield _note("blue", "sync", "On its way", [record.waiting.words])
    elif late := advice.while_pending(call.status, record.events, may_rerun=may_rerun):
        yield _note("orange", "hourglass", advice.STILL_PENDING, late)


def _withheld(record: Record, result: Result | None, *, may_rerun: bool, at_desk: bool) -> Iterable[dict[str, Any]]:
    call = record.call
    if result and result.transcript.withheld and call.transcripts_gone_at is None:
        if call.redacted:
            way = READABLE.format(number=call.version_number)
        else:
            way = advice.while_withheld(call, may_rerun=may_rerun, at_desk=at_desk)
        yield _note("orange", "visibility_off", "Transcribed before redaction was turned on", [WITHHELD_TOO, way])


def _about(result: Result | None, *, flag_elsewhere: bool) -> Iterable[dict[str, Any]]:
    if not result:
        return
    if not flag_elsewhere and (why := flag(result)):
        yield why
    notes = [str(note) for note in result.transcript.content.get("notes", [])]
    if result.transcript.content.get("draft"):
        yield _note("orange", "edit_note", DRAFT_TITLE, [DRAFT_WORDS, *notes])
    elif notes:
        yield _note("blue", "info", "About this transcript", notes)


def _note(colour: str, icon: str, title: str, lines: list[str]) -> dict[str, Any]:
    return {"colour": colour, "icon": icon, "title": title, "lines": lines}


def _check(found: CheckResult) -> dict[str, Any]:
    facts = [badges.CHECK_KIND[found.kind], f"Weight {found.weight:g}"]
    if found.confidence is not None:
        facts.append(f"{found.confidence:.0%} sure")
    return {
        "name": found.name,
        "verdict": badges.VERDICT[found.verdict]._asdict(),
        "critical": badges.CRITICAL._asdict() if found.critical else None,
        "facts": facts,
        "reason": found.reason,
        "doubt": None if found.verified else badges.UNVERIFIED._asdict(),
        "evidence": [
            {
                "quote": str(piece.get("quote", "")),
                "start_ms": piece.get("start_ms"),
                "speaker": speaker(str(piece.get("speaker") or "")),
            }
            for piece in found.evidence
        ],
    }


def _turn(turn: Mapping[str, Any], colour: str) -> dict[str, Any]:
    return {
        "start_ms": turn["start_ms"],
        "speaker": speaker(turn["speaker"]),
        "colour": colour,
        "text": turn["text"],
    }


def _no_words(record: Record, result: Result | None) -> str:
    if gone := record.call.transcripts_gone_at:
        return WORDS_GONE.format(when=words.date(gone))
    return WITHHELD if result and result.transcript.withheld else ""


def _recording(record: Record) -> dict[str, Any]:
    if record.call.recording_gone_at:
        return {"recording": "", "silent": RECORDING_GONE.format(when=words.date(record.call.recording_gone_at))}
    if audible(record.campaign):
        return {"recording": f"/recordings/{record.call.id}", "silent": ""}
    return {"recording": "", "silent": REDACTED}


def _event(event: CallEvent) -> dict[str, Any]:
    known = event.became in set(CallStatus)
    badge = badges.CALL[CallStatus(event.became)] if known else Badge(event.became, "gray", "circle")
    came = "" if event.was or event.words else "The recording came in"
    by = f"by {event.by}" if event.by else ""
    return {"badge": badge._asdict(), "when": words.date(event.at), "words": came or event.words, "by": by}


def _share(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else words.NONE


def seconds(value: object) -> str:
    """'4.2 s', from a minute on '1:15'; a dash where it is not known."""
    if not isinstance(value, int | float):
        return words.NONE
    return words.length(int(value * 1000)) if value >= 60 else f"{value:.1f} s"  # noqa: PLR2004  a minute


def _number(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else words.NONE
