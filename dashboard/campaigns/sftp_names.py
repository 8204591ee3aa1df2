"""What file names say of their calls, by a known system's way or an own pattern, tried on what lies in the folder."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import settings
from dashboard import words
from dashboard.badges import Badge
from dashboard.campaigns.form import Form, beside
from dashboard.campaigns.sftp_draft import NAMES, NONE, OWN, naming, pattern_trouble
from dashboard.components import mount
from dashboard.guard import require
from dashboard.sftp.paths import seen
from pipeline.sftp import preview as trying
from pipeline.sftp.connection import paths
from pipeline.sftp.facts.names import GROUPS
from pipeline.sftp.facts.presets import PRESETS
from pipeline.sftp.facts.told import Told
from pipeline.sftp.preview import Named, Preview
from records.campaigns import NotUsable
from records.identity import Identity, NotFound
from records.roles import Permission

SHOWN = 50  # names of the preview
KEPT_S = 30  # a folder is listed anew only so often, however often the pattern changes
TRY = "try-names"
MATCHES, NO_MATCH = Badge("Matches", "green", "check_circle"), Badge("No match", "red", "cancel")
_COLUMNS = (("Name", "name"), ("Match", "badge"), ("What it tells", "words"))
PATTERN_HELP = (
    "A regular expression with named groups, searched for in the path below the campaign's folder; several, one a "
    "line. Any other named group is kept as metadata."
)
EXAMPLE = r"(?P<called_at>\d{8}-\d{6})_(?P<customer>[^_]*)_(?P<agent>[^_.]*)"


def show(inputs: Form, said: Mapping[str, str]) -> None:
    """The choice, its pattern, and the folder's names held against it."""
    st.subheader("File names", anchor=False)
    labels = {NONE: "They say nothing", **{key: preset.label for key, preset in PRESETS.items()}, OWN: "Own pattern"}
    st.selectbox(
        "What file names say",
        list(labels),
        format_func=labels.__getitem__,
        key=inputs.key(NAMES),
        help="Agent, time, customer and more can stand in the name. What a CSV says goes before what the name says.",
        persist_state="session",
    )
    chosen = inputs.typed(NAMES) or NONE
    if chosen in PRESETS:
        st.code(PRESETS[chosen].example, language=None, wrap_lines=True)
        if PRESETS[chosen].note:
            st.caption(words.plain(PRESETS[chosen].note))
    _own(inputs, hidden=chosen != OWN)
    beside(said, "preset", "pattern", "called_at_format")
    if chosen == NONE:
        return
    if not settings().has_sftp:
        st.caption("Once the SFTP server is set up, the names that lie in the folder can be tried here.")
        return
    if st.toggle("Try it on what lies in the folder now", key=inputs.key(TRY), persist_state="session"):
        _try(inputs)


def _own(inputs: Form, *, hidden: bool) -> None:
    """The own pattern. Its inputs are there only where they count; what was typed is kept meanwhile."""
    if hidden:
        return
    pattern, format_of = st.columns([3, 1])
    pattern.text_area(
        "Pattern",
        key=inputs.key("pattern"),
        placeholder=EXAMPLE,
        help=PATTERN_HELP,
        height=90,
        persist_state="session",
    )
    format_of.text_input(
        "Format of the time",
        key=inputs.key("called_at_format"),
        placeholder="%Y%m%d-%H%M%S",
        help="How the time stands in the name, as Python's strptime reads it. Empty: the usual ways are tried.",
        persist_state="session",
    )
    with st.expander("Named groups that mean something", icon=":material/info:"):
        mount("facts", {"pairs": list(GROUPS.items())}, key=f"sftp-groups-{inputs.slug}")


def _try(inputs: Form) -> None:
    """How many of the folder's names match, which do not, and what each tells."""
    who = require(Permission.SFTP_CONFIGURE)
    if pattern_trouble(inputs):
        st.caption("Once the pattern can be used, the folder's names are held against it here.")
        return
    try:
        folder = paths.folder(inputs.typed("folder") or "")
        found = _previewed(who, slug=inputs.slug, folder=folder, **naming(inputs))
    except (NotUsable, NotFound) as refused:
        st.error(words.plain(str(refused)), icon=":material/error:")
        return
    if found.words:
        st.info(words.plain(found.words), icon=":material/info:")
    if not found.read:
        return
    st.markdown(f"**{counted(found)}**")
    data = {
        "label": "File names of the folder, and what each tells",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(place, name) for place, name in enumerate(found.names[:SHOWN])],
    }
    mount("table", data, key=f"sftp-preview-{inputs.slug}")
    if found.read > SHOWN:
        st.caption(f"{SHOWN} of them are shown, those that do not match first.")


@st.cache_data(ttl=KEPT_S, max_entries=50, show_spinner="Reading the folder…")
def _previewed(_who: Identity, *, slug: str, folder: str, preset: str, pattern: str, called_at_format: str) -> Preview:
    return trying.preview(_who, slug, preset, pattern, called_at_format, folder=folder)


def counted(found: Preview) -> str:
    """'412 of 500 names match.'."""
    of = f"the first {found.read:,}" if found.more else f"{found.read:,}"
    return f"{found.matched:,} of {of} names match."


def told(name: Told) -> str:
    """What a name tells, in one line."""
    pairs = [
        ("Agent", name.agent),
        ("Time", words.to_the_second(name.called_at) if name.called_at else ""),
        ("External id", name.external_id or ""),
        *name.details.items(),
        *(("Not understood", note) for note in name.notes),
    ]
    return " · ".join(f"{label}: {value}" for label, value in pairs if value)


def _row(place: int, name: Named) -> dict[str, Any]:
    path = seen(name.path)
    said = told(name.told) if name.told is not None else ""
    cells = [
        {"text": path, "title": path, "wraps": True},
        (NO_MATCH if name.told is None else MATCHES)._asdict(),
        {"text": said, "title": said} if said else None,
    ]
    return {"id": str(place), "href": "", "cells": cells}
