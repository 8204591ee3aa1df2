import pytest
from sqlmodel import select

from pipeline import reruns
from pipeline.asking import first_look
from pipeline.evaluators.contract import Usage
from pipeline.scoring import Judged
from pipeline.verdict import decide
from records import db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check
from records.results import Version
from records.runs import Run
from records.statuses import RunReason, Verdict
from records.transcripts import Said
from tests.pipeline.judged import check
from tests.pipeline.made import conversation, measured, transcript
from tests.pipeline.staging import SPOKEN, Play, call_of, drive, enter, versions

PASS, FAIL, NA, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED


def decided(
    judged: list[Judged], *, campaign: Campaign | None = None, number: int = 1, usage: Usage | None = None, **said
) -> Version:
    """The version of a run 1 whose transcript came from run `number`."""
    run = Run(id=7, call_id="c" * 32, number=1, reason=RunReason.FIRST_RUN, stage="verdict")
    run.usage = (usage or Usage()).model_dump(mode="json")
    content = transcript(said.pop("utterances", SPOKEN), **said)
    figures = measured(60, speech_s=10).model_dump(mode="json")
    stored = Said(3, number, content.model_dump(mode="json"), figures, redacted=False)
    return decide(run, stored, judged, campaign or Campaign(slug="s", name="S"))


def codes(version: Version) -> list[str]:
    return [reason["code"] for reason in version.flag_reasons]


def test_score_sections_and_flag_are_those_of_the_checks():
    judged = [check(PASS, 10, section="Opening"), check(FAIL, 20, section="Handling"), check(NE, 50)]
    version = decided(judged)
    assert version.score == pytest.approx(100 / 3)
    assert version.section_scores == {"Opening": 100, "Handling": 0}
    assert (version.flagged, codes(version)) == (True, ["score_under_threshold"])
    assert version.flag_reasons[0]["words"] == "The score 33.3 is under the threshold of 70."


def test_the_campaigns_own_bounds_are_used():
    campaign = Campaign(slug="s", name="S", flag_threshold=30, section_thresholds={"Handling": 10}, review_bound=0.9)
    judged = [check(PASS, 10, confidence=0.8), check(FAIL, 20, section="Handling")]
    assert codes(decided(judged, campaign=campaign)) == ["section_under_threshold", "confidence_under_bound"]


def test_nothing_to_score_is_no_score_and_no_flag():
    version = decided([check(NA), check(NE)])
    assert (version.score, version.flagged, version.flag_reasons) == (None, False, [])


def test_an_unusable_transcript_flags_the_call():
    version = decided([check(PASS)], utterances=())
    assert (version.flagged, codes(version)) == (True, ["transcript_unusable"])


def test_a_version_says_who_made_it_and_what_it_cost():
    usage = Usage(analyzer="claude", model="c-1", prompt_version="4", input_tokens=100, output_tokens=7, cost_usd=0.5)
    version = decided([check(PASS)], usage=usage, provider="cloud", model="t-1", cost_usd=0.25, audio_seconds=61.5)
    assert (version.transcriber, version.transcriber_model, version.audio_seconds) == ("cloud", "t-1", 61.5)
    assert (version.analyzer, version.analyzer_model, version.prompt_version) == ("claude", "c-1", "4")
    assert (version.input_tokens, version.output_tokens, version.cost_usd) == (100, 7, 0.75)


@pytest.mark.parametrize(
    ("transcribed", "analysed", "number", "cost"),
    [
        (None, None, 1, None),
        (0.25, None, 1, 0.25),
        (None, 0.5, 1, 0.5),
        (0.25, 0.5, 2, 0.5),  # an earlier run paid for the transcript
        (0.25, None, 2, None),
        (0.0, None, 1, 0.0),
    ],
)
def test_a_cost_that_nobody_knows_is_none_and_nothing_is_counted_twice(transcribed, analysed, number, cost):
    version = decided([check(PASS)], number=number, usage=Usage(cost_usd=analysed), cost_usd=transcribed)
    assert version.cost_usd == cost


def test_the_call_shows_its_newest_version(store: Campaign, play: Play):
    first = enter(store)
    drive(first)
    play.says = transcript(conversation(("agent", "Good morning.")))
    _, run = reruns.rerun(COMMAND_LINE, call_of(first.run_id).id, RunReason.RERUN_TRANSCRIPTION)
    drive(first_look(run))
    call, newest = call_of(first.run_id), versions(call_of(first.run_id))[-1]
    assert (
        (call.version_number, call.score, call.flagged)
        == (newest.number, newest.score, newest.flagged)
        == (2, newest.score, True)
    )


def test_a_newer_version_without_a_score_leaves_no_old_one_on_the_call(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    with db.writing() as session:
        for row in session.exec(select(Check)):
            row.active = False
    _, run = reruns.rerun(COMMAND_LINE, call_of(first.run_id).id, RunReason.RUN_ANALYSIS)
    drive(first_look(run))
    with db.reading() as session:
        call = session.get_one(Call, call_of(first.run_id).id)
    assert (call.version_number, call.score, call.flagged) == (2, None, False)
