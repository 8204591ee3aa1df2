"""API keys and webhooks by mouse and keyboard: what is shown once is shown once."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from records import api_keys, db, webhooks
from records.access import COMMAND_LINE
from records.api_keys import ApiKey
from records.deliveries import Delivery, DeliveryState
from records.people import User
from records.roles import Role
from tests.browser.conftest import fits, settled
from tests.records.made import person, stored_campaign

NASTY = "<img src=x onerror=alert(1)> **our** www.evil.test"


def owner() -> User:
    """With a campaign, Support."""
    with db.writing() as session:
        stored_campaign(session, "Support")
        return person(session, Role.OWNER)


def tab(page: Page, name: str) -> Page:
    page.goto("/campaign?id=support")
    settled(page).get_by_role("tab", name=name).click()
    return settled(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def keys() -> list[ApiKey]:
    with db.reading() as session:
        return list(session.exec(select(ApiKey)))


@pytest.mark.long
def test_a_key_is_made_copied_closed_not_shown_again_and_revoked(browse):
    page = browse(owner(), permissions=["clipboard-read", "clipboard-write"])
    tab(page, "API")
    press(page, "New key")
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill(NASTY)
    page.get_by_role("button", name="Create key").dblclick()  # an impatient hand makes no second key
    dialog = page.get_by_role("dialog")
    code = dialog.locator("code").first
    expect(code).to_have_text(re.compile(r"^tv_[\w-]{43}$"))
    secret = code.inner_text()
    code.hover()
    dialog.get_by_role("button", name="Copy to clipboard").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.keyboard.press("Escape")  # nor does a slip close what cannot be shown again
    expect(code).to_have_text(secret)
    with db.reading() as session:
        assert api_keys.authenticate(session, secret) is not None
    assert len(keys()) == 1
    press(page, "I have copied it")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("The key is ready to be used.")).to_be_visible()
    expect(page.get_by_text(NASTY)).to_be_visible()
    expect(page.locator(".tv-card a, .tv-card img")).to_have_count(0)
    page.reload()
    settled(page)
    assert secret not in page.content()
    assert secret not in page.url

    page.get_by_role("tab", name="API").click()
    press(page, "Revoke")
    press(page, "Revoke key")
    expect(page.get_by_text("No key in use")).to_be_visible()
    with db.reading() as session:
        assert api_keys.authenticate(session, secret) is None


def test_a_message_is_opened_by_a_click_has_an_address_and_is_left_by_escape(browse):
    user = owner()
    with db.writing() as session:
        webhooks.create(session, COMMAND_LINE, "support", "https://hooks.example.com/in")
        given = {"event_id": "msg_1", "type": "call.completed", "payload": '{"data": {"filename": "a.wav"}}'}
        session.add(Delivery(webhook_id=1, state=DeliveryState.SENT, **given))
    page = browse(user, viewport={"width": 390, "height": 844})
    tab(page, "Webhooks")
    assert fits(page)
    page.get_by_role("link", name="call.completed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Send again")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/campaign\?id=support&delivery=1$"))
    page.reload()
    expect(dialog.get_by_text("a.wav")).to_be_visible()
    settled(page).keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/campaign\?id=support$"))


@pytest.mark.long
def test_what_is_being_typed_stays_while_the_log_behind_renews_itself(browse):
    user = owner()
    with db.writing() as session:
        webhooks.create(session, COMMAND_LINE, "support", "https://hooks.example.com/in")
        given = {"event_id": "msg_1", "type": "call.completed", "payload": '{"data": {}}'}
        session.add(Delivery(webhook_id=1, state=DeliveryState.WAITING, **given))
    page = tab(browse(user), "Webhooks")
    press(page, "New webhook")
    page.get_by_label("Address").fill("https://half.typed")
    with db.writing() as session:
        session.exec(select(Delivery)).one().state = DeliveryState.FAILED
    expect(page.locator(".tv-table .tv-badge", has_text="Failed")).to_have_count(1)
    expect(page.get_by_label("Address")).to_have_value("https://half.typed")
