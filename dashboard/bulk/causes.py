"""What failed of a bulk job, by its cause, and what to do about each."""

import streamlit as st

from dashboard import badges, farewell, words
from dashboard.bulk import said, tallies
from dashboard.bulk.overview import CALLED_OFF, NEVER_CAME, REFUSED
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from jobs import enqueue
from pipeline import bulk_retry
from pipeline.reruns import Busy
from records import bulk_counts
from records.bulk import BulkJob
from records.bulk_counts import Failure, Tally
from records.db import stored_id
from records.identity import NotFound
from records.roles import Permission
from records.statuses import CallStatus

FAILED = badges.CALL[CallStatus.FAILED]
AGAIN = "Nothing of them was kept: put the files right, and upload them again."
AGAIN_ONE = "Nothing of it was kept: put the file right, and upload it again."


def show(job: BulkJob, slug: str, tally: Tally) -> None:
    """Every cause; nothing where nothing failed."""
    called_off = _called_off(job, tally)
    if not (tally.failures or called_off):
        return
    st.subheader("What failed, and why" if tally.failures else "What was called off", anchor=False)
    for failure in (*tally.failures, *called_off):
        with st.container(border=True):
            said_of, act = st.columns([5, 1], vertical_alignment="center")
            with said_of:
                _cause(failure)
            with act:
                if failure.refused:
                    _to_upload(failure, slug)
                else:
                    _to_retry(job, failure)


def _called_off(job: BulkJob, tally: Tally) -> list[Failure]:
    """No failure, but tried again in the same way."""
    number = tally.counts.cancelled
    sentence = f"Called off by {job.cancelled_by} before they began."
    return [Failure(bulk_counts.CANCELLED, sentence, number)] if number else []


def _cause(failure: Failure) -> None:
    badge = {bulk_counts.CANCELLED: CALLED_OFF, bulk_counts.NEVER_CAME: NEVER_CAME}.get(failure.code)
    badge = badge or (REFUSED if failure.refused else FAILED)
    facts = [("For example", ", ".join(failure.examples))] if failure.examples else []
    if failure.count == len(failure.examples):
        facts = [("File" if failure.count == 1 else "Files", ", ".join(failure.examples))]
    sentences = [failure.words]
    if failure.refused and failure.code != bulk_counts.NEVER_CAME:
        sentences.append(AGAIN_ONE if failure.count == 1 else AGAIN)
    data = {
        "title": said.recordings(failure.count),
        "badge": badge._asdict(),
        "words": " ".join(sentences),
        "facts": facts,
    }
    mount("cause", data, key=f"cause-{failure.refused:d}-{failure.code}")


def _to_upload(failure: Failure, slug: str) -> None:
    if st.button("Upload again", key=f"upload-{failure.code}", icon=":material/upload:", width="stretch"):
        go("upload.py", {"campaign": slug})


def _to_retry(job: BulkJob, failure: Failure) -> None:
    label = "Retry it" if failure.count == 1 else f"Retry these {failure.count:,}"
    if st.button(label, key=f"retry-{failure.code}", icon=":material/replay:", width="stretch"):
        _retry(stored_id(job.id), failure.code)


def _retry(number: int, code: str) -> None:
    """Take them up again, as whoever is signed in at this moment."""
    who = require(Permission.CALL_REPROCESS)
    try:
        with st.spinner("Taking them up again…"):
            taken = bulk_retry.retry(who, number, code, enqueue.look)
    except (Busy, NotFound) as refused:
        tallies.forget()
        st.error(words.plain(str(refused)), icon=":material/info:")
    else:
        tallies.forget()
        farewell.redraw(f"{said.recordings(taken)} {'is' if taken == 1 else 'are'} on the way again.")
