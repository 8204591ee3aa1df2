"""The door for webhooks: addresses are looked up before anything is stored, and a webhook can be tried out."""

from ipaddress import ip_address

import pytest

from pipeline.webhooks import subscription
from records import db, webhooks
from records.access import COMMAND_LINE
from records.campaigns import Campaign, NotUsable
from records.identity import Identity, NotFound
from records.roles import Role
from tests.pipeline.webhooks.conftest import all_deliveries, webhook_now
from tests.simulators.receiver import Say

NOBODY = Identity(user_id=None, role=Role.MANAGER, label="key", campaign_ids=frozenset({1}))
URL = "https://hooks.example/x"


def at(found: str):
    return lambda _host, _port: [ip_address(found)]


def stored() -> list[str]:
    with db.reading() as session:
        return [webhook.url for webhook, _ in webhooks.all_of(session, COMMAND_LINE)]


def test_a_private_address_is_refused_and_nothing_stored(desk: Campaign):
    with pytest.raises(NotUsable, match=r"is at 10\.0\.0\.8"):
        subscription.create(COMMAND_LINE, "support", URL, resolve=at("10.0.0.8"))
    assert stored() == []


def test_a_public_address_is_stored(desk: Campaign):
    webhook, secret = subscription.create(COMMAND_LINE, "support", URL, ["call.failed"], resolve=at("8.8.8.8"))
    assert (webhook.url, webhook.events, webhook.secret) == (URL, ["call.failed"], secret)
    assert stored() == [URL]


def test_another_address_is_looked_up_too(desk: Campaign):
    webhook, _ = subscription.create(COMMAND_LINE, "support", URL, resolve=at("8.8.8.8"))
    with pytest.raises(NotUsable, match=r"127\.0\.0\.1"):
        subscription.edit(COMMAND_LINE, webhook.id, url="https://other.example/", resolve=at("127.0.0.1"))
    assert stored() == [URL]
    subscription.edit(COMMAND_LINE, webhook.id, url="https://other.example/", resolve=at("8.8.8.8"))
    assert stored() == ["https://other.example/"]
    edited = subscription.edit(COMMAND_LINE, webhook.id, wanted=["call.failed"], active=False)
    assert (edited.url, edited.events, edited.active) == ("https://other.example/", ["call.failed"], False)


def test_who_may_not_see_a_webhook_makes_us_look_nothing_up(desk: Campaign):
    webhook, _ = subscription.create(COMMAND_LINE, "support", URL, resolve=at("8.8.8.8"))
    asked = []
    with pytest.raises(NotFound, match="no such webhook"):
        subscription.edit(NOBODY, webhook.id, url=URL, resolve=lambda host, _port: asked.append(host))
    with pytest.raises(NotFound, match="no such webhook"):
        subscription.try_out(NOBODY, webhook.id, resolve=lambda host, _port: asked.append(host))
    with pytest.raises(NotFound, match="no campaign"):
        subscription.create(NOBODY, "support", URL, resolve=lambda host, _port: asked.append(host))
    assert asked == []


def test_trying_out_says_what_came_back_and_counts_for_nothing(desk: Campaign, hook, receiver):
    webhook = hook(desk)
    with db.writing() as session:
        webhooks.pause(session, COMMAND_LINE, webhook.id)
    receiver.says.append(Say(500, b"no"))
    failed, taken = (subscription.try_out(COMMAND_LINE, webhook.id) for _ in range(2))
    assert (failed.state, failed.log[0]["answer"]) == ("failed", "no")
    assert (taken.state, taken.log[0]["status"]) == ("sent", 200)
    assert receiver.got[1].verified(webhook.secret)["type"] == "webhook.test"
    after = webhook_now(webhook)
    assert (after.failures, after.paused_at is not None) == (0, True)
    assert [delivery.type for delivery in all_deliveries()] == ["webhook.test"] * 2
