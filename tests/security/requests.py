"""A request to each address of the web process that somebody who may is not refused."""

from typing import Any

from tests.api.described import BEGUN, COMPLETED, DOOMED, FAILED, RECORDING

NAMES = {
    "{call_id}": COMPLETED,
    "{upload_id}": BEGUN,
    "{name}": "swagger-ui.css",
    "{run_id}": "1",
    "{secret}": "guess",
    "{page}": "calls",
    "{session_id}": "x",
    "{file_id}": "x",
    "{file_id:path}": "x",
    "{path:path}": "x",
}
TUS = {"Tus-Resumable": "1.0.0"}
MORE = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
FILLED: dict[str, dict[str, Any]] = {  # what a request brings
    "POST /api/v1/uploads": {"headers": {**TUS, "Upload-Length": "9"}, "params": {"campaign_id": "support"}},
    "POST /api/v1/uploads/": {"headers": {**TUS, "Upload-Length": "9"}, "params": {"campaign_id": "support"}},
    "HEAD /api/v1/uploads/{upload_id}": {"headers": TUS},
    "PATCH /api/v1/uploads/{upload_id}": {"headers": MORE, "content": b"12"},
    "POST /api/v1/uploads/{upload_id}": {"headers": {**TUS, "X-HTTP-Method-Override": "DELETE"}},
    "DELETE /api/v1/uploads/{upload_id}": {"headers": TUS},
    "POST /api/v1/calls/upload": {"files": {"file": ("call.wav", RECORDING)}},
    "PATCH /api/v1/calls/{call_id}": {"json": {"metadata": {"team": "south"}}},
    "POST /api/v1/calls/{call_id}/rerun": {"json": {"from": "transcription"}},
    "POST /api/v1/bulk_jobs": {"json": {"expected": 2}, "params": {"campaign_id": "support"}},
    "PATCH /api/v1/bulk_jobs/{bulk_job_id}": {"json": {"expected": 4}},
}
ANOTHER = {  # where this one thing would not do
    "POST /api/v1/uploads/{upload_id}": {"{upload_id}": DOOMED[0]},
    "DELETE /api/v1/uploads/{upload_id}": {"{upload_id}": DOOMED[1]},
    "POST /api/v1/calls/{call_id}/rerun": {"{call_id}": FAILED},
}


def request(place: str, known: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    """Method, path and the rest, for one line of the table; `known` is what the world calls its things."""
    method, path = place.split(" ", 1)
    for name, value in {**NAMES, **known, **ANOTHER.get(place, {})}.items():
        path = path.replace(name, value)
    return method, path, FILLED.get(place, {})
