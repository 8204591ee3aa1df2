"""The list's filters: between the address, the inputs and the query. Whatever the address says is checked."""

import streamlit as st

from records.agent_list import Filters, Order

WIDTH = 170  # pixels of an input
TEXT, TEAM, CAMPAIGN, ORDER, INACTIVE = "q", "team", "campaign", "sort", "inactive"
PAGE, TAB = "page", "tab"
LONGEST = 200
ORDERS = {
    Order.NAME: "Name",
    Order.CALLS: "Most calls",
    Order.BEST: "Best score",
    Order.WORST: "Lowest score",
}
_INPUTS = (TEXT, TEAM, CAMPAIGN, ORDER, INACTIVE)
_SEEN = "agents_address_seen"
_ANY = ""


def show(teams: list[str], campaigns: dict[str, str]) -> tuple[Filters, Order]:
    """The row of inputs, and what they say."""
    _from_address(teams, campaigns)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search",
            key=_key(TEXT),
            placeholder="Name or other name",
            icon=":material/search:",
            max_chars=LONGEST,
            on_change=_to_address,
            width=WIDTH,
        )
        if teams:
            _choose("Team", TEAM, {_ANY: "Any team"} | {team: team for team in teams})
        if len(campaigns) > 1:
            _choose("Campaign", CAMPAIGN, {_ANY: "Any campaign"} | campaigns)
        _choose("Sort by", ORDER, {order.value: label for order, label in ORDERS.items()})
        st.toggle("Show deactivated", key=_key(INACTIVE), on_change=_to_address)
    text = "".join(filter(str.isprintable, _value(TEXT))).strip()
    return Filters(text, _value(TEAM), _value(CAMPAIGN), st.session_state[_key(INACTIVE)]), Order(_value(ORDER))


def page() -> int:
    """The page that the address names; 1 where it names none, or nonsense."""
    asked = st.query_params.get(PAGE, "")
    return int(asked) if asked.isdecimal() and 0 < len(asked) < 6 else 1  # noqa: PLR2004  nobody has a million pages


def turn(to: int) -> None:
    """Open another page; for a button's callback."""
    st.query_params[PAGE] = str(to)


def clear() -> None:
    """Take every filter off; for a button's callback."""
    for name in _INPUTS:
        st.session_state.pop(_key(name), None)
    st.query_params.clear()


def address() -> dict[str, str | list[str]]:
    """The list's own part of the address, for the way back from an agent."""
    return {name: st.query_params.get_all(name) for name in (*_INPUTS, PAGE, TAB) if name in st.query_params}


def _choose(label: str, name: str, words: dict[str, str]) -> None:
    st.selectbox(label, list(words), key=_key(name), format_func=words.__getitem__, on_change=_to_address, width=WIDTH)


def _key(name: str) -> str:
    """The calls list has inputs of these names too."""
    return f"agents-{name}"


def _value(name: str) -> str:
    return str(st.session_state[_key(name)])


def _from_address(teams: list[str], campaigns: dict[str, str]) -> None:
    """Fill the inputs when the address is another than they were filled from."""
    asked = {name: st.query_params.get(name, "") for name in _INPUTS}
    if st.session_state.get(_SEEN) == asked and all(_key(name) in st.session_state for name in _INPUTS):
        return
    st.session_state[_SEEN] = asked
    st.session_state[_key(TEXT)] = asked[TEXT][:LONGEST]
    st.session_state[_key(TEAM)] = asked[TEAM] if asked[TEAM] in teams else _ANY
    st.session_state[_key(CAMPAIGN)] = asked[CAMPAIGN] if asked[CAMPAIGN] in campaigns else _ANY
    st.session_state[_key(ORDER)] = asked[ORDER] if asked[ORDER] in set(Order) else Order.NAME.value
    st.session_state[_key(INACTIVE)] = asked[INACTIVE] == "1"


def _to_address() -> None:
    """A changed filter shows in the address, and begins at the first page."""
    st.query_params.pop(PAGE, None)
    for name in _INPUTS:
        value = st.session_state.get(_key(name))
        if not value or value == Order.NAME:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = "1" if value is True else str(value)
    st.session_state[_SEEN] = {name: st.query_params.get(name, "") for name in _INPUTS}
