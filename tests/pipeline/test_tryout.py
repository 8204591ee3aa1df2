"""A check tried on a call before it is saved: judged as the pipeline would, nothing stored, one request at most."""

import pytest
from sqlmodel import func, select

from config import settings
from pipeline import tryout
from pipeline.evaluators.claude import sole
from pipeline.evaluators.claude.prompt import Prompt
from pipeline.outcome import ProviderError
from pipeline.tryout import MOST, NOT_LISTENED_FOR, NotTried
from records import access, db
from records.calls import Call
from records.checks import AiRule, CheckSpec, MetricRule, PhraseRule
from records.identity import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.results import CheckResult, StoredTranscript, Version
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, Verdict
from tests.pipeline.evaluators.conftest import _claude_server, claude  # noqa: F401  fixtures made elsewhere
from tests.pipeline.made import measured
from tests.records.finished import add_version, finished_call, transcript
from tests.records.made import stored_call, stored_campaign
from tests.simulators.claude import cut_off, says
from tests.simulators.server import Trouble

GREETING = CheckSpec(name="Greeting", rule=PhraseRule(any=("thank you for calling",), speaker="agent"))
THANKS = CheckSpec(name="Thanks", rule=AiRule(criterion='The agent says "thank you".'))


@pytest.fixture
def call(home) -> Call:
    with db.writing() as session:
        made = finished_call(session, stored_campaign(session, "Support"), filename="a.wav")
        measure(session, made)
        return made


def measure(session, call: Call, **facts) -> None:
    for stored in session.exec(select(StoredTranscript).where(StoredTranscript.call_id == call.id)):
        stored.figures = measured(12, speech_s=90.0, longest_silence_s=2.5, **facts).model_dump(mode="json")


@pytest.fixture
def connected(claude, monkeypatch):  # noqa: F811  the fixture
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", claude.key)
    settings.cache_clear()
    return claude


def stored_rows() -> list[int]:
    with db.reading() as session:
        return [
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Run, Version, CheckResult, StoredTranscript)
        ]


def test_a_phrase_check_is_judged_at_once_with_its_evidence(call):
    before = stored_rows()
    found = tryout.tried(COMMAND_LINE, call.id, GREETING)
    assert (found.verdict, found.evidence[0].quote) == (Verdict.PASS, "Thank you for calling")
    missing = GREETING.model_copy(update={"rule": PhraseRule(all=("have a great day",))})
    assert tryout.tried(COMMAND_LINE, call.id, missing).verdict is Verdict.FAIL
    assert stored_rows() == before


def test_a_metric_check_is_judged_by_the_calls_figures(call):
    quiet = CheckSpec(name="Silence", rule=MetricRule(metric="longest_silence_s", at_most=2))
    found = tryout.tried(COMMAND_LINE, call.id, quiet)
    assert (found.verdict, found.reason) == (Verdict.FAIL, "Longest silence: 2.5 s (at most 2).")


def test_the_newest_version_is_what_counts(call):
    with db.writing() as session:
        add_version(session, session.get_one(Call, call.id), content=transcript(("agent", 0, "Good evening.")))
        measure(session, call)
    assert tryout.tried(COMMAND_LINE, call.id, GREETING).verdict is Verdict.FAIL


def test_what_a_draft_was_not_asked_to_listen_for_is_said(call):
    with db.writing() as session:
        said = transcript(("agent", 0, "Good evening."), draft=True)
        add_version(session, session.get_one(Call, call.id), content=said)
        measure(session, call)
    assert NOT_LISTENED_FOR in tryout.tried(COMMAND_LINE, call.id, GREETING).reason


def test_an_ai_check_costs_one_request_and_stores_nothing(call, connected):
    before = stored_rows()
    found = tryout.tried(COMMAND_LINE, call.id, THANKS)
    assert (found.verdict, found.confidence, found.evidence[0].quote) == (Verdict.PASS, 0.9, "Thank you")
    assert found.verified
    assert len(connected.paid) == 1
    assert stored_rows() == before


