"""Who transcribes a call anew: the choice beside 'Rerun Transcription'."""

from itertools import product

import pytest

from config import settings
from dashboard.calls.reprocess import AS_USUAL, choice_of
from jobs import enqueue
from records import db, outages
from records.campaigns import Campaign
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pages.one_call import REPROCESS, buttons, finished
from tests.records.made import stored_call

MAY = ["olivia", "sam", "carla", "mia"]
RERUN, ANALYSIS = RunReason.RERUN_TRANSCRIPTION.value, RunReason.RUN_ANALYSIS.value


@pytest.fixture
def keys(monkeypatch):
    """`keys("ASSEMBLYAI", ...)`: what this deployment has keys for."""

    def have(*names: str) -> None:
        for name in names:
            monkeypatch.setenv(f"{name}_API_KEY", "k")
        settings.cache_clear()

    return have


@pytest.fixture
def two_keys(keys) -> None:
    keys("DEEPGRAM", "ASSEMBLYAI")


@pytest.fixture
def asked(monkeypatch) -> list[tuple[str, int]]:
    """The runs that a worker was asked to look at."""
    seen: list[tuple[str, int]] = []
    monkeypatch.setattr(enqueue, "first", lambda call, run: seen.append((call.id, run.number)))
    return seen


def set_campaign(campaign: Campaign, **facts: object) -> None:
    with db.writing() as session:
        session.get_one(Campaign, campaign.id).sqlmodel_update(facts)


def run_of(number: int) -> Run:
    with db.reading() as session:
        return session.get_one(Run, number)


def choices(at) -> list[list[str]]:
    return [list(box.options) for box in at.selectbox if box.label == "Transcriber for a rerun"]


def test_with_the_draft_alone_there_is_nothing_to_choose(cast, see):
    at = see(cast.olivia, "call.py", id=finished(cast).id)
    assert (choices(at), buttons(at)) == ([], REPROCESS)


@pytest.mark.parametrize("name", MAY)
def test_with_two_there_is_a_choice_which_is_as_usual_until_somebody_chooses(cast, see, keys, name):
    keys("DEEPGRAM")
    call = finished(cast)
    at = see(getattr(cast, name), "call.py", id=call.id)
    assert choices(at) == [["As usual (Deepgram)", "Deepgram", "Offline draft (English)"]]
    assert at.selectbox(key=choice_of(call.id)).value == AS_USUAL


def test_who_may_not_reprocess_is_given_no_choice(cast, see, keys):
    keys("DEEPGRAM", "ASSEMBLYAI")
    at = see(cast.adam, "call.py", id=finished(cast, agent_id=cast.ada.id).id)
    assert not at.exception
    assert (choices(at), buttons(at)) == ([], [])


def test_as_usual_names_the_campaigns_own_transcriber(cast, see, keys):
    keys("DEEPGRAM", "ASSEMBLYAI")
    set_campaign(cast.support, transcriber="deepgram")
    (offered,) = choices(see(cast.mia, "call.py", id=finished(cast).id))
    assert offered == ["As usual (Deepgram)", "AssemblyAI", "Deepgram", "Offline draft (English)"]


def test_a_transcriber_that_is_not_there_any_more_is_named_and_not_offered(cast, see, keys):
    keys("ASSEMBLYAI")
    set_campaign(cast.support, transcriber="deepgram")
    (offered,) = choices(see(cast.mia, "call.py", id=finished(cast).id))
    assert offered == ["As usual (Deepgram)", "AssemblyAI", "Offline draft (English)"]


def test_a_redacting_campaign_is_offered_those_that_redact(cast, see, keys):
    keys("DEEPGRAM", "ASSEMBLYAI")
    set_campaign(cast.support, redact=True)
    (offered,) = choices(see(cast.mia, "call.py", id=finished(cast).id))
    assert offered == ["As usual (AssemblyAI)", "AssemblyAI", "Deepgram"]


def test_a_redacting_campaign_with_one_that_redacts_has_no_choice(cast, see, keys):
    keys("DEEPGRAM")
    set_campaign(cast.support, redact=True)
    at = see(cast.mia, "call.py", id=finished(cast).id)
    assert (choices(at), buttons(at)) == ([], REPROCESS)


