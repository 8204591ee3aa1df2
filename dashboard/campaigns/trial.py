"""Trying a check on a call of the campaign: in its drawer, before anything is saved."""

from typing import Any

import streamlit as st

from dashboard import badges, words
from dashboard.calls import speaking
from dashboard.components import mount
from dashboard.guard import require
from pipeline import tryout
from pipeline.evaluators.contract import Evidence, Finding
from pipeline.tryout import NotTried
from records.calls import Call
from records.checks import CheckSpec
from records.db import reading
from records.identity import NotAllowed, NotFound
from records.roles import Permission
from records.statuses import CheckKind

_TEXT, _CALL, _FOUND = "trial-text", "trial-call", "trial-found"
_LONGEST = 200


def begin() -> None:
    """Forget what was tried in an earlier drawer. The call that was chosen stays: one mostly tries on the same."""
    st.session_state[_FOUND] = None


def show(campaign_id: int, spec: CheckSpec | None) -> None:
    """The choice of a call, the button, and what was found. `spec` None: the check is not complete yet."""
    who = require(Permission.CAMPAIGN_EDIT)
    st.subheader("Try it on a call", anchor=False)
    text = "".join(filter(str.isprintable, st.session_state.get(_TEXT, "")))[:_LONGEST].strip()
    with reading() as session:
        calls = {call.id: call for call in tryout.calls(session, who, campaign_id, text)}
    if not calls and not text:
        st.caption("This campaign has no completed call yet. As soon as it has one, a check can be tried here.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Search", key=_TEXT, placeholder="File name", icon=":material/search:", width=160, live=True)
        if st.session_state.get(_CALL) not in calls:
            st.session_state[_CALL] = next(iter(calls), None)
        st.selectbox(
            "Call",
            list(calls),
            key=_CALL,
            format_func=lambda call_id: _label(calls[call_id]),
            placeholder="No such call",
        )
        pressed = st.button("Try", icon=":material/experiment:", disabled=spec is None or not calls, key="trial-go")
    st.caption(
        "Complete the check to try it."
        if spec is None
        else "Costs one request to Claude; nothing is stored."
        if spec.rule.kind is CheckKind.AI
        else "Costs nothing; nothing is stored."
    )
    if pressed and spec is not None:
        _try(st.session_state[_CALL], spec)
    _result(spec)


def _try(call_id: str, spec: CheckSpec) -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    try:
        with st.spinner("Claude reads the call…" if spec.rule.kind is CheckKind.AI else "Looking…"):
            found: Finding | str = tryout.tried(who, call_id, spec)
    except (NotTried, NotFound, NotAllowed) as refused:
        found = str(refused)
    st.session_state[_FOUND] = (spec, found)


def _result(spec: CheckSpec | None) -> None:
    if st.session_state.get(_FOUND) is None:
        return
    tried, found = st.session_state[_FOUND]
    if isinstance(found, str):
        st.error(words.plain(found), icon=":material/error:")
        return
    if tried != spec:
        st.caption(":material/history: Found before you changed the check. Try it again.")
    mount("checks", {"sections": [{"name": "", "score": "", "checks": [_found(tried, found)]}]}, key="trial-result")


def _found(spec: CheckSpec, finding: Finding) -> dict[str, Any]:
    sure = [] if finding.confidence is None else [f"{finding.confidence:.0%} sure"]
    return {
        "name": spec.name,
        "verdict": badges.VERDICT[finding.verdict]._asdict(),
        "critical": badges.CRITICAL._asdict() if spec.critical else None,
        "facts": [badges.CHECK_KIND[spec.rule.kind], *sure],
        "reason": finding.reason,
        "doubt": None if finding.verified else badges.UNVERIFIED._asdict(),
        "evidence": [_evidence(piece) for piece in finding.evidence],
    }


def _evidence(piece: Evidence) -> dict[str, Any]:
    """Without a place to play from: there is no player here."""
    at = "" if piece.start_ms is None else words.length(piece.start_ms)
    return {
        "quote": piece.quote,
        "start_ms": None,
        "speaker": " ".join(filter(None, (at, speaking.speaker(piece.speaker)))),
    }


def _label(call: Call) -> str:
    return f"{call.filename} · {words.date(call.created_at)} · {words.score(call.score)}"
