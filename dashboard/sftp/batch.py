"""One batch: where it stands, its files, what its CSVs name and is not there. It renews itself while it moves."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import address, badges, words
from dashboard.address import Address
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import PAGES
from dashboard.sftp import acting, file, files, rows, sheets, turning
from dashboard.sftp.listing import choose
from dashboard.sftp.turning import Way
from records import sftp_file_list, sftp_list
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission, scope_of
from records.sftp_file_list import Filters
from records.sftp_list import Row
from records.statuses import SFTP_OPEN, SftpBatchStatus, SftpFileStatus

BUSY_S, IDLE_S = 2, 10  # how often the batch is looked at: while something of it is open, and afterwards
STATUS, OLDER, NEWER = "status", "older", "newer"
INPUTS = Address("sftp_batch", {STATUS: address.members_of(SftpFileStatus)}, places=(OLDER, NEWER))
_NOTES = {SftpBatchStatus.FAILED: ("red", "error"), SftpBatchStatus.INCOMPLETE: ("orange", "rule")}


def asked_for(who: Identity) -> Row | None:
    """The batch in the address; None when there is none such for this person."""
    try:
        with reading() as session:
            return sftp_list.one(session, who, address.number(rows.ID) or 0)
    except NotFound:
        return None


def busy(row: Row) -> bool:
    """Whether something of it moves still; of one that has ended, a file that is tried again."""
    return row.batch.status not in sftp_list.ENDED or rows.done(row.counts) < row.files


def show(row: Row) -> None:
    """The batch, followed."""
    moving = busy(row)

    @st.fragment(run_every=BUSY_S if moving else IDLE_S)
    def batch() -> None:
        """The batch as it stands. A fragment's run skips everything above, so it asks who it is again."""
        who = require(Permission.SFTP_READ)
        row = asked_for(who)
        if row is None:
            st.rerun()
        INPUTS.fill()
        with reading() as session:
            late = sftp_list.late(session, who, row.id)
            lines = sheets.page(session, row.id)
        mount("heading", heading(row), key="sftp-heading")
        _neighbours(who, row, late)
        _tally(row)
        sheets.show(row, lines)
        _files(who, row)
        if busy(row) != moving:
            st.rerun()  # the pace of renewal is set by a whole run

    batch()
    file.open_from_address()


def heading(row: Row) -> dict[str, Any]:
    """Its name, status, facts, and what it waits for or how it ended."""
    batch = row.batch
    facts = [row.campaign, f"Opened {words.date(batch.opened_at)}"]
    if batch.ended_at:
        facts.append(f"Ended {words.date(batch.ended_at)}")
    if batch.forced:
        facts.append(f"Processed at once, by {batch.by or 'somebody'}")
    colour, icon = _NOTES.get(batch.status, ("blue", badges.SFTP_BATCH[batch.status].icon))
    title = "How it ended" if batch.status in sftp_list.ENDED else "Where it stands"
    said = batch.words and batch.status is not SftpBatchStatus.COMPLETED
    notes = [{"colour": colour, "icon": icon, "title": title, "lines": [batch.words]}] if said else []
    return {
        "title": rows.name(row.id),
        "badges": [badges.SFTP_BATCH[batch.status]._asdict()],
        "facts": facts,
        "notes": notes,
    }


def _neighbours(who: Identity, row: Row, late: list[int]) -> None:
    """The ways to the campaign, and to the batches before and after."""
    tab = {"tab": "sftp"} if scope_of(who.role, Permission.SFTP_CONFIGURE) else {}
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            PAGES / "campaign.py",
            label=words.plain(row.campaign) or row.slug,
            icon=":material/campaign:",
            query_params={"id": row.slug, **tab},
        )
        if row.batch.after_id is not None:
            _to(row.batch.after_id, f"These files came late for {_lower(rows.name(row.batch.after_id))}")
        for number in late:
            _to(number, f"What came late is {_lower(rows.name(number))}")


def _to(number: int, label: str) -> None:
    st.page_link(
        PAGES / "sftp_batches.py", label=label, icon=":material/folder_open:", query_params={rows.ID: str(number)}
    )


def _tally(row: Row) -> None:
    """How many files stand where; a number narrows the table to them."""
    if not row.files:
        return
    over = rows.done(row.counts)
    data = {
        "label": "Files of the batch",
        "share": over / row.files,
        "done": f"{over:,} of {row.files:,} files done",
        "pace": "" if row.batch.closed_at else rows.window(row.batch),
        "parts": list(_parts(row)),
    }
    with st.container(border=True):
        mount("tally", data, key="sftp-tally", heard=_narrow)


def _parts(row: Row) -> Iterator[dict[str, Any]]:
    for status, badge in badges.SFTP_FILE.items():
        count = row.counts.get(status, 0)
        if count:
            href = f"{rows.PAGE}?{urlencode({rows.ID: row.id, STATUS: status.value})}"
            over = status not in SFTP_OPEN
            yield {**badge._asdict(), "id": status.value, "count": count, "href": href, "over": over}


def _narrow(status: str) -> None:
    """For a click on a number: the address says so, and the input follows it."""
    INPUTS.clear()
    if status in set(SftpFileStatus):
        st.query_params[STATUS] = status


def _files(who: Identity, row: Row) -> None:
    wanted = Filters(statuses=frozenset(INPUTS.value(STATUS)), batch_id=row.id)
    with reading() as session:
        page = sftp_file_list.page(
            session, who, wanted, older_than=address.number(OLDER), newer_than=address.number(NEWER)
        )
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Files", anchor=False, width="content")
        choose(INPUTS, STATUS, "Status", {each: badge.label for each, badge in badges.SFTP_FILE.items()})
    if not page.rows:
        st.caption("No file of this status." if wanted.statuses else "No file has joined it yet.")
        return
    here: dict[str, str | list[str]] = {rows.ID: str(row.id), STATUS: [each.value for each in INPUTS.value(STATUS)]}
    opened = rows.file_table(page.rows, here, folder=row.folder)
    turning.foot(
        "sftp-files",
        Way("Newer", NEWER, page.rows[0].id, page.newer),
        Way("Older", OLDER, page.rows[-1].id, page.older),
        INPUTS.turn,
    )
    files.follow(opened)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def acts(row: Row) -> None:
    """What may be done with the whole batch."""
    acting.retry_button(row)
    acting.process_button(row)
