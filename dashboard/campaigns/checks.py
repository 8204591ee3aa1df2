"""The tab Checks: what calls are judged by; for those who may, edited as a draft that is saved at once."""

import json
from collections.abc import Callable

import streamlit as st

from dashboard.campaigns import dialogs, editor, grid, importing
from dashboard.campaigns.draft import Draft
from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.words import plain
from pipeline import campaign_settings, checksheet
from records import check_edits
from records.campaigns import Campaign, NotUsable
from records.check_edits import MOST, ChangedMeanwhile
from records.db import reading, stored_id
from records.identity import NotAllowed, NotFound
from records.roles import Permission, scope_of

DISCARD = "discard"  # among what may be open


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.CAMPAIGN_READ)
    _tab(campaign.slug, stored_id(campaign.id))


@st.fragment
def _tab(slug: str, campaign_id: int) -> None:
    who = require(Permission.CAMPAIGN_READ)
    try:
        with reading() as session:
            loaded = check_edits.load(session, who, slug)
    except NotFound:
        not_found("campaign")
        return
    may_edit = scope_of(who.role, Permission.CAMPAIGN_EDIT) is not None
    draft = _draft(slug, Draft.of(loaded))
    for words in st.session_state.pop(_said(slug), []):
        st.toast(words, icon=":material/check:")
    if may_edit:
        _bar(slug, draft, Draft.of(loaded))
    elif draft.rows:
        _export(slug, draft)
    if draft.rows:
        mount("checkgrid", grid.data(draft, editable=may_edit), key=f"checkgrid-{slug}", heard=_hearing(slug))
        st.caption(grid.foot(draft))
    else:
        _none(may_edit=may_edit)
    if may_edit and dialogs.DELIVERY not in st.query_params:  # the address opens one already, and a run has one at most
        _dialog(slug, campaign_id, draft)


def _draft(slug: str, stored: Draft) -> Draft:
    """This session's draft while it differs from what it was made of; else what is stored."""
    kept = st.session_state.get(draft_of(slug))
    if isinstance(kept, Draft):
        if kept.changed:
            return kept
        stored.heard, stored.serial, stored.opened = kept.heard, kept.serial, kept.opened
    st.session_state[draft_of(slug)] = stored
    return stored


def draft_of(slug: str) -> str:
    """Where the session keeps the draft."""
    return f"checks-draft-{slug}"


def _said(slug: str) -> str:
    return f"checks-said-{slug}"


def _bar(slug: str, draft: Draft, stored: Draft) -> None:
    """What can be done with all of them, and what is not saved yet."""
    mistakes = draft.mistakes
    meanwhile = draft.changed and draft.loaded.seen != stored.loaded.seen
    if meanwhile:
        _collision(slug, draft, stored)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Add check", icon=":material/add:", on_click=_open, args=(slug, editor.NEW), disabled=draft.full)
        st.button(
            "Import",
            icon=":material/upload_file:",
            key=f"import-{slug}",
            help="Take checks from a YAML file",
            on_click=_open,
            args=(slug, importing.ASKED),
        )
        _export(slug, draft)
        st.space("stretch")
        if draft.changed:
            words = f"{len(mistakes)} to mend" if mistakes else draft.difference.words or "spaces only"
            st.badge(f"Unsaved changes: {words}", icon=":material/edit:", color="red" if mistakes else "orange")
            st.button("Discard", icon=":material/undo:", key=f"discard-{slug}", on_click=_open, args=(slug, DISCARD))
        st.button(
            "Save checks",
            icon=":material/save:",
            type="primary",
            key=f"save-checks-{slug}",
            disabled=not draft.changed or bool(mistakes) or meanwhile,
            on_click=save,
            args=(slug,),
        )
    for words in st.session_state.pop(f"checks-refused-{slug}", []):
        st.error(plain(words), icon=":material/error:")
    if draft.full:
        st.caption(f"A scorecard holds at most {MOST} checks.")


