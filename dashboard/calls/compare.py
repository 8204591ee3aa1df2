"""Two versions of a call side by side: score, flag, each check, the words."""

from typing import Any

import streamlit as st

from dashboard import badges, words
from dashboard.calls import differences
from dashboard.calls.details import maker
from dashboard.calls.differences import Pair
from dashboard.components import mount
from records.call_record import Record, Result
from records.results import CheckResult

NOTHING = 0  # no version has this number; Streamlit takes None for a box that nobody has touched


def chooser(record: Record, shown: int, compared: int, labels: dict[int, str]) -> int:
    """Which version to compare the shown one with, or NOTHING."""
    options = [NOTHING, *(summary.number for summary in record.versions if summary.number != shown)]
    return st.selectbox(
        "Compare with",
        options,
        index=options.index(compared) if compared in options else 0,
        format_func=lambda number: labels.get(number, "Nothing"),
        key=f"compare-{record.call.id}-{shown}",
        width=320,
    )


def show(record: Record, one: Result, other: Result) -> None:
    """The earlier one is on the left, whichever was chosen first."""
    before, after = sorted((one, other), key=lambda result: result.version.number)
    names = {summary.number: badges.RUN_REASON[summary.reason] for summary in record.versions}
    data = laid_out(before, after, names)
    st.subheader("Compared", anchor=False)
    mount("compare", data, key=f"compare-{before.version.id}-{after.version.id}")


def laid_out(before: Result, after: Result, names: dict[int, str]) -> dict[str, Any]:
    """As the component wants it. Pure."""
    pairs = differences.pairs(before, after)
    differing = sum(pair.differs for pair in pairs)
    return {
        "sides": [_side(result, names[result.version.number]) for result in (before, after)],
        "rows": list(_rows(before, after)),
        "checks": [_pair(pair) for pair in pairs],
        "checks_words": _checks(len(pairs), differing, _withheld(before, after)),
        "transcript": _transcript(before, after),
    }


def _side(result: Result, reason: str) -> dict[str, str]:
    version = result.version
    return {
        "title": f"Version {version.number}",
        "words": f"{reason} · {words.date(version.created_at)}",
    }


def _rows(before: Result, after: Result) -> Any:  # noqa: ANN401  rows of words
    for name, read in (
        ("Score", lambda result: words.score(result.version.score)),
        ("Flag", _flag),
        ("Transcriber", lambda result: maker(result.version.transcriber, result.version.transcriber_model)),
        ("Analysis", lambda result: maker(result.version.analyzer, result.version.analyzer_model) or "Rules only"),
    ):
        left, right = read(before), read(after)
        yield {"name": name, "values": [left, right], "differs": left != right}


def _flag(result: Result) -> str:
    if not result.version.flagged:
        return "Not flagged"
    return "\n".join(str(reason.get("words", "")) for reason in result.version.flag_reasons) or "Flagged"


def _pair(pair: Pair) -> dict[str, Any]:
    check = pair.after or pair.before
    assert check is not None  # noqa: S101  a pair has one of them
    return {
        "name": check.name,
        "section": check.section,
        "differs": pair.differs,
        "sides": [_verdict(each) for each in pair],
    }


def _verdict(check: CheckResult | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {"badge": badges.VERDICT[check.verdict]._asdict(), "reason": check.reason}


def _checks(how_many: int, differing: int, withheld: str) -> str:
    if not how_many:
        return "No checks."
    said = f"{_number(differing, 'check')} of {how_many} came out otherwise."
    return f"{said} The reasons of {withheld} are withheld, except for what was measured." if withheld else said


def _withheld(before: Result, after: Result) -> str:
    """'version 1', 'versions 1 and 2': those whose words are withheld."""
    numbers = [str(each.version.number) for each in (before, after) if each.transcript.withheld]
    return f"version{'s' * (len(numbers) > 1)} {' and '.join(numbers)}" if numbers else ""


def _transcript(before: Result, after: Result) -> dict[str, Any]:
    if before.version.transcript_id == after.version.transcript_id:
        return {"words": "Both versions judge the same transcript.", "pieces": []}
    if withheld := _withheld(before, after):
        why = "transcribed before redaction was turned on"
        return {"words": f"The words of {withheld} are withheld: {why}.", "pieces": []}
    found = differences.words(before.transcript.content, after.transcript.content)
    if not found.gone + found.come:
        return {"words": "The words and the speakers are the same.", "pieces": []}
    said = (
        f"{_number(found.gone, 'word')} only in version {before.version.number}, "
        f"{_number(found.come, 'word')} only in version {after.version.number}."
    )
    cut = "" if not found.cut else " There is more than is shown." if found.pieces else " It is too long to be shown."
    return {"words": said + cut, "pieces": [piece._asdict() for piece in found.pieces]}


def _number(how_many: int, one: str) -> str:
    return f"{how_many:,} {one}{'' if how_many == 1 else 's'}"
