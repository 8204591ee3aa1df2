"""The whole way of a call through a campaign with an AI check and a phrase check."""

import pytest

from config import settings
from pipeline import conductor, line
from pipeline.evaluators.claude.prompt import version
from pipeline.evaluators.claude.requests import Server
from records import db, outages
from records.checks import AiRule, Check, CheckSpec, PhraseRule
from records.statuses import CallStatus, Verdict
from tests.pipeline import staging
from tests.pipeline.staging import Play, die_in, drive, enter, expire, fails, put_stage, results, versions
from tests.records import made
from tests.simulators.claude import says
from tests.simulators.server import Trouble

CHECKS = (
    CheckSpec(name="Greeting", weight=10, rule=PhraseRule(any=("thank you for calling",))),
    CheckSpec(name="Disclosure", weight=30, rule=AiRule(criterion='Says "may be recorded".')),
    CheckSpec(name="Offer", weight=10, critical=True, rule=AiRule(criterion='Says "a special offer".')),
)


@pytest.fixture
def campaign(claude, monkeypatch, database):
    """A campaign judged by the simulator, once in each kind of database."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude.key)
    settings.cache_clear()
    put_stage(monkeypatch, "transcription", Play())
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
        for place, spec in enumerate(CHECKS):
            session.add(Check.of(spec, campaign_id=campaign.id or 0, position=place))
        return campaign


def test_an_ai_check_and_a_phrase_check_are_judged_scored_and_billed_together(claude, campaign):
    again = enter(campaign)
    drive(again)
    call = staging.call_of(again.run_id)
    assert call.status is CallStatus.COMPLETED
    rows = results(again.run_id)
    assert [(row.name, row.verdict, row.confidence) for row in rows] == [
        ("Greeting", Verdict.PASS, None),
        ("Disclosure", Verdict.PASS, 0.9),
        ("Offer", Verdict.FAIL, 0.9),
    ]
    assert rows[1].evidence == [{"turn": 0, "quote": "may be recorded", "speaker": "agent", "start_ms": 0}]
    (done,) = versions(call)
    assert done.score == 80
    assert done.flagged
    assert (done.analyzer, done.analyzer_model) == ("claude", settings().anthropic_model)
    assert done.prompt_version == version()
    assert done.input_tokens > 0
    assert done.cost_usd > 0.02, "the transcript's cost, and the judging's"
    assert len(claude.paid) == 1


def test_a_passing_error_is_tried_again_and_paid_once(claude, campaign):
    claude.troubles.append(Trouble(529, headers={"retry-after": "1"}))
    again = enter(campaign)
    drive(again)
    assert staging.call_of(again.run_id).status is CallStatus.COMPLETED
    assert len(claude.paid) == 1


def test_a_wrong_key_lets_calls_wait_until_it_is_right(claude, campaign):
    claude.key = "another"
    again = enter(campaign)
    drive(again)
    assert staging.call_of(again.run_id).status is CallStatus.ANALYZING
    assert "Check ANTHROPIC_API_KEY" in staging.run_of(again.run_id).waiting_for
    claude.key = settings().anthropic_api_key
    with db.writing() as session:
        outages.look_again(session)
    (called,) = line.call_up()
    drive(called)
    assert staging.call_of(again.run_id).status is CallStatus.COMPLETED
    assert len(claude.paid) == 1


def test_a_request_that_is_never_accepted_fails_the_call_in_words(claude, campaign):
    claude.troubles.append(Trouble(400, b'{"error": {"message": "output_config: no"}}'))
    assert "did not accept the request (400: output_config: no)" in fails(enter(campaign))


def test_a_process_that_dies_in_a_request_pays_it_once_more_and_says_so(claude, campaign, monkeypatch):
    asking = Server.ask

    def dies(self, prompt, room):
        asking(self, prompt, room)
        raise staging.Killed

    first = enter(campaign)
    analysis = conductor.step(first.run_id, first.ticket)
    with monkeypatch.context() as patch:
        patch.setattr(Server, "ask", dies)
        die_in(analysis)
    expire(analysis.run_id)
    drive(analysis)
    assert staging.run_of(analysis.run_id).usage["asked_again"] == 1
    assert staging.call_of(analysis.run_id).status is CallStatus.COMPLETED
    assert len(claude.paid) == 2


def test_garbage_for_ever_fails_the_call_in_words(claude, campaign):
    claude.usual = says("All fine!")
    words = fails(enter(campaign))
    assert words == "Claude did not answer in full: its answer is not in the form asked for."
