"""The tab API: making a key, seeing it once, revoking it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from config import settings
from records import api_keys, db
from records.access import COMMAND_LINE
from records.api_keys import ApiKey, KeyState
from records.audit import AuditEntry
from records.db import now
from records.people import User
from records.roles import Role
from tests.pages.dialogs import as_markup, cards, facts, has, kept, on_screen, press

NASTY = "<b>bold</b> **stars** :smile: $x$ [a](http://evil.test) :red[x]"


def made(slug: str = "support", **facts_) -> tuple[ApiKey, str]:
    later = {name: facts_.pop(name) for name in ("revoked_at", "last_used_at") if name in facts_}
    with db.writing() as session:
        key, secret = api_keys.create(session, COMMAND_LINE, slug, **facts_)
        key.sqlmodel_update(later)
    return key, secret


def keys() -> list[ApiKey]:
    with db.reading() as session:
        return list(session.exec(select(ApiKey)))


def found(secret: str) -> ApiKey | None:
    with db.reading() as session:
        return api_keys.authenticate(session, secret)


def acts() -> list[tuple[str, str]]:
    with db.reading() as session:
        lines = session.exec(select(AuditEntry).order_by(AuditEntry.id))
        return [(line.act, line.by) for line in lines if line.act.startswith("key.")]


@pytest.fixture
def api(cast, see):
    """`api()`: the page of Support as Olivia sees it."""
    return lambda who=cast.olivia, slug="support": see(who, "campaign.py", id=slug)


def create(at, **inputs) -> str:
    """Fill the dialog in and make the key; what was shown."""
    press(at, "key-new")
    for key, value in inputs.items():
        fill(at, f"key-{key}", value)
    press(at, "key-new", "key-create")
    return next((code.value for code in at.code if code.value.startswith("tv_")), "")


def fill(at, key: str, value) -> None:
    kind = {
        "key-name": at.text_input,
        "key-expiry": at.selectbox,
        "key-day": at.date_input,
        "key-rate": at.number_input,
    }
    kind[key](key=key).set_value(value)
    press(at, "key-new")


@pytest.mark.parametrize(("name", "may"), [("olivia", True), ("sam", True), ("carla", False), ("mia", False)])
def test_senior_managers_and_owners_manage_keys_and_others_see_none(cast, api, name, may):
    made(name="Dialler")
    at = api(getattr(cast, name))
    assert not at.exception
    assert has(at, "key-new") is may
    assert [card["title"] for card in cards(at)] == (["Dialler"] if may else [])


@pytest.mark.parametrize("name", ["adam", None])
def test_an_agent_and_a_stranger_have_no_such_page(cast, api, name):
    with pytest.raises(ValueError, match="navigation page"):
        api(getattr(cast, name) if name else None)


def test_a_key_that_was_made_here_opens_its_campaign_alone(cast, api):
    secret = create(api(), name="  Our dialler ")
    key = found(secret)
    assert key is not None
    assert (key.name, key.created_by, key.expires_at, key.rate) == ("Our dialler", cast.olivia.email, None, None)
    assert api_keys.identity(key).campaign_ids == {cast.support.id}
    assert acts() == [("key.create", cast.olivia.email)]


def test_a_key_is_shown_in_the_run_that_makes_it_and_never_again(api):
    at = api()
    secret = create(at, name="Dialler")
    assert on_screen(at).count(secret) == 1
    assert secret not in kept(at)
    at.run()
    assert secret not in on_screen(at)
    assert secret not in kept(at)
    assert cards(at)[0]["code"] == f"{secret[:9]}…"


def test_the_dialog_says_how_a_first_call_is_sent_without_the_key_in_the_line(api, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", "https://calls.example.com/")
    settings.cache_clear()
    at = api()
    secret = create(at)
    lines = [code.value for code in at.code]
    assert any(line.startswith("curl https://calls.example.com/api/v1/calls/upload") for line in lines)
    assert any("totalview upload" in line and "--campaign support" in line for line in lines)
    assert [line for line in lines if secret in line] == [secret]
    assert "/api/v1/docs" in on_screen(at)


@pytest.mark.parametrize("days", [30, 90, 365])
def test_a_key_may_end_after_some_days(api, days):
    create(api(), expiry=days, rate=60)
    (key,) = keys()
    assert abs(key.expires_at - now() - timedelta(days=days)) < timedelta(minutes=2)
    assert key.rate == 60


def test_a_key_may_end_with_a_day(api):
    day = now().date() + timedelta(days=3)
    assert create(api(), expiry=-1, day=day)
    (key,) = keys()
    assert key.expires_at.isoformat() == f"{day}T23:59:59+00:00"


@pytest.mark.parametrize(("passed", "words"), [(None, "Choose the last day"), (timedelta(1), "is past")])
def test_a_day_that_cannot_be_is_said_and_nothing_typed_is_lost(api, passed, words):
    at = api()
    day = {"day": now().date() - passed} if passed else {}
    assert create(at, name="Dialler", expiry=-1, **day) == ""
    assert words in at.error[0].value
    assert (at.text_input(key="key-name").value, at.selectbox(key="key-expiry").value) == ("Dialler", -1)
    assert keys() == []


def test_a_name_that_cannot_be_shown_is_refused_beside_its_field(api):
    at = api()
    assert create(at, name="Dial\x07ler") == ""
    assert "cannot be shown" in at.error[0].value
    assert at.text_input(key="key-name").value == "Dial\x07ler"
    assert keys() == []


def test_who_lost_the_role_while_the_dialog_was_open_makes_no_key(cast, api):
    at = api(cast.sam)
    press(at, "key-new")
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.COMPLIANCE_OFFICER
    press(at, "key-new", "key-create")
    assert keys() == []
    assert not has(at, "key-new")


def test_each_key_says_what_is_known_of_it(api):
    made(name="Dialler", rate=60, last_used_at=now(), expires_at=now() + timedelta(days=5))
    made()
    plain, dialler = cards(api())
    assert (plain["title"], plain["badges"][0]["label"]) == ("Key without a name", "Active")
    assert (facts(plain)["Last used"], facts(plain)["Expires"], facts(plain)["Requests a minute"]) == (
        *("Never", "Never"),
        f"{settings().api_rate:,}",
    )
    assert (dialler["badges"][0]["label"], facts(dialler)["Requests a minute"]) == ("Expires soon", "60")
    assert (facts(dialler)["Last used"], "by command line" in facts(dialler)["Created"]) == ("just now", True)


def test_keys_that_ended_are_folded_away(api):
    made(name="Used")
    made(name="Gone", revoked_at=now())
    made(name="Late", expires_at=now() - timedelta(days=1))
    made("sales", name="Another's")
    at = api()
    assert [card["title"] for card in cards(at)] == ["Used"]
    assert at.toggle(key="keys-ended").label == "Show ended (2)"
    at.toggle(key="keys-ended").set_value(True).run()
    shown = {card["title"]: card["badges"][0]["label"] for card in cards(at)}
    assert shown == {"Used": "Active", "Late": "Expired", "Gone": "Revoked"}
    assert len([button for button in at.button if button.label == "Revoke"]) == 1


def test_without_a_key_the_tab_says_what_one_is_for(api):
    at = api()
    assert "No key in use" in [each.value for each in at.subheader]


def test_a_long_list_is_cut_and_says_so(api, monkeypatch):
    monkeypatch.setattr("records.api_keys.MOST_LISTED", 2)
    monkeypatch.setattr("dashboard.campaigns.keys.MOST_LISTED", 2)
    for name in "abc":
        made(name=name)
    at = api()
    assert [card["title"] for card in cards(at)] == ["c", "b"]
    assert any("newest 2" in each.value for each in at.caption)


def test_revoking_names_the_key_and_ends_it(cast, api):
    key, secret = made(name="Dialler", last_used_at=now())
    at = press(api(), f"key-revoke-{key.id}")
    assert at.text[0].value == f"Dialler ({key.shown}…), of the campaign Support"
    assert found(secret) is not None
    press(at, f"key-revoke-{key.id}", "key-revoke-sure")
    assert found(secret) is None
    assert acts()[-1] == ("key.revoke", cast.olivia.email)
    assert "is revoked" in at.toast[0].value
    assert cards(at) == []


def test_a_key_may_be_kept(api):
    key, secret = made()
    at = press(api(), f"key-revoke-{key.id}")
    press(at, f"key-revoke-{key.id}", "key-keep")
    assert found(secret) is not None
    assert not at.exception


def test_a_keys_name_reaches_the_screen_only_as_text(api):
    key, _ = made(name=NASTY)
    at = press(api(), f"key-revoke-{key.id}")
    assert cards(at)[0]["title"] == NASTY
    assert NASTY in at.text[0].value
    assert "stars" not in as_markup(at)


@pytest.mark.parametrize(
    ("facts_", "state"),
    [
        ({}, KeyState.ACTIVE),
        ({"expires_at": now() + timedelta(days=15)}, KeyState.ACTIVE),
        ({"expires_at": now() + timedelta(days=13)}, KeyState.EXPIRES_SOON),
        ({"expires_at": now() - timedelta(seconds=1)}, KeyState.EXPIRED),
        ({"expires_at": now() + timedelta(days=1), "revoked_at": now()}, KeyState.REVOKED),
    ],
)
def test_where_a_key_stands(facts_, state):
    key = ApiKey(campaign_id=1, shown="tv_", key_hash="", **facts_)
    assert api_keys.state(key, now()) == state
