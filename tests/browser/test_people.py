"""From the set-up link to signing out, by mouse and keyboard."""

import re

import pytest
from playwright.sync_api import expect

from dashboard.door.throttle import HERE
from records import db, links, passwords, setup
from records.people import LinkPurpose, User
from records.roles import Role
from tests.browser.conftest import fits, settled, sign_in
from tests.records.finished import finished_call
from tests.records.made import stored_campaign

PASSWORD = "correct horse battery"


def made(email: str = "ann@example.org") -> User:
    with db.writing() as session:
        user = User(email=email, name="Ann", role=Role.OWNER, password_hash=passwords.hashed(PASSWORD))
        session.add(user)
    return user


def test_a_first_owner_arrives_by_the_link_sees_a_call_and_leaves(browse, site):
    with db.writing() as session:
        link = setup.owner_link(session) or ""
        finished_call(session, stored_campaign(session, "Support"), filename="first.wav")
    page = browse()
    page.goto("/setup?" + link.split("?")[1])
    page.get_by_label("Name").fill("Ann Owner")
    page.get_by_label("Email").fill("Ann@Example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create owner account").click()
    expect(page.get_by_text("Use at least 12 characters.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ann Owner")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    assert page.url == f"{site.address}/"
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_text("first.wav").click()
    expect(page.get_by_role("heading", name="first.wav")).to_be_visible()
    assert re.search(r"/call\?id=[0-9a-f]{32}$", page.url)
    expect(page.get_by_text("Hello, my line is dead.")).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.goto("/calls")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    sign_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()


def test_a_wrong_password_is_said_beside_its_field_and_the_address_stays(browse):
    made()
    page = browse()
    page.goto("/login")
    sign_in(page, "ann@example.org", "wrong horse battery")
    expect(page.get_by_text("The email or the password is wrong.")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("ann@example.org")
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()


def test_a_deep_link_survives_the_sign_in(browse):
    made()
    with db.writing() as session:
        call = finished_call(session, stored_campaign(session, "Support"), filename="deep.wav")
    page = browse()
    page.goto(f"/call?id={call.id}&status=completed")
    sign_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("heading", name="deep.wav")).to_be_visible()
    page.get_by_role("button", name="Calls", exact=True).click()
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    assert page.url.endswith("/calls?status=completed")


def test_signing_in_works_over_plain_http_under_another_name(browse, site):
    """There browsers say less of where a form comes from."""
    made()
    page = browse(base_url=site.address.replace("127.0.0.1", "totalview.test"))
    page.goto("/calls")
    sign_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_tab_whose_session_ended_elsewhere_says_so(browse):
    user = made()
    page = browse(user)
    page.goto("/calls")
    settled(page)
    other = page.context.new_page()
    other.goto("/calls")
    settled(other).get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("You are signed out")).to_be_visible()  # by its next look, without a click
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_have_count(0)
    expect(page.get_by_text("ann@example.org")).to_have_count(0)
    page.get_by_role("button", name="Sign in", exact=True).click()
    sign_in(page, "ann@example.org", PASSWORD)
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()
    assert "/calls" in page.url


def test_the_forms_fit_a_phone_and_follow_the_systems_colours(browse):
    seen = {}
    for scheme in ("light", "dark"):
        page = browse(viewport={"width": 360, "height": 640}, color_scheme=scheme)
        page.goto("/login")
        assert fits(page)
        seen[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen["light"] != seen["dark"]


@pytest.mark.long
def test_an_invited_person_chooses_a_password_and_the_link_is_spent(browse, site):
    made()
    with db.writing() as session:
        bob = User(email="bob@example.org", name="Bob", role=Role.MANAGER)
        session.add(bob)
        session.flush()
        link = "/welcome?" + links.issue(session, bob, LinkPurpose.INVITE).split("?")[1]
    page = browse()
    page.goto(link)
    expect(page.get_by_role("heading", name="Welcome, Bob")).to_be_visible()
    expect(page.get_by_label("New password")).to_be_focused()
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Use at least 12 characters.")).to_be_visible()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("bob@example.org")).to_be_visible()
    late = browse()
    late.goto(link)
    expect(late.get_by_text("This link is not valid any more")).to_be_visible()
    late.get_by_role("link", name="Go to sign-in").click()
    sign_in(late, "bob@example.org", PASSWORD)
    expect(late.get_by_text("bob@example.org")).to_be_visible()


@pytest.mark.long
def test_a_changed_password_keeps_this_browser_and_ends_the_others(browse):
    user = made()
    other = browse(user)
    other.goto("/account")
    settled(other)
    page = browse(user)
    page.goto("/account")
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Current password").fill("not my password")
    page.get_by_label("New password").fill("a wholly new password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your current password.")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("a wholly new password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.get_by_text("This browser")).to_be_visible()
    assert page.url.endswith("/account")
    other.reload()  # an open page says so by itself at its next look, as above
    expect(other.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.long
def test_one_browser_or_all_are_signed_out_from_the_account(browse):
    user = made()
    pages = [browse(user) for _ in range(3)]
    for each in pages:
        each.goto("/account")
        settled(each)
    page = pages[0]
    page.reload()
    settled(page)
    listed = page.locator("[class*=st-key-sign-out-]")
    expect(listed).to_have_count(2)
    listed.first.get_by_role("button").click()
    expect(page.get_by_text("That browser is signed out.")).to_be_visible()
    expect(listed).to_have_count(1)
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    for other in pages[1:]:
        other.reload()
        expect(other.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.long
def test_too_many_wrong_passwords_are_answered_in_words_and_nothing_typed_is_lost(browse):
    made("carl@example.org")
    page = browse()
    page.goto("/calls")
    for _ in range(HERE):
        sign_in(page, "carl@example.org", "wrong horse battery")
        expect(page.get_by_text("The email or the password is wrong.")).to_be_visible()
    sign_in(page, "carl@example.org", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("Too many wrong tries. Try again in 15 minutes")
    expect(page.get_by_label("Email")).to_have_value("carl@example.org")
