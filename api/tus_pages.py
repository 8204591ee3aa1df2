"""What the documentation says of the routes of resumable uploads: headers in, headers out, problems."""

from typing import Any

from api.problems import problems
from api.tus import ALGORITHMS, BODY, CALL_ID, DUPLICATE, EXTENSIONS, VERSION

_NUMBER = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_BASE64 = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_PAIR = rf"([\x21-\x2b\x2d-\x7e]+( {_BASE64})?)?"
_SOME = {"type": "string", "pattern": "^[1-9][0-9]{0,14}$"}
_HASH = "^(sha1 [A-Za-z0-9+/]{27}=|sha256 [A-Za-z0-9+/]{43}=|md5 [A-Za-z0-9+/]{22}==)$"


def _header(name: str, description: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _answers(*names: str) -> dict[str, Any]:
    return {name: {"description": _TOLD[name], "schema": {"type": "string"}} for name in ("Tus-Resumable", *names)}


_TOLD = {
    "Tus-Resumable": f"The protocol's version, {VERSION}.",
    "Tus-Version": f"The protocol's version, {VERSION}.",
    "Tus-Extension": f"What of the protocol there is: {EXTENSIONS}.",
    "Tus-Checksum-Algorithm": f"{', '.join(ALGORITHMS)}.",
    "Tus-Max-Size": "Bytes of the largest recording taken in, where there is a limit.",
    "Location": "Where the upload is, relative to this server.",
    "Upload-Offset": "Bytes that are safe here. Go on from there.",
    "Upload-Length": "Bytes of the whole recording.",
    "Upload-Metadata": "As it was sent.",
    "Upload-Expires": "When the upload is forgotten: 24 hours after its last byte.",
    CALL_ID: "The call that the recording became, once it has come whole.",
    DUPLICATE: "`true` when the campaign had the same bytes already: the id is that call's.",
}
_STANDING = ("Upload-Offset", "Upload-Expires", CALL_ID, DUPLICATE)
_VERSION = _header("Tus-Resumable", "The protocol's version.", {"type": "string", "enum": [VERSION]}, required=True)
_CHECKSUM = _header(
    "Upload-Checksum",
    f"Of this request's body: one of {', '.join(ALGORITHMS)}, a space, the hash in Base64. "
    "The bytes count only when all have come and match.",
    {"type": "string", "pattern": _HASH},
)
_OFFSET = _header("Upload-Offset", "Where the body goes on: as many bytes as are safe here.", _NUMBER, required=True)
_METADATA = _header(
    "Upload-Metadata",
    "Keys, each with its value in Base64, separated by commas: `filename` (or `name`), `agent`, `called_at`, "
    "`external_id`, `metadata` (a JSON object), `campaign_id`, `bulk_job_id`, `accept_truncated`, as the fields of "
    "POST /calls/upload. Others are kept for HEAD, and mean nothing.",
    {"type": "string", "pattern": f"^{_PAIR}( *, *{_PAIR})*$"},
)
_LENGTH = _header("Upload-Length", "Bytes of the whole recording.", _SOME, required=True)
_OVERRIDE = _header(
    "X-HTTP-Method-Override",
    "The method that is meant, where something on the way lets POST through only.",
    {"type": "string", "enum": ["PATCH", "DELETE", "HEAD"]},
    required=True,
)
_ANY = {"type": "string", "format": "binary"}
_OF_THE_END = ("forbidden", "just-deleted", "cancelled", "too-large", "not-a-recording", "storage-away")
_ADDING = ("bad-request", "not-found", "too-slow", "wrong-offset", "upload-gone", "wrong-version", "wrong-media-type")

OPTIONS: dict[int | str, dict[str, Any]] = {
    204: {
        "description": "What the server can do.",
        "headers": _answers("Tus-Version", "Tus-Extension", "Tus-Checksum-Algorithm", "Tus-Max-Size"),
    }
}
CREATED: dict[int | str, dict[str, Any]] = {
    201: {"description": "The upload has begun.", "headers": _answers("Location", *_STANDING)},
    **problems(
        *("bad-request", "bad-metadata", "wrong-campaign", "too-slow", "wrong-version"),
        *("wrong-media-type", "upload-held", "wrong-checksum", *_OF_THE_END),
    ),
}
STOOD: dict[int | str, dict[str, Any]] = {
    200: {"description": "How far it has come.", "headers": _answers("Upload-Length", "Upload-Metadata", *_STANDING)},
    **problems("not-found", "upload-gone", "wrong-version", "upload-held", *_OF_THE_END),
}
ADDED: dict[int | str, dict[str, Any]] = {
    204: {"description": "The bytes are safe.", "headers": _answers(*_STANDING)},
    **problems(*_ADDING, "upload-held", "wrong-checksum", *_OF_THE_END),
}
ENDED: dict[int | str, dict[str, Any]] = {
    204: {"description": "The upload is forgotten.", "headers": _answers()},
    **problems("not-found", "wrong-version", "upload-held"),
}
OVERRIDDEN: dict[int | str, dict[str, Any]] = {
    200: STOOD[200],
    204: ADDED[204],
    **problems(*_ADDING, "method-not-allowed", "upload-held", "wrong-checksum", *_OF_THE_END),
}

CREATING = {
    "parameters": [_VERSION, _LENGTH, _METADATA, _CHECKSUM],
    "requestBody": {"required": False, "content": {BODY: {"schema": _ANY}}},
}
ADDING = {
    "parameters": [_VERSION, _OFFSET, _CHECKSUM],
    "requestBody": {"required": True, "content": {BODY: {"schema": _ANY}}},
}
ASKING = {"parameters": [_VERSION]}
OVERRIDING = {
    "parameters": [_VERSION, _OVERRIDE, {**_OFFSET, "required": False}, _CHECKSUM],
    "requestBody": {"required": False, "content": {BODY: {"schema": _ANY}}},
}
