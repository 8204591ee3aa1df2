"""The dialog that brings agents from a CSV file: what each line would do, before anything is written."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from dashboard import farewell, words
from dashboard.agents import add, said
from dashboard.guard import require
from pipeline import agentsheet, sheettext
from pipeline.agentsheet import BadSheet, Sheet
from records import agent_import, agent_list
from records.agent_import import Outcome, Step
from records.db import reading, writing
from records.identity import Identity
from records.roles import Permission

SHOWN = 1000  # lines of the preview; those with a problem come first
LABELS = {
    Outcome.PROBLEM: "Problem",
    Outcome.NEW: "New",
    Outcome.UPDATES: "Updates",
    Outcome.SAME: "No change",
}
EXAMPLE = """name,team,email,dialler id,campaigns
Ada Moss,North,ada.moss@example.org,4711,support
Ben Okoye,South,ben.okoye@example.org,4712,support;sales
"""
_AS_FOUND = ""


@st.dialog("Import agents from CSV", width="large", icon=":material/upload_file:")
def dialog() -> None:
    """Choose a file, look, import."""
    who = require(Permission.AGENT_MANAGE)
    file = st.file_uploader(
        "CSV file",
        type=["csv", "txt", "tsv"],
        key="agents-csv",
        max_upload_size=agentsheet.MOST_BYTES // 1_000_000,
        help="The first line names the columns: name, and any of team, campaigns, alias, email, dialler id, extension.",
    )
    if file is None:
        st.caption(
            "The first line names the columns. Agents who are there already are found by another name or by name."
        )
        st.code(EXAMPLE, language=None)
        return
    with st.container(horizontal=True):
        encoding, campaign = _encoding(), _campaign(who)
    try:
        sheet = agentsheet.read(file.getvalue(), encoding)
    except BadSheet as bad:
        st.error(words.plain(str(bad)))
        return
    try:
        with st.spinner("Looking through the file…"), reading() as session:
            steps = agent_import.plan(session, who, sheet.lines, campaign=campaign)
    except add.REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    _preview(sheet, steps)
    _act(who, sheet, steps, campaign)


def _encoding() -> str:
    """The file's encoding, where somebody knows it better than the bytes tell."""
    names = {_AS_FOUND: "As the file seems to be"} | sheettext.ENCODINGS
    return st.selectbox(
        "Encoding",
        list(names),
        format_func=names.__getitem__,
        key="agents-csv-encoding",
        width=300,
        help="Choose another when names with accents look wrong below.",
    )


def _campaign(who: Identity) -> str:
    """The campaign of lines that name none."""
    with reading() as session:
        known = agent_list.campaigns(session, who)
    names = {"": "None"} | known
    return st.selectbox(
        "Campaign for lines that name none",
        list(names),
        format_func=names.__getitem__,
        key="agents-csv-campaign",
        width=300,
    )


def _preview(sheet: Sheet, steps: Sequence[Step]) -> None:
    counts = Counter(step.outcome for step in steps)
    with st.grid(4, min_column_width=110, gap="small"):
        for outcome, label in LABELS.items():
            st.metric(label, f"{counts[outcome]:,}", border=True)
    st.caption(f"Read as {sheettext.ENCODINGS[sheet.encoding]}.")
    if sheet.unused:
        st.caption(words.plain(f"Columns that mean nothing here, and are left out: {', '.join(sheet.unused)}."))
    order = list(LABELS)
    shown = sorted(steps, key=lambda step: (order.index(step.outcome), step.number))[:SHOWN]
    st.dataframe(
        {
            "Line": [step.number for step in shown],
            "Name": [step.name for step in shown],
            "Outcome": [": ".join(filter(None, (LABELS[step.outcome], step.words))) for step in shown],
        },
        hide_index=True,
        height=260,
        alt="What each line of the file would do",
        column_config={
            "Line": st.column_config.NumberColumn(width="small"),
            "Name": st.column_config.TextColumn(width="small"),
            "Outcome": st.column_config.TextColumn(width="large"),
        },
    )
    if len(steps) > SHOWN:
        st.caption(f"The first {SHOWN:,} of {len(steps):,} lines are shown; those with a problem come first.")


def _act(who: Identity, sheet: Sheet, steps: Sequence[Step], campaign: str) -> None:
    useful = sum(step.outcome in {Outcome.NEW, Outcome.UPDATES} for step in steps)
    bad = sum(step.outcome is Outcome.PROBLEM for step in steps)
    strict = bool(bad) and st.checkbox("Import nothing while a line has a problem", key="agents-csv-strict")
    label = f"Import {said.number(useful, 'agent')}" + (f", leave out {said.number(bad, 'line')}" if bad else "")
    if not st.button(label, type="primary", key="agents-csv-import", disabled=not useful or (strict and bool(bad))):
        return
    try:
        with st.spinner("Importing…"), writing() as session:
            done = agent_import.bring(session, who, sheet.lines, campaign=campaign, all_or_nothing=strict)
    except add.REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    counts = Counter(step.outcome for step in done)
    farewell.redraw(f"{said.number(counts[Outcome.NEW], 'agent')} added, {counts[Outcome.UPDATES]:,} updated.")
