"""The tab Members of a campaign."""

import pytest

from dashboard.campaigns import members as tab
from records import db, members
from records.access import COMMAND_LINE, identity
from records.people import User
from records.roles import Role
from tests.pages.conftest import Open, mounted
from tests.records import made

CHOSEN = "members-chosen-support"


def lists(monkeypatch: pytest.MonkeyPatch, see: Open, user: User | None, clicked: str | None = None):
    """The tab as this person sees it, what its lists were given, and a first click on somebody's button."""
    given, clicks = {}, [clicked]

    def mount(_name, data, *, key):
        given[key] = data
        return clicks.pop() if data["button"] and clicks else None

    monkeypatch.setattr(tab, "mount", mount)
    return see(user, "campaign.py", id="support"), given


def rows(given, key="members-support") -> list[str]:
    return [row["name"] for row in given[key]["rows"]]


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia"])
def test_only_those_who_edit_campaigns_have_the_tab(cast, see, name):
    at = see(getattr(cast, name), "campaign.py", id="support")
    there = any("Members" in each.label for each in at.tabs)
    assert there is (name in {"olivia", "sam"})
    assert ("members" in mounted(at)) is there


@pytest.mark.parametrize("name", ["adam", None])
def test_agents_and_strangers_find_no_campaign_page(cast, see, name):
    with pytest.raises(ValueError, match="page"):
        see(getattr(cast, name) if name else None, "campaign.py", id="support")


def test_members_are_listed_and_those_who_see_all_apart(cast, see, monkeypatch):
    at, given = lists(monkeypatch, see, cast.olivia)
    assert rows(given) == [cast.mia.name]
    assert given["members-support"]["rows"][0]["badge"]["label"] == "Invited"
    assert set(rows(given, "anyway-support")) == {cast.olivia.name, cast.sam.name, cast.carla.name}
    assert any(each.label == "3 more see this campaign by their role" for each in at.expander)


def test_managers_are_added(cast, see, monkeypatch):
    with db.writing() as session:
        max_ = made.person(session, Role.MANAGER)
    at, given = lists(monkeypatch, see, cast.sam)
    assert at.multiselect(key=CHOSEN).options == [f"{max_.name} ({max_.email})"]
    at.multiselect(key=CHOSEN).set_value([max_.id]).run()
    next(each for each in at.button if each.label == "Add").click().run()
    assert set(rows(given)) == {cast.mia.name, max_.name}
    assert at.toast[0].value == "Added."
    assert at.multiselect(key=CHOSEN).disabled
    with db.reading() as session:
        assert identity(session, max_).campaign_ids == {cast.support.id}


def test_a_member_is_removed(cast, see, monkeypatch):
    at, given = lists(monkeypatch, see, cast.olivia, clicked=str(cast.mia.id))
    assert rows(given) == [cast.mia.name]  # as drawn before the second run, which the act asks for
    at.run()
    assert any("No Manager is a member yet" in each.value for each in at.info)
    with db.reading() as session:
        assert identity(session, cast.mia).campaign_ids == set()


@pytest.mark.parametrize("clicked", ["nonsense", "-1", "99999999999999999999", "²"])
def test_a_click_on_nobody_is_said_and_changes_nothing(cast, see, monkeypatch, clicked):
    at, given = lists(monkeypatch, see, cast.olivia, clicked=clicked)
    assert rows(given) == [cast.mia.name]
    assert not at.exception


def test_nothing_chosen_is_said(cast, see, monkeypatch):
    with db.writing() as session:
        made.person(session, Role.MANAGER)
    at, _ = lists(monkeypatch, see, cast.olivia)
    next(each for each in at.button if each.label == "Add").click().run()
    assert at.toast[0].value == "Choose a Manager first."


def test_who_lost_the_role_meanwhile_adds_nobody(cast, see, monkeypatch):
    with db.writing() as session:
        max_ = made.person(session, Role.MANAGER)
    at, _ = lists(monkeypatch, see, cast.sam)
    at.multiselect(key=CHOSEN).set_value([max_.id]).run()
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.COMPLIANCE_OFFICER
    next(each for each in at.button if each.label == "Add").click().run()
    with db.reading() as session:
        assert members.assigned(session, COMMAND_LINE, "support").total == 1


def test_hundreds_of_managers_are_searched_for(cast, see, monkeypatch):
    monkeypatch.setattr(tab, "OFFERED", 2)
    with db.writing() as session:
        people = [made.person(session, Role.MANAGER) for _ in range(4)]
        people[3].name = "Özge <b>"
    at, _ = lists(monkeypatch, see, cast.olivia)
    assert len(at.multiselect(key=CHOSEN).options) == 2
    at.text_input(key="members-text-support").set_value("özge").run()
    assert at.multiselect(key=CHOSEN).options == [f"Özge <b> ({people[3].email})"]
