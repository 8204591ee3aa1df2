"""One file: everything known of it, and what may be done about its verdict. Opened by the address."""

from typing import Any

import streamlit as st

from dashboard import address, badges, words
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import PAGES
from dashboard.sftp import acting, rows
from dashboard.sftp.paths import seen, size
from pipeline.sftp.facts.told import Told
from records import sftp, sftp_file_list
from records.campaigns import Campaign
from records.db import reading
from records.identity import NotFound
from records.roles import Permission
from records.sftp import SftpFile

LINES = 20  # of CSVs that are told


def open_one(number: str) -> None:
    """Show a file, and write it into the address."""
    st.query_params[rows.FILE] = number
    open_from_address()


def open_from_address() -> None:
    """Show the file that the address names, if it names one."""
    if rows.FILE in st.query_params:
        detail(address.number(rows.FILE) or 0)


def _left() -> None:
    """The dialog was dismissed."""
    st.query_params.pop(rows.FILE, None)


@st.dialog("File on the SFTP server", width="medium", icon=":material/draft:", on_dismiss=_left)
def detail(number: int) -> None:
    """Where it lies, its verdict, what was told of it, and what can be done."""
    who = require(Permission.SFTP_READ)
    try:
        with reading() as session:
            found = sftp.file(session, who, number)
            lines = sftp_file_list.lines(session, [number])
            campaign = session.get(Campaign, found.campaign_id)
    except NotFound:
        st.write("There is no such file. It may have been forgotten with its campaign.")
        return
    mount("card", card(found, campaign.name if campaign else ""), key=f"sftp-file-{number}")
    pairs = _told(found, lines)
    if pairs:
        mount("facts", {"pairs": pairs}, key=f"sftp-told-{number}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        acting.buttons(found)
        if found.call_id:
            st.page_link(
                PAGES / "call.py", label="Open the call", icon=":material/call:", query_params={"id": found.call_id}
            )
        if found.batch_id is not None and address.number(rows.ID) != found.batch_id:
            st.page_link(
                PAGES / "sftp_batches.py",
                label=rows.name(found.batch_id),
                icon=":material/folder_open:",
                query_params={rows.ID: str(found.batch_id)},
            )


def card(file: SftpFile, campaign: str) -> dict[str, Any]:
    """The file, its verdict and why."""
    facts = [
        ("Campaign", campaign or "None claims it"),
        ("Size", size(file.size)),
        ("Modified", words.to_the_second(file.modified)),
        ("First seen", words.date(file.seen_at)),
    ]
    if file.ended_at:
        facts.append(("Verdict since", words.date(file.ended_at)))
    if file.tries:
        facts.append(("Tries", f"{file.tries:,}"))
    badge = badges.SFTP_FILE[file.status]
    said = [sentence for sentence in (file.reason, file.agent_note) if sentence]
    notes = [{"colour": _colour(badge.colour), "icon": badge.icon, "title": badge.label, "lines": said}] if said else []
    return {"title": seen(file.path), "badges": [badge._asdict()], "facts": facts, "notes": notes}


def _told(file: SftpFile, lines: list[tuple[int, str, int]]) -> list[tuple[str, str]]:
    """What its name and the CSVs say of it."""
    told = Told.from_json(file.told)
    pairs = [
        ("Agent, as given", told.agent),
        ("Time of the call", words.to_the_second(told.called_at) if told.called_at else ""),
        ("External id", told.external_id or ""),
        *told.details.items(),
        *(("Not understood", note) for note in told.notes),
        *((f"Line {line:,}", seen(path)) for _file, path, line in lines[:LINES]),
    ]
    if len(lines) > LINES:
        pairs.append(("More lines", f"{len(lines) - LINES:,}"))
    if file.tidying.value == "failed":
        pairs.append(("On the server", "It could not be moved or deleted."))
    return [pair for pair in pairs if pair[1]]


def _colour(colour: str) -> str:
    """Notes have fewer colours than badges."""
    return colour if colour in {"red", "orange"} else "blue"
