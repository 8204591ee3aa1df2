"""A campaign's checks while somebody edits them: kept in the session until they are saved. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from pipeline import checksheet
from records import check_edits
from records.check_edits import MOST, Difference, Kept, Loaded
from records.checks import AnyRule, CheckSpec

TEXTS, TICKS = ("name", "section", "weight"), ("critical", "active")  # what the grid edits in place
NAME_LONGEST = 200


@dataclass
class Row:
    """One check as it stands on the screen, right or wrong. `weight` is what was typed."""

    key: str
    id: int | None
    name: str
    section: str
    weight: str
    critical: bool
    active: bool
    rule: AnyRule

    @classmethod
    def of(cls, key: str, kept: Kept) -> "Row":
        """The row of a check that is right."""
        spec = kept.spec
        return cls(key, kept.id, spec.name, spec.section, f"{spec.weight:g}", spec.critical, spec.active, spec.rule)

    @property
    def spec(self) -> CheckSpec:
        """The check. Raises ValidationError."""
        return CheckSpec.model_validate(
            {
                **{name: getattr(self, name).strip() for name in ("name", "section")},
                **{name: getattr(self, name) for name in TICKS},
                "weight": self.weight.strip().replace(",", "."),
                "rule": self.rule,
            }
        )

    @property
    def number(self) -> float:
        """The weight, 0 to 100; 0 for what is none."""
        try:
            weight = float(self.weight.replace(",", "."))
        except ValueError:
            return 0.0
        return weight if 0 <= weight <= 100 else 0.0  # noqa: PLR2004  percent

    @property
    def counts(self) -> float:
        """The weight as it counts: nothing for a check that is not active."""
        return self.number if self.active else 0.0


@dataclass
class Draft:
    """All checks of a campaign, with what they were read as. `heard`: whose events, and the last one dealt with."""

    loaded: Loaded
    rows: list[Row]
    heard: tuple[str, int] = ("", 0)
    serial: int = 0
    opened: str = ""  # which dialog is open: the row that is edited, or another's name

    @classmethod
    def of(cls, loaded: Loaded) -> "Draft":
        """What is stored, not yet edited."""
        return cls(loaded, [Row.of(f"c{kept.id}", kept) for kept in loaded.rows])

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was read."""
        return self.rows != Draft.of(self.loaded).rows

    @property
    def difference(self) -> Difference:
        """What would be saved; only for a draft without mistakes."""
        return check_edits.difference(self.loaded.rows, self.kept)

    @property
    def kept(self) -> list[Kept]:
        """What would be saved. Raises ValidationError where there are mistakes."""
        return [Kept(row.id, row.spec) for row in self.rows]

    @property
    def mistakes(self) -> dict[str, dict[str, str]]:
        """By row and field, a sentence each."""
        found: dict[str, dict[str, str]] = {}
        right: list[Row] = []
        for row in self.rows:
            wrong = mistakes(row)
            if wrong:
                found[row.key] = wrong
            else:
                right.append(row)
        for place, _ in check_edits.twins([row.spec for row in right]):
            where = " in this section" if right[place].section.strip() else ""
            found[right[place].key] = {"name": f"Another check{where} has this name already. Choose another."}
        return found

    @property
    def sections(self) -> list[str]:
        """In the order of the checks."""
        return list(dict.fromkeys(row.section.strip() for row in self.rows if row.section.strip()))

    @property
    def full(self) -> bool:
        """Whether no further check fits."""
        return len(self.rows) >= MOST

    @property
    def weight(self) -> float:
        """Of all active checks together."""
        return sum(row.counts for row in self.rows)

    def share(self, row: Row) -> float | None:
        """The check's share of all weight, 0 to 1; None where it counts for nothing."""
        return row.counts / self.weight if row.counts else None

    def find(self, key: str) -> Row | None:
        """The row of this key; None when it has gone."""
        return next((row for row in self.rows if row.key == key), None)

    def hear(self, said: Mapping[str, Any]) -> None:
        """Deal with the grid's events, each once. What makes no sense is passed over: it comes from a browser."""
        source, events = said.get("from"), said.get("events")
        if not isinstance(source, str) or not isinstance(events, list):
            return
        done = self.heard[1] if self.heard[0] == source else 0
        for event in events:
            if isinstance(event, dict) and isinstance(event.get("n"), int) and event["n"] > done:
                done = event["n"]
                self._act(event)
        self.heard = (source[:40], done)

    def put(self, key: str | None, spec: CheckSpec) -> None:
        """A check as its editor gives it: in its row, or as a new one at the end of its section."""
        row = self.find(key) if key else None
        if row is not None:
            self.rows[self.rows.index(row)] = replace(Row.of(row.key, Kept(row.id, spec)))
        elif not self.full:
            last = max((place for place, each in enumerate(self.rows) if each.section == spec.section), default=None)
            self.rows.insert(len(self.rows) if last is None else last + 1, self._new(spec))

    def take(self, specs: Sequence[CheckSpec], *, instead: bool) -> None:
        """Checks from a file: instead of those that are here, or after them.

        Of those instead, one with the name and section of a check that is here is that check.
        """
        if not instead:
            self.rows += [self._new(spec) for spec in specs]
            return
        known = {check_edits.name_key(row.section, row.name): row for row in self.rows}
        self.rows = [
            Row.of(row.key, Kept(row.id, spec))
            if (row := known.pop(check_edits.name_key(spec.section, spec.name), None))
            else self._new(spec)
            for spec in specs
        ]

    def rebase(self, loaded: Loaded) -> None:
        """Keep what is here, over what somebody else saved meanwhile; checks that they removed become new ones."""
        there = {kept.id for kept in loaded.rows}
        self.loaded = loaded
        self.rows = [
            row if row.id is None or row.id in there else replace(row, id=None, key=self._key()) for row in self.rows
        ]

    def _act(self, event: Mapping[str, Any]) -> None:
        row = self.find(str(event.get("row")))
        if row is None:
            return
        place = self.rows.index(row)
        match event.get("act"):
            case "set":
                self._set(row, event.get("field"), event.get("value"))
            case "move" if event.get("by") in (-1, 1):
                to = min(max(place + event["by"], 0), len(self.rows) - 1)
                self.rows.insert(to, self.rows.pop(place))
            case "place" if (beside := self.find(str(event.get("beside")))) not in (None, row):
                self.rows.remove(row)
                self.rows.insert(self.rows.index(beside) + bool(event.get("below")), row)
            case "copy" if not self.full:
                self.rows.insert(place + 1, replace(row, key=self._key(), id=None, name=self._free(row)))
            case "remove":
                self.rows.remove(row)
            case "edit":
                self.opened = row.key

    def _set(self, row: Row, name: object, value: object) -> None:
        if name in TEXTS and isinstance(value, str):
            setattr(row, str(name), value[:NAME_LONGEST])
        elif name in TICKS and isinstance(value, bool):
            setattr(row, str(name), value)

    def _free(self, row: Row) -> str:
        """A name for a duplicate that no other check of its section has."""
        taken = {check_edits.name_key(each.section, each.name) for each in self.rows}
        number = 2
        while check_edits.name_key(row.section, f"{row.name} ({number})") in taken:
            number += 1
        return f"{row.name[: NAME_LONGEST - 6]} ({number})"

    def _new(self, spec: CheckSpec) -> Row:
        return Row.of(self._key(), Kept(None, spec))

    def _key(self) -> str:
        self.serial += 1
        return f"n{self.serial}"


def mistakes(row: Row) -> dict[str, str]:
    """What is wrong with one check, by field; empty when nothing is."""
    try:
        _ = row.spec
    except ValidationError as error:
        return checksheet.mistakes(error)
    return {}
