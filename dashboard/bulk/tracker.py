"""The tracker: the bulk jobs that are under way, small, on the pages where somebody waits for them."""

from typing import Any

import streamlit as st

from dashboard.bulk import progress, tallies
from dashboard.bulk.rows import href, name, wrong
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from records import bulk_list
from records.bulk_counts import Tally
from records.bulk_list import Row
from records.db import reading
from records.identity import Identity
from records.roles import Permission, scope_of

BUSY_S, IDLE_S = 2, 15  # how often it looks: while something is under way, and while nothing is
LOOKED_AT, SHOWN = 20, 5  # of the newest jobs


def show(who: Identity, campaign_slug: str = "") -> None:
    """What of this person's is under way, of one campaign where it is named; nothing when nothing is."""
    if scope_of(who.role, Permission.CALL_UPLOAD) is None:
        return
    busy = bool(_under_way(who, campaign_slug))

    @st.fragment(run_every=BUSY_S if busy else IDLE_S)
    def tracker() -> None:
        """A fragment's run skips the page's top, so it asks who it is again."""
        who = require(Permission.CALL_UPLOAD)
        found = _under_way(who, campaign_slug)
        if found:
            data = {
                "label": "Bulk jobs under way",
                "rows": [_row(row, tally, named=not campaign_slug) for row, tally in found],
            }
            opened = mount("tracker", data, key="tracker")
            if opened:
                go("bulk_job.py", {"id": opened})
        if bool(found) != busy:
            st.rerun()  # the pace of renewal is set by a whole run

    tracker()


def _under_way(who: Identity, campaign_slug: str) -> list[tuple[Row, Tally]]:
    with reading() as session:
        rows = bulk_list.newest(session, who, campaign_slug, most=LOOKED_AT)
        counted = tallies.of(session, [row.job for row in rows])
    found = [(row, counted[row.id]) for row in rows]
    return [(row, tally) for row, tally in found if tallies.moving(row.job, tally)][:SHOWN]


def _row(row: Row, tally: Tally, *, named: bool) -> dict[str, Any]:
    failed = wrong(tally)
    return {
        "id": str(row.id),
        "href": href(row.id),
        "name": name(row.job),
        "campaign": row.campaign if named else "",
        "share": progress.share(tally.counts, cancelled=False),
        "done": progress.done(tally.counts, cancelled=False),
        "failed": f"{failed:,} failed" if failed else "",
        "pace": progress.pace(row.job, tally),
    }
