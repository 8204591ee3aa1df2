"""The drawer in which one check is written, by its kind, and tried on a call before anything is saved."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dashboard import badges
from dashboard.campaigns import rule_form, trial
from dashboard.campaigns.draft import NAME_LONGEST, Draft, Row
from dashboard.guard import require
from pipeline import checksheet
from records import check_edits
from records.checks import CheckSpec
from records.roles import Permission
from records.statuses import CheckKind

NEW = "new"
_PRE = "check-"  # of the keys of all inputs here
_APPLIED = f"{_PRE}applied"  # whether it was tried to apply: from then on mistakes are shown
_OF = f"{_PRE}of"  # whose values the inputs were filled with
_PLAIN = ("name", "section", "weight", "critical", "active", "kind")


def show(campaign_id: int, draft: Draft) -> None:
    """The drawer, on the row that the draft says is open, or on a new check."""
    row = draft.find(draft.opened)
    if row is None and draft.opened != NEW:  # removed meanwhile
        draft.opened = ""
        return
    if st.session_state.get(_OF) != (campaign_id, draft.opened) or f"{_PRE}name" not in st.session_state:
        _fill(row)
        st.session_state[_OF] = (campaign_id, draft.opened)
    title = "New check" if row is None else "Edit check"
    st.dialog(title, width="medium", position="right", dismissible=False)(_drawer)(campaign_id, draft)


def _fill(row: Row | None) -> None:
    values: dict[str, Any] = {"name": "", "section": None, "weight": 10.0, "critical": False, "active": True}
    values["kind"] = CheckKind.AI.value
    if row is not None:
        values = {"name": row.name, "section": row.section or None, "weight": row.number}
        values |= {"critical": row.critical, "active": row.active, "kind": row.rule.kind.value}
    for name, value in (values | rule_form.values(row.rule if row else None)).items():
        st.session_state[_PRE + name] = value
    st.session_state[_APPLIED] = False
    trial.begin()


def _drawer(campaign_id: int, draft: Draft) -> None:
    require(Permission.CAMPAIGN_EDIT)
    spec, wrong = _written(draft)
    shown: Mapping[str, str] = wrong if st.session_state[_APPLIED] else {}
    st.text_input("Name", key=f"{_PRE}name", max_chars=NAME_LONGEST, placeholder="Greeting")
    beside(shown, "name")
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.selectbox(
        "Section",
        sorted({*draft.sections, *filter(None, [st.session_state[f"{_PRE}section"]])}, key=str.casefold),
        key=f"{_PRE}section",
        index=None,
        accept_new_options=True,
        placeholder="None, or type a new one",
    )
    right.number_input("Weight", 0.0, 100.0, value=None, step=1.0, format="%g", key=f"{_PRE}weight")
    beside(shown, "section", "weight")
    st.segmented_control(
        "Judged by",
        [kind.value for kind in CheckKind],
        format_func=lambda kind: f"{badges.CHECK_KIND[CheckKind(kind)]}",
        required=True,
        key=f"{_PRE}kind",
        help="AI: Claude, by a criterion in plain words. Phrase: what is said. Metric: what is measured.",
    )
    rule_form.show(_PRE, CheckKind(st.session_state[f"{_PRE}kind"]), shown)
    with st.container(horizontal=True, gap="large"):
        st.toggle("Critical", key=f"{_PRE}critical", help="A call that fails it is flagged, whatever its score.")
        st.toggle("Active", key=f"{_PRE}active", help="Only active checks are judged.")
    _buttons(draft)
    with st.container(border=True):
        trial.show(campaign_id, spec)


def beside(wrong: Mapping[str, str], *fields: str) -> None:
    """What is wrong with the inputs above."""
    for name in fields:
        if name in wrong:
            st.error(wrong[name], icon=":material/error:")


def _buttons(draft: Draft) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Cancel", key=f"{_PRE}cancel", on_click=_close, args=(draft,))
        st.button(
            "Apply",
            type="primary",
            key=f"{_PRE}apply",
            help="Into your draft; 'Save checks' stores it.",
            on_click=_apply,
            args=(draft,),
        )


def _apply(draft: Draft) -> None:
    require(Permission.CAMPAIGN_EDIT)
    st.session_state[_APPLIED] = True
    spec, _ = _written(draft)
    if spec is not None:
        draft.put(None if draft.opened == NEW else draft.opened, spec)
        _close(draft)


def _close(draft: Draft) -> None:
    draft.opened = ""
    st.session_state.pop(_OF, None)
    st.rerun()


def _written(draft: Draft) -> tuple[CheckSpec | None, dict[str, str]]:
    """The check as it is written at this moment, or what is wrong with it, by field."""
    typed: dict[str, Any] = {name: st.session_state.get(_PRE + name) for name in _PLAIN}
    kind = CheckKind(typed.pop("kind"))
    typed |= {"name": (typed["name"] or "").strip(), "section": (typed["section"] or "").strip()}
    try:
        spec = CheckSpec.model_validate(typed | {"rule": rule_form.written(_PRE, kind)})
    except ValidationError as error:
        return None, rule_form.reworded(kind, checksheet.mistakes(error))
    wanted = check_edits.name_key(spec.section, spec.name)
    if any(check_edits.name_key(row.section, row.name) == wanted for row in draft.rows if row.key != draft.opened):
        return None, {"name": "Another check of this section has this name already. Choose another."}
    return spec, {}
