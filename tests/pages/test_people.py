"""The page about people, as those who manage them use it."""

import pytest
from sqlmodel import select

from dashboard.people import invite, once
from dashboard.words import plain
from records import db, links, people_edits, sessions
from records.access import COMMAND_LINE, identity
from records.audit import AuditEntry
from records.people import User
from records.people_list import SIZE
from records.roles import Role
from tests.pages.conftest import mounted, shown

NASTY = "<b>Bo</b> **stars** :smile: [a](http://evil.test) 🙂"
MAY = {"olivia", "sam"}


def stored(person: User) -> User:
    with db.reading() as session:
        return session.exec(select(User).where(User.id == person.id)).one()


def names(at) -> list[str]:
    return [row["cells"][0]["text"] for row in shown(at, "table")["rows"]]


def cells(at, name: str) -> dict:
    table = shown(at, "table")
    row = next(row for row in table["rows"] if row["cells"][0]["text"] == name)
    return dict(zip([column["title"] for column in table["columns"]], row["cells"], strict=True))


def press(at, label: str):
    (button,) = [each for each in at.button if each.label == label]
    return button.click().run()


def labels(at) -> list[str]:
    return [each.label for each in at.button]


def facts(at) -> dict[str, str]:
    return dict(shown(at, "facts")["pairs"])


def acts() -> list[str]:
    with db.reading() as session:
        return [act for act in session.exec(select(AuditEntry.act)) if act.startswith("person.")]


def drawer(field: str, person: User) -> str:
    return f"person-{person.id}-{field}"


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia", "adam", None])
def test_those_who_manage_people_see_them_and_others_find_no_page(cast, see, name):
    if name in MAY:
        at = see(getattr(cast, name), "people.py")
        assert len(names(at)) == 5
        return
    with pytest.raises(ValueError, match="page"):
        see(getattr(cast, name) if name else None, "people.py")


def test_a_row_says_what_somebody_is_and_sees(cast, see):
    at = see(cast.olivia, "people.py")
    assert cells(at, cast.mia.name)["Sees"]["text"] == "Support"
    assert cells(at, cast.adam.name)["Sees"]["text"] == "Own calls, as Ada Moss"
    assert cells(at, cast.carla.name)["Sees"]["text"] == "Every campaign"
    row = cells(at, cast.sam.name)
    assert (row["Role"]["text"], row["E-mail"]["text"]) == ("Senior Manager", cast.sam.email)
    assert row["Status"]["label"] == "Invited, link expired"
    assert row["Last signed in"] is None


def test_an_invited_person_s_row_says_how_long_the_link_works(cast, see):
    with db.writing() as session:
        people_edits.new_link(session, COMMAND_LINE, cast.mia.id)
    until = (db.now() + links.LASTS[links.LinkPurpose.INVITE]).strftime("%b")
    badge = cells(see(cast.olivia, "people.py"), cast.mia.name)["Status"]
    assert badge["label"].startswith("Invited, link until ")
    assert badge["label"].endswith(until)


def test_filters_stand_in_the_address_and_whatever_it_says_is_checked(cast, see):
    at = see(cast.olivia, "people.py", role=["manager", "nonsense"], q="mana\x00", id="nonsense")
    at.query_params["page"] = "nonsense"
    at.run()
    assert names(at) == [cast.mia.name]
    assert at.warning[0].value == "There is no such person."
    at.multiselect[0].set_value([Role.OWNER]).run()
    assert at.query_params["role"] == "owner"
    press(at, "Clear filters")
    assert len(names(at)) == 5
    assert "q" not in at.query_params


def test_the_deactivated_are_shown_when_asked_for(cast, see):
    with db.writing() as session:
        people_edits.deactivate(session, COMMAND_LINE, cast.adam.id)
    at = see(cast.olivia, "people.py")
    assert cast.adam.name not in names(at)
    at.toggle[0].set_value(True).run()
    assert cells(at, cast.adam.name)["Status"]["label"] == "Deactivated"
    assert at.query_params["deactivated"] == "1"


