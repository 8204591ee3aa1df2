"""The audit log as a file: what the page's filters let through, streamed, for those who may read it."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.address import TEXT_LONGEST, printable
from dashboard.audit import filters as shown
from dashboard.audit import lines
from dashboard.door import origin
from records import audit_list
from records.audit_list import Filters, Line
from records.db import now, writing
from records.identity import Identity, NotAllowed
from web import sheets


async def export(request: Request) -> Response:
    """The file. It leaves a line in the log, so that no other site's page may cause it."""
    if origin.foreign(request):
        return PlainTextResponse("Export the audit log from its own page.", 403)
    try:
        batches = await asyncio.to_thread(_begun, request.state.who, asked(request.query_params))
    except NotAllowed:
        return PlainTextResponse("There is no such page.", 404)
    rows = (map(lines.cells, batch) for batch in batches)
    return sheets.answer(f"audit-log-{now():%Y-%m-%d}.csv", lines.HEADINGS, rows)


def asked(query: QueryParams) -> Filters:
    """What an address asks for, as `filters.export` wrote it; nonsense asks for nothing."""
    return Filters(
        by=printable(query.get("by", ""))[:TEXT_LONGEST],
        acts=tuple(filter(str.isalpha, query.getlist("kind"))),
        campaigns=frozenset(filter(str.isprintable, query.getlist("campaign"))),
        since=_moment(query.get("since", "")),
        until=_moment(query.get("until", "")),
        text=printable(query.get("text", ""))[:TEXT_LONGEST],
    )


def _begun(who: Identity, filters: Filters) -> Iterator[list[Line]]:
    with writing() as session:
        return audit_list.exported(session, who, filters)


def _moment(given: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


ROUTES = (Route(shown.EXPORT, export, methods=["GET"]),)
