"""The inputs above the audit log."""

from datetime import date, timedelta
from urllib.parse import urlencode

import streamlit as st

from dashboard import address, words
from dashboard.address import Address
from dashboard.audit import acts
from records.audit_list import Filters

WIDTH = 136  # pixels of an input
TEXT, BY, ACTS, CAMPAIGN, FROM, UNTIL = "q", "by", "acts", "campaign", "from", "until"
OLDER, NEWER = "older", "newer"  # a place in the list: behind this line, before it
EXPORT = "/audit_log.csv"


def of(campaigns: dict[str, str]) -> Address:
    """The page's inputs."""
    fields = {
        TEXT: address.text,
        BY: address.text,
        ACTS: address.some_of(acts.GROUPS),
        CAMPAIGN: address.some_of(campaigns),
        FROM: address.day,
        UNTIL: address.day,
    }
    return Address("audit", fields, places=(OLDER, NEWER))


def show(campaigns: dict[str, str]) -> Filters:
    """The row of inputs, and what they say."""
    inputs = of(campaigns)
    inputs.fill()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _line(inputs, TEXT, "Search", "What it was done to")
        _line(inputs, BY, "Who", "E-mail")
        _choose(inputs, ACTS, "Acts", {name: group.label for name, group in acts.GROUPS.items()})
        if campaigns:
            _choose(inputs, CAMPAIGN, "Campaign", campaigns)
        _day(inputs, FROM, "From")
        _day(inputs, UNTIL, "Until")
    return _filters(inputs)


def export(filters: Filters) -> str:
    """The address at which what is shown can be taken away."""
    given = {
        "text": filters.text,
        "by": filters.by,
        "kind": list(filters.acts),
        "campaign": sorted(filters.campaigns),
        "since": filters.since.isoformat() if filters.since else "",
        "until": filters.until.isoformat() if filters.until else "",
    }
    query = urlencode({name: value for name, value in given.items() if value}, doseq=True)
    return f"{EXPORT}?{query}" if query else EXPORT


def _filters(inputs: Address) -> Filters:
    since: date | None = inputs.value(FROM)
    until: date | None = inputs.value(UNTIL)
    return Filters(
        by=address.printable(inputs.value(BY)),
        acts=acts.kinds(inputs.value(ACTS)),
        campaigns=frozenset(inputs.value(CAMPAIGN)),
        since=words.begins(since) if since else None,
        until=words.begins(until + timedelta(days=1)) if until and until < date.max else None,
        text=address.printable(inputs.value(TEXT)),
    )


def _line(inputs: Address, name: str, label: str, placeholder: str) -> None:
    st.text_input(
        label,
        key=inputs.key(name),
        placeholder=placeholder,
        on_change=inputs.write,
        max_chars=address.TEXT_LONGEST,
        width=WIDTH,
    )


def _choose(inputs: Address, name: str, label: str, labels: dict[str, str]) -> None:
    st.multiselect(
        label,
        list(labels),
        key=inputs.key(name),
        format_func=labels.__getitem__,
        placeholder=f"Any {label.lower()}",
        on_change=inputs.write,
        width=WIDTH,
    )


def _day(inputs: Address, name: str, label: str) -> None:
    st.date_input(
        label,
        value=None,
        key=inputs.key(name),
        min_value=date(2000, 1, 1),
        max_value=date(2099, 12, 31),
        format="DD/MM/YYYY",
        on_change=inputs.write,
        width=125,
    )
