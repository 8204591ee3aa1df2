"""The page of one call: its agent linked, its speakers swapped, the call deleted; who may, and what is refused."""

import pytest
from sqlmodel import select

from dashboard.calls.advice import ASK, STILL_PENDING, WAIT
from dashboard.calls.more import DELETE, HOLD, SWAP
from jobs import enqueue
from records import db
from records.agents import AgentAlias, AgentCampaign
from records.calls import Call, CallEvent
from records.db import now
from records.deletions import DeletedCall
from records.results import StoredTranscript
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pages.conftest import mounted, shown
from tests.pages.dialogs import as_markup, on_screen, press
from tests.pages.one_call import NASTY, component, finished
from tests.records.finished import transcript
from tests.records.made import agent, stored_call


def menu(at) -> list[str]:
    return [option.split(": ", 1)[1] for each in at.menu_button for option in each.options]


def choose(at, option: str, act):
    """What an act does in the dialog that this entry of the menu opens; each run opens it anew."""
    at.menu_button(key="more").click(option).run()
    at.menu_button(key="more").click(option)
    act(at)
    return at.run()


def call_row(call: Call) -> Call | None:
    with db.reading() as session:
        return session.get(Call, call.id)


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The calls for which a worker was asked."""
    found: list[str] = []
    monkeypatch.setattr(enqueue, "first", lambda call, _run: found.append(call.id))
    return found


@pytest.fixture
def whole(cast) -> Call:
    """A Completed call whose transcript is as the pipeline stores it."""
    call = finished(cast)
    with db.writing() as session:
        session.get_one(Run, 1).transcript_id = 1
        stored = session.get_one(StoredTranscript, 1)
        stored.figures = {
            **dict.fromkeys(("duration_s", "speech_s", "tone_s", "longest_silence_s", "longest_hold_s", "hold_s"), 1.0),
            **dict.fromkeys(("customer_talk_share", "dead_air_share", "overlaps", "overlap_s")),
            **dict.fromkeys(("agent_interruptions", "customer_interruptions")),
            "agent_talk_share": 0.6,
            "talk_s": {"agent": 6.0, "customer": 4.0},
            "words_per_minute": {},
            "holds": [],
        }
    return call


# --- who may


@pytest.mark.parametrize(
    ("name", "entries", "links"),
    [
        ("olivia", [SWAP, HOLD, DELETE], True),
        ("sam", [SWAP], True),
        ("carla", [SWAP, HOLD], True),
        ("mia", [SWAP], True),
        ("adam", [], False),
    ],
)
def test_each_sees_what_they_may_do(cast, see, name, entries, links):
    at = see(getattr(cast, name), "call.py", id=finished(cast, agent_id=cast.ada.id).id)
    assert menu(at) == entries
    assert ("link-agent" in [button.key for button in at.button]) is links
    assert "Download" in on_screen(at)


# --- an agent


def test_whom_the_source_most_likely_means_is_offered_first(cast, see):
    call = finished(cast, agent_given="A. Moss")
    at = press(see(cast.carla, "call.py", id=call.id), "link-agent", "link")
    assert not at.exception
    row = call_row(call)
    assert (row.agent_id, row.agent_given) == (cast.ada.id, "A. Moss")
    assert "Ada Moss" in shown(at, "heading")["facts"]
    assert "The agent is Ada Moss." in component(at, "facts", "timeline")


def test_an_agent_is_found_by_an_alias(cast, see):
    with db.writing() as session:
        ben = agent(session, NASTY)
        session.add(AgentAlias(alias="ext-233", agent_id=ben.id or 0))
    call = finished(cast)
    at = see(cast.sam, "call.py", id=call.id)
    press(at, "link-agent")
    at.button(key="link-agent").click()
    at.text_input(key="call-agent-typed").set_value("EXT-233").run()
    press(at, "link-agent", "link")
    assert call_row(call).agent_id == ben.id
    assert "onerror" not in as_markup(at)


def test_an_agent_can_be_unlinked(cast, see):
    call = finished(cast, agent_id=cast.ada.id)
    press(see(cast.mia, "call.py", id=call.id), "link-agent", "unlink")
    assert call_row(call).agent_id is None


def test_a_manager_is_offered_nobody_from_elsewhere(cast, see):
    with db.writing() as session:
        ben = agent(session, "Ben Ito")
        session.add(AgentCampaign(agent_id=ben.id or 0, campaign_id=cast.support.id or 0))
    at = press(see(cast.mia, "call.py", id=finished(cast).id), "link-agent")
    (box,) = [each for each in at.selectbox if each.label == "Agent"]
    assert box.options == ["Ben Ito"]


# --- the speakers


def test_swapping_begins_a_run_over_a_swapped_transcript(cast, see, asked, whole):
    at = choose(see(cast.mia, "call.py", id=whole.id), SWAP, lambda page: page.button(key="swap").click())
    assert not at.exception
    assert asked == [whole.id]
    with db.reading() as session:
        run = session.get_one(Run, 2)
        made = session.get_one(StoredTranscript, run.transcript_id)
    assert (run.reason, run.stage, run.asked_by) == (RunReason.SWAPPED_SPEAKERS, "analysis", cast.mia.email)
    assert [turn["speaker"] for turn in made.content["utterances"]] == ["customer", "agent", "customer"]
    assert shown(at, "heading")["badges"][0]["label"] == "Pending"


def test_why_speakers_cannot_be_swapped_is_said(cast, see, asked, whole):
    with db.writing() as session:
        session.get_one(StoredTranscript, 1).content = transcript(("speaker_1", 0, "Hello."))
    at = choose(see(cast.mia, "call.py", id=whole.id), SWAP, lambda page: page.button(key="swap").click())
    assert "who the agent is" in at.error[0].value
    assert asked == []


# --- deletion


def delete(at, typed: str, why: str = ""):
    def act(page) -> None:
        page.text_input(key="delete-typed").set_value(typed)
        page.text_input(key="delete-why").set_value(why)
        next(each for each in page.button if each.label == "Delete for good").click()

    return choose(at, DELETE, act)


@pytest.mark.parametrize("typed", ["delete", "a file.wav"])
def test_an_owner_deletes_by_typing_and_sees_the_receipt(cast, see, typed):
    call = finished(cast, filename="a file.wav", size=3_400_000)
    at = delete(see(cast.olivia, "call.py", id=call.id), typed, why="Asked for")
    assert not at.exception
    assert call_row(call) is None
    assert at.title[0].value == "This call was deleted"
    told = dict(shown(at, "facts")["pairs"])
    assert (told["By"], told["Reason"]) == (cast.olivia.email, "Asked for")
    assert told["What went"].startswith("The recording (3.4 MB), 1 version, 1 transcript, 1 check result")
    assert "a file.wav" not in str(told)


@pytest.mark.parametrize("typed", ["", "Delete it", "other.wav"])
def test_without_the_word_nothing_goes(cast, see, typed):
    call = finished(cast, filename=NASTY)
    at = delete(see(cast.olivia, "call.py", id=call.id), typed)
    assert "Type" in at.error[0].value
    assert call_row(call) is not None
    assert "onerror" not in as_markup(at)


def test_a_call_that_began_meanwhile_is_not_deleted_and_that_is_said(cast, see):
    call = finished(cast)
    at = see(cast.olivia, "call.py", id=call.id)
    with db.writing() as session:
        session.get_one(Call, call.id).status = CallStatus.ANALYZING
    assert "being processed" in delete(at, "delete").error[0].value
    assert call_row(call) is not None


def test_who_lost_the_right_deletes_nothing(cast, see):
    call = finished(cast)
    at = see(cast.olivia, "call.py", id=call.id)
    at.menu_button(key="more").click(DELETE).run()
    with db.writing() as session:
        session.get_one(type(cast.olivia), cast.olivia.id).active = False
    at.text_input(key="delete-typed").set_value("delete")
    next(each for each in at.button if each.label == "Delete for good").click().run()
    assert call_row(call) is not None


@pytest.mark.parametrize("name", ["sam", "carla", "mia", "adam"])
def test_a_deleted_call_is_absent_for_all_but_owners(cast, see, name):
    with db.writing() as session:
        session.add(DeletedCall(id="d" * 32, campaign_id=cast.support.id or 0, sha256="e" * 64, size=1))
    assert see(getattr(cast, name), "call.py", id="d" * 32).title[0].value == "There is no such call"
    assert see(cast.olivia, "call.py", id="d" * 32).title[0].value == "This call was deleted"


# --- what to try


def test_a_call_that_is_pending_for_long_says_what_to_do(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support)
    assert shown(see(cast.mia, "call.py", id=call.id), "heading")["notes"] == []
    with db.writing() as session:
        for line in session.exec(select(CallEvent)):
            line.at = now().replace(year=2020)
    note = shown(see(cast.mia, "call.py", id=call.id), "heading")["notes"][0]
    assert (note["title"], note["lines"][0]) == (STILL_PENDING, WAIT)


def test_an_agent_whose_call_failed_is_told_whom_to_ask(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.FAILED, error="Broken.", agent_id=cast.ada.id)
    at = see(cast.adam, "call.py", id=call.id)
    assert shown(at, "heading")["notes"][0]["lines"] == ["Broken.", ASK]
    assert "transcript" in mounted(at)
