"""Analysis: the campaign's checks are judged, each by the evaluator of its kind."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

from sqlmodel import Session, col, delete, select, update

from pipeline.evaluators import registry
from pipeline.evaluators.contract import Case, Finding, Usage
from pipeline.line import CLAUDE, Need
from pipeline.outcome import Done, Wait
from pipeline.sound.figures import Figures
from pipeline.transcribers.contract import Transcript
from pipeline.work import Work
from records import transcripts
from records.campaigns import Campaign
from records.checks import Check, CheckSpec
from records.db import reading, stored_id
from records.results import CheckResult
from records.runs import Run
from records.statuses import CheckKind

Asked = tuple[int | None, CheckSpec]  # a check's id, and the check as it is now


def needs(session: Session, _run: Run, campaign: Campaign) -> Need | None:
    """A place with Claude, where the campaign has AI checks and a model is connected."""
    wanted = select(Check.id).where(
        Check.campaign_id == campaign.id, col(Check.active).is_(True), Check.kind == CheckKind.AI
    )
    asks = registry.connected() and session.exec(wanted.limit(1)).first() is not None
    return Need(CLAUDE) if asks else None


def run(work: Work) -> Done[Callable[[Session, Run], None]] | Wait:
    """Judge every active check against the run's transcript. Raises Gone, Withheld: nothing unredacted is sent."""
    case, asked = _load(work)
    by_kind: dict[CheckKind, list[int]] = defaultdict(list)
    for place, (_, spec) in enumerate(asked):
        by_kind[spec.rule.kind].append(place)
    findings: dict[int, Finding] = {}
    usage = Usage()
    for kind, places in by_kind.items():
        outcome = registry.evaluator(kind).evaluate(case, [asked[place][1] for place in places])
        if isinstance(outcome, Wait):
            return outcome
        findings |= {places[index]: finding for index, finding in outcome.value.findings.items()}
        usage = outcome.value.usage if outcome.value.usage.analyzer else usage
    return Done(partial(_store, asked, findings, usage), heard=bool(usage.analyzer))


def _load(work: Work) -> tuple[Case, list[Asked]]:
    with reading() as session:
        said = transcripts.whole(session, stored_id(work.run.transcript_id))
        wanted = select(Check).where(Check.campaign_id == work.campaign.id, col(Check.active).is_(True))
        checks = session.exec(wanted.order_by(col(Check.position), col(Check.id))).all()
    figures = Figures.model_validate(said.figures)
    transcript = Transcript.model_validate(said.content)
    case = Case(transcript, figures, speech_s=figures.speech_s, memory=work.memory)
    return case, [(check.id, check.spec()) for check in checks]


def _store(asked: Sequence[Asked], findings: dict[int, Finding], usage: Usage, session: Session, run: Run) -> None:
    run_id = stored_id(run.id)
    # A run that is analysed again after a crash replaces what it had, and leaves other runs alone.
    session.exec(delete(CheckResult).where(col(CheckResult.run_id) == run_id))
    for place, (check_id, spec) in enumerate(asked):
        session.add(_row(run_id, place, check_id, spec, findings[place]))
    session.exec(update(Run).where(col(Run.id) == run_id).values(usage=usage.model_dump(mode="json")))


def _row(run_id: int, place: int, check_id: int | None, spec: CheckSpec, finding: Finding) -> CheckResult:
    return CheckResult(
        run_id=run_id,
        position=place,
        check_id=check_id,
        kind=spec.rule.kind,
        rule=spec.rule.model_dump(mode="json", exclude_defaults=True)
        | {"kind": spec.rule.kind},  # to be read back alone
        evidence=[evidence.model_dump(mode="json") for evidence in finding.evidence],
        **spec.model_dump(include={"name", "section", "weight", "critical"}),
        **finding.model_dump(include={"verdict", "confidence", "reason", "verified"}),
    )
