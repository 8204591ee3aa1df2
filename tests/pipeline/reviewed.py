"""Calls with verdicts of the pipeline's own making, and reviews of them."""

from sqlmodel import select

from pipeline import reviewing, verdict
from pipeline.scoring import Judged
from records import db, review_record, transcripts
from records.calls import Call
from records.campaigns import Campaign
from records.identity import Identity
from records.results import CheckResult, Version
from records.review_acts import Decision
from records.review_record import Standing
from records.reviews import Review
from records.runs import Run
from records.statuses import CallStatus, RunReason, Verdict
from tests.pipeline.made import measured, transcript
from tests.pipeline.staging import SPOKEN
from tests.records.finished import greeting
from tests.records.made import stored_call

PASS, FAIL, NA, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED
NAMES = ("Greeting", "Disclosure", "Closing", "Tone")


def judged(campaign: Campaign, *verdicts: Verdict, **facts) -> Call:
    """A call whose first version found this: checks named NAMES, of weight 10, 20 ..."""
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.COMPLETED, **facts)
    again(call, *verdicts)
    return now(call)


def again(call: Call, *verdicts: Verdict) -> Version:
    """One more version, stored by the pipeline's last stage."""
    with db.writing() as session:
        before = session.get_one(Call, call.id)
        run = Run(call_id=call.id, number=before.version_number + 1, reason=RunReason.RUN_ANALYSIS, stage="verdict")
        content = transcript(SPOKEN).model_dump(mode="json")
        figures = measured(60, speech_s=10).model_dump(mode="json")
        session.add(run)
        session.flush()
        made = transcripts.keep(session, call.id, run.number, content, figures, redacted=False)
        said = transcripts.whole(session, made)
        checks = [
            greeting(name=name, section="", weight=10.0 * (place + 1), verdict=found, check_id=place + 1)
            for place, (name, found) in enumerate(zip(NAMES, verdicts, strict=False))
        ]
        for place, check in enumerate(checks):
            check.run_id, check.position = run.id or 0, place
        session.add_all(checks)
        session.flush()
        found = [Judged(c.name, c.section, c.weight, c.critical, c.verdict) for c in checks]
        campaign = session.get_one(Campaign, before.campaign_id)
        version = verdict.decide(run, said, found, campaign)
        verdict._store(version, said, session, run)
    return version


def now(call: Call) -> Call:
    """The call as it stands."""
    with db.reading() as session:
        return session.get_one(Call, call.id)


def standing(call: Call, number: int = 1) -> Standing:
    with db.reading() as session:
        found = select(Version).where(Version.call_id == call.id, Version.number == number)
        return review_record.of(session, session.exec(found).one())


def stamp(call: Call, number: int = 1) -> str:
    with db.reading() as session:
        review = standing(call, number).review
        return review_record.stamp(session, review) if review else ""


def close(
    who: Identity,
    call: Call,
    *verdicts: Verdict,
    number: int = 1,
    seen: str | None = None,
    why: str = "Heard it.",
    **how,
) -> Review:
    """Close a version's review with these verdicts, each with a reason, having just looked at it."""
    decisions = [Decision(place, found, why) for place, found in enumerate(verdicts)]
    asked = stamp(call, number) if seen is None else seen
    with db.writing() as session:
        return reviewing.close(session, who, call.id, number, decisions, seen=asked, **how)


def checks(call: Call, number: int = 1) -> list[CheckResult]:
    with db.reading() as session:
        run = select(Version.run_id).where(Version.call_id == call.id, Version.number == number)
        found = select(CheckResult).where(CheckResult.run_id == run.scalar_subquery())
        return sorted(session.exec(found), key=lambda check: check.position)
