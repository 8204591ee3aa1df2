"""Whatever else is known of a call, and how a version of it was made, as names and values."""

from typing import Any

from dashboard import words
from dashboard.calls.view import seconds
from pipeline.line import Need
from records.call_record import Record, Result
from records.results import Version
from records.retention import Removal


def details(record: Record, result: Result | None) -> dict[str, Any]:
    """Whatever else is known of the call, and how this version was made."""
    call = record.call
    pairs: list[tuple[str, str]] = [
        ("Uploaded by", record.uploader or ""),
        ("External id", call.external_id or ""),
        ("Format", _format(record)),
        ("SHA-256", call.sha256),
        *(("Removed by retention", _removed(each)) for each in record.removals),
        *((name, str(value)) for name, value in call.details.items()),
    ]
    if result:
        version = result.version
        pairs += [
            ("Transcriber", maker(version.transcriber, version.transcriber_model)),
            ("Redacted", "Names and numbers were left out" if result.transcript.redacted else ""),
            ("Analysis", maker(version.analyzer, version.analyzer_model) or "Rules only"),
            ("Prompt", version.prompt_version),
            ("Tokens", _tokens(version)),
            ("Cost", "Not known" if version.cost_usd is None else f"${version.cost_usd:,.4f}"),
            ("Perhaps paid twice", _asked_again(version)),
            *((f"Time for {stage}", seconds(spent)) for stage, spent in version.stage_seconds.items()),
        ]
    return {"pairs": [pair for pair in pairs if pair[1]]}


def _removed(removal: Removal) -> str:
    what = ", ".join(f"{name.replace('_', ' ')}: {number:,}" for name, number in removal.receipt.items())
    return f"{words.date(removal.at)}, after {removal.days:,} days ({what})"


def maker(provider: str, model: str) -> str:
    """'AssemblyAI universal-2': who made it, as people know them."""
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
