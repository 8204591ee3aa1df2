"""The queues, and who works on them; it renews itself."""

import streamlit as st

from dashboard import words
from dashboard.guard import require
from dashboard.system.board import PATH
from jobs import overview
from jobs.enqueue import CLOCK, SFTP, WEBHOOKS
from jobs.health import Trouble
from jobs.overview import Overview
from records.roles import Permission

RENEWED_S = 5
FOR = {WEBHOOKS: "Webhooks", SFTP: "SFTP", CLOCK: "Clock (rescue, sweeps)"}


@st.fragment(run_every=RENEWED_S)
def show() -> None:
    """Both tables. A fragment's run skips the page's first line."""
    require(Permission.SYSTEM_READ)
    try:
        found = overview.look()
    except Trouble as trouble:
        st.warning(str(trouble), icon=":material/cloud_off:")
        return
    _queues(found)
    st.link_button("Open the queues' own dashboard", f"{PATH}/", icon=":material/open_in_new:")
    _workers(found)


def _queues(found: Overview) -> None:
    st.dataframe(
        {
            "Queue": [FOR.get(queue.name, queue.name.capitalize()) for queue in found.queues],
            "Waiting": [queue.waiting for queue in found.queues],
            "Being done": [queue.working for queue in found.queues],
            "Later": [queue.later for queue in found.queues],
            "Failed": [queue.failed for queue in found.queues],
            "Threads": [queue.threads for queue in found.queues],
        },
        hide_index=True,
        column_config={
            "Later": st.column_config.NumberColumn(help="On the clock: for a provider's answer, or for the next try"),
            "Failed": st.column_config.NumberColumn(help="Kept for a year; requeue them on the queues' own dashboard"),
            "Threads": st.column_config.NumberColumn(help="That take jobs from this queue, over all machines"),
        },
        key="queues",
    )


def _workers(found: Overview) -> None:
    st.subheader("Workers", anchor=False)
    if not found.workers:
        st.info("No worker is running. Start `totalview up` or `totalview worker`.", icon=":material/engineering:")
        return
    st.dataframe(
        {
            "Machine": [worker.host for worker in found.workers],
            "Process": [str(worker.pid) for worker in found.workers],
            "Busy": [f"{worker.busy} of {worker.threads} threads" for worker in found.workers],
            "Queues": [", ".join(worker.queues) for worker in found.workers],
            "Last heard of": [words.ago(worker.heard_at) for worker in found.workers],
            "Jobs done": [worker.done for worker in found.workers],
            "Jobs failed": [worker.failed for worker in found.workers],
        },
        hide_index=True,
        key="workers",
    )
