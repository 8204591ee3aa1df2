"""What `totalview process` prints for people."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

VERDICTS = {
    "pass": ("pass", "green"),
    "fail": ("fail", "red"),
    "not_applicable": ("n/a", "dim"),
    "not_evaluated": ("not evaluated", "yellow"),
}


def show(outcome: dict[str, Any]) -> None:
    """One call: transcript, checks, score, flag."""
    console = Console()
    console.print(plain(outcome["file"]), style="bold underline", soft_wrap=True)
    if outcome["error"]:
        console.print(Text(outcome["error"], style="red"))
        return
    if outcome["status"] != "completed":
        console.print(f"{outcome['status'].capitalize()}. Call {outcome['call_id']}; follow it in the dashboard.")
        return
    for turn in outcome["transcript"]:
        line = Text.assemble((f"{clock(turn['start_ms'])}  ", "dim"), (f"{turn['speaker']:<10}", "bold"))
        console.print(line.append_text(plain(turn["text"])))
    console.print(_checks(outcome["checks"]))
    score = "–" if outcome["score"] is None else f"{outcome['score']:g}"
    console.print(Text(f"Score {score}", style="bold"))
    for reason in outcome["flag_reasons"]:
        console.print(Text(f"Flagged: {reason}", style="red"))
    console.print()


def plain(text: str) -> Text:
    """Text from outside, as text: no markup, no control characters."""
    return Text("".join(char if char.isprintable() else "�" for char in text))


def clock(milliseconds: int) -> str:
    """Minutes and seconds."""
    return f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02d}"


def _checks(checks: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("Check", "Weight", "Verdict", "Why"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        name = plain(check["name"] + (" (critical)" if check["critical"] else ""))
        words, style = VERDICTS[check["verdict"]]
        table.add_row(name, f"{check['weight']:g}", Text(words, style=style), plain(check["reason"]))
    return table