def test_pages_turn(cast, see):
    with db.writing() as session:
        session.add_all(
            User(email=f"{n}@example.org", name=f"z {n:03}", role=Role.AGENT, password_hash="x") for n in range(SIZE)
        )
    at = see(cast.olivia, "people.py")
    assert len(names(at)) == SIZE
    press(at, "Next")
    assert (len(names(at)), at.query_params["page"]) == (5, "2")
    at.text_input[0].set_value("z 00").run()
    assert (len(names(at)), "page" in at.query_params) == (10, False)


def test_a_person_is_invited_and_the_link_is_shown_once(cast, see):
    at = see(cast.olivia, "people.py")
    press(at, "Invite a person")
    at.text_input(key=invite.EMAIL).set_value("New@Example.org").run()
    at.text_input(key=invite.NAME).set_value(NASTY).run()
    at.multiselect(key=invite.CAMPAIGNS).set_value(["support"]).run()
    press(at, "Make the invitation")
    link = shown(at, "once")
    assert "/welcome?token=" in link["value"]
    assert link["title"] == "Send this link to new@example.org"
    with db.reading() as session:
        user, _ = links.holder(session, link["value"].partition("token=")[2])
        assert (user.name, user.role, user.password_hash) == (NASTY, Role.MANAGER, None)
        assert identity(session, user).campaign_ids == {cast.support.id}
    press(at, "Done")
    assert "once" not in mounted(at)
    assert cells(at, NASTY)["Sees"]["text"] == "Support"
    assert once.KEY not in at.session_state
    with db.reading() as session:
        assert link["value"].partition("token=")[2] not in str(session.exec(select(AuditEntry)).all())


def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(cast, see):
    at = see(cast.olivia, "people.py")
    press(at, "Invite a person")
    at.text_input(key=invite.EMAIL).set_value("no :red[address]").run()
    at.text_input(key=invite.NAME).set_value("Ann").run()
    press(at, "Make the invitation")
    assert "is no e\\-mail address" in at.error[0].value
    assert "\\:red\\[" in at.error[0].value
    assert (at.text_input(key=invite.EMAIL).value, at.text_input(key=invite.NAME).value) == ("no :red[address]", "Ann")
    assert acts() == []


def test_inputs_follow_the_role_and_say_what_would_be_seen(cast, see):
    at = see(cast.sam, "people.py")
    press(at, "Invite a person")
    assert at.selectbox(key=invite.ROLE).options == ["Agent", "Manager", "Compliance Officer", "Senior Manager"]
    assert any("Without a campaign" in each.value for each in at.caption)
    at.selectbox(key=invite.ROLE).set_value(Role.AGENT).run()
    assert any("Without a linked agent" in each.value for each in at.caption)
    at.selectbox(key=invite.AGENT).set_value(cast.ada.id).run()
    at.text_input(key=invite.EMAIL).set_value("ada@example.org").run()
    press(at, "Make the invitation")
    with db.reading() as session:
        assert session.exec(select(User.agent_id).where(User.email == "ada@example.org")).one() == cast.ada.id


