"""The figures behind Home, kept for half a minute for all who see the same calls."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.home.period import Period
from records import figures, figures_keeping, figures_results
from records.db import reading
from records.figures import Daily, Named, Order
from records.figures_kept import NOTHING_KEPT, KeptFigures
from records.figures_results import StageTime
from records.figures_sums import FailedCheck
from records.identity import Identity, require
from records.roles import Permission, Scope

KEPT_S = 30
KEPT_MOST = 200  # periods of scopes; each is some kilobytes


@dataclass(frozen=True)
class Overview:
    """What the calls of a period add up to. What is about others than oneself is empty for an agent."""

    daily: Daily
    checks: tuple[FailedCheck, ...]
    stages: Mapping[str, StageTime]
    campaigns: tuple[Named, ...]
    kept: KeptFigures  # the days that were not added up for this


def own_only(who: Identity) -> bool:
    """Whether this person sees the calls of one agent alone."""
    return require(who, Permission.CALL_READ) is Scope.OWN


def overview(who: Identity, period: Period) -> Overview:
    """For this person as they are at this moment: a role that changed is another scope, and so another answer."""
    return _overview(who, _scope(who), period)


def agents(who: Identity, period: Period, order: Order) -> tuple[Named, ...]:
    """The agents of this period's calls; none for those who see their own calls alone."""
    return () if own_only(who) else _agents(who, _scope(who), period, order)


def _scope(who: Identity) -> tuple[str, ...]:
    """Whose calls these are: two people with the same see the same calls."""
    scope = require(who, Permission.CALL_READ)
    match scope:
        case Scope.ASSIGNED:
            return (scope.value, *map(str, sorted(who.campaign_ids)))
        case Scope.OWN:
            return (scope.value, str(who.agent_id))
    return (scope.value,)


@st.cache_data(ttl=KEPT_S, max_entries=KEPT_MOST, show_spinner="Adding up the calls")
def _overview(_who: Identity, scope: tuple[str, ...], period: Period) -> Overview:  # noqa: ARG001  part of the key
    days, campaigns = period.days, frozenset(period.campaigns)
    others = not own_only(_who)
    kept = figures_keeping.keep(figures.both(days), days.zone) if others else NOTHING_KEPT
    with reading() as session:
        daily = figures.daily(session, _who, days, campaigns, kept)
        return Overview(
            daily=daily,
            checks=figures_results.most_failed(session, _who, days, campaigns, kept),
            stages=figures_results.stage_times(session, _who, days, campaigns) if others else {},
            campaigns=figures.by_campaign(session, daily) if others else (),
            kept=kept,
        )


@st.cache_data(ttl=KEPT_S, max_entries=KEPT_MOST, show_spinner=False)
def _agents(_who: Identity, scope: tuple[str, ...], period: Period, order: Order) -> tuple[Named, ...]:
    kept = _overview(_who, scope, period).kept
    with reading() as session:
        return figures.by_agent(session, _who, period.days, frozenset(period.campaigns), kept, order=order)
