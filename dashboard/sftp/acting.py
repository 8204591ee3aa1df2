"""What people do about files and batches: the buttons, the question before it, and what is said afterwards."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from dashboard import farewell, words
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.sftp import rows
from dashboard.sftp.verdicts import Act, acts
from jobs import enqueue
from pipeline.sftp import acts as doing
from records import sftp_list
from records.campaigns import NotUsable
from records.db import reading, stored_id
from records.identity import Identity, NotAllowed, NotFound
from records.roles import Permission
from records.sftp import SftpFile
from records.statuses import SftpBatchStatus

LABELS = {
    Act.RETRY: ("Retry", "replay", "Try to import it again"),
    Act.AS_NEW: ("Import as new", "add_circle", "Import what lies there now, as a call of its own"),
    Act.TAKE: ("Take it all the same", "content_cut", "Import what there is of the recording"),
    Act.REPROCESS: ("Reprocess", "refresh", "Open the call that it is already, and run it again there"),
}
REFUSED = (NotUsable, NotFound, NotAllowed)


def buttons(file: SftpFile) -> None:
    """What may be done about a file's verdict."""
    possible = acts(file.status, file.code, has_call=file.call_id is not None)
    for act in possible:
        label, icon, help_text = LABELS[act]
        first: Literal["primary", "secondary"] = "primary" if act is possible[0] else "secondary"
        if st.button(label, key=f"sftp-{act.value}", icon=f":material/{icon}:", help=help_text, type=first):
            _act(act, stored_id(file.id), file.call_id or "")


def _act(act: Act, number: int, call_id: str) -> None:
    """Do it, as whoever is signed in at this moment."""
    who = require(Permission.SFTP_READ)
    match act:
        case Act.REPROCESS:
            go("call.py", {"id": call_id})
        case Act.RETRY:
            _tried(lambda: doing.retry(who, [number]), "It is tried again.")
        case Act.AS_NEW:
            _tried(lambda: doing.import_as_new(who, number), "It is imported as a new call.")
        case Act.TAKE:
            _tried(lambda: doing.take_cut_short(who, number), "It is taken as it is.")


def _tried(act: Callable[[], object], done: str) -> None:
    try:
        with st.spinner("One moment…"):
            act()
    except REFUSED as refused:
        st.error(words.plain(str(refused)), icon=":material/error:")
    else:
        _go_on()
        st.query_params.pop(rows.FILE, None)
        farewell.redraw(done)


def _go_on() -> None:
    """Nobody waits for the next sweep: files that are due are fetched, and CSVs and batches are looked at."""
    enqueue.import_sftp()
    enqueue.sweep_sftp()


def retry_button(row: sftp_list.Row) -> None:
    """Where files of a batch failed."""
    number = rows.failed(row.counts)
    if not number:
        return
    label = "Retry the failed one" if number == 1 else f"Retry the {number:,} that failed"
    st.button(label, key="sftp-retry-failed", icon=":material/replay:", on_click=_retry_failed, args=(row.id,))


def _retry_failed(batch: int) -> None:
    """All of them at once; said by a toast, since nothing is open."""
    who = require(Permission.SFTP_READ)
    try:
        taken = doing.retry_batch(who, batch)
    except REFUSED as refused:
        st.toast(words.plain(str(refused)), icon=":material/error:")
    else:
        _go_on()
        files = "1 file is" if taken == 1 else f"{taken:,} files are"
        farewell.leave(f"{files} tried again.")


def process_button(row: sftp_list.Row) -> None:
    """While the batch is open."""
    if (
        row.batch.closed_at is None
        and not row.batch.forced
        and st.button("Process now", key="sftp-process", icon=":material/play_arrow:")
    ):
        confirm(row.id)


@st.dialog("Process this batch now?", icon=":material/play_arrow:")
def confirm(number: int) -> None:
    """What it means, and the act."""
    who = require(Permission.SFTP_READ)
    try:
        with reading() as session:
            row = sftp_list.one(session, who, number)
    except NotFound as gone:
        st.error(words.plain(str(gone)))
        return
    for sentence in meaning(row):
        st.write(sentence)
    if st.button("Process it", type="primary", icon=":material/play_arrow:", key="sftp-process-sure"):
        _process(who, number)


def _process(who: Identity, number: int) -> None:
    _tried(lambda: doing.process_now(who, number), "What is there is processed now.")


def meaning(row: sftp_list.Row) -> list[str]:
    """What happens when a batch does not wait for the end of its window, sentence by sentence."""
    sentences = [f"Nothing more joins {rows.name(row.id)}. What comes from now on makes a new batch."]
    match row.batch.status:
        case SftpBatchStatus.WAITING_FOR_CSV:
            sentences += [
                "**The recordings are imported without the CSV that this campaign requires.**",
                "What only the CSV says of them (agents, dates) is added to their calls if it comes later.",
            ]
        case SftpBatchStatus.WAITING_FOR_FILES:
            sentences += [
                f"**The recordings that are there are imported.** {words.plain(row.batch.words)}",
                "The batch ends Incomplete, with the names that are missing.",
            ]
        case _:
            sentences.append("**Every file that has settled is imported now**, without waiting for others.")
    return sentences
