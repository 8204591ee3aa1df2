"""Changing a campaign with what transcribers can do in view; its waiting calls look anew; archived ones take none."""

import pytest
from sqlmodel import select

from config import settings
from pipeline import campaign_settings, intake, resumable
from pipeline.announced import Announced
from pipeline.intake import NO_FACTS, Arrival, Refused
from records import campaigns, check_edits, db
from records.campaigns import Campaign, NotUsable
from records.check_edits import Kept
from records.checks import AiRule, CheckSpec
from records.identity import COMMAND_LINE, Identity, NotAllowed
from records.roles import Role
from records.runs import Run
from records.statuses import RunReason, Source
from tests.records.made import stored_call


def change(**wanted: object) -> Campaign:
    return campaign_settings.change(COMMAND_LINE, "support", campaigns.changes(**wanted))


@pytest.fixture
def deepgram(monkeypatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "k")
    settings.cache_clear()


def waiting_run(campaign: Campaign, **facts: object) -> int:
    with db.writing() as session:
        call = stored_call(session, campaign)
        run = Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, **{"stage": "transcription", **facts})
        session.add(run)
        session.flush()
        return run.id or 0


def run_of(number: int) -> Run:
    with db.reading() as session:
        return session.get_one(Run, number)


def test_a_transcriber_that_cannot_redact_is_refused_where_the_campaign_redacts(campaign, deepgram):
    change(redact=True, transcriber="deepgram")
    with pytest.raises(NotUsable, match=r"cannot redact\. Turn redaction off, or choose AssemblyAI") as refused:
        change(transcriber="local")
    assert refused.value.field == "redact"
    assert change(redact=False, transcriber="local").transcriber == "local"
    with pytest.raises(NotUsable, match="cannot redact"):
        change(redact=True)
    with db.reading() as session:
        assert not session.get_one(Campaign, campaign.id).redact, "a refusal leaves nothing changed"


def test_redaction_needs_one_that_can_to_be_set_up_unless_one_is_named(campaign):
    with pytest.raises(NotUsable, match=r"None of the transcribers .*DEEPGRAM_API_KEY"):
        change(redact=True)
    assert change(redact=True, transcriber="deepgram").redact, "its key may come later"
    assert change(flag_threshold=60).flag_threshold == 60


def test_an_automatic_choice_that_can_redact_is_fine(campaign, deepgram):
    assert change(redact=True).redact


def test_a_transcriber_that_nobody_knows_is_refused_by_name(campaign):
    with pytest.raises(NotUsable, match="There are: assemblyai, deepgram, whisper, local"):
        change(transcriber="parrot")


def test_calls_that_wait_for_a_transcriber_look_anew_after_a_change(campaign):
    run = waiting_run(campaign, waits_at="deepgram", transcriber="deepgram")
    change(transcriber="local")
    assert (run_of(run).waits_at, run_of(run).transcriber) == ("", "")


def test_calls_that_wait_for_a_judge_look_anew_when_the_checks_change(campaign):
    run = waiting_run(campaign, waits_at="claude", stage="analysis")
    with db.reading() as session:
        loaded = check_edits.load(session, COMMAND_LINE, "support")
    campaign_settings.change_checks(COMMAND_LINE, "support", loaded.rows, seen=loaded.seen)
    assert run_of(run).waits_at == "claude", "nothing has changed"
    polite = Kept(None, CheckSpec(name="Polite", rule=AiRule(criterion="Polite.")))
    made = campaign_settings.change_checks(COMMAND_LINE, "support", [*loaded.rows, polite], seen=loaded.seen)
    assert (made.added, run_of(run).waits_at) == (("Polite",), "")


def test_who_may_not_edit_changes_neither(campaign):
    mia = Identity(None, Role.MANAGER, "mia", campaign_ids=frozenset({campaign.id or 0}))
    with pytest.raises(NotAllowed):
        campaign_settings.change(mia, "support", campaigns.changes(name="Mine"))
    with pytest.raises(NotAllowed):
        campaign_settings.change_checks(mia, "support", [], seen="")


def test_an_archived_campaign_refuses_recordings_at_every_door(campaign):
    change(active=False)
    arrival = Arrival("support", "a.wav", iter([b"RIFF"]), Source.BULK_JOB)
    with pytest.raises(Refused, match="archived and takes no new calls") as refused:
        intake.receive(COMMAND_LINE, arrival, lambda _call, _run: None)
    assert refused.value.code == "archived"
    with pytest.raises(Refused, match="archived"):
        resumable.begin(COMMAND_LINE, "me", "support", Announced("a.wav", 4, NO_FACTS))
    with db.reading() as session:
        assert session.exec(select(Run)).all() == []
