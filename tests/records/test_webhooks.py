"""Webhooks as rows: who may see and change them, what is kept of it, and what is never shown again."""

import base64
from datetime import timedelta

import pytest
from sqlmodel import select

from records import db, deliveries, webhooks
from records.access import COMMAND_LINE, Identity, NotFound
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable
from records.db import now
from records.deliveries import Delivery, DeliveryState
from records.roles import Role
from records.webhooks import Event, Webhook
from tests.records import made

URL = "https://hooks.example/in?token=s3cret"


def make(campaign: Campaign, *events: str, who: Identity = COMMAND_LINE, url: str = URL) -> tuple[Webhook, str]:
    with db.writing() as session:
        return webhooks.create(session, who, campaign.slug, url, events)


def do(act, *given, who: Identity = COMMAND_LINE, **facts):
    with db.writing() as session:
        return act(session, who, *given, **facts)


def stored(webhook: Webhook) -> Webhook:
    with db.reading() as session:
        return session.get_one(Webhook, webhook.id)


def delivered(webhook: Webhook, number: int = 1, **facts) -> Delivery:
    given = {"event_id": f"msg_{number}", "type": "call.completed", "payload": "{}", **facts}
    with db.writing() as session:
        row = Delivery(webhook_id=webhook.id, **given)
        session.add(row)
    return row


def audit() -> list[AuditEntry]:
    with db.reading() as session:
        rows = session.exec(select(AuditEntry).order_by(AuditEntry.id))
        return [row for row in rows if row.act.startswith("webhook.")]


def somebody(role: Role, *campaigns: Campaign) -> Identity:
    return Identity(user_id=None, role=role, label="somebody", campaign_ids=frozenset(one.id for one in campaigns))


@pytest.fixture
def sales(campaign: Campaign) -> Campaign:
    with db.writing() as session:
        return made.stored_campaign(session, "Sales")


def test_a_secret_is_written_as_standard_webhooks_writes_it_and_each_is_another(campaign: Campaign):
    secrets = {make(campaign)[1] for _ in range(5)}
    assert len(secrets) == 5
    for secret in secrets:
        prefix, coded = secret[:6], secret[6:]
        assert (prefix, len(base64.b64decode(coded, validate=True))) == ("whsec_", 24)


def test_a_new_webhook_is_told_of_everything_unless_events_are_named(campaign: Campaign):
    assert make(campaign)[0].events == ["call.completed", "call.flagged", "call.failed"]
    assert make(campaign, "call.failed", "call.completed", "call.failed")[0].events == ["call.completed", "call.failed"]


def test_an_unknown_event_is_refused_with_the_known_ones(campaign: Campaign):
    with pytest.raises(NotUsable, match=r"no event 'call.deleted'. The events are call.completed, call.flagged, call"):
        make(campaign, "call.completed", "call.deleted")
    webhook, _ = make(campaign)
    with pytest.raises(NotUsable, match=r"no event ''"):
        do(webhooks.edit, webhook.id, events=[""])


def test_a_campaign_has_a_bounded_number_of_webhooks(campaign: Campaign, sales: Campaign, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 2)
    make(campaign)
    make(campaign)
    make(sales)
    with pytest.raises(NotUsable, match="at most 2 webhooks"):
        make(campaign)


def test_what_is_edited_changes_and_what_is_not_named_stays(campaign: Campaign):
    webhook, secret = make(campaign)
    do(webhooks.edit, webhook.id, events=[Event.FAILED])
    do(webhooks.edit, webhook.id, active=False)
    do(webhooks.edit, webhook.id)
    row = stored(webhook)
    assert (row.url, row.events, row.active, row.secret) == (URL, ["call.failed"], False, secret)
    assert not row.listens
    assert [entry.act for entry in audit()] == ["webhook.create", "webhook.edit", "webhook.edit"]


def test_acts_are_logged_with_the_host_and_without_secret_or_token(campaign: Campaign):
    webhook, secret = make(campaign)
    delivery = delivered(webhook)
    do(webhooks.edit, webhook.id, url="https://other.example/?token=s3cret2")
    _, rotated = do(webhooks.rotate, webhook.id)
    do(webhooks.pause, webhook.id)
    do(deliveries.resume, webhook.id)
    do(deliveries.replay, delivery.id)
    do(deliveries.remove, webhook.id)
    acts = ["create", "edit", "rotate", "pause", "resume", "replay", "delete"]
    assert [entry.act for entry in audit()] == [f"webhook.{act}" for act in acts]
    assert [entry.subject for entry in audit()[:2]] == [
        f"webhook {webhook.id} to hooks.example",
        f"webhook {webhook.id} to other.example",
    ]
    written = "".join(entry.model_dump_json() for entry in audit())
    assert {entry.campaign_id for entry in audit()} == {campaign.id}
    for hidden in (secret, rotated, "s3cret"):
        assert hidden not in written


def test_pausing_twice_and_resuming_what_is_not_paused_change_nothing(campaign: Campaign):
    webhook, _ = make(campaign)
    do(deliveries.resume, webhook.id)
    do(webhooks.pause, webhook.id)
    since = stored(webhook).paused_at
    assert stored(webhook).paused_why == "Paused by command line."
    do(webhooks.pause, webhook.id)
    assert stored(webhook).paused_at == since
    assert [entry.act for entry in audit()] == ["webhook.create", "webhook.pause"]
    do(deliveries.resume, webhook.id)
    assert (stored(webhook).paused_at, stored(webhook).paused_why) == (None, "")


