"""How times, lengths, sizes and scores are written on every page."""

import re
from datetime import date as Day  # noqa: N812  `date` is how a moment is written here
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from records.db import now

NONE = "–"
NOTICED = 0.05  # points, or a twentieth of a per cent: less is shown as no change
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^])")
_LINKS = re.compile(r"(?<=\bwww)(?=\.)|(?<=:)(?=//)|(?<=-)(?=-)", re.IGNORECASE)
_JOINER = "\u2060"  # unseen; keeps apart what would become a link to elsewhere (e-mail addresses may), or a dash
_GAPS = re.compile(r"\s+")


def date(moment: datetime) -> str:
    """'18 Nov 2026, 11:06', by the viewer's own clock."""
    local = moment.astimezone(zone())
    return f"{local.day} {local:%b %Y, %H:%M}"


def ago(moment: datetime | None) -> str:
    """'just now', '3 minutes ago', '2 hours ago'; from two days on the date."""
    if moment is None:
        return NONE
    seconds = (now() - moment).total_seconds()
    if seconds < MINUTE:
        return "just now"
    for unit, step, until in (("minute", MINUTE, HOUR), ("hour", HOUR, 2 * DAY)):
        if seconds < until:
            number = int(seconds // step)
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return date(moment)


def ahead(moment: datetime) -> str:
    """'in 40 seconds', 'in 3 minutes', 'in 2 hours'; from two days on the date; 'now' once it is over."""
    seconds = int((moment - now()).total_seconds())
    if seconds < 1:
        return "now"
    for unit, step, until in (("second", 1, 2 * MINUTE), ("minute", MINUTE, 2 * HOUR), ("hour", HOUR, 2 * DAY)):
        if seconds < until:
            number = seconds // step
            return f"in {number} {unit}{'' if number == 1 else 's'}"
    return date(moment)


def to_the_second(moment: datetime) -> str:
    """'18 Nov 2026, 11:06:30', by the viewer's own clock."""
    return f"{date(moment)}:{moment:%S}"


def end_of_day(day: Day) -> datetime:
    """The last second of a day, by the viewer's own clock."""
    return datetime.combine(day, time(23, 59, 59), zone())


def day(when: Day) -> str:
    """'18 Nov 2026'."""
    return f"{when.day} {when:%b %Y}"


def short_day(moment: datetime) -> str:
    """'18 Nov', by the viewer's own clock."""
    local = moment.astimezone(zone())
    return f"{local.day} {local:%b}"


def begins(on: Day) -> datetime:
    """The moment at which a day begins, by the viewer's own clock."""
    return datetime.combine(on, time.min, zone())


def length(ms: int | None) -> str:
    """'4:35' or '1:02:09'."""
    if ms is None:
        return NONE
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def score(value: float | None) -> str:
    """'76' or '69.6'."""
    return NONE if value is None else f"{value:.1f}".removesuffix(".0")


def share(value: float | None) -> str:
    """'28.1%' or '50%', of a part of one."""
    return NONE if value is None else f"{value:.1%}".replace(".0%", "%")


def change(by: float | None, unit: str) -> str | int | None:
    """'+1.5 points', '+3.0%' or '+12 calls': as st.metric takes it, a number nought as none, a text by its sign."""
    if by is None:
        return None
    if abs(by) < NOTICED:
        return 0
    return f"{by:+,.1f}%" if unit == "%" else f"{by:+,.{0 if unit == 'calls' else 1}f} {unit}"


def size(number: int) -> str:
    """'3.4 MB'."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if number >= step:
            return f"{number / step:.1f} {unit}"
    return f"{number} bytes"


def plain(text: str) -> str:
    """Somebody's words for a label, heading or toast, which Streamlit reads as Markdown: they stay as they are."""
    return _SIGNS.sub(r"\\\1", _LINKS.sub(_JOINER, _GAPS.sub(" ", text).strip()))


def zone() -> ZoneInfo:
    """The viewer's own, as the browser says; UTC where it says none that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
