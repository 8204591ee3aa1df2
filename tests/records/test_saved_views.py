"""Saved views: each person's own, and those for everybody."""

import pytest
from sqlmodel import select

from records import access, db
from records import saved_view_edits as views
from records.audit import AuditEntry
from records.campaigns import NotUsable
from records.identity import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.roles import Role
from tests.records.made import person, stored_campaign


@pytest.fixture
def people(database) -> dict[str, Identity]:
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        users = {
            "owner": person(session, Role.OWNER),
            "senior": person(session, Role.SENIOR_MANAGER),
            "compliance": person(session, Role.COMPLIANCE_OFFICER),
            "manager": person(session, Role.MANAGER, support),
            "agent": person(session, Role.AGENT),
        }
        return {name: access.identity(session, user) for name, user in users.items()}


def seen(who: Identity) -> list[str]:
    with db.reading() as session:
        return [view.name for view in views.views(session, who)]


def acts() -> list[str]:
    with db.reading() as session:
        return [line.act for line in session.exec(select(AuditEntry)) if line.act.startswith("view.")]


def test_an_own_view_is_seen_by_nobody_else(people):
    for name, who in people.items():
        views.save(who, f"{name}'s", "flagged=1")
    assert {name: seen(who) for name, who in people.items()} == {name: [f"{name}'s"] for name in people}


@pytest.mark.parametrize("name", ["owner", "senior"])
def test_a_shared_view_is_seen_by_everybody(people, name):
    views.save(people[name], "Ours", "flagged=1", shared=True)
    assert {one: seen(who) for one, who in people.items()} == {one: ["Ours"] for one in people}


@pytest.mark.parametrize("name", ["compliance", "manager", "agent"])
def test_those_who_may_not_share_do_not(people, name):
    with pytest.raises(NotAllowed, match="share"):
        views.save(people[name], "Ours", "flagged=1", shared=True)
    mine = views.save(people[name], "Mine", "flagged=1")
    with pytest.raises(NotAllowed, match="share"):
        views.change(people[name], mine, "Mine", shared=True)
    assert seen(people["owner"]) == []


def test_another_s_own_view_is_as_good_as_absent(people):
    mine = views.save(people["manager"], "Mine", "flagged=1")
    shared = views.save(people["owner"], "Ours", "flagged=1", shared=True)
    for who, view in ((people["owner"], mine), (people["agent"], mine), (people["manager"], shared)):
        with pytest.raises(NotFound):
            views.delete(who, view)
        with pytest.raises(NotFound):
            views.change(who, view, "Theirs", shared=False)
    for nonsense in (0, -1, 2**40):
        with pytest.raises(NotFound):
            views.delete(people["owner"], nonsense)


def test_whoever_may_share_tidies_up_what_is_shared(people):
    view = views.save(people["owner"], "Ours", "flagged=1", shared=True)
    views.change(people["senior"], view, "Everybody's", shared=True)
    assert seen(people["agent"]) == ["Everybody's"]
    views.delete(people["senior"], view)
    assert seen(people["owner"]) == []
    assert acts() == ["view.save", "view.change", "view.delete"]


def test_a_change_that_changes_nothing_is_no_line_in_the_log(people):
    view = views.save(people["agent"], "Mine", "flagged=1")
    views.change(people["agent"], view, " Mine ", shared=False)
    assert acts() == ["view.save"]


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("  ", "flagged=1", "Give the view a name"),
        ("x" * 81, "flagged=1", "at most 80"),
        ("Taken", "flagged=1", "already"),
        ("New", "", "Set a filter"),
        ("New", "q=" + "x" * 2000, "too many"),
    ],
)
def test_what_cannot_be_a_view_is_refused_in_words(people, name, address, words):
    views.save(people["agent"], "Taken", "flagged=1")
    views.save(people["manager"], "New", "flagged=1")  # another's name is free
    with pytest.raises(NotUsable, match=words):
        views.save(people["agent"], name, address)
    assert seen(people["agent"]) == ["Taken"]


def test_one_person_has_so_many_and_no_more(people, monkeypatch):
    monkeypatch.setattr(views, "MOST", 2)
    for name in ("a", "b"):
        views.save(people["agent"], name, "flagged=1")
    with pytest.raises(NotUsable, match="2 views already"):
        views.save(people["agent"], "c", "flagged=1")
    views.save(people["owner"], "c", "flagged=1")


def test_a_machine_has_no_views(people):
    with pytest.raises(NotAllowed):
        views.save(COMMAND_LINE, "Mine", "flagged=1")
