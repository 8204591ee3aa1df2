"""The table of people: what each row shows."""

from typing import Any
from urllib.parse import urlencode

from dashboard import badges, words
from dashboard.components import mount
from records.db import now
from records.people_list import Person, Standing
from records.roles import Permission, Role, Scope, scope_of

NAMED = 2  # campaigns that a row names; the others are counted
_COLUMNS = (
    ("Name", "name"),
    ("E-mail", "wide"),
    ("Role", "role"),
    ("Sees", "wide"),
    ("Status", "badge"),
    ("Last signed in", "date"),
)


def table(people: tuple[Person, ...]) -> str | None:
    """Show people; the number of the one that was clicked in this run."""
    data = {
        "label": "People",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(person) for person in people],
    }
    return mount("table", data, key="people")


def standing(person: Person) -> badges.Badge:
    """The badge of a person; an invited one's says how long the link works."""
    badge = badges.STANDING[person.standing]
    if person.standing is not Standing.INVITED:
        return badge
    works = person.link_until is not None and person.link_until > now()
    until = f"link until {words.short_day(person.link_until)}" if works and person.link_until else "link expired"
    return badge._replace(label=f"{badge.label}, {until}", colour=badge.colour if works else "red")


def sees(person: Person) -> str:
    """Whose calls somebody sees, in a few words."""
    if person.role is Role.AGENT:
        return f"Own calls, as {person.agent}" if person.agent else "Nothing: no agent linked"
    if not by_assignment(person.role):
        return "Every campaign"
    names = list(person.campaigns.values())
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more if names else "Nothing: no campaign"


def by_assignment(role: Role) -> bool:
    """Whether somebody with this role sees the campaigns that they are assigned to, and no others."""
    return scope_of(role, Permission.CALL_READ) is Scope.ASSIGNED


def _row(person: Person) -> dict[str, Any]:
    all_names = ", ".join(person.campaigns.values()) if by_assignment(person.role) else ""
    cells = (
        {"text": person.name, "title": person.name, "flag": ""},
        {"text": person.email, "title": person.email},
        {"text": badges.ROLE[person.role]},
        {"text": sees(person), "title": all_names or sees(person)},
        standing(person)._asdict(),
        {"text": words.date(person.signed_in_at)} if person.signed_in_at else None,
    )
    return {"id": str(person.id), "href": f"/people?{urlencode({'id': person.id})}", "cells": list(cells)}
