"""A campaign that redacts gets nothing else from AssemblyAI, whatever its answer holds besides."""

import pytest
from assemblyai import PIIRedactionPolicy

from pipeline.sound.contract import Layout
from pipeline.transcribers.assemblyai.request import POLICIES
from tests.pipeline.transcribers.assembled import account, desk_at

SECRETS = {"Smith": "PERSON_NAME", "bill": "MONEY_AMOUNT"}
NEVER_ASKED = ("entity_detection", "summarization", "auto_chapters", "auto_highlights", "sentiment_analysis")


@pytest.fixture(scope="module")
def served():
    with account() as simulator:
        yield simulator


@pytest.fixture
def desk(served, tmp_path):
    made = desk_at(served, tmp_path)
    made.wishes = {"redact": True}
    served.secrets = SECRETS
    return made


def all_of(transcript):
    """Everything that a transcript says, wherever it stands."""
    return transcript.model_dump_json()


def leaks(transcript):
    return [secret for secret in SECRETS if secret in all_of(transcript)]


def test_redaction_is_asked_for_in_text_and_sound(desk):
    desk.look()
    asked = desk.asked()
    assert (asked["redact_pii"], asked["redact_pii_audio"], asked["redact_pii_sub"]) == (True, True, "entity_name")
    assert {"person_name", "credit_card_number", "phone_number"} <= set(asked["redact_pii_policies"])
    assert not {"redact_pii_return_unredacted", *NEVER_ASKED} & set(asked)


def test_every_policy_is_one_that_assemblyai_knows():
    assert len(POLICIES) == len({PIIRedactionPolicy(policy) for policy in POLICIES})


@pytest.mark.parametrize("layout", [Layout.DUAL, Layout.MONO])
@pytest.mark.parametrize("leaking", [True, False])
def test_no_unredacted_word_reaches_the_transcript(desk, layout, leaking):
    desk.layout, desk.simulator.leaks = layout, leaking
    made = desk.finish()
    assert leaks(made) == []
    assert [one.speaker for one in made.utterances] == ["speaker_1", "speaker_2", "speaker_1", "speaker_2"]
    assert "my name is [PERSON_NAME] and" in made.utterances[1].text
    assert made.notes == ()
    assert sum(len(one.words) for one in made.utterances) == len(" ".join(one.text for one in made.utterances).split())


@pytest.mark.parametrize(
    "changes",
    [
        {"utterances": None},
        {"words": None},
        {"words": None, "utterances": [{"text": "my name is Smith", "start": 0, "end": 900, "channel": "1"}]},
        {"words": [{"text": "Smith", "start": 0, "end": 9, "speaker": "1", "channel": "1"}], "utterances": None},
        {"words": None, "utterances": None},
        {"entities": [{"text": "Smith"}], "summary": "Smith called", "unredacted_text": "Smith"},
    ],
)
def test_no_shape_of_an_answer_lets_a_word_through(desk, changes):
    desk.simulator.leaks, desk.simulator.changes = True, changes
    made = desk.finish()
    assert leaks(made) == []
    assert "[PERSON_NAME]" in all_of(made)


def test_times_and_speakers_that_are_hardly_known_are_said_to_be(desk):
    desk.simulator.leaks = True
    desk.simulator.changes = {"words": [{"text": "Smith", "start": 0, "end": 9, "channel": "1"}], "utterances": None}
    assert "is uncertain in this transcript" in desk.finish().notes[0]


@pytest.mark.parametrize("changes", [{"text": None}, {"text": " "}, {"redact_pii": False}])
def test_an_answer_without_redaction_is_not_kept(desk, changes):
    desk.simulator.leaks, desk.simulator.changes = True, changes
    assert "without redacting, so nothing of it was kept" in str(desk.refusal())
    assert desk.submissions() == 1


def test_a_silent_recording_needs_no_redaction(desk):
    desk.simulator.silent = True
    assert desk.finish().utterances == ()


def test_a_job_from_before_the_campaign_redacted_is_begun_anew(desk):
    desk.wishes = {}
    desk.look()
    desk.wishes = {"redact": True}
    made = desk.finish()
    assert (leaks(made), desk.submissions(), made.asked_again) == ([], 2, 1)


def test_a_job_that_redacts_stays_redacted_when_the_campaign_no_longer_does(desk):
    desk.simulator.leaks = True
    desk.look()
    desk.wishes = {}
    made = desk.finish()
    assert (leaks(made), desk.submissions()) == ([], 1)


def test_what_is_remembered_of_redaction_is_what_is_asked_for(desk):
    desk.memory.dies_after = "audio_url"
    desk.dies()
    desk.wishes = {}
    desk.look()
    assert (desk.asked()["redact_pii"], desk.memory.facts["redacted"]) == (True, "yes")


def test_redaction_is_part_of_the_cost(desk):
    assert desk.finish().cost_usd == pytest.approx(2 * (0.21 + 0.08) * 19 / 3600, abs=1e-6)
