"""The tab Webhooks: making, changing, trying out, pausing and deleting one."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from config import settings
from dashboard.campaigns import receivers, subscribing
from jobs import enqueue
from records import db, webhooks
from records.access import COMMAND_LINE
from records.audit import AuditEntry
from records.db import now
from records.deliveries import Delivery, DeliveryState
from records.people import User
from records.roles import Role
from records.webhooks import Event, Webhook
from tests.house_rules import ROOT
from tests.pages.dialogs import as_markup, cards, facts, has, kept, on_screen, press
from tests.simulators.receiver import Say, receiving

URL = "https://hooks.example.com/services/T01/s3cret?token=abc"
WORDS = "<b>bold</b> **stars** :smile: [a](http://evil.test)"


@pytest.fixture(autouse=True)
def asked(cast, monkeypatch) -> list[int]:
    """The deliveries that workers were asked for; private addresses are allowed."""
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()
    numbers: list[int] = []
    monkeypatch.setattr(enqueue, "deliver", lambda due: bool(numbers.append(due.delivery_id)) or True)
    return numbers


@pytest.fixture
def tab(cast, see):
    """`tab()`: the page of Support as Olivia sees it."""
    return lambda who=cast.olivia, slug="support": see(who, "campaign.py", id=slug)


def made(url: str = URL, slug: str = "support", **facts_) -> Webhook:
    with db.writing() as session:
        webhook, _ = webhooks.create(session, COMMAND_LINE, slug, url)
        webhook.sqlmodel_update(facts_)
    return webhook


def stored() -> list[Webhook]:
    with db.reading() as session:
        return list(session.exec(select(Webhook).order_by(Webhook.id)))


def sent() -> list[Delivery]:
    with db.reading() as session:
        return list(session.exec(select(Delivery).order_by(Delivery.id)))


def acts() -> list[str]:
    with db.reading() as session:
        return [line.act for line in session.exec(select(AuditEntry)) if line.act.startswith("webhook.")]


def waiting(webhook: Webhook) -> int:
    with db.writing() as session:
        row = Delivery(webhook_id=webhook.id, event_id="msg_1", type="call.completed", payload='{"data":{}}')
        session.add(row)
    return row.id or 0


def secret_on(at) -> str:
    return next((code.value for code in at.code if code.value.startswith("whsec_")), "")


@pytest.mark.parametrize(("name", "may"), [("olivia", True), ("sam", True), ("carla", False), ("mia", False)])
def test_senior_managers_and_owners_manage_webhooks_and_others_see_none(cast, tab, name, may):
    made()
    at = tab(getattr(cast, name))
    assert not at.exception
    assert has(at, "webhook-new") is may
    assert len(cards(at)) == int(may)


def test_without_a_webhook_the_tab_says_what_one_is_for(tab):
    made(slug="sales")
    at = tab()
    assert "No webhooks yet" in [each.value for each in at.subheader]
    assert cards(at) == []


def test_a_webhook_that_was_made_here_signs_with_the_secret_that_was_shown_once(tab):
    with receiving() as receiver:
        at = press(tab(), "webhook-new")
        at.text_input(key="webhook-url").set_value(receiver.url)
        at.checkbox(key="webhook-call.completed").set_value(False)
        press(at, "webhook-new", "webhook-create")
        secret = secret_on(at)
        assert secret not in kept(at)
        at.run()
        assert secret not in on_screen(at) + kept(at)
        (webhook,) = stored()
        assert webhook.events == ["call.flagged", "call.failed"]
        at = press(tab(), f"webhook-try-{webhook.id}", "webhook-send")
        assert receiver.got[0].verified(secret)["type"] == "webhook.test"
    assert re.match(r"The message was taken: answered 200 in \d+ ms", cards(at)[-1]["notes"][0]["title"])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.com", "begins with https"),
        ("https://user:pw@example.com/", "user name"),
        ("", "1 to 2048 characters"),
    ],
)
def test_an_address_that_cannot_be_is_said_and_nothing_typed_is_lost(tab, url, words):
    at = press(tab(), "webhook-new")
    at.text_input(key="webhook-url").set_value(url)
    at.checkbox(key="webhook-call.failed").set_value(False)
    press(at, "webhook-new", "webhook-create")
    assert words in at.error[0].value
    assert at.text_input(key="webhook-url").value == url
    assert at.checkbox(key="webhook-call.failed").value is False
    assert stored() == []


def test_a_private_address_is_refused_where_none_is_meant(tab, monkeypatch):
    monkeypatch.delenv("TOTALVIEW_WEBHOOKS_PRIVATE")
    settings.cache_clear()
    at = press(tab(), "webhook-new")
    at.text_input(key="webhook-url").set_value("http://127.0.0.1/hook")
    press(at, "webhook-new", "webhook-create")
    assert "is no public address" in at.error[0].value
    assert stored() == []


def test_a_webhook_is_told_of_something(tab):
    at = press(tab(), "webhook-new")
    at.text_input(key="webhook-url").set_value(URL)
    for event in Event:
        at.checkbox(key=f"webhook-{event}").set_value(False)
    press(at, "webhook-new", "webhook-create")
    assert at.error[0].value.startswith("Choose at least one event")
    assert stored() == []


def test_the_list_keeps_what_is_secret_in_an_address(tab):
    made()
    at = tab()
    assert cards(at)[0]["title"] == "hooks.example.com/services/T0…"
    assert "s3cret" not in on_screen(at)
    assert press(at, "webhook-edit-1").text_input(key="webhook-url-1").value == URL


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/", "example.com"),
        ("https://example.com/hook", "example.com/hook"),
        ("https://example.com:8443/hook?key=1", "example.com:8443/hook…"),
        ("https://example.com/?key=1", "example.com…"),
        ("https://example.com/0123456789abcdef", "example.com/0123456789a…"),
    ],
)
def test_an_address_is_shortened(url, shown):
    assert receivers.shortened(url) == shown


@pytest.mark.parametrize(
    ("facts_", "label"),
    [({}, "Active"), ({"paused_at": now(), "paused_why": WORDS}, "Paused"), ({"active": False}, "Off")],
)
def test_a_webhook_says_where_it_stands(tab, facts_, label):
    made(**facts_)
    at = tab()
    (card,) = cards(at)
    assert card["badges"][0]["label"] == label
    assert [note["lines"][0] for note in card["notes"]] == ([WORDS] if label == "Paused" else [])
    assert "stars" not in as_markup(at)
    assert facts(card)["Last message"] == "None yet"


def test_editing_changes_what_is_named(tab, asked):
    number = made(active=False).id
    late = waiting(stored()[0])
    at = press(tab(), f"webhook-edit-{number}")
    at.text_input(key=f"webhook-url-{number}").set_value("https://example.com/other")
    at.checkbox(key=f"webhook-{number}-call.failed").set_value(False)
    at.toggle(key=f"webhook-active-{number}").set_value(True)
    press(at, f"webhook-edit-{number}", "webhook-save")
    (webhook,) = stored()
    assert (webhook.url, webhook.active) == ("https://example.com/other", True)
    assert webhook.events == ["call.completed", "call.flagged"]
    assert asked == [late]
    assert "changed" in at.toast[0].value


def test_what_cannot_be_saved_stays_in_the_dialog(tab):
    number = made().id
    at = press(tab(), f"webhook-edit-{number}")
    at.text_input(key=f"webhook-url-{number}").set_value("example.com")
    press(at, f"webhook-edit-{number}", "webhook-save")
    assert "begins with https" in at.error[0].value
    assert at.text_input(key=f"webhook-url-{number}").value == "example.com"
    assert stored()[0].url == URL


def test_a_receiver_that_refuses_is_quoted_as_text(tab):
    with receiving() as receiver:
        receiver.always = Say(500, WORDS.encode())
        made(receiver.url)
        at = press(tab(), "webhook-try-1", "webhook-send")
    note = cards(at)[-1]["notes"][0]
    assert "The receiver answered 500" in note["lines"][0]
    assert WORDS in note["lines"][1]
    assert "stars" not in as_markup(at)
    assert [one.state for one in sent()] == [DeliveryState.FAILED]


def test_a_new_secret_is_shown_once_and_the_old_one_works_for_a_day(tab):
    before = made()
    at = press(tab(), "webhook-rotate-1", "webhook-rotate-sure")
    secret = secret_on(at)
    after = stored()[0]
    assert secret == after.secret != before.secret
    assert webhooks.secrets_of(after) == [secret, before.secret]
    assert secret not in kept(at)
    at.run()
    assert secret not in on_screen(at)
    assert "Old secret works until" in facts(cards(at)[0])
    assert acts() == ["webhook.create", "webhook.rotate"]


def test_changing_the_secret_twice_a_day_is_warned_of(tab):
    made(old_secret="whsec_x", old_secret_until=now() + timedelta(hours=1))
    at = press(tab(), "webhook-rotate-1")
    assert "stops working at once" in at.warning[0].value
    press(at, "webhook-rotate-1", "webhook-cancel")
    assert acts() == ["webhook.create"]


def test_pausing_and_resuming(tab, asked):
    late = waiting(made())
    at = press(tab(), "webhook-pause-1")
    assert stored()[0].paused_at is not None
    assert cards(at)[0]["badges"][0]["label"] == "Paused"
    press(at, "webhook-resume-1")
    assert stored()[0].paused_at is None
    assert asked == [late]
    assert "1 waiting" in at.toast[0].value


def test_deleting_asks_first_and_takes_the_log_along(tab):
    waiting(made())
    at = press(tab(), "webhook-delete-1")
    assert at.text[0].value == "1: hooks.example.com/services/T0…"
    assert stored() != []
    press(at, "webhook-delete-1", "webhook-delete-sure")
    assert (stored(), sent()) == ([], [])
    assert acts()[-1] == "webhook.delete"


def test_who_lost_the_role_changes_nothing(cast, tab):
    made()
    at = tab(cast.sam)
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.MANAGER
    press(at, "webhook-pause-1")
    assert stored()[0].paused_at is None
    assert not has(at, "webhook-pause-1")


def test_what_was_deleted_meanwhile_is_said(tab):
    made()
    at = tab()
    with db.writing() as session:
        session.delete(session.get_one(Webhook, 1))
    press(at, "webhook-pause-1")
    assert "no such webhook" in at.toast[0].value
    assert not at.exception


def test_the_snippet_on_the_page_is_the_one_in_the_docs():
    assert subscribing.LIBRARY in (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