def test_without_a_model_an_ai_check_says_what_to_set(call):
    found = tryout.tried(COMMAND_LINE, call.id, THANKS)
    assert found.verdict is Verdict.NOT_EVALUATED
    assert "ANTHROPIC_API_KEY" in found.reason


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble(401, b'{"error": {"message": "invalid x-api-key"}}'), "Check ANTHROPIC_API_KEY"),
        (Trouble(529), "could not do it just now"),
        (Trouble(400, b'{"error": {"message": "prompt is too long: 9 tokens > 1 maximum"}}'), "too long for it"),
    ],
)
def test_a_providers_error_is_said_in_words_and_costs_nothing(call, connected, trouble, words):
    connected.troubles.append(trouble)
    with pytest.raises(NotTried, match=words):
        tryout.tried(COMMAND_LINE, call.id, THANKS)
    assert connected.paid == []


@pytest.mark.parametrize("act", [says("All fine!"), cut_off])
def test_an_answer_that_cannot_be_used_is_not_asked_for_again(call, connected, act):
    connected.acts.append(act)
    with pytest.raises(NotTried, match="one request"):
        tryout.tried(COMMAND_LINE, call.id, THANKS)
    assert len(connected.paid) == 1


def test_a_person_waits_a_minute_at_most(connected, monkeypatch):
    assert sole.configured().server.server.seconds == sole.MOST_S
    monkeypatch.setenv("TOTALVIEW_PROVIDER_SECONDS", "5")
    settings.cache_clear()
    assert sole.configured().server.server.seconds == 5


def test_the_sole_request_is_refused_the_second_time():
    class Never:
        model = "m"

        def ask(self, _prompt, _room):
            raise ProviderError("first")

    once = sole.Sole(Never())
    for words in ("first", "one request"):
        with pytest.raises(ProviderError, match=words):
            once.ask(Prompt("", "", "", "", kept=False), 1)


@pytest.mark.parametrize("role", Role)
def test_only_who_may_edit_checks_tries_them(call, role):
    who = Identity(None, role, "somebody", campaign_ids=frozenset({call.campaign_id}))
    if role in {Role.OWNER, Role.SENIOR_MANAGER}:
        assert tryout.tried(who, call.id, GREETING)
        return
    with pytest.raises(NotAllowed):
        tryout.tried(who, call.id, GREETING)


def test_a_call_that_is_not_there_or_not_done_is_said_in_words(call):
    with db.writing() as session:
        waiting = stored_call(session, stored_campaign(session, "Sales"))
    with pytest.raises(NotTried, match="no transcript yet"):
        tryout.tried(COMMAND_LINE, waiting.id, GREETING)
    with pytest.raises(NotFound):
        tryout.tried(COMMAND_LINE, "0" * 32, GREETING)


def test_a_transcript_of_an_older_kind_is_said_in_words(call):
    with db.writing() as session:
        session.exec(select(StoredTranscript)).one().figures = {"duration_s": 3}
    with pytest.raises(NotTried, match="Rerun Transcription"):
        tryout.tried(COMMAND_LINE, call.id, GREETING)


def test_the_newest_completed_calls_of_the_campaign_are_offered(call):
    with db.writing() as session:
        support = access.call(session, COMMAND_LINE, call.id).campaign_id
        campaign = session.get_one(type(stored_campaign(session, "Sales")), support)
        for number in range(MOST + 2):
            finished_call(session, campaign, filename=f"100%_{number}.wav")
        stored_call(session, campaign, filename="failed.wav", status=CallStatus.FAILED)
    with db.reading() as session:
        offered = tryout.calls(session, COMMAND_LINE, support)
        assert len(offered) == MOST
        assert offered[0].filename == f"100%_{MOST + 1}.wav"
        assert [each.id for each in tryout.calls(session, COMMAND_LINE, support, "a.wav")] == [call.id]
        assert tryout.calls(session, COMMAND_LINE, support, "%%") == []
