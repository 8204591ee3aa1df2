"""Errors of the HTTP API: every kind with its status, and what to do; RFC 9457 problem documents made of them."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

TYPE = "urn:totalview:problem:"
MEDIA_TYPE = "application/problem+json"


class Kind(BaseModel):
    """One kind of error: its HTTP status, its title, and what whoever gets it can do. docs/api.md shows this table."""

    model_config = ConfigDict(frozen=True)

    status: int
    title: str
    remedy: str


KINDS: dict[str, Kind] = {
    "bad-request": Kind(status=400, title="Bad request", remedy="Mend the request as the detail says."),
    "bad-metadata": Kind(status=400, title="Bad metadata", remedy="Mend the field that the detail names."),
    "bad-cursor": Kind(status=400, title="Bad cursor", remedy="Begin again without `cursor`."),
    "unauthorized": Kind(status=401, title="Unauthorized", remedy="Send a key of the campaign that is still in use."),
    "forbidden": Kind(status=403, title="Forbidden", remedy="Use a key, or a person, that is allowed this."),
    "wrong-campaign": Kind(
        status=403, title="Wrong campaign", remedy="Leave `campaign_id` out, or send the key's own campaign."
    ),
    "not-found": Kind(status=404, title="Not found", remedy="Check the address and the id, and whose key you use."),
    "method-not-allowed": Kind(
        status=405, title="Method not allowed", remedy="Use a method that the header `Allow` names."
    ),
    "too-slow": Kind(
        status=408, title="Too slow", remedy="Send the body without long pauses; for bad lines, use a resumable upload."
    ),
    "busy": Kind(status=409, title="Busy", remedy="Wait until the call is Completed or Failed, then try again."),
    "nothing-to-analyze": Kind(
        status=409, title="Nothing to analyze", remedy="Rerun from `transcription`: the call has no transcript yet."
    ),
    "removed": Kind(
        status=409, title="Removed", remedy="None: the campaign's retention has removed what this run would need."
    ),
    "withheld": Kind(
        status=409,
        title="Withheld",
        remedy="Rerun from `transcription`: the transcript was made before redaction was on.",
    ),
    "just-deleted": Kind(status=409, title="Just deleted", remedy="Send the recording again."),
    "idempotency-conflict": Kind(
        status=409,
        title="Idempotency conflict",
        remedy="Use a new Idempotency-Key for another request.",
    ),
    "wrong-offset": Kind(
        status=409, title="Wrong offset", remedy="Ask for the offset with HEAD, and go on from there."
    ),
    "cancelled": Kind(status=409, title="Cancelled", remedy="Make a new bulk job."),
    "upload-gone": Kind(status=410, title="Upload gone", remedy="Begin a new upload."),
    "wrong-version": Kind(status=412, title="Wrong version", remedy="Send `Tus-Resumable: 1.0.0`."),
    "too-large": Kind(status=413, title="Too large", remedy="Send less; the detail says how much is taken."),
    "not-a-recording": Kind(
        status=415, title="Not a recording", remedy="Export the recording again; `reason` says what is wrong with it."
    ),
    "wrong-media-type": Kind(
        status=415, title="Wrong media type", remedy="Send the Content-Type that the detail names."
    ),
    "bad-range": Kind(
        status=416, title="Bad range", remedy="Ask for bytes that are there: `Content-Range` says how many there are."
    ),
    "invalid": Kind(status=422, title="Invalid", remedy="Mend the parameters that `errors` lists."),
    "upload-held": Kind(
        status=423, title="Upload held", remedy="Wait for Retry-After: another request is adding to this upload."
    ),
    "too-many-requests": Kind(
        status=429, title="Too many requests", remedy="Wait for Retry-After; ask for a higher rate if this is usual."
    ),
    "wrong-checksum": Kind(
        status=460, title="Wrong checksum", remedy="Send the same bytes again, from the same offset."
    ),
    "internal": Kind(
        status=500, title="Internal error", remedy="Try again; if it stays, look at the log of the web process."
    ),
    "database-away": Kind(status=503, title="Database away", remedy="Try again after Retry-After."),
    "storage-away": Kind(status=503, title="Storage away", remedy="Try again after Retry-After."),
}


class Problem(Exception):  # noqa: N818  RFC 9457's word
    """An answer that is an error. `kind` is one of KINDS; `detail` says what to do; `more` are members of their own."""

    def __init__(
        self, kind: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.headers, self.more = kind, detail, headers, more

    def answer(self) -> JSONResponse:
        """The problem document."""
        kind = KINDS[self.kind]
        body = {"type": TYPE + self.kind, "title": kind.title, "status": kind.status}
        body |= {"detail": self.detail or kind.remedy} | self.more
        return JSONResponse(body, kind.status, self.headers, media_type=MEDIA_TYPE)


class ProblemDocument(BaseModel):
    """RFC 9457, as every error of this API is answered."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Stable: the kind of problem.", examples=[TYPE + "not-found"])
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to do.")
    reason: str | None = Field(default=None, description="Of `not-a-recording`: empty, not_audio, cut_short ...")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Of `invalid`: where, and what is wrong.")


def problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """FastAPI's `responses` for these kinds; those that any route may answer are among them always."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, "unauthorized", "too-many-requests", "database-away"):
        entry = KINDS[kind]
        before = found.get(entry.status, {}).get("description", "")
        words = f"`{kind}`: {entry.remedy}"
        found[entry.status] = {
            "model": ProblemDocument,
            "description": f"{before} {words}".strip() if words not in before else before,
            "content": {MEDIA_TYPE: {}},
        }
    return found
