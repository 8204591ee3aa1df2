"""On a campaign's page: what of its SFTP waits for somebody, and the way there."""

from collections.abc import Iterator

import streamlit as st

from dashboard.calls.filter_address import Address
from dashboard.guard import require
from dashboard.navigation import PAGES
from dashboard.sftp.listing import CAMPAIGN
from dashboard.sftp.needs import PAGE, SHORT, WAIT
from records import sftp_list
from records.campaigns import Campaign
from records.db import reading
from records.roles import Permission, scope_of

RENEWED_S = 10


def show(campaign: Campaign) -> None:
    """A line for each kind; nothing where nothing waits."""
    st.fragment(_lines, run_every=RENEWED_S)(campaign.slug)


def _lines(slug: str) -> None:
    """A fragment's run skips the page's first line, so it asks who it is again."""
    who = require(Permission.CAMPAIGN_READ)
    if scope_of(who.role, Permission.SFTP_READ) is None:
        return
    with reading() as session:
        waiting = sftp_list.waiting(session, who, [slug])
        short = sftp_list.ended_short(session, who, [slug])
        alarms = sftp_list.alarms(session, who, [slug])
    for label, icon, address in _needs(waiting, short, alarms=bool(alarms)):
        st.page_link(
            PAGES / PAGE,
            label=label,
            icon=f":material/{icon}:",
            query_params={CAMPAIGN: slug, **address},
        )


def _needs(waiting: int, short: int, *, alarms: bool) -> Iterator[tuple[str, str, Address]]:
    if waiting:
        label = f"{_batches(waiting)} from SFTP {'waits' if waiting == 1 else 'wait'} for a CSV, or for recordings"
        yield label, "hourglass_top", WAIT
    if short:
        yield f"{_batches(short)} from SFTP ended incomplete in the last days", "rule", SHORT
    if alarms:
        yield "File names on the SFTP server are not as usual", "notification_important", {}


def _batches(number: int) -> str:
    return f"{number:,} batch{'' if number == 1 else 'es'}"
