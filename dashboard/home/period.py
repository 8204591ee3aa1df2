"""Which days and campaigns Home is about: between the address and the inputs. Whatever the address says is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import words
from dashboard.calls.filter_address import CAMPAIGN, EARLIEST, FROM, LATEST, UNTIL, Address, day
from records.figures_days import MOST, Days

DAYS, OWN = "days", "own"
LENGTHS = {"7": "7 days", "30": "30 days", "90": "90 days", OWN: "Own"}
USUAL = "30"
_ADDRESS = (DAYS, FROM, UNTIL, CAMPAIGN)
_SEEN = "home_seen"
_LENGTH, _FIRST, _LAST, _CAMPAIGNS = "home_days", "home_from", "home_until", "home_campaigns"
_KEYS = (_LENGTH, _FIRST, _LAST, _CAMPAIGNS)


@dataclass(frozen=True)
class Period:
    """What Home is about."""

    days: Days
    campaigns: tuple[str, ...] = ()  # slugs; none means all

    def calls(self, **more: str) -> Address:
        """The address of the list of these days' calls, narrowed further."""
        days = {FROM: self.days.first.isoformat(), UNTIL: self.days.last.isoformat()}
        return {**days, **whenever(self.campaigns, **more)}


def whenever(campaigns: Sequence[str], **more: str | list[str]) -> Address:
    """The address of these campaigns' calls of whatever day, narrowed further."""
    chosen: Address = {CAMPAIGN: list(campaigns)} if campaigns else {}
    return {**chosen, **more}


def campaigns() -> tuple[str, ...]:
    """Those that are chosen, whatever the days; none means all."""
    return tuple(st.session_state[_CAMPAIGNS])


def show(campaigns: Mapping[str, str]) -> None:
    """The row of inputs."""
    _from_address()
    known = [slug for slug in st.session_state[_CAMPAIGNS] if slug in campaigns]
    if known != st.session_state[_CAMPAIGNS]:  # nonsense, or one that was theirs until just now
        st.session_state[_CAMPAIGNS] = known
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Days", list(LENGTHS), key=_LENGTH, format_func=LENGTHS.__getitem__, required=True, on_change=_to_address
        )
        if st.session_state[_LENGTH] == OWN:
            for label, key in (("From", _FIRST), ("Until", _LAST)):
                st.date_input(
                    label,
                    key=key,
                    min_value=EARLIEST,
                    max_value=LATEST,
                    format="YYYY-MM-DD",
                    required=True,
                    on_change=_to_address,
                    width=140,
                )
        if len(campaigns) > 1:
            st.multiselect(
                "Campaign",
                list(campaigns),
                key=_CAMPAIGNS,
                format_func=campaigns.__getitem__,
                placeholder="All campaigns",
                on_change=_to_address,
                width=260,
            )


def chosen() -> Period | None:
    """What the inputs say at this moment; None after a sentence about days that cannot be shown.

    A page that stays open goes on to the next day: 'the last 7 days' are asked for anew each time.
    """
    own = (st.session_state.get(_FIRST), st.session_state.get(_LAST))
    try:
        days = span(st.session_state[_LENGTH], *own, _today(), words.zone().key)
    except ValueError as wrong:
        st.error(str(wrong), icon=":material/event_busy:")
        return None
    return Period(days, campaigns())


def span(length: str, first: date | None, last: date | None, today: date, zone: str) -> Days:
    """The days that are meant. Raises ValueError with a sentence for own ones that cannot be shown."""
    if length != OWN:
        return Days(today - timedelta(days=int(length) - 1), today, zone)
    if not first or not last:
        raise ValueError("Choose the first and the last day.")
    if last < first:
        raise ValueError("'Until' is before 'From', so that no day lies between. Choose a later last day.")
    if (last - first).days >= MOST:
        raise ValueError(f"At most {MOST} days can be shown at once. Choose a later first day.")
    return Days(first, last, zone)


def _from_address() -> None:
    """Fill the inputs when the address is another than they were filled from, as the list of calls does."""
    said = _asked()
    if st.session_state.get(_SEEN) == said and all(key in st.session_state for key in _KEYS):
        return
    st.session_state[_SEEN] = said
    first, last = day(said[FROM]), day(said[UNTIL])
    named = next(iter(said[DAYS]), USUAL)
    usual = OWN if first and last else named if named in LENGTHS and named != OWN else USUAL
    st.session_state[_LENGTH] = usual
    st.session_state[_FIRST] = first or _today() - timedelta(days=int(USUAL) - 1)
    st.session_state[_LAST] = last or _today()
    st.session_state[_CAMPAIGNS] = said[CAMPAIGN]


def _to_address() -> None:
    for name in _ADDRESS:
        st.query_params.pop(name, None)
    length = st.session_state[_LENGTH]
    if length != OWN:
        st.query_params[DAYS] = length
    else:
        for name, key in ((FROM, _FIRST), (UNTIL, _LAST)):
            if st.session_state.get(key):
                st.query_params[name] = st.session_state[key].isoformat()
    chosen: Sequence[str] = st.session_state.get(_CAMPAIGNS, [])
    if chosen:
        st.query_params[CAMPAIGN] = list(chosen)
    st.session_state[_SEEN] = _asked()


def _asked() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in _ADDRESS}


def _today() -> date:
    zone: ZoneInfo = words.zone()
    return datetime.now(zone).date()
