"""When a call took place, as file names and CSV cells write it. Nothing is guessed: what is not clear is a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

LONGEST = 100  # characters of a text that may be a time
YEARS = range(1990, 2100)  # outside of these it was no time of a call
_CENTURY = 70  # two digits of a year: from here on 19.., below it 20..
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000}  # digits of an epoch -> how many of its units make a second
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = (  # those of RFC 2822, and Europe's; most others mean different zones to different people
    *((0, "Z UTC GMT"), (1, "CET"), (2, "CEST EET"), (3, "EEST")),
    *((-4, "EDT"), (-5, "EST CDT"), (-6, "CST MDT"), (-7, "MST PDT"), (-8, "PST")),
)
_HOURS_FROM_UTC = {name: hours for hours, names in _ZONES for name in names.split()}
_WEEKDAY = re.compile(r"(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,. _]+)")
_GAP = r"[-/._ ]"
_MONTH = r"(?P<named>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d{2})(?!\d)"
_DATES = (
    rf"(?P<year>\d{{4}})(?P<sign>{_GAP})(?P<month>\d{{1,2}})(?P=sign)(?P<day>\d{{1,2}})(?!\d)",
    rf"(?P<first>\d{{1,2}})(?P<sign>{_GAP})(?P<second>\d{{1,2}})(?P=sign)(?P<year>\d{{4}})(?!\d)",
    r"(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second>\d{1,2})(?P=sign)(?P<year>\d\d)(?!\d)",
    rf"{_DAY}{_GAP}?{_MONTH},?{_GAP}?{_YEAR}",
    rf"{_MONTH}{_GAP}*{_DAY},?{_GAP}+{_YEAR}",
    rf"(?P<year>\d{{4}}){_GAP}{_MONTH}{_GAP}(?P<day>\d{{1,2}})(?!\d)",
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=\D|$|\d{4}(?:\d\d)?(?!\d))",  # or the time at once
)
_TO_CLOCK = re.compile(r"(?:[ T,_/@-]+(?:at )?)?")
_HALF = r"(?:[ _]?(?P<half>[AaPp])\.?[Mm]\b\.?)"
_PART = r"(?:[.,](?P<part>\d{1,9}))"
_CLOCKS = (
    rf"(?P<hour>\d{{1,2}})(?P<sign>[:._h-])(?P<minute>\d\d)(?:(?P=sign)(?P<second>\d\d){_PART}?)?{_HALF}?(?![\d:])",
    rf"(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d){_PART}?)?{_HALF}?(?!\d)",
    rf"(?P<hour>\d{{1,2}}){_HALF}",
)
_ZONE = re.compile(
    r"[ _]?(?:(?P<name>[A-Z]{1,4})(?![A-Za-z]))?(?:(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?"
    r"(?:\[[^\]]*\])?(?: ?\([^)]*\))?"  # what some add in words: [Europe/Vienna], (Central European Time)
)
_UTC_BEHIND = re.compile(r"[ _]?(?:UTC|GMT|Z)$")
_DIRECTIVES = set("aAbBdfHIjmMpSyYz%")


@dataclass(frozen=True)
class Parts:
    """What a text says of a time: a day, a time of day, a zone, or some of these."""

    day: date | None = None
    clock: time | None = None
    zone: tzinfo | None = None


def read(
    dated: Sequence[str], clocks: Sequence[str] = (), *, zone: str, day_first: bool, formats: Sequence[str] = ()
) -> tuple[datetime | None, str]:
    """The moment (UTC) that these texts tell together, and a sentence where that is none, or not wholly clear.

    `dated` may hold a date or all of it, `clocks` a time of day; of each the first that is understood counts. Where
    `formats` (as strptime reads them) are given, they alone decide. `zone` holds where the texts name none.
    """
    dated, clocks = [each.strip() for each in dated if each.strip()], [each.strip() for each in clocks if each.strip()]
    if not dated:
        return None, f"There is a time, '{shown(clocks[0])}', and no date." if clocks else ""
    found = _by_format(" ".join((dated[0], *clocks[:1])), formats) if formats else _together(dated, clocks, day_first)
    if found is None or found.day is None:
        return None, f"'{shown(' '.join((dated[0], *clocks[:1])))}' could not be understood as a date and time."
    naive = datetime.combine(found.day, found.clock or time())
    if found.zone is not None:
        return naive.replace(tzinfo=found.zone).astimezone(UTC), ""
    return _at(naive, zone)


def parts(text: str, *, day_first: bool) -> Parts | None:
    """What a text says of a time; None where it says anything else, or what cannot be."""
    text = " ".join(text[: LONGEST + 1].split())
    if len(text) > LONGEST:
        return None
    try:
        return _epoch(text) or _date_first(text, day_first) or clock(text)
    except (ValueError, OverflowError):  # 30 February, a quarter past 25
        return None


def clock(text: str) -> Parts | None:
    """A time of day, perhaps with its zone. Raises ValueError for one that cannot be."""
    return _clock_and_zone(text.strip(), 0)


def trouble(form: str) -> str:
    """Why no time can be read by this format, in a sentence; empty where it can."""
    used = set(re.findall(r"%(.?)", form.replace("%%", "")))
    if strange := sorted(used - _DIRECTIVES):
        return f"The format of the time holds '%{strange[0]}', which is not known. {_FOR_EXAMPLE}"
    if len(form) > LONGEST or not (used & set("Yy") and ((used & set("mbB") and "d" in used) or "j" in used)):
        return f"The format of the time must name year, month and day. {_FOR_EXAMPLE}"
    try:
        datetime.strptime(datetime(2025, 11, 4, 15, 31, 8, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007  only tried
    except (ValueError, re.error):  # one that stands twice
        return f"No time can be read by the format '{shown(form)}'. {_FOR_EXAMPLE}"
    return ""


_FOR_EXAMPLE = "For 20251104-103108 it would be %Y%m%d-%H%M%S."


def shown(text: str) -> str:
    """A text as it stands in a sentence."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _together(dated: Sequence[str], clocks: Sequence[str], day_first: bool) -> Parts | None:
    """The first that has a day; its time of day, or the first that stands alone."""
    read_parts = [found for text in dated if (found := parts(text, day_first=day_first))]
    first = next((found for found in read_parts if found.day), None)
    if first is None or first.clock is not None:
        return first
    alone = [found for text in clocks if (found := _only_clock(text))] + [each for each in read_parts if not each.day]
    if clocks and not alone:
        return None  # half of it cannot be understood: midnight would be a guess
    time_of_day = alone[0] if alone else Parts()
    return Parts(first.day, time_of_day.clock, time_of_day.zone)


