"""The page of a call of which retention took something, and legal hold."""

import pytest

from dashboard.calls.more import DELETE, END_HOLD, HOLD
from records import db
from records.calls import Call
from records.results import StoredTranscript
from records.retention import Removal
from tests.pages.conftest import shown
from tests.pages.dialogs import on_screen
from tests.pages.one_call import component, finished
from tests.pages.test_call_more import call_row, choose, menu
from tests.records.finished import transcript


@pytest.fixture
def call(cast) -> Call:
    return finished(cast)


def gone(call: Call, *what: str) -> None:
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        for name in what:
            setattr(row, name, db.now())
        session.add(Removal(call_id=call.id, kept="recording", days=30, receipt={"recordings": 1, "bytes": 5}))


def is_disabled(at, label: str) -> bool:
    return next(button.disabled for button in at.button if button.label == label)


def test_a_call_without_recording_says_so_where_the_player_was(cast, see, call):
    gone(call, "recording_gone_at")
    at = see(cast.olivia, "call.py", id=call.id)
    data = shown(at, "transcript")
    assert data["recording"] == ""
    assert "The recording was removed on" in data["silent"]
    assert len(data["turns"]) == len(transcript()["utterances"])
    assert is_disabled(at, "Rerun Transcription")
    assert not is_disabled(at, "Run Analysis")
    assert "recordings: 1, bytes: 5" in component(at, "facts", "SHA-256")
    assert "/recordings/" not in str(shown(at, "downloads"))


def test_a_call_without_words_says_so_and_keeps_its_score(cast, see, call):
    gone(call, "transcripts_gone_at")
    with db.writing() as session:
        stored = session.get_one(StoredTranscript, 1)
        stored.content = {**stored.content, "utterances": []}
    at = see(cast.olivia, "call.py", id=call.id)
    data = shown(at, "transcript")
    assert (data["turns"], data["recording"]) == ([], f"/recordings/{call.id}")
    assert "What was said was removed on" in data["empty"]
    assert "80" in on_screen(at)
    assert is_disabled(at, "Run Analysis")
    assert not is_disabled(at, "Rerun Transcription")
    assert menu(at)[0] == HOLD, "nothing to swap"
    assert [link["label"] for link in shown(at, "downloads")["links"]] == ["Recording"]


def test_a_compliance_officer_holds_a_call_and_ends_the_hold(cast, see, call):
    def hold(at):
        at.text_input(key="hold-why").input("Matter 12 <b>")
        at.button[-1].click()

    at = choose(see(cast.carla, "call.py", id=call.id), HOLD, hold)
    assert not at.exception
    assert (call_row(call).held_by, call_row(call).held_why) == (cast.carla.email, "Matter 12 <b>")
    note = shown(at, "heading")["notes"][0]
    assert (note["title"], note["lines"][1]) == ("Legal hold", "Matter 12 <b>")
    at = choose(see(cast.carla, "call.py", id=call.id), END_HOLD, lambda at: at.button(key="end-hold").click())
    assert call_row(call).held_at is None
    assert HOLD in menu(at)


def test_an_owner_does_not_delete_a_held_call(cast, see, call):
    with db.writing() as session:
        session.get_one(Call, call.id).held_at = db.now()

    def delete(at):
        at.text_input(key="delete-typed").input("delete")
        at.button[-1].click()

    at = choose(see(cast.olivia, "call.py", id=call.id), DELETE, delete)
    assert call_row(call) is not None
    assert "legal hold" in on_screen(at)
