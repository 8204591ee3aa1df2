"""`totalview webhook`: scriptable, the secret once and alone, and wrong input gets a sentence."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

import cli
from config import settings
from jobs import enqueue
from records import db
from records.campaigns import Campaign
from records.deliveries import Delivery
from records.webhooks import Webhook
from tests.simulators.receiver import Receiver, Say, receiving


@pytest.fixture
def receiver(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()
    with receiving() as running:
        yield running


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The deliveries that workers were asked for."""
    numbers: list[int] = []
    monkeypatch.setattr(enqueue, "deliver", lambda due: bool(numbers.append(due.delivery_id)) or True)
    return numbers


def webhook(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["webhook", *arguments])


def made(receiver: Receiver, *events: str) -> str:
    """A new webhook's secret."""
    named = [part for event in events for part in ("--event", event)]
    done = webhook("create", "--campaign", "support", "--url", receiver.url, *named)
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip()


def lines(done: Result) -> list[dict]:
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def delivered(**facts) -> int:
    given = {"event_id": "msg_1", "type": "call.completed", "payload": '{"a":1}', **facts}
    with db.writing() as session:
        row = Delivery(webhook_id=1, **given)
        session.add(row)
    return row.id or 0


def test_the_secret_is_printed_once_and_alone(receiver):
    secret = made(receiver, "call.failed")
    assert secret.startswith("whsec_")
    assert "\n" not in secret
    [row] = lines(webhook("list", "--json"))
    assert (row["id"], row["campaign"], row["events"], row["active"]) == (1, "support", ["call.failed"], True)
    for shown in (webhook("list", "--json"), webhook("list"), webhook("deliveries", "--json")):
        assert secret not in shown.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--campaign", "nowhere", "--url", "http://127.0.0.1/"], "There is no campaign 'nowhere'."),
        (["--campaign", "support", "--url", "ftp://example.com"], "begins with https:// or http://"),
        (
            ["--campaign", "support", "--url", "http://127.0.0.1/", "--event", "call.lost"],
            "There is no event 'call.lost'.",
        ),
    ],
)
def test_a_webhook_that_cannot_be_made_says_why(receiver, arguments, words):
    done = webhook("create", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert words in done.stderr
    assert lines(webhook("list", "--json")) == []


def test_a_private_address_is_refused_unless_the_deployment_allows_it(campaign):
    done = webhook("create", "--campaign", "support", "--url", "http://169.254.169.254/latest")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no public address" in done.stderr


def test_empty_lists_say_so(campaign):
    assert "webhook create" in webhook("list").stdout
    assert "no such delivery" in webhook("deliveries").stdout


def test_a_test_message_says_what_came_back(receiver):
    secret = made(receiver)
    assert "answered 200 in" in webhook("test", "1").stdout
    assert receiver.got[0].verified(secret)["type"] == "webhook.test"
    receiver.says.append(Say(404))
    failed = webhook("test", "1")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "The message was not taken. The receiver answered 404" in failed.stderr


def test_deliveries_are_listed_with_what_came_back(receiver):
    made(receiver)
    first = delivered(state="failed", log=[{"at": "x", "status": 500, "error": "It broke.", "ms": 3, "answer": ""}])
    second = delivered(event_id="msg_2")
    assert [row["id"] for row in lines(webhook("deliveries", "--json"))] == [second, first]
    [row] = lines(webhook("deliveries", "--failed", "--campaign", "support", "--webhook", "1", "--json"))
    assert (row["id"], row["state"], row["log"][0]["error"], row["payload"]) == (
        first,
        "failed",
        "It broke.",
        '{"a":1}',
    )
    assert [row["id"] for row in lines(webhook("deliveries", "--before", str(second), "--json"))] == [first]
    table = webhook("deliveries").stdout
    assert "It broke." in table
    assert "waiting" in table


def test_a_replay_is_asked_for_at_once(receiver, asked):
    made(receiver)
    old = delivered(state="sent")
    assert webhook("replay", str(old)).exit_code == 0
    assert asked == [old + 1]


def test_pause_resume_and_delete(receiver, asked):
    made(receiver)
    waiting = delivered()
    assert webhook("pause", "1").exit_code == 0
    assert "paused: Paused by command line." in webhook("list").stdout
    resumed = webhook("resume", "1")
    assert "1 deliveries are due" in resumed.stderr
    assert asked == [waiting]
    assert webhook("delete", "1").exit_code == 0
    assert lines(webhook("list", "--json")) == []


def test_what_is_set_changes_and_the_rest_stays(receiver, asked):
    secret = made(receiver)
    assert webhook("set", "1", "--event", "call.failed", "--inactive").exit_code == 0
    [row] = lines(webhook("list", "--json"))
    assert (row["events"], row["active"], row["url"]) == (["call.failed"], False, receiver.url)
    waiting = delivered()
    webhook("set", "1", "--active")
    assert asked == [waiting]
    new = webhook("rotate", "1").stdout.strip()
    assert new.startswith("whsec_")
    assert new != secret
    with db.reading() as session:
        row = session.get_one(Webhook, 1)
        assert (row.secret, row.old_secret, row.events) == (new, secret, ["call.failed"])


def test_where_redis_is_away_what_is_due_is_asked_for_once_and_not_a_thousand_times(receiver, monkeypatch):
    made(receiver)
    for number in range(3):
        delivered(event_id=f"msg_{number}")
    webhook("pause", "1")
    tried = []
    monkeypatch.setattr(enqueue, "deliver", lambda due: bool(tried.append(due)))
    assert webhook("resume", "1").exit_code == 0
    assert len(tried) == 1


@pytest.mark.parametrize("act", ["replay", "pause", "resume", "delete", "test", "rotate", "set"])
def test_an_unknown_number_is_a_sentence(campaign, act):
    done = webhook(act, "99")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("There is no such ")
    assert "Traceback" not in done.stderr
