"""The list of calls as a file: what its filters let through, streamed, narrowed to whoever asks."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import badges
from dashboard.calls import filter_address as addressed
from dashboard.calls.filter_address import NAMES, Address
from dashboard.calls.places import SORT, sort_of
from dashboard.door import origin
from records import call_export
from records.call_export import Taken
from records.db import now, writing
from records.identity import Identity, NotAllowed
from web import sheets
from web.sheets import Cell

PATH = "/calls.csv"
ZONE = "zone"  # whose days the address means
HEADINGS = (
    *("Call", "File name", "Campaign", "Status", "Score", "AI's score", "Reviewed score", "Flagged"),
    *("Agent", "Agent as given", "Source", "Length (s)", "Called (UTC)", "Added (UTC)", "External id", "Error"),
)


def link(address: Address, zone: str) -> str:
    """Where the list of this address can be taken away."""
    wanted = {name: value for name, value in address.items() if name in {*NAMES, SORT}}
    return f"{PATH}?{urlencode({**wanted, ZONE: zone}, doseq=True)}"


async def export(request: Request) -> Response:
    """The file. It leaves a line in the audit log, so that no other site's page may cause it."""
    if origin.foreign(request):
        return PlainTextResponse("Export calls from their own page.", 403)
    try:
        batches = await asyncio.to_thread(_begun, request.state.who, request.query_params)
    except NotAllowed:
        return PlainTextResponse("There is no such page.", 404)
    rows = (map(cells, batch) for batch in batches)
    return sheets.answer(f"calls-{now():%Y-%m-%d}.csv", HEADINGS, rows)


def cells(call: Taken) -> tuple[Cell, ...]:
    """One line of the file."""
    return (
        *(call.id, call.filename, call.campaign, badges.CALL[call.status].label),
        *(_rounded(call.effective_score), _rounded(call.score), _rounded(call.reviewed_score)),
        *("yes" if call.flagged else "no", call.agent, call.agent_given, badges.SOURCE[call.source].label),
        *(None if call.duration_ms is None else call.duration_ms / 1000, call.called_at, call.created_at),
        *(call.external_id, call.error),
    )


def _begun(who: Identity, query: QueryParams) -> Iterator[list[Taken]]:
    values = addressed.values({name: query.getlist(name) for name in NAMES})
    asked = urlencode({name: written for name, value in values.items() if (written := addressed.written(value))}, True)
    filters = addressed.filters(values, _zone(query.get(ZONE, "")))
    with writing() as session:
        return call_export.exported(session, who, filters, sort_of(query.get(SORT, "")), asked=asked)


def _zone(given: str) -> str:
    try:
        return ZoneInfo(given).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)


ROUTES = (Route(PATH, export, methods=["GET"]),)
