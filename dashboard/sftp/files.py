"""All files that were seen on the server, with the verdict on each: filters, table, and the way to older ones."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import address, badges
from dashboard.address import Address
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.sftp import file, rows, turning
from dashboard.sftp.listing import WIDTH, choose
from dashboard.sftp.turning import Way
from dashboard.sftp.verdicts import CODES
from pipeline.sftp import matching
from records import sftp_file_list
from records.db import reading
from records.identity import Identity
from records.roles import Permission, Scope, scope_of
from records.sftp_file_list import Filters, Page
from records.statuses import SftpFileStatus

SHOW, FILES = "show", "files"  # which part of the page, in the address
TEXT, STATUS, CODE, CAMPAIGN, OLDER, NEWER = "q", "status", "code", "campaign", "older", "newer"
NOBODY = "-"  # in the address: the files that no campaign claims; a slug begins with a letter or a digit
RENEWED_S = 10


def of(campaigns: Mapping[str, str]) -> Address:
    """The inputs of the list."""
    fields = {
        TEXT: address.text,
        STATUS: address.members_of(SftpFileStatus),
        CODE: address.some_of(CODES),
        CAMPAIGN: address.some_of(campaigns),
    }
    return Address("sftp_files", fields, places=(OLDER, NEWER))


def show(who: Identity, campaigns: Mapping[str, str]) -> None:
    """The inputs, and the list, which renews itself."""
    everything = scope_of(who.role, Permission.SFTP_READ) is Scope.ALL
    named = {**campaigns, NOBODY: "No campaign"} if everything else dict(campaigns)
    inputs = of(named)
    inputs.fill()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search",
            key=inputs.key(TEXT),
            placeholder="File name",
            icon=":material/search:",
            on_change=inputs.write,
            max_chars=address.TEXT_LONGEST,
            width=WIDTH,
        )
        choose(inputs, STATUS, "Status", {each: badges.SFTP_FILE[each].label for each in SftpFileStatus})
        choose(inputs, CODE, "Reason", CODES)
        if len(named) > 1:  # nobody chooses from one
            choose(inputs, CAMPAIGN, "Campaign", named)
    _listing(inputs)
    file.open_from_address()


@st.fragment(run_every=RENEWED_S)
def _listing(inputs: Address) -> None:
    """One page of files. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.SFTP_READ)
    inputs.expect_filled()
    page = _page(who, inputs)
    if not page.rows:
        _nothing(who, inputs)
        return
    here: dict[str, str | list[str]] = {SHOW: FILES}
    here |= {name: inputs.value(name) for name in inputs.fields if inputs.value(name)}
    opened = rows.file_table(page.rows, here)
    turning.foot(
        "sftp-files",
        Way("Newer", NEWER, page.rows[0].id, page.newer),
        Way("Older", OLDER, page.rows[-1].id, page.older),
        inputs.turn,
    )
    follow(opened)


def follow(opened: str | None) -> None:
    """Go where a click on a table of files leads: to the file's dialog, or to its call."""
    if opened and opened.startswith(rows.CALL):
        go("call.py", {"id": opened.removeprefix(rows.CALL)})
    elif opened:
        file.open_one(opened)


def filters(inputs: Mapping[str, Any]) -> Filters:
    """What the inputs say."""
    named = frozenset(inputs[CAMPAIGN])
    return Filters(
        statuses=frozenset(inputs[STATUS]),
        campaigns=named - {NOBODY},
        unclaimed=NOBODY in named,
        codes=frozenset(inputs[CODE]),
        text=matching.name_key(address.printable(inputs[TEXT])),
    )


def _page(who: Identity, inputs: Address) -> Page:
    with reading() as session:
        return sftp_file_list.page(
            session,
            who,
            filters({name: inputs.value(name) for name in inputs.fields}),
            older_than=address.number(OLDER),
            newer_than=address.number(NEWER),
        )


def _nothing(who: Identity, inputs: Address) -> None:
    with reading() as session:
        any_file = sftp_file_list.any_file(session, who)
    with st.container(border=True, horizontal_alignment="center"):
        if any_file:
            st.markdown("**No file matches these filters.**", text_alignment="center", width="content")
            st.button("Clear filters", key="sftp-clear", on_click=inputs.clear, icon=":material/filter_alt_off:")
        else:
            st.markdown("**No file was seen yet.**", text_alignment="center", width="content")
            st.caption("Every file that a sweep finds stands here, with what became of it and why.", width="content")