@pytest.mark.usefixtures("two_keys")
def test_one_that_is_paused_is_offered_and_said_to_be(cast, see):
    with db.writing() as session:
        outages.pause(session, "assemblyai", "No credit.", seconds=60)
    (offered,) = choices(see(cast.mia, "call.py", id=finished(cast).id))
    assert offered == ["As usual (AssemblyAI, paused)", "AssemblyAI, paused", "Deepgram", "Offline draft (English)"]


@pytest.mark.parametrize(("name", "chosen"), list(product(MAY, ["", "deepgram", "local"])))
@pytest.mark.usefixtures("two_keys")
def test_the_rerun_is_done_by_the_one_that_was_chosen(cast, see, asked, name, chosen):
    call = finished(cast)
    at = see(getattr(cast, name), "call.py", id=call.id)
    at.selectbox(key=choice_of(call.id)).set_value(chosen).run()
    at.button(key=RERUN).click().run()
    assert not at.exception
    assert asked == [(call.id, 2)]
    assert (run_of(2).transcriber, run_of(2).asked_by) == (chosen, getattr(cast, name).email)


def test_an_analysis_takes_no_notice_of_the_choice(cast, see, keys, asked):
    keys("DEEPGRAM", "ASSEMBLYAI")
    call = finished(cast)
    with db.writing() as session:
        session.get_one(Run, 1).transcript_id = 1
    at = see(cast.olivia, "call.py", id=call.id)
    at.selectbox(key=choice_of(call.id)).set_value("deepgram").run()
    at.button(key=ANALYSIS).click().run()
    assert (asked, run_of(2).transcriber) == ([(call.id, 2)], "")


@pytest.mark.parametrize(
    ("status", "grey"),
    [
        (CallStatus.PENDING, False),
        (CallStatus.TRANSCRIBING, True),
        (CallStatus.ANALYZING, True),
        (CallStatus.COMPLETED, False),
        (CallStatus.FAILED, False),
    ],
)
def test_the_choice_is_greyed_out_with_its_button(cast, see, keys, status, grey):
    keys("DEEPGRAM")
    with db.writing() as session:
        call = stored_call(session, cast.support, status=status)
    at = see(cast.olivia, "call.py", id=call.id)
    assert (at.selectbox(key=choice_of(call.id)).disabled, at.button(key=RERUN).disabled) == (grey, grey)


def test_a_choice_does_not_follow_to_the_next_call(cast, see, keys, asked):
    keys("DEEPGRAM", "ASSEMBLYAI")
    first, second = finished(cast), finished(cast)
    at = see(cast.olivia, "call.py", id=first.id)
    at.selectbox(key=choice_of(first.id)).set_value("deepgram").run()
    at.query_params["id"] = second.id
    at.run()
    assert at.selectbox(key=choice_of(second.id)).value == AS_USUAL
    at.button(key=RERUN).click().run()
    assert asked == [(second.id, 2)]


def test_a_choice_that_is_gone_by_the_click_is_as_usual(cast, see, keys, asked, monkeypatch):
    keys("DEEPGRAM", "ASSEMBLYAI")
    call = finished(cast)
    at = see(cast.olivia, "call.py", id=call.id)
    at.selectbox(key=choice_of(call.id)).set_value("deepgram").run()
    monkeypatch.delenv("DEEPGRAM_API_KEY")
    settings.cache_clear()
    at.run()
    assert not at.exception
    assert choices(at) == [["As usual (AssemblyAI)", "AssemblyAI", "Offline draft (English)"]]
    at.button(key=RERUN).click().run()
    assert run_of(2).transcriber == AS_USUAL


def test_everybody_is_thought_of():
    roles = {"olivia": Role.OWNER, "sam": Role.SENIOR_MANAGER, "carla": Role.COMPLIANCE_OFFICER, "mia": Role.MANAGER}
    assert set(MAY) == set(roles)
    assert set(Role) - set(roles.values()) == {Role.AGENT}
