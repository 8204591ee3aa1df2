"""Checks from a YAML file, uploaded or pasted, into the draft: looked at first, and saved only with it."""

from collections.abc import Callable

import streamlit as st

from dashboard import badges
from dashboard.campaigns.draft import Draft
from dashboard.guard import require
from pipeline import checksheet
from pipeline.checksheet import BadChecks
from records.check_edits import MOST
from records.checks import CheckSpec
from records.roles import Permission

ASKED = "import"  # among what may be open
REPLACE, APPEND = "Replace all", "Add to these"
FEW = 7  # rows that need no scrolling
_FILE, _TEXT, _HOW = "import-file", "import-text", "import-how"


def show(draft: Draft, close: Callable[[], None]) -> None:
    """The dialog: choose, look, take over."""
    st.dialog("Import checks", width="large", on_dismiss=close)(_dialog)(draft, close)


def _dialog(draft: Draft, close: Callable[[], None]) -> None:
    require(Permission.CAMPAIGN_EDIT)
    st.caption("A file as 'Export' writes it, or as the documentation of checks describes it. Nothing is saved yet.")
    text = _text()
    if not text.strip():
        return
    try:
        specs = checksheet.read(text)
    except BadChecks as bad:
        st.error("Nothing can be imported before these are mended.", icon=":material/error:")
        st.code(str(bad), language=None, wrap_lines=True)
        return
    preview(specs)
    instead = not draft.rows or _how() == REPLACE
    together = len(specs) if instead else len(draft.rows) + len(specs)
    if together > MOST:
        st.error(f"Together these are {together} checks; a scorecard holds at most {MOST}.", icon=":material/error:")
        return
    number = f"{len(specs)} check{'s' * (len(specs) != 1)}"
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(f"Take over {number}", type="primary", key="import-take"):
            draft.take(specs, instead=instead)
            close()
            st.rerun()


def _text() -> str:
    """What was uploaded, else what was pasted."""
    file = st.file_uploader("File", type=["yaml", "yml"], key=_FILE, max_upload_size=1)
    typed = st.text_area("Or paste it here", key=_TEXT, height=130, disabled=file is not None, placeholder="checks:")
    if file is None:
        return typed or ""
    try:
        return file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error("This file is no text in UTF-8. Save it as YAML, in UTF-8.", icon=":material/error:")
        return ""


def _how() -> str:
    options = [REPLACE, APPEND]
    label = "What becomes of the checks that are here"
    return st.segmented_control(label, options, required=True, key=_HOW, default=REPLACE) or REPLACE


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
