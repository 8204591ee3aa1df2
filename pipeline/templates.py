"""Scorecards to begin a campaign with: checks that fit a kind of call, to be changed at will afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline import checksheet
from records.campaigns import NotUsable
from records.checks import CheckSpec

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "templates"
EMPTY = "empty"


@dataclass(frozen=True)
class Template:
    """`words` is a sentence for whoever chooses."""

    label: str
    words: str
    file: str = ""  # in FOLDER; the empty template has none

    @property
    def checks(self) -> tuple[CheckSpec, ...]:
        """What it brings."""
        return _read(self.file) if self.file else ()


TEMPLATES: Mapping[str, Template] = {  # in the order in which a choice shows them
    "customer-service": Template(
        "Customer service",
        "Customers call with a question or a trouble: greeting, verification, understanding, a solution, a kind close.",
        "customer_service.yaml",
    ),
    "sales": Template(
        "Sales",
        "Agents advise and sell: finding out the need, a fitting offer, the full price, a clear yes, no pressure.",
        "sales.yaml",
    ),
    "collections": Template(
        "Collections",
        "Agents ask for a debt to be paid: the right person, what must be said, fair conduct, a way to pay.",
        "collections.yaml",
    ),
    "compliance": Template(
        "Compliance",
        "What must and must not be said, whatever the call is about: disclosures, personal data, conduct, complaints.",
        "compliance.yaml",
    ),
    EMPTY: Template("Empty", "No checks yet: write your own, or import a file. Until then calls get no score."),
}


def find(name: str) -> Template:
    """The template of this name. Raises NotUsable with the names there are."""
    if name not in TEMPLATES:
        raise NotUsable(f"There is no template '{name}'. There are: {', '.join(TEMPLATES)}.")
    return TEMPLATES[name]


@cache
def _read(file: str) -> tuple[CheckSpec, ...]:
    return tuple(checksheet.read((FOLDER / file).read_text(encoding="utf-8")))
