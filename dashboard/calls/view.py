"""One call's parts as data for the components: heading, checks, transcript, timeline, details. All text stays text."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard import badges, words
from dashboard.badges import Badge
from pipeline.line import Need
from records.call_record import Record, Result, Summary
from records.calls import CallEvent
from records.results import CheckResult, Version
from records.statuses import FINISHED, CallStatus
from web.recordings import audible

_SPEAKERS = {"agent": ("Agent", "blue"), "customer": ("Customer", "violet"), "unknown": ("Unknown", "gray")}
_OTHERS = ("green", "violet", "blue", "gray")
DRAFT_TITLE = "Offline draft transcript, low confidence"
DRAFT_WORDS = "Words may be wrong. Listen to the recording before you rely on one."
REDACTED = "This campaign redacts its calls: the recording itself is not played."


def heading(record: Record, result: Result | None) -> dict[str, Any]:
    """The file name, where the call stands, and what must be said at once."""
    call = record.call
    shown = [badges.CALL[call.status], badges.SOURCE[call.source]]
    if result and result.version.flagged:
        shown.append(badges.FLAGGED)
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
        "notes": list(_notes(record, result)),
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


def transcript(record: Record, result: Result, *, start_s: float = 0.0) -> dict[str, Any]:
    """The recording and its turns."""
    turns = result.transcript.content.get("utterances", [])
    others = sorted({turn["speaker"] for turn in turns} - _SPEAKERS.keys())
    return {
        **_recording(record),
        "start_ms": int(start_s * 1000),
        "turns": [_turn(turn, others) for turn in turns],
        "empty": "No speech was recognised in this recording.",
    }


def recording_only(record: Record) -> dict[str, Any]:
    """The recording of a call that has no transcript yet."""
    waiting = record.call.status not in FINISHED
    empty = "The transcript appears here when it is ready." if waiting else "There is no transcript."
    return {**_recording(record), "start_ms": 0, "turns": [], "empty": empty}


def figures(result: Result) -> dict[str, str]:
    """What was measured, mostly of the agent, by name; a dash where it could not be said."""
    measured = result.transcript.figures
    pace = measured.get("words_per_minute")
    return {
        "Agent talk share": _share(measured.get("agent_talk_share")),
        "Longest silence": _seconds(measured.get("longest_silence_s")),
        "Interruptions": _number(measured.get("agent_interruptions")),
        "Words a minute": _number(pace.get("agent") if isinstance(pace, Mapping) else None),
        "Time on hold": _seconds(measured.get("hold_s")),
    }


def timeline(events: Iterable[CallEvent]) -> dict[str, Any]:
    """What happened to the call, newest first."""
    return {"timeline": [_event(event) for event in reversed(tuple(events))]}


def details(record: Record, result: Result | None) -> dict[str, Any]:
    """Whatever else is known of the call, and how this version was made."""
    call = record.call
    pairs: list[tuple[str, str]] = [
        ("Uploaded by", record.uploader or ""),
        ("External id", call.external_id or ""),
        ("Format", _format(record)),
        ("SHA-256", call.sha256),
        *((name, str(value)) for name, value in call.details.items()),
    ]
    if result:
        version = result.version
        pairs += [
            ("Transcriber", _maker(version.transcriber, version.transcriber_model)),
            ("Analysis", _maker(version.analyzer, version.analyzer_model) or "Rules only"),
            ("Prompt", version.prompt_version),
            ("Tokens", _tokens(version)),
            ("Cost", "Not known" if version.cost_usd is None else f"${version.cost_usd:,.4f}"),
            ("Perhaps paid twice", _asked_again(version)),
            *((f"Time for {stage}", _seconds(spent)) for stage, spent in version.stage_seconds.items()),
        ]
    return {"pairs": [pair for pair in pairs if pair[1]]}


def version_label(summary: Summary) -> str:
    """'Version 2 · Run analysis · 24 Nov 2026, 23:17'."""
    reason = badges.RUN_REASON[summary.reason]
    return f"Version {summary.number} · {reason} · {words.date(summary.version.created_at)}"


def _notes(record: Record, result: Result | None) -> Iterable[dict[str, Any]]:
    call = record.call
    if call.status is CallStatus.FAILED:
        error = call.error or "Something went wrong while this call was processed."
        yield _note("red", "error", "This call failed", [error])
    elif record.waiting.held_up:
        yield _note("orange", "hourglass", "This call waits", [record.waiting.words])
    elif record.waiting.words:
        yield _note("blue", "sync", "On its way", [record.waiting.words])
    if result and result.version.flagged:
        reasons = [str(reason.get("words", "")) for reason in result.version.flag_reasons]
        yield _note("red", "flag", "Flagged for review", reasons)
    if not result:
        return
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


def speaker(name: str) -> str:
    """'Agent', 'Customer', 'Speaker 1': a stored speaker as people read it."""
    return _SPEAKERS[name][0] if name in _SPEAKERS else name.replace("_", " ").capitalize()


def _turn(turn: Mapping[str, Any], others: list[str]) -> dict[str, Any]:
    name = turn["speaker"]
    colour = _SPEAKERS[name][1] if name in _SPEAKERS else _OTHERS[others.index(name) % len(_OTHERS)]
    return {"start_ms": turn["start_ms"], "speaker": speaker(name), "colour": colour, "text": turn["text"]}


def _recording(record: Record) -> dict[str, Any]:
    if audible(record.campaign):
        return {"recording": f"/recordings/{record.call.id}", "silent": ""}
    return {"recording": "", "silent": REDACTED}


def _event(event: CallEvent) -> dict[str, Any]:
    known = event.became in set(CallStatus)
    badge = badges.CALL[CallStatus(event.became)] if known else Badge(event.became, "gray", "circle")
    came = "" if event.was or event.words else "The recording came in"
    by = f"by {event.by}" if event.by else ""
    return {"badge": badge._asdict(), "when": words.date(event.at), "words": came or event.words, "by": by}


def _maker(provider: str, model: str) -> str:
    return " ".join(filter(None, (Need(provider).label, model)))


def _tokens(version: Version) -> str:
    if not version.input_tokens:
        return ""
    return f"{version.input_tokens:,} in ({version.cached_tokens:,} from the cache), {version.output_tokens:,} out"


def _asked_again(version: Version) -> str:
    requests = f"{version.asked_again} request{'s' * (version.asked_again > 1)}"
    return f"{requests}, under way when a worker stopped" if version.asked_again else ""


def _format(record: Record) -> str:
    call = record.call
    channels = {0: "", 1: "mono", 2: "stereo"}.get(call.channels, f"{call.channels} channels")
    rate = f"{call.sample_rate / 1000:g} kHz" if call.sample_rate else ""
    return ", ".join(filter(None, (call.container.split(",", maxsplit=1)[0], call.codec, channels, rate)))


def _share(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else words.NONE


def _seconds(value: object) -> str:
    if not isinstance(value, int | float):
        return words.NONE
    return words.length(int(value * 1000)) if value >= 60 else f"{value:.1f} s"  # noqa: PLR2004  a minute


def _number(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else words.NONE
