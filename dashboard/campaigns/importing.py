"""Checks from a YAML file, uploaded or pasted, into the draft: looked at first, and saved only with it."""

import streamlit as st

from dashboard import badges
from dashboard.campaigns.draft import Draft
from dashboard.guard import require
from pipeline import checksheet
from pipeline.checksheet import BadChecks
from records.check_edits import MOST
from records.checks import CheckSpec
from records.roles import Permission

REPLACE, APPEND = "Replace all", "Add to these"
FEW = 7  # rows that need no scrolling
_FILE, _TEXT, _HOW = "import-file", "import-text", "import-how"


@st.dialog("Import checks", width="large")
def show(draft: Draft) -> None:
    """Choose, look, take over."""
    require(Permission.CAMPAIGN_EDIT)
    st.caption("A file as 'Export' writes it, or as the documentation of checks describes it. Nothing is saved yet.")
    file = st.file_uploader("File", type=["yaml", "yml"], key=_FILE, max_upload_size=1)
    typed = st.text_area("Or paste it here", key=_TEXT, height=130, disabled=file is not None, placeholder="checks:")
    try:
        text = file.getvalue().decode("utf-8-sig") if file else typed
    except UnicodeDecodeError:
        st.error("This file is no text in UTF-8. Save it as YAML, in UTF-8.", icon=":material/error:")
        return
    if not text.strip():
        return
    try:
        specs = checksheet.read(text)
    except BadChecks as bad:
        st.error("Nothing can be imported before these are mended.", icon=":material/error:")
        st.code(str(bad), language=None, wrap_lines=True)
        return
    preview(specs)
    how = REPLACE
    if draft.rows:
        how = (
            st.segmented_control(
                "What becomes of the checks that are here", [REPLACE, APPEND], required=True, key=_HOW, default=REPLACE
            )
            or REPLACE
        )
    if how == APPEND and len(draft.rows) + len(specs) > MOST:
        st.error(f"Together these are {len(draft.rows) + len(specs)} checks; a scorecard holds at most {MOST}.")
        return
    number = f"{len(specs)} check{'s' * (len(specs) != 1)}"
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(f"Take over {number}", type="primary", key="import-take"):
            draft.take(specs, instead=how == REPLACE)
            st.rerun()


def preview(specs: list[CheckSpec] | tuple[CheckSpec, ...]) -> None:
    """What checks a file or a template brings."""
    st.dataframe(
        [
            {
                "Section": spec.section,
                "Check": spec.name,
                "Kind": badges.CHECK_KIND[spec.rule.kind],
                "Weight": spec.weight,
                "Critical": spec.critical,
            }
            for spec in specs
        ],
        hide_index=True,
        height="content" if len(specs) <= FEW else 260,
        column_config={"Weight": st.column_config.NumberColumn(format="%g", width="small")},
        alt="The checks that it brings",
    )
