"""The list of batches: its filters, its table, the way to older ones, and what to do where there is none."""

from collections.abc import Mapping

import streamlit as st

from dashboard import address, badges, words
from dashboard.address import Address
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.sftp import rows, turning
from dashboard.sftp.turning import Way
from records import sftp_list
from records.db import reading
from records.identity import Identity
from records.roles import Permission, scope_of
from records.sftp_list import Page
from records.statuses import SftpBatchStatus

CAMPAIGN, STATUS, OLDER, NEWER = "campaign", "status", "older", "newer"
WIDTH = 168  # pixels of an input: four in a row beside the menu
BUSY_S, IDLE_S = 2, 10  # how often the list is read again: while a batch is open, and while none is


def of(campaigns: Mapping[str, str]) -> Address:
    """The inputs of the list."""
    fields = {CAMPAIGN: address.some_of(campaigns), STATUS: address.members_of(SftpBatchStatus)}
    return Address("sftp_batches", fields, places=(OLDER, NEWER))


def show(who: Identity, campaigns: Mapping[str, str]) -> None:
    """The inputs, and the list, which renews itself."""
    with reading() as session:
        any_batch = sftp_list.any_batch(session, who)
    if not any_batch:
        _nothing(who)
        return
    inputs = of(campaigns)
    _filters(inputs, campaigns)
    busy = _busy(_page(who, inputs))

    @st.fragment(run_every=BUSY_S if busy else IDLE_S)
    def batches() -> None:
        """One page of batches. A fragment's run skips everything above, so it asks who it is again."""
        who = require(Permission.SFTP_READ)
        inputs.expect_filled()
        page = _page(who, inputs)
        if page.rows:
            opened = rows.batch_table(page.rows)
            turning.foot(
                "sftp",
                Way("Newer", NEWER, page.rows[0].id, page.newer),
                Way("Older", OLDER, page.rows[-1].id, page.older),
                inputs.turn,
            )
            if opened:
                go("sftp_batches.py", {rows.ID: opened})
        else:
            _no_match(inputs)
        if _busy(page) != busy:
            st.rerun()  # the pace of renewal is set by a whole run

    batches()


def _filters(inputs: Address, campaigns: Mapping[str, str]) -> None:
    inputs.fill()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choose(inputs, STATUS, "Status", {each: badges.SFTP_BATCH[each].label for each in SftpBatchStatus})
        if len(campaigns) > 1:  # nobody chooses from one
            choose(inputs, CAMPAIGN, "Campaign", campaigns)


def choose(inputs: Address, name: str, label: str, labels: Mapping[str, str]) -> None:
    """One of the inputs above a list."""
    st.multiselect(
        label,
        list(labels),
        key=inputs.key(name),
        format_func=lambda each: words.plain(labels[each]),
        placeholder=f"Any {label.lower()}",
        on_change=inputs.write,
        width=WIDTH,
    )


def _page(who: Identity, inputs: Address) -> Page:
    with reading() as session:
        return sftp_list.page(
            session,
            who,
            inputs.value(CAMPAIGN),
            inputs.value(STATUS),
            older_than=address.number(OLDER),
            newer_than=address.number(NEWER),
        )


def _busy(page: Page) -> bool:
    return any(row.batch.status not in sftp_list.ENDED for row in page.rows)


def _no_match(inputs: Address) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No batch matches these filters.**", text_alignment="center", width="content")
        st.button("Clear filters", key="sftp-clear", on_click=inputs.clear, icon=":material/filter_alt_off:")


def _nothing(who: Identity) -> None:
    """No batch at all: what to do next."""
    with st.container(border=True):
        st.subheader("No batches yet", anchor=False)
        st.write(
            "What your recording system drops into a campaign's folder on the SFTP server within the campaign's window "
            "is a batch. Each is followed here, with a verdict on every file."
        )
        if scope_of(who.role, Permission.SFTP_CONFIGURE):
            st.write("Each campaign has a tab SFTP, where it is enabled.")
            if st.button("Campaigns", key="sftp-campaigns", icon=":material/campaign:"):
                go("campaigns.py")
