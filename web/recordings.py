"""A stored recording as an HTTP answer: whose ears it is for, what it is called, and its bytes by ranges."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from config import settings
from pipeline.storage import recording_key, storage
from records.calls import Call
from records.campaigns import Campaign
from web.ranges import ranged

LINK_SECONDS = 600  # how long whoever holds a link may use it
GONE = "This recording is not in storage any more."
HEADERS = {"Cache-Control": "private, no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}
LINK_HEADERS = {**HEADERS, "Cache-Control": "private, no-store"}
OTHER_TYPE = "audio/x-recording"  # an audio type, whatever it is: Streamlit would gzip anything it takes for text
_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "mov": "audio/mp4",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "matroska": "audio/webm",
    "aac": "audio/aac",
    "amr": "audio/amr",
}


def audible(campaign: Campaign) -> bool:
    """False where a campaign redacts: the recording as it came is not for anybody's ears there."""
    return not campaign.redact


def bucket_link(call: Call, *, download: bool) -> str | None:
    """An address in the bucket, for GET alone; None where browsers are not to go there.

    Raises FileNotFoundError, so that a missing recording is told in our words and not in the bucket's; StorageAway.
    """
    if not settings().s3_browser_links:
        return None
    _expect(call)
    shelf, key = storage(), recording_key(call.id)
    shelf.size(key)
    kind, to_be = media_type(call.container), disposition(call, download=download)
    return shelf.link(key, media_type=kind, disposition=to_be, seconds=LINK_SECONDS) or None


def served(request: Request, call: Call, *, download: bool) -> Response:
    """The answer to a GET or HEAD, which may ask for a range. Raises FileNotFoundError, StorageAway."""
    _expect(call)
    shelf, key = storage(), recording_key(call.id)
    size = shelf.size(key)
    headers = {**HEADERS, "ETag": f'"{call.sha256}"', "Content-Disposition": disposition(call, download=download)}
    return ranged(request, shelf.open(key), size, media_type(call.container), headers)


def _expect(call: Call) -> None:
    """What was removed is nobody's any more, though storage may not have let go of it yet. Raises FileNotFoundError."""
    if call.recording_gone_at is not None:
        raise FileNotFoundError(call.id)


def disposition(call: Call, *, download: bool) -> str:
    """How a browser is to take the recording. The name came from outside: nothing of it can end the header."""
    if not download:
        return "inline"
    return f"attachment; filename*=utf-8''{quote(call.filename, safe='', errors='replace')}"


def media_type(container: str) -> str:
    """What browsers call ffmpeg's format name."""
    return _TYPES.get(container.split(",", maxsplit=1)[0], OTHER_TYPE)
