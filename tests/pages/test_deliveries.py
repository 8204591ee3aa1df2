"""The log of a campaign's webhooks: what was sent, what came back, and sending it again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from jobs import enqueue
from records import db, deliveries, webhooks
from records.access import COMMAND_LINE
from records.audit import AuditEntry
from records.deliveries import Delivery, DeliveryState
from records.people import User
from records.roles import Role
from tests.pages.conftest import mounted, shown
from tests.pages.dialogs import as_markup, cards, facts, has, press

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NASTY = "<b>bold</b> **stars** :smile: [a](http://evil.test).wav"
TAKEN = {"at": NOON.isoformat(), "status": 200, "error": None, "ms": 34, "answer": "ok"}
REFUSED = {"at": NOON.isoformat(), "status": 503, "error": "The receiver answered 503.", "ms": 9, "answer": NASTY}
SILENT = {"at": NOON.isoformat(), "status": None, "error": "The receiver hung up.", "ms": 5000, "answer": ""}


@pytest.fixture(autouse=True)
def hooks(cast) -> None:
    """Webhooks 1 and 2 of Support, 3 of Sales."""
    with db.writing() as session:
        for slug, path in (("support", "a"), ("support", "b"), ("sales", "c")):
            webhooks.create(session, COMMAND_LINE, slug, f"https://{path}.example.com/hook")


@pytest.fixture
def asked(monkeypatch) -> list[tuple[int, int]]:
    numbers: list[tuple[int, int]] = []
    monkeypatch.setattr(enqueue, "deliver", lambda due: bool(numbers.append((due.delivery_id, due.ticket))) or True)
    return numbers


@pytest.fixture
def tab(cast, see):
    return lambda who=cast.olivia, **address: see(who, "campaign.py", id="support", **address)


def written(webhook: int = 1, *tries: dict, **facts_) -> int:
    number = facts_.pop("number", 0)
    payload = json.dumps({"type": "call.completed", "data": {"filename": NASTY, "score": 64.2}})
    state = facts_.pop("state", DeliveryState.SENT)
    given = {"event_id": f"msg_{number}", "type": "call.completed", "payload": payload, "state": state, **facts_}
    with db.writing() as session:
        row = Delivery(webhook_id=webhook, log=list(tries), tries=len(tries), created_at=NOON, **given)
        session.add(row)
    return row.id or 0


def rows(at) -> list[dict]:
    return shown(at, "table")["rows"] if "table" in mounted(at) else []


def numbers(at) -> list[str]:
    return [row["id"] for row in rows(at)]


def test_a_row_says_what_is_known_of_a_message(tab):
    number = written(1, SILENT, TAKEN)
    at = tab()
    (row,) = rows(at)
    cells = dict(zip([column["title"] for column in shown(at, "table")["columns"]], row["cells"], strict=True))
    assert row["href"] == f"/campaign?id=support&delivery={number}"
    assert cells["Event"]["text"] == "call.completed"
    assert cells["Webhook"]["text"] == "1: a.example.com/hook"
    assert cells["Call"]["text"] == NASTY
    assert (cells["State"]["label"], cells["Answer"]["text"]) == ("Sent", "200 in 34 ms")
    assert (cells["Tries"]["text"], cells["Written"]["text"]) == ("2 tries", "18 Nov 2026, 12:00")
    assert "stars" not in as_markup(at)


def test_a_message_that_was_never_tried_leaves_its_answer_open(tab):
    written(state=DeliveryState.WAITING, type="webhook.test", payload='{"data": {"webhook": 1}}')
    cells = rows(tab())[0]["cells"]
    assert (cells[2], cells[3]["label"], cells[4]) == (None, "Waiting", None)


def test_the_log_is_the_campaigns_and_can_be_narrowed(tab):
    one = written(1, number=1)
    failed = written(2, SILENT, number=2, state=DeliveryState.FAILED)
    written(3, number=3)
    at = tab()
    assert numbers(at) == [str(failed), str(one)]
    assert at.selectbox(key="deliveries-webhook").options == [
        *("All webhooks", "1: a.example.com/hook"),
        "2: b.example.com/hook",
    ]
    at.toggle(key="deliveries-failed").set_value(True).run()
    assert numbers(at) == [str(failed)]
    at.selectbox(key="deliveries-webhook").set_value(1).run()
    assert numbers(at) == []
    assert "No message has failed." in [each.value for each in at.markdown]


def test_older_messages_are_a_page_away(tab):
    for number in range(45):
        written(number=number)
    at = tab()
    assert (numbers(at)[0], numbers(at)[-1]) == ("45", "26")
    assert at.button(key="deliveries-newest").disabled
    press(at, "deliveries-older")
    press(at, "deliveries-older")
    assert (numbers(at)[0], numbers(at)[-1]) == ("5", "1")
    assert at.button(key="deliveries-older").disabled
    at.selectbox(key="deliveries-webhook").set_value(1).run()
    assert numbers(at)[0] == "45"
    press(at, "deliveries-older")
    press(at, "deliveries-newest")
    assert numbers(at)[0] == "45"


def test_a_message_has_an_address_of_its_own(tab):
    number = written(2, REFUSED, SILENT, state=DeliveryState.FAILED, call_id="f" * 32)
    at = tab(delivery=str(number))
    card = cards(at)[-1]
    assert (card["title"], card["badges"][0]["label"]) == ("call.completed", "Failed")
    assert facts(card)["Webhook"] == "2: b.example.com/hook"
    silent, refused = shown(at, "facts")["timeline"]
    assert (silent["badge"]["label"], silent["words"]) == ("No answer", "The receiver hung up.")
    assert (refused["badge"]["label"], refused["by"]) == ("503", f"The receiver said: {NASTY}")
    assert refused["when"] == "18 Nov 2026, 12:00:00, 9 ms"
    (payload,) = [code.value for code in at.code if "filename" in code.value]
    assert json.loads(payload)["data"] == {"filename": NASTY, "score": 64.2}
    assert "stars" not in as_markup(at)
    assert "f" * 32 in str(at.get("page_link")[-1].proto)


def test_a_message_whose_call_was_deleted_says_so_and_is_not_sent_again(tab):
    number = written(1, TAKEN | {"answer": ""}, payload="", call_id="f" * 32)
    at = tab(delivery=str(number))
    assert deliveries.FORGOTTEN in [each.value for each in at.markdown]
    assert at.button(key="delivery-again").disabled
    assert rows(at)[0]["cells"][2] is None


@pytest.mark.parametrize("which", ["another's", "999", "nonsense", "-1", "9" * 30, "1 OR 1=1"])
def test_another_campaigns_message_is_as_absent_as_nonsense(tab, which, asked):
    other = written(3)
    at = tab(delivery=str(other) if which == "another's" else which)
    assert not at.exception
    assert any("There is no such message" in each.value for each in at.markdown)
    assert not has(at, "delivery-again")
    assert all("filename" not in each.value for each in at.code)


@pytest.mark.parametrize("name", ["carla", "mia"])
def test_who_may_not_manage_webhooks_sees_no_message_by_its_address(cast, tab, name):
    number = written()
    at = tab(getattr(cast, name), delivery=str(number))
    assert cards(at) == []
    assert not has(at, "delivery-again")


def test_sending_again_writes_the_same_message_once_more_and_asks_a_worker(cast, tab, asked):
    number = written(1, TAKEN)
    at = press(tab(delivery=str(number)), "delivery-again")
    with db.reading() as session:
        old, new = session.exec(select(Delivery).order_by(Delivery.id))
        acts = [(line.act, line.by) for line in session.exec(select(AuditEntry))]
    assert (new.replay_of, new.event_id, new.payload, new.state) == (
        *(number, old.event_id, old.payload),
        DeliveryState.WAITING,
    )
    assert asked == [(new.id, new.ticket)]
    assert acts[-1] == ("webhook.replay", cast.olivia.email)
    assert "sent again" in at.toast[0].value
    assert "delivery" not in at.query_params
    assert numbers(at)[0] == str(new.id)


def test_what_is_sent_again_to_a_paused_webhook_waits_and_says_so(tab, asked):
    number = written(1, TAKEN)
    with db.writing() as session:
        webhooks.pause(session, COMMAND_LINE, 1)
    at = press(tab(delivery=str(number)), "delivery-again")
    assert "waits until" in at.toast[0].value
    card = cards(tab(delivery="2"))[-1]
    assert facts(card)["Next try"] == "When the webhook sends again"
    assert facts(card)["Sent again from"] == f"Message {number}"


def test_who_lost_the_role_sends_nothing_again(cast, tab, asked):
    number = written(1, TAKEN)
    at = tab(cast.sam, delivery=str(number))
    with db.writing() as session:
        session.get_one(User, cast.sam.id).role = Role.COMPLIANCE_OFFICER
    press(at, "delivery-again")
    assert asked == []


@pytest.mark.parametrize(("state", "pace"), [(DeliveryState.WAITING, 5), (DeliveryState.SENT, 15)])
def test_the_log_renews_itself_often_only_while_a_message_waits(tab, state, pace, monkeypatch):
    import streamlit  # noqa: PLC0415  its fragment, before the test replaces it

    paces, fragment = [], streamlit.fragment
    monkeypatch.setattr(
        "streamlit.fragment", lambda *of, **how: paces.append(how.get("run_every")) or fragment(*of, **how)
    )
    written(state=state)
    tab()
    assert pace in paces


def test_the_newest_of_each_webhook_is_found(database, cast):
    first, second, other = written(1, number=1), written(1, number=2), written(3, number=3)
    with db.reading() as session:
        newest = deliveries.last_of(session, COMMAND_LINE, "support")
    assert {number: last.id for number, last in newest.items()} == {1: second}
    assert first < second < other


def test_a_waiting_message_says_when_it_is_tried_next(tab):
    number = written(1, REFUSED, state=DeliveryState.WAITING, next_at=NOON + timedelta(minutes=2))
    card = cards(tab(delivery=str(number)))[-1]
    assert facts(card)["Next try"] == "Not before 18 Nov 2026, 12:02"