def save(slug: str) -> None:
    """Store the draft, whole; when it cannot be, it stays as it is."""
    who = require(Permission.CAMPAIGN_EDIT)
    draft = st.session_state.get(draft_of(slug))
    if not isinstance(draft, Draft) or draft.mistakes:
        return
    try:
        made = campaign_settings.change_checks(who, slug, draft.kept, seen=draft.loaded.seen)
    except ChangedMeanwhile:
        return  # the tab sees it too, and says so with what can be done
    except (NotUsable, NotAllowed, NotFound) as refused:
        st.session_state[f"checks-refused-{slug}"] = [str(refused)]
        return
    del st.session_state[draft_of(slug)]
    words = f"Saved: {made.words}." if made else "Nothing had changed."
    st.session_state[_said(slug)] = [f"{words} Calls are judged by these checks from now on."]
    st.rerun()  # the other tabs show sections


def _collision(slug: str, draft: Draft, stored: Draft) -> None:
    theirs = check_edits.difference(draft.loaded.rows, stored.loaded.rows).words
    with st.container(border=True):
        st.warning(
            f"Theirs: {theirs}. Yours are below, and nothing of them is lost. Keep yours to save them over theirs, or "
            "take theirs and let yours go.",
            title="Somebody else saved these checks while you edited them",
            icon=":material/group:",
        )
        with st.container(horizontal=True):
            st.button("Keep mine", key=f"keep-mine-{slug}", on_click=_keep_mine, args=(slug,))
            st.button("Take theirs", key=f"take-theirs-{slug}", on_click=_drop, args=(slug,))


def _keep_mine(slug: str) -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    with reading() as session:
        loaded = check_edits.load(session, who, slug)
    st.session_state[draft_of(slug)].rebase(loaded)


def _drop(slug: str) -> None:
    require(Permission.CAMPAIGN_EDIT)
    st.session_state.pop(draft_of(slug), None)


def _dialog(slug: str, campaign_id: int, draft: Draft) -> None:
    """The one that is open: in each run anew, so that a run of the whole page does not close it."""

    def close() -> None:
        draft.opened = ""

    if draft.opened == importing.ASKED:
        importing.show(draft, close)
    elif draft.opened == DISCARD:
        _discard(slug, close)
    elif draft.opened:
        editor.show(campaign_id, draft)


def _discard(slug: str, close: Callable[[], None]) -> None:
    def ask() -> None:
        require(Permission.CAMPAIGN_EDIT)
        st.write("What you changed since the last save is lost. The saved checks stay as they are.")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep editing", key="discard-not"):
                close()
                st.rerun()
            if st.button("Discard changes", type="primary", key="discard-now"):
                _drop(slug)
                st.rerun()

    st.dialog("Discard your changes?", icon=":material/undo:", on_dismiss=close)(ask)()


def _open(slug: str, what: str) -> None:
    require(Permission.CAMPAIGN_EDIT)
    st.session_state[draft_of(slug)].opened = what


def _hearing(slug: str) -> Callable[[str], None]:
    def hear(said: str) -> None:
        require(Permission.CAMPAIGN_EDIT)
        draft = st.session_state.get(draft_of(slug))
        try:
            events = json.loads(said)
        except ValueError:
            return
        if isinstance(draft, Draft) and isinstance(events, dict):
            draft.hear(events)

    return hear


def _none(*, may_edit: bool) -> None:
    with st.container(border=True):
        st.subheader("No checks yet", anchor=False)
        st.write("Without checks, calls are transcribed and get no score.")
        if may_edit:
            st.write("Add the first one, or import a file: 'Add check' and 'Import' are above.")
        else:
            st.write("An Owner or a Senior Manager can add some.")


def _export(slug: str, draft: Draft) -> None:
    def written() -> str:
        """Only when it is asked for: it takes longer than all the rest of the tab."""
        wrong = draft.mistakes
        return checksheet.write([row.spec for row in draft.rows if row.key not in wrong])

    st.download_button(
        "Export",
        written,
        file_name=f"{slug}-checks.yaml",
        mime="application/yaml",
        icon=":material/download:",
        on_click="ignore",
        disabled=not draft.rows,
        help="These checks as a YAML file",
        key=f"export-{slug}",
    )
