"""A campaign that redacts, and calls of before: what their pages, the campaign's page and its settings say."""

import pytest

from config import settings
from dashboard.calls import advice
from dashboard.calls.more import HOLD
from dashboard.campaigns import withheld
from records import campaigns, db, transcripts
from records.access import COMMAND_LINE
from records.calls import Call
from records.statuses import CallStatus, RunReason
from records.transcripts import Withheld
from tests.pages.conftest import shown
from tests.pages.one_call import component, finished
from tests.pages.test_call_kept import is_disabled
from tests.pages.test_call_more import menu
from tests.records.finished import add_version, transcript

LABEL = "1 call from before redaction is withheld"


@pytest.fixture
def call(cast) -> Call:
    return finished(cast)


def redact() -> None:
    with db.writing() as session:
        campaigns.edit(session, COMMAND_LINE, "support", campaigns.changes(redact=True))


def links(at) -> list[str]:
    return [each.proto.label for each in at.get("page_link")]


def test_its_page_says_so_and_what_to_do(cast, see, call):
    redact()
    at = see(cast.olivia, "call.py", id=call.id)
    note = next(note for note in shown(at, "heading")["notes"] if "before redaction" in note["title"])
    assert note["lines"][-1] == advice.MAKES_REDACTED
    data = shown(at, "transcript")
    assert (data["turns"], data["recording"]) == ([], "")
    assert data["empty"].startswith("What was said is withheld")
    (check,) = shown(at, "checks")["sections"][0]["checks"]
    assert (check["reason"], check["evidence"], check["verdict"]["label"]) == ("", [], "Pass")
    assert is_disabled(at, "Run Analysis")
    assert not is_disabled(at, "Rerun Transcription")
    assert menu(at)[0] == HOLD, "nothing to swap"
    assert "Ada" not in str(at)


def test_who_may_not_rerun_is_told_whom_to_ask(cast, see, call):
    redact()
    with db.writing() as session:
        session.get_one(Call, call.id).agent_id = cast.ada.id
    at = see(cast.adam, "call.py", id=call.id)
    note = next(note for note in shown(at, "heading")["notes"] if "before redaction" in note["title"])
    assert note["lines"][-1] == "Your manager can have it processed again."
    at = see(cast.adam, "calls.py", withheld="1")
    assert advice.ASK_FOR_MANY in at.caption[0].value


def test_without_its_recording_there_is_nothing_to_do(cast, see, call):
    redact()
    with db.writing() as session:
        session.get_one(Call, call.id).recording_gone_at = db.now()
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert note["lines"][-1] == advice.NO_REDACTED


def test_two_versions_are_compared_without_the_withheld_words(cast, see, call):
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        add_version(session, row, content=transcript(("agent", 0, "This is [NAME_1].")), redacted=True)
    redact()
    at = see(cast.olivia, "call.py", id=call.id, version="2", compare="1")
    assert shown(at, "compare")["transcript"]["pieces"] == []
    assert "The words of version 1 are withheld" in shown(at, "compare")["transcript"]["words"]
    assert "The reasons of version 1 are withheld" in shown(at, "compare")["checks_words"]
    assert "[NAME_1]" in str(shown(at, "transcript"))
    assert shown(at, "heading")["notes"] == []
    assert "Names and numbers were left out" in component(at, "facts", "SHA-256")
    old = see(cast.olivia, "call.py", id=call.id, version="1")
    assert "Names and numbers were left out" not in component(old, "facts", "SHA-256")
    (note,) = shown(old, "heading")["notes"]
    assert note["lines"][-1] == "Version 2, the newest, is redacted: choose it to read what was said."


def test_every_withheld_version_says_what_to_do_where_the_newest_is_withheld_too(cast, see, call):
    with db.writing() as session:
        add_version(session, session.get_one(Call, call.id), reason=RunReason.RUN_ANALYSIS)
    redact()
    for number in ("1", "2"):
        (note,) = shown(see(cast.olivia, "call.py", id=call.id, version=number), "heading")["notes"]
        assert note["lines"][-1] == advice.MAKES_REDACTED
    compared = shown(see(cast.olivia, "call.py", id=call.id, version="2", compare="1"), "compare")
    assert "The words of versions 1 and 2 are withheld" in compared["transcript"]["words"]
    assert "The reasons of versions 1 and 2 are withheld" in compared["checks_words"]


def test_while_it_is_transcribed_anew_nobody_is_sent_to_a_button_that_is_grey(cast, see, call):
    redact()
    with db.writing() as session:
        session.get_one(Call, call.id).status = CallStatus.TRANSCRIBING
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][-1]
    assert note["lines"][-1] == advice.BEING_MADE


def test_a_call_that_failed_for_it_says_once_what_to_do(cast, see, call):
    redact()
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        row.status, row.error_code, row.error = CallStatus.FAILED, "withheld", str(Withheld())
    failed = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert failed["lines"] == [str(Withheld())]


def test_the_review_desk_sends_to_the_calls_page_where_the_button_is(cast, see, call):
    redact()
    (note,) = shown(see(cast.olivia, "review.py", id=call.id), "heading")["notes"]
    assert note["lines"][-1] == advice.ON_ITS_PAGE


def test_the_campaigns_page_leads_to_the_calls_to_transcribe_anew(cast, see, call):
    assert LABEL not in links(see(cast.olivia, "campaign.py", id="support"))
    redact()
    assert LABEL in links(see(cast.olivia, "campaign.py", id="support"))
    at = see(cast.olivia, "calls.py", campaign="support", withheld="1")
    assert call.filename in str(shown(at, "table"))
    assert advice.MAKES_MANY in at.caption[0].value
    with db.writing() as session:
        add_version(session, session.get_one(Call, call.id), redacted=True)
    assert LABEL not in links(see(cast.olivia, "campaign.py", id="support"))


def test_the_settings_say_how_many_calls_are_concerned_before_they_are_saved(cast, see, call, monkeypatch):
    monkeypatch.setenv("DEEPGRAM_API_KEY", "k")
    settings.cache_clear()
    at = see(cast.olivia, "campaign.py", id="support")
    assert not at.warning
    at.toggle(key="general-support-redact").set_value(True).run()
    assert "What was said in 1 call is withheld once this is saved" in at.warning[0].value
    at.button(key="general-save-support").click().run()
    assert not at.exception
    assert not at.warning, "it is saved"


@pytest.mark.parametrize("number", [1, 27, transcripts.COUNTED + 1])
def test_a_phone_shows_the_whole_link(number):
    label = withheld._label(number)
    assert len(label) <= 60
    assert label[0].isupper() or label[0].isdigit()
