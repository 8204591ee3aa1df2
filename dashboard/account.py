"""What stands on the page Account: who one is, the password, and the browsers where one is signed in."""

import streamlit as st

from config import settings
from dashboard import badges, farewell, words
from dashboard.components import ASSETS, mount
from dashboard.guard import require
from records import sessions
from records.db import writing
from records.own_account import Account
from records.people import WebSession
from records.roles import Permission, Role, Scope, scope_of

CHANGED = "Your password is changed. You are signed out in every other browser."
# Forms, because the answer sets the session's cookie anew or takes it back; a button of Streamlit's cannot.
ACT = '<form class="tv-act" method="{how}" action="{where}" target="_top"><button type="submit">{label}</button></form>'
_MEANS = {
    Role.AGENT: "sees the calls that are one's own",
    Role.MANAGER: "looks after the calls and agents of assigned campaigns",
    Role.COMPLIANCE_OFFICER: "sees and reviews the calls of all campaigns, and reads the audit log",
    Role.SENIOR_MANAGER: "sets campaigns, keys and people up, and sees the calls of all campaigns",
    Role.OWNER: "may do everything",
}


def told() -> None:
    """A word about what was just done on the password's own form, said once."""
    if st.query_params.get("password") == "changed":
        del st.query_params["password"]
        st.toast(CHANGED, icon=":material/check:")


def person(account: Account) -> None:
    """Name, address, role and reach. All of it as text, since others wrote some of it."""
    user = account.user
    pairs = [
        ("Name", user.name),
        ("Email", user.email),
        ("Role", f"{badges.ROLE[user.role]}: {_MEANS[user.role]}"),
        ("Campaigns", _reach(account)),
    ]
    if account.agent:
        pairs.insert(3, ("Agent", account.agent))
    mount("facts", {"pairs": pairs}, key="account-person")


def password(account: Account) -> None:
    """The way to another password, and how else one comes in."""
    if account.outside:
        since = words.date(account.outside.created_at)
        st.caption(f"You can come in by {words.plain(settings().oidc_name)}, since {words.plain(since)}.")
    if account.user.password_hash is None:
        st.caption("You have no password here. An Owner can send you a link to choose one.")
        return
    st.html(ASSETS / "account.css")
    st.html(ACT.format(how="get", where="/password", label="Change password"))


def browsers(account: Account) -> None:
    """Where one is signed in, the present browser first; the others can be signed out from here."""
    here = st.user.get("sid")
    for row in sorted(account.browsers, key=lambda row: row.token_hash != here):
        _browser(row, present=row.token_hash == here)
    st.html(ASSETS / "account.css")
    st.html(ACT.format(how="post", where="/logout_everywhere", label="Sign out everywhere"))


def _browser(row: WebSession, *, present: bool) -> None:
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None, width="content"):
            st.text(row.browser or "Unknown browser")
            st.caption(f"Since {words.plain(words.date(row.created_at))}")
        if present:
            st.badge("This browser", icon=":material/check:", color="green")
        else:
            key = f"sign-out-{row.token_hash[:12]}"
            st.button("Sign out", key=key, icon=":material/logout:", on_click=sign_out, args=(row.token_hash,))


def sign_out(token_hash: str) -> None:
    """End one of one's own sessions."""
    who = require(Permission.CALL_READ)
    with writing() as session:
        sessions.end_one(session, who, token_hash)
    farewell.leave("That browser is signed out.")


def _reach(account: Account) -> str:
    match scope_of(account.user.role, Permission.CALL_READ):
        case Scope.ALL:
            return "All"
        case Scope.OWN if account.agent is None:
            return "You are not linked to an agent yet, so that you see no calls. Ask an Owner or Senior Manager."
        case Scope.OWN:
            return "Wherever you have calls"
    return ", ".join(account.campaigns) or "None yet. Ask an Owner or Senior Manager to assign you."
