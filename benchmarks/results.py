"""Where figures go: benchmarks/results.json, and the table between two marks in docs/benchmarks.md."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- printed by make bench -->", "<!-- as far as this -->"
LESS = frozenset({"s", "ms", "MB", "KB"})  # units of which less is better


@dataclass(frozen=True)
class Result:
    """One figure beside its baseline, measured in the same run."""

    name: str
    ours: float
    baseline: float | None  # None: the goal is a bound of its own
    goal: float  # for the ratio; without a baseline, for ours
    unit: str

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline we are: over 1 is better, whatever the unit."""
        if self.baseline is None:
            return None
        ratio = self.baseline / self.ours if self.unit in LESS else self.ours / self.baseline
        return float(f"{ratio:.3g}")

    @property
    def met(self) -> bool:
        if self.ratio is not None:
            return self.ratio >= self.goal
        return self.ours <= self.goal if self.unit in LESS else self.ours >= self.goal

    @property
    def row(self) -> str:
        """Its line of the table."""
        asked = f"{self.goal:.3g} times" if self.ratio is not None else f"{self.goal:,g} {self.unit}"
        baseline = "" if self.baseline is None else f"{self.baseline:,.4g} {self.unit}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        met = "yes" if self.met else "no"
        return f"| {self.name} | {self.ours:,.4g} {self.unit} | {baseline} | {ratio} | {asked} | {met} |"


HEAD = "| Measured | TotalView | Baseline | Times better | Goal | Met |\n|---|---:|---:|---:|---:|---|"


def keep(*results: Result) -> None:
    """Print them, and put them among the results in place of their earlier ones."""
    kept = earlier()
    for result in results:
        print(result.row, flush=True)
        kept[result.name] = {**asdict(result), "ratio": result.ratio, "met": result.met}
        del kept[result.name]["name"]
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    _into_document(kept)


def earlier() -> dict[str, dict[str, object]]:
    """What is in the results, by name."""
    if not RESULTS.exists():
        return {}
    kept: dict[str, dict[str, object]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def table(kept: Mapping[str, Mapping[str, object]]) -> str:
    """All results as the document shows them."""
    fields = ("ours", "baseline", "goal", "unit")
    rows = [Result(name, *(facts[field] for field in fields)).row for name, facts in kept.items()]  # type: ignore[arg-type]  # as they were written
    return "\n".join([HEAD, *rows])


def _into_document(kept: Mapping[str, Mapping[str, object]]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    marks = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    DOCUMENT.write_text(marks.sub(lambda _: f"{BEGIN}\n\n{table(kept)}\n\n{END}", text), encoding="utf-8")