def test_resume_leaves_alone_what_is_under_way_or_over(campaign: Campaign):
    webhook, _ = make(campaign)
    facts = {"next_at": now() + timedelta(hours=1), "tries": 3, "ticket": 4}
    waiting = delivered(webhook, 1, **facts)
    under_way = delivered(webhook, 2, claim="c" * 32, claim_until=now() + timedelta(minutes=1), **facts)
    sent = delivered(webhook, 3, state=DeliveryState.SENT, **facts)
    do(webhooks.pause, webhook.id)
    do(deliveries.resume, webhook.id)
    with db.reading() as session:
        rows = [session.get_one(Delivery, each.id) for each in (waiting, under_way, sent)]
    assert [(row.ticket, row.tries) for row in rows] == [(5, 0), (4, 3), (4, 3)]


def test_a_webhook_takes_its_deliveries_along_and_no_others(database: str):
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
    gone, kept = make(campaign)[0], make(campaign)[0]
    delivered(gone)
    delivered(gone, 2)
    stays = delivered(kept)
    do(deliveries.remove, gone.id)
    with db.reading() as session:
        assert [row.id for row in session.exec(select(Webhook))] == [kept.id]
        assert [row.id for row in session.exec(select(Delivery))] == [stays.id]


@pytest.mark.parametrize("role", Role)
def test_only_seniors_see_and_change_webhooks(campaign: Campaign, role: Role):
    webhook, _ = make(campaign)
    delivery = delivered(webhook)
    who = somebody(role, campaign)
    acts = {
        "create": lambda: make(campaign, who=who),
        "edit": lambda: do(webhooks.edit, webhook.id, active=False, who=who),
        "rotate": lambda: do(webhooks.rotate, webhook.id, who=who),
        "pause": lambda: do(webhooks.pause, webhook.id, who=who),
        "resume": lambda: do(deliveries.resume, webhook.id, who=who),
        "replay": lambda: do(deliveries.replay, delivery.id, who=who),
        "find": lambda: do(webhooks.find, webhook.id, who=who),
        "deliveries": lambda: do(deliveries.page, who=who, webhook_id=webhook.id),
        "delete": lambda: do(deliveries.remove, webhook.id, who=who),
    }
    seen = (len(do(webhooks.all_of, who=who)), len(do(deliveries.page, who=who)))
    if role in {Role.OWNER, Role.SENIOR_MANAGER}:
        assert seen == (1, 1)
        for act in acts.values():
            act()
        return
    assert seen == (0, 0)
    before = (stored(webhook).model_dump(), len(audit()))
    for act in acts.values():
        with pytest.raises(NotFound, match="There is no"):
            act()
    assert (stored(webhook).model_dump(), len(audit())) == before


def test_a_key_s_own_identity_sees_no_webhook_of_any_campaign(campaign: Campaign, sales: Campaign):
    webhook, _ = make(sales)
    key = Identity(
        user_id=None, role=Role.MANAGER, label="API key tv_x…", campaign_ids=frozenset({campaign.id}), api_key_id=1
    )
    with pytest.raises(NotFound) as refused:
        do(webhooks.find, webhook.id, who=key)
    with pytest.raises(NotFound) as absent:
        do(webhooks.find, 99, who=key)
    assert str(refused.value) == str(absent.value)


def test_lists_may_be_narrowed_to_a_campaign(campaign: Campaign, sales: Campaign):
    ours, theirs = make(campaign)[0], make(sales)[0]
    delivered(ours)
    theirs_too = delivered(theirs)
    assert [(row.id, slug) for row, slug in do(webhooks.all_of)] == [(ours.id, "support"), (theirs.id, "sales")]
    assert [row.id for row, _ in do(webhooks.all_of, "sales")] == [theirs.id]
    assert [row.id for row in do(deliveries.page, campaign_slug="sales")] == [theirs_too.id]
    for act in (lambda: do(webhooks.all_of, "nowhere"), lambda: do(deliveries.page, campaign_slug="nowhere")):
        with pytest.raises(NotFound, match="no campaign 'nowhere'"):
            act()


def test_pages_of_deliveries_are_newest_first_and_stable_while_more_arrive(campaign: Campaign):
    webhook, _ = make(campaign)
    ids = [delivered(webhook, number).id for number in range(5)]
    first = do(deliveries.page, limit=2)
    delivered(webhook, 9)
    second = do(deliveries.page, limit=2, before=first[-1].id)
    third = do(deliveries.page, limit=2, before=second[-1].id)
    assert [row.id for row in first + second + third] == ids[::-1]


def test_failed_deliveries_can_be_asked_for_alone(campaign: Campaign):
    webhook, _ = make(campaign)
    delivered(webhook, 1)
    failed = delivered(webhook, 2, state=DeliveryState.FAILED)
    assert [row.id for row in do(deliveries.page, failed=True)] == [failed.id]


def test_what_is_no_number_of_a_webhook_or_delivery_is_not_found(database: str):
    for number in (0, -1, 99, 2**31, 2**70):
        with pytest.raises(NotFound, match="no such webhook"):
            do(webhooks.find, number)
        with pytest.raises(NotFound, match="no such delivery"):
            do(deliveries.replay, number)


def test_a_replay_is_a_new_delivery_of_the_same_message(campaign: Campaign):
    webhook, _ = make(campaign)
    old = delivered(
        webhook, state=DeliveryState.FAILED, tries=5, payload='{"a":1}', call_id="c1", log=[{"status": 500}]
    )
    again = do(deliveries.replay, old.id)
    assert (again.event_id, again.payload, again.type, again.call_id) == ("msg_1", '{"a":1}', "call.completed", "c1")
    assert (again.state, again.tries, again.log, again.replay_of) == (DeliveryState.WAITING, 0, [], old.id)
    assert do(deliveries.replay, again.id).replay_of == again.id
