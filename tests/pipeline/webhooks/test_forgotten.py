"""What webhooks were told of a call goes with the call; that they were told stays."""

import pytest

from pipeline import deletion
from pipeline.deletion import delete_call
from pipeline.webhooks import deliver
from records import db, deliveries
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.deliveries import DeliveryState
from records.statuses import CallStatus
from tests.pipeline.webhooks.conftest import state, step, written_down
from tests.records.made import stored_call
from tests.simulators.receiver import Say

NAME = "Jane Doe.wav"
SAID = f'{{"data":{{"filename":"{NAME}"}}}}'


@pytest.fixture
def call(desk: Campaign) -> Call:
    with db.writing() as session:
        return stored_call(session, desk, status=CallStatus.COMPLETED, filename=NAME)


def test_what_ended_messages_said_goes_and_that_they_were_sent_stays(desk: Campaign, call: Call, hook, receiver):
    webhook = hook(desk)
    receiver.says.append(Say(200, f"I know {NAME} now".encode()))
    sent, other = written_down(webhook, 1, call_id=call.id, payload=SAID), written_down(webhook, 2, payload=SAID)
    for delivery in (sent, other):
        step(delivery)
    assert NAME in state(sent).payload + state(sent).log[0]["answer"]
    delete_call(COMMAND_LINE, call.id)
    after = state(sent)
    assert NAME not in str(after.model_dump())
    assert (after.state, after.log[0]["status"], after.is_forgotten) == (DeliveryState.SENT, 200, True)
    assert state(other).payload == SAID
    with pytest.raises(NotUsable, match="was deleted"), db.writing() as session:
        deliveries.replay(session, COMMAND_LINE, sent.id or 0)


@pytest.mark.parametrize("taken", [True, False])
def test_what_waits_is_sent_and_goes_then(desk: Campaign, call: Call, hook, receiver, *, taken: bool):
    delivery = written_down(hook(desk), call_id=call.id, payload=SAID)
    receiver.always = Say(200 if taken else 500, f"I know {NAME}".encode())
    delete_call(COMMAND_LINE, call.id)
    assert state(delivery).payload == SAID
    again = step(delivery)
    while again is not None:
        assert state(delivery).payload == SAID
        again = deliver.step(again.delivery_id, again.ticket)
    assert receiver.got[-1].body == SAID.encode()
    assert NAME not in str(state(delivery).model_dump())
    assert state(delivery).state is (DeliveryState.SENT if taken else DeliveryState.FAILED)


def test_a_deletion_that_breaks_leaves_them(desk: Campaign, call: Call, hook, receiver, monkeypatch):
    delivery = written_down(hook(desk), call_id=call.id, payload=SAID)
    step(delivery)
    monkeypatch.setattr(deletion.audit, "log", lambda *_args, **_facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        delete_call(COMMAND_LINE, call.id)
    assert state(delivery).payload == SAID