def _only_clock(text: str) -> Parts | None:
    """10-31-08 is a time of day here, and nowhere a date."""
    try:
        return clock(text[:LONGEST]) or parts(text, day_first=True)
    except ValueError:
        return None


def _epoch(text: str) -> Parts | None:
    whole, _, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) in _EPOCHS and (not part or part.isdigit())):
        return None
    seconds = int(whole) / _EPOCHS[len(whole)] + (float(f"0.{part}") if part and part.isascii() else 0)
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    return Parts(at.date(), at.time(), UTC) if at.year in YEARS else None


def _date_first(text: str, day_first: bool) -> Parts | None:
    weekday = _WEEKDAY.match(text)
    begin = weekday.end() if weekday else 0
    for pattern in _DATES:
        if found := re.compile(pattern).match(text, begin):
            day = _day(found.groupdict(), day_first)
            if day is None:
                continue
            if found.end() == len(text):
                return Parts(day)
            gap = _TO_CLOCK.match(text, found.end())
            rest = _clock_and_zone(text, gap.end()) if gap else None
            if rest:
                return Parts(day, rest.clock, rest.zone)
    return None


def _day(said: dict[str, str], day_first: bool) -> date | None:
    """Raises ValueError for a day that cannot be."""
    year = int(said["year"])
    if len(said["year"]) == 2:  # noqa: PLR2004  digits
        year += 2000 if year < _CENTURY else 1900
    if year not in YEARS:
        return None
    if "first" in said:
        first, second = int(said["first"]), int(said["second"])
        return date(year, second, first) if day_first else date(year, first, second)
    if "named" not in said:
        return date(year, int(said["month"]), int(said["day"]))
    begin, full = said["named"][:3].lower(), said["named"].lower()
    if begin not in _MONTHS:
        return None
    month = _MONTHS.index(begin) + 1
    known = {begin, "sept", date(year, month, 1).strftime("%B").lower()}
    return date(year, month, int(said["day"])) if full in known else None


def _clock_and_zone(text: str, begin: int) -> Parts | None:
    for pattern in _CLOCKS:
        found = re.compile(pattern).match(text, begin)
        zone = _ZONE.fullmatch(text, found.end()) if found else None
        if found and zone and (zone["name"] is None or zone["name"] in _HOURS_FROM_UTC):
            return Parts(clock=_time(found.groupdict()), zone=_offset(zone))
    return None


def _time(said: dict[str, str | None]) -> time:
    """Raises ValueError for a time that cannot be."""
    hour, half = int(said["hour"] or 0), (said["half"] or "").lower()
    if half == "a" and hour > 12:  # noqa: PLR2004  a half day
        raise ValueError("a morning has twelve hours")
    if half == "a" and hour == 12:  # noqa: PLR2004
        hour = 0
    elif half == "p" and hour < 12:  # noqa: PLR2004
        hour += 12
    part = (said.get("part") or "")[:6].ljust(6, "0")
    return time(hour, int(said.get("minute") or 0), int(said.get("second") or 0), int(part))


def _offset(zone: re.Match[str]) -> tzinfo | None:
    if zone["name"] is None and zone["sign"] is None:
        return None
    ahead = timedelta(hours=int(zone["hours"] or 0), minutes=int(zone["minutes"] or 0))
    named = timedelta(hours=_HOURS_FROM_UTC[zone["name"]] if zone["name"] else 0)
    return timezone(named - ahead if zone["sign"] == "-" else named + ahead)  # ValueError from 24 hours on


def _by_format(text: str, formats: Sequence[str]) -> Parts | None:
    """What the first format that fits reads; UTC may stand behind."""
    for said, zone in ((text, None), (_UTC_BEHIND.sub("", text), UTC)):
        for form in formats:
            try:
                found = datetime.strptime(said[:LONGEST], form)  # noqa: DTZ007  the campaign's zone comes later
            except ValueError:
                continue
            if found.year in YEARS:
                return Parts(found.date(), found.time(), found.tzinfo or zone)
    return None


def _at(naive: datetime, zone: str) -> tuple[datetime, str]:
    """A local time as UTC; a sentence where clocks were changed and it was never, or twice."""
    local = naive.replace(tzinfo=ZoneInfo(zone))
    at = local.astimezone(UTC)
    real = at.astimezone(local.tzinfo)
    if real.replace(tzinfo=None) != naive:
        return (
            at,
            f"{naive:%H:%M} was never on {naive:%Y-%m-%d} in {zone}: read as {real:%H:%M}.",
        )
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return at, f"{naive:%H:%M} was twice on {naive:%Y-%m-%d} in {zone}, where clocks went back: read as the first."
    return at, ""
