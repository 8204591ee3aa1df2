"""Who may ask the web process for what: every address and everybody, as data."""

import httpx
import pytest

from tests.security.callers import CALLERS, world
from tests.security.places import everywhere
from tests.security.requests import request
from tests.website import Website

# 401: sign in, or bring a key. 403: not by this request. 404: there is none for you. 410: this link is none.
# Manager: of the campaign that is asked about, and of another one. Key: of this campaign, of another one, revoked.
# nobody  agent, manager, manager elsewhere, compliance officer, senior manager, owner  key, another key, revoked key
TABLE = {
    "GET /": "401  200 200 200 200 200 200  401 401 401",
    "POST /": "401  405 405 405 405 405 405  401 401 401",
    "POST /_stcore/agent/interact": "401  404 404 404 404 404 404  401 401 401",
    "POST /_stcore/agent/mcp": "401  404 404 404 404 404 404  401 401 401",
    "POST /_stcore/agent/openapi.json": "401  404 404 404 404 404 404  401 401 401",
    "GET /_stcore/bidi-components/{path:path}": "401  404 404 404 404 404 404  401 401 401",
    "GET /_stcore/health": "200 to all",
    "GET /_stcore/host-config": "200 to all",
    "GET /_stcore/metrics": "401  404 404 404 404 404 404  401 401 401",
    "DELETE /_stcore/upload_file/{session_id}/{file_id}": "401  403 403 403 403 403 403  401 401 401",
    "PUT /_stcore/upload_file/{session_id}/{file_id}": "401  403 403 403 403 403 403  401 401 401",
    "GET /api": "404 to all",
    "GET /api/": "404 to all",
    "POST /api/": "404 to all",
    "POST /api/v1/bulk_jobs": "401  404 201 404 201 201 201  201 201 401",
    "GET /api/v1/bulk_jobs/{bulk_job_id}": "401  404 200 404 200 200 200  200 404 401",
    "PATCH /api/v1/bulk_jobs/{bulk_job_id}": "401  404 200 404 200 200 200  200 404 401",
    "POST /api/v1/bulk_jobs/{bulk_job_id}/cancel": "401  404 200 404 200 200 200  200 404 401",
    "POST /api/v1/callbacks/{run_id}/{secret}": "404 to all",
    "GET /api/v1/calls": "401  200 200 200 200 200 200  200 200 401",
    "POST /api/v1/calls/upload": "401  401 401 401 401 401 401  202 202 401",
    "GET /api/v1/calls/{call_id}": "401  200 200 404 200 200 200  200 404 401",
    "PATCH /api/v1/calls/{call_id}": "401  401 401 401 401 401 401  200 404 401",
    "GET /api/v1/calls/{call_id}/recording": "401  401 401 401 401 401 401  307 404 401",
    "HEAD /api/v1/calls/{call_id}/recording": "401  401 401 401 401 401 401  307 404 401",
    "POST /api/v1/calls/{call_id}/rerun": "401  401 401 401 401 401 401  202 404 401",
    "GET /api/v1/calls/{call_id}/transcript": "401  200 200 404 200 200 200  200 404 401",
    "GET /api/v1/calls/{call_id}/versions": "401  200 200 404 200 200 200  200 404 401",
    "GET /api/v1/campaign": "401  401 401 401 401 401 401  200 200 401",
    "GET /api/v1/checks": "401  401 401 401 401 401 401  200 200 401",
    "GET /api/v1/docs": "200 to all",
    "GET /api/v1/docs/start.js": "200 to all",
    "GET /api/v1/docs/{name}": "200 to all",
    "GET /api/v1/openapi.json": "200 to all",
    "GET /api/v1/recordings/{token}": "200 to all",
    "HEAD /api/v1/recordings/{token}": "200 to all",
    "POST /api/v1/uploads": "401  404 201 404 201 201 201  201 201 401",
    "POST /api/v1/uploads/": "401  404 201 404 201 201 201  201 201 401",
    "DELETE /api/v1/uploads/{upload_id}": "401  404 404 404 404 404 404  204 404 401",
    "HEAD /api/v1/uploads/{upload_id}": "401  404 404 404 404 404 404  200 404 401",
    "PATCH /api/v1/uploads/{upload_id}": "401  404 404 404 404 404 404  204 404 401",
    "POST /api/v1/uploads/{upload_id}": "401  404 404 404 404 404 404  204 404 401",
    "GET /audit_log.csv": "401  404 404 404 200 200 200  401 401 401",
    "GET /auth/login": "401  404 404 404 404 404 404  401 401 401",
    "GET /auth/logout": "401  404 404 404 404 404 404  401 401 401",
    "GET /calls.csv": "401  200 200 200 200 200 200  401 401 401",
    "GET /component/{path:path}": "401  404 404 404 404 404 404  401 401 401",
    "GET /favicon.png": "200 to all",
    "GET /healthz": "200 to all",
    "GET /login": "200  303 303 303 303 303 303  200 200 200",
    "POST /login": "403 to all",
    "POST /logout": "303 to all",
    "POST /logout_everywhere": "303 to all",
    "GET /media/{file_id:path}": "401  404 404 404 404 404 404  401 401 401",
    "GET /metrics": "401  401 401 401 401 200 200  401 401 401",
    "GET /oauth2callback": "401  404 404 404 404 404 404  401 401 401",
    "GET /password": "401  200 200 200 200 200 200  401 401 401",
    "POST /password": "401  403 403 403 403 403 403  401 401 401",
    "GET /queues/": "401  404 404 404 404 200 200  401 401 401",
    "POST /queues/": "401  404 404 404 404 405 405  401 401 401",
    "GET /readyz": "503 to all",
    "GET /recordings/{call_id}": "401  200 200 404 200 200 200  401 401 401",
    "GET /setup": "410 to all",
    "POST /setup": "403 to all",
    "GET /sso": "303 to all",
    "GET /sso/callback": "303 to all",
    "GET /welcome": "410 to all",
    "POST /welcome": "410 to all",
}

SUPPORTS = "A-1001"  # the external id of a call of Support's, in which the agent speaks
SEE_SUPPORT = {"agent", "manager", "compliance", "senior", "owner", "key"}


def test_the_table_has_a_row_for_every_address():
    assert {place for place in everywhere() if not place.startswith("SOCKET")} == set(TABLE)


@pytest.mark.parametrize("caller", CALLERS)
def test_each_address_answers_as_the_table_says(home, site: Website, caller):
    here, found, told = world(), {}, ""
    with httpx.Client(base_url=site.address, timeout=60) as client:
        for place in TABLE:
            method, path, rest = request(place, here.known)
            headers = {**rest.get("headers", {}), **here.headers(caller)}
            answer = client.request(method, path, **{**rest, "headers": headers})
            found[place], told = answer.status_code, told + answer.text
    assert found == {place: status(row, caller) for place, row in TABLE.items()}
    assert (SUPPORTS in told) == (caller in SEE_SUPPORT)


def status(row: str, caller: str) -> int:
    statuses = row.removesuffix(" to all").split()
    return int(statuses[0] if len(statuses) == 1 else statuses[CALLERS.index(caller)])
