"""Saved views of the list of calls, as people use them."""

import pytest

from records import db
from records import saved_view_edits as views
from records.access import identity
from records.statuses import CallStatus
from tests.pages.dialogs import press
from tests.records.made import stored_call

NASTY = "**bold** :red[x] <b>"


def fill(cast) -> None:
    with db.writing() as session:
        for name, facts in {"good": {"score": 90.0}, "bad": {"score": 10.0, "flagged": True}, "new": {}}.items():
            stored_call(session, cast.support, filename=name, status=CallStatus.COMPLETED, **facts)


def who(user):
    with db.reading() as session:
        return identity(session, user)


def test_a_view_is_saved_opened_and_marked(cast, see):
    fill(cast)
    at = see(cast.mia, "calls.py", flagged="1", sort="lowest", after="1-f")
    at.button(key="save_view").click().run()
    at.text_input(key="view_name").set_value(NASTY)
    press(at, "save_view", "save_new_view")
    with db.reading() as session:
        (view,) = views.views(session, who(cast.mia))
    assert (view.name, view.address, view.shared) == (NASTY, "flagged=1&sort=lowest", False)
    again = see(cast.mia, "calls.py", q="good", source="sftp")
    button = again.button(key=f"view_{view.id}")
    assert "\\*\\*bold" in button.label
    button.click().run()
    assert not again.exception
    assert (again.toggle(key="flagged").value, again.text_input(key="q").value) == (True, "")
    assert dict(again.query_params) == {"flagged": "1", "sort": "lowest"}


def test_a_view_s_name_that_is_taken_is_said_and_nothing_typed_is_lost(cast, see):
    fill(cast)
    views.save(who(cast.mia), "Taken", "flagged=1")
    at = see(cast.mia, "calls.py", flagged="1")
    at.button(key="save_view").click().run()
    at.text_input(key="view_name").set_value("Taken")
    press(at, "save_view", "save_new_view")
    assert "already" in at.error[0].value
    assert at.text_input(key="view_name").value == "Taken"


@pytest.mark.parametrize(
    ("name", "may"), [("olivia", True), ("sam", True), ("carla", False), ("mia", False), ("adam", False)]
)
def test_shared_views_are_offered_to_all_and_changed_by_some(cast, see, name, may):
    fill(cast)
    view = views.save(who(cast.olivia), "Ours", "flagged=1", shared=True)
    at = see(getattr(cast, name), "calls.py", flagged="1")
    assert at.button(key=f"view_{view}").label == "Ours"
    assert (f"edit_view_{view}" in [button.key for button in at.button]) is may
    at.button(key="save_view").click().run()
    assert ("view_shared" in [toggle.key for toggle in at.toggle]) is may


def test_a_view_is_renamed_and_deleted(cast, see):
    fill(cast)
    view = views.save(who(cast.mia), "Old", "flagged=1")
    at = see(cast.mia, "calls.py")
    at.button(key=f"edit_view_{view}").click().run()
    at.text_input(key=f"name_of_{view}").set_value("New")
    press(at, f"edit_view_{view}", "change_view")
    at = see(cast.mia, "calls.py")
    assert at.button(key=f"view_{view}").label == "New"
    press(at, f"edit_view_{view}", "delete_view")
    with db.reading() as session:
        assert views.views(session, who(cast.mia)) == []


def test_without_filters_there_is_nothing_to_save(cast, see):
    fill(cast)
    assert see(cast.mia, "calls.py").button(key="save_view").disabled
