"""The verdict: check results become a score and a flag, and the run becomes a version."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from sqlmodel import Session, col, select, update

from pipeline.evaluators.contract import Usage
from pipeline.flagging import Limits, flag_reasons
from pipeline.outcome import Done
from pipeline.plausibility import transcript_trouble
from pipeline.scoring import Judged, score, section_scores
from pipeline.sound.figures import Figures
from pipeline.transcribers.contract import Transcript
from pipeline.work import Work
from records import call_text, review_acts, transcripts
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, reading, stored_id
from records.results import CheckResult, Version
from records.runs import Run
from records.transcripts import Said


def run(work: Work) -> Done[Callable[[Session, Run], None]]:
    """Decide, from what the run has gathered."""
    with reading() as session:
        said = transcripts.whole(session, stored_id(work.run.transcript_id))
        results = session.exec(
            select(CheckResult).where(CheckResult.run_id == work.run_id).order_by(col(CheckResult.position))
        ).all()
    version = decide(work.run, said, [_judged(result) for result in results], work.campaign)
    return Done(partial(_store, version, said))


def decide(run: Run, said: Said, judged: list[Judged], campaign: Campaign) -> Version:
    """The version that this run makes, all but its number. Pure."""
    transcript, figures = Transcript.model_validate(said.content), Figures.model_validate(said.figures)
    usage = Usage.model_validate(run.usage)
    total, by_section = score(judged), section_scores(judged)
    limits = Limits(campaign.flag_threshold, campaign.section_thresholds, campaign.review_bound)
    trouble = transcript_trouble(
        transcript, duration_ms=round(figures.duration_s * 1000), speech_ms=round(figures.speech_s * 1000)
    )
    reasons = flag_reasons(judged, total, by_section, limits, trouble)
    transcribed_now = said.run_number == run.number
    cost = transcript.cost_usd if transcribed_now else None
    return Version(
        call_id=run.call_id,
        number=0,
        run_id=stored_id(run.id),
        transcript_id=said.id,
        score=total,
        section_scores=by_section,
        flagged=bool(reasons),
        flag_reasons=[asdict(reason) for reason in reasons],
        transcriber=transcript.provider,
        transcriber_model=transcript.model,
        analyzer=usage.analyzer,
        analyzer_model=usage.model,
        prompt_version=usage.prompt_version,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        asked_again=usage.asked_again + (transcript.asked_again if transcribed_now else 0),
        output_tokens=usage.output_tokens,
        audio_seconds=transcript.audio_seconds if transcribed_now else 0.0,
        cost_usd=None if cost is None and usage.cost_usd is None else (cost or 0.0) + (usage.cost_usd or 0.0),
    )


def _judged(result: CheckResult) -> Judged:
    return Judged(result.name, result.section, result.weight, result.critical, result.verdict, result.confidence)


def _store(version: Version, said: Said, session: Session, run: Run) -> None:
    """Number the version, and let the call show it; the unique run id admits one version a run."""
    # Held, so that a dispute of the version before is either seen here or comes to this one.
    call = session.get_one(Call, run.call_id, with_for_update=True)
    version.number = call.version_number + 1
    version.stage_seconds = run.stage_seconds
    session.add(version)
    session.flush()
    call_text.write(session, call.id, call_text.spoken(said.content))
    shown = {"score": version.score, "effective_score": version.score, "reviewed_score": None}
    session.exec(
        update(Call)
        .where(col(Call.id) == call.id)
        .values(
            version_number=version.number,
            flagged=version.flagged,
            redacted=said.redacted,
            review=review_acts.begin(session, version),
            updated_at=now(),
            **shown,
        )
    )