def test_a_person_is_changed_in_the_drawer(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    at.text_input(key=drawer("name", cast.mia)).set_value(NASTY).run()
    at.multiselect(key=drawer("campaigns", cast.mia)).set_value(["sales"]).run()
    press(at, "Save changes")
    assert stored(cast.mia).name == NASTY
    assert cells(at, NASTY)["Sees"]["text"] == "Sales"
    assert acts() == ["person.rename", "person.set_campaigns"]
    at.selectbox(key=drawer("role", cast.mia)).set_value(Role.AGENT).run()
    assert any("signs them out" in each.value for each in at.caption)
    at.selectbox(key=drawer("agent", cast.mia)).set_value(cast.ada.id).run()
    press(at, "Save changes")
    assert (stored(cast.mia).role, stored(cast.mia).agent_id) == (Role.AGENT, cast.ada.id)
    with db.reading() as session:
        assert identity(session, stored(cast.mia)).campaign_ids == {cast.sales.id}  # kept, for another role


def test_saving_undoes_nothing_that_somebody_else_changed_meanwhile(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    with db.writing() as session:
        people_edits.set_role(session, COMMAND_LINE, cast.mia.id, Role.COMPLIANCE_OFFICER)
        people_edits.set_campaigns(session, COMMAND_LINE, cast.mia.id, ["sales"])
    at.text_input(key=drawer("name", cast.mia)).set_value("Mia").run()
    press(at, "Save changes")
    assert (stored(cast.mia).name, stored(cast.mia).role) == ("Mia", Role.COMPLIANCE_OFFICER)
    with db.reading() as session:
        assert identity(session, stored(cast.mia)).campaign_ids == {cast.sales.id}


def test_a_refused_change_leaves_everything_and_what_was_typed(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    at.text_input(key=drawer("name", cast.mia)).set_value("").run()
    at.selectbox(key=drawer("role", cast.mia)).set_value(Role.OWNER).run()
    press(at, "Save changes")
    assert at.error[0].value == "Write a name\\."
    assert stored(cast.mia).role is Role.MANAGER
    assert at.selectbox(key=drawer("role", cast.mia)).value is Role.OWNER


def test_a_new_link_is_shown_in_the_drawer_of_its_person_alone(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    press(at, "New invitation link")
    assert shown(at, "once")["title"] == f"Send this link to {cast.mia.email}"
    at.query_params["id"] = str(cast.adam.id)
    at.run()
    assert facts(at)["E-mail"] == cast.adam.email
    assert "once" not in mounted(at)


def test_deactivating_asks_once_more_and_is_undone(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    press(at, "Deactivate")
    assert stored(cast.mia).active
    press(at, "Keep")
    assert "Yes, deactivate" not in labels(at)
    press(at, "Deactivate")
    press(at, "Yes, deactivate")
    assert not stored(cast.mia).active
    assert [toast.value for toast in at.toast] == [plain(f"{cast.mia.name} is deactivated.")]
    assert facts(at)["Status"] == "Deactivated"
    assert labels(at).count("Deactivate") == 0
    press(at, "Reactivate")
    assert stored(cast.mia).active
    assert acts() == ["person.deactivate", "person.reactivate"]


def test_a_senior_manager_sees_owners_and_is_told_why_they_stay_as_they_are(cast, see):
    at = see(cast.sam, "people.py", id=str(cast.olivia.id))
    assert facts(at)["Role"] == "Owner"
    assert at.info[0].value == "Only an Owner can change an Owner's account."
    assert not {"Save changes", "Deactivate", "New invitation link"} & set(labels(at))
    assert "except those of Owners" in at.caption[0].value


def test_nobody_is_offered_to_change_their_own_role_or_to_shut_themselves_out(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.olivia.id))
    assert at.selectbox(key=drawer("role", cast.olivia)).disabled
    assert "Deactivate" not in labels(at)


def test_who_lost_the_role_meanwhile_changes_nothing(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    at.text_input(key=drawer("name", cast.mia)).set_value("Another").run()
    with db.writing() as session:
        session.get_one(User, cast.olivia.id).role = Role.COMPLIANCE_OFFICER
    press(at, "Save changes")
    assert stored(cast.mia).name == cast.mia.name
    assert mounted(at) == []


def test_who_was_signed_out_meanwhile_changes_nothing(cast, see):
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    with db.writing() as session:
        sessions.end_all(session, cast.olivia)
    press(at, "New invitation link")
    assert at.title[0].value == "You are signed out"
    assert acts() == []


def test_a_name_from_outside_is_text_wherever_it_stands(cast, see):
    with db.writing() as session:
        people_edits.set_name(session, COMMAND_LINE, cast.mia.id, NASTY)
    at = see(cast.olivia, "people.py", id=str(cast.mia.id))
    press(at, "Deactivate")
    press(at, "Yes, deactivate")
    for element in (*at.markdown, *at.caption, *at.toast, *at.get("html")):
        assert "<b>Bo</b>" not in str(element.proto)
