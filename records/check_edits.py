"""Editing a campaign's checks: all of them at once, and never over what somebody else saved meanwhile."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from records import access, audit
from records.campaigns import Campaign, NotUsable
from records.checks import Check, CheckSpec
from records.db import stored_id
from records.identity import Identity, require
from records.roles import Permission

MOST = 100  # checks on one scorecard; more cannot be read by anybody
NAMED = 20  # checks that one line of the audit log names of each kind of change


class ChangedMeanwhile(Exception):  # noqa: N818  what happened
    """Somebody else saved these checks since they were read; the message is a sentence. Nothing was written."""


@dataclass(frozen=True)
class Kept:
    """A check and which one it is. `id` None: a new one."""

    id: int | None
    spec: CheckSpec


@dataclass(frozen=True)
class Loaded:
    """A campaign's checks in their order, with a fingerprint of exactly these."""

    rows: tuple[Kept, ...]
    seen: str


@dataclass(frozen=True)
class Difference:
    """What makes one list of checks another, by the checks' names."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: bool = False

    def __bool__(self) -> bool:
        return self != Difference()

    @property
    def words(self) -> str:
        """'1 added, 2 changed'; empty when nothing differs."""
        counts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        said = [f"{len(names)} {what}" for what, names in counts if names]
        return ", ".join(said + (["order changed"] if self.moved else []))


def load(session: Session, who: Identity, slug: str) -> Loaded:
    """A campaign's checks as they are. Raises NotFound."""
    campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_READ)
    return _loaded(_rows(session, campaign))


def replace(session: Session, who: Identity, slug: str, rows: Sequence[Kept], *, seen: str) -> Difference:
    """Make these the campaign's checks, in this order; `seen` is the fingerprint of those they were made from.

    A check that keeps its id stays the one that results point to. Raises ChangedMeanwhile, NotUsable, NotAllowed,
    NotFound; then nothing is changed.
    """
    require(who, Permission.CAMPAIGN_EDIT)
    found = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
    # One editor at a time: who saves at the same moment waits here, and then sees another fingerprint.
    campaign = session.exec(select(Campaign).where(Campaign.id == found.id).with_for_update()).one()
    stored = _rows(session, campaign)
    before = _loaded(stored)
    if before.seen != seen:
        raise ChangedMeanwhile("Somebody else saved these checks while you edited them. Nothing of yours is lost.")
    _expect_usable(before.rows, rows)
    made = difference(before.rows, rows)
    if not made:
        return made
    by_id = {stored_id(check.id): check for check in stored}
    for number in by_id.keys() - {row.id for row in rows}:
        session.delete(by_id[number])
    for position, row in enumerate(rows, start=1):
        wanted = Check.of(row.spec, campaign_id=stored_id(campaign.id), position=position)
        if row.id is None:
            session.add(wanted)
        else:
            by_id[row.id].sqlmodel_update(wanted.model_dump(exclude={"id", "created_at"}))
    campaign.section_thresholds = thresholds(campaign.section_thresholds, before.rows, rows)
    _log(session, who, campaign, made)
    return made


def difference(before: Sequence[Kept], after: Sequence[Kept]) -> Difference:
    """What was added, changed, removed, and whether those that stayed stand in another order."""
    were = {row.id: row.spec for row in before}
    are = {row.id for row in after if row.id in were}
    stayed = [row.id for row in before if row.id in are]
    return Difference(
        added=tuple(row.spec.name for row in after if row.id not in were),
        changed=tuple(row.spec.name for row in after if row.id in were and were[row.id] != row.spec),
        removed=tuple(row.spec.name for row in before if row.id not in are),
        moved=stayed != [row.id for row in after if row.id in are],
    )


def twins(specs: Sequence[CheckSpec]) -> list[tuple[int, int]]:
    """Places (from 0) of checks with the name and section of an earlier one: nobody could tell them apart."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for place, spec in enumerate(specs):
        earlier = seen.setdefault(name_key(spec.section, spec.name), place)
        if earlier != place:
            found.append((place, earlier))
    return found


def name_key(section: str, name: str) -> tuple[str, str]:
    """What two names have in common that look alike to people."""
    return " ".join(section.casefold().split()), " ".join(name.casefold().split())


def thresholds(old: Mapping[str, float], before: Sequence[Kept], after: Sequence[Kept]) -> dict[str, float]:
    """The thresholds after an edit: a section that was renamed takes its own along, one that is gone loses it."""
    sections = {row.spec.section for row in after}
    kept = {name: bound for name, bound in old.items() if name in sections}
    now_in = {row.id: row.spec.section for row in after if row.id is not None}
    for name in old.keys() - kept.keys():
        became = {now_in[row.id] for row in before if row.spec.section == name and row.id in now_in}
        if len(became) == 1:
            kept.setdefault(became.pop(), old[name])
    return {name: bound for name, bound in kept.items() if name}


def _rows(session: Session, campaign: Campaign) -> list[Check]:
    query = select(Check).where(Check.campaign_id == campaign.id).order_by(col(Check.position), col(Check.id))
    return list(session.exec(query))


def _loaded(checks: Sequence[Check]) -> Loaded:
    rows = tuple(Kept(check.id, check.spec()) for check in checks)
    told = json.dumps([[row.id, row.spec.model_dump(mode="json")] for row in rows], sort_keys=True)
    return Loaded(rows, hashlib.sha256(told.encode()).hexdigest())


def _expect_usable(before: Sequence[Kept], rows: Sequence[Kept]) -> None:
    if len(rows) > MOST:
        raise NotUsable(f"These are {len(rows)} checks; a scorecard holds at most {MOST}. Remove some.")
    ids = [row.id for row in rows if row.id is not None]
    if len(set(ids)) < len(ids) or not set(ids) <= {row.id for row in before}:
        raise NotUsable("These checks are not this campaign's. Load the page again.")
    for place, earlier in twins([row.spec for row in rows]):
        name = rows[place].spec.name
        raise NotUsable(f"Checks {earlier + 1} and {place + 1} are both called '{name}'. Rename one, or its section.")


def _log(session: Session, who: Identity, campaign: Campaign, made: Difference) -> None:
    named = {"added": made.added, "changed": made.changed, "removed": made.removed}
    details: dict[str, list[str]] = {what: list(names[:NAMED]) for what, names in named.items() if names}
    audit.log(session, who, "checks.edit", campaign.name, campaign_id=campaign.id, what=made.words, **details)
