"""A contact centre that has used TotalView for a while: campaigns, agents, people, and calls of the last weeks.

The same numbers each time, so that two pictures of a page differ only by what was changed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from pipeline import checksheet
from pipeline.samples import FOLDER
from pipeline.storage import recording_key, storage
from records import bulk, campaigns, outages, passwords, review_acts
from records.access import COMMAND_LINE
from records.agents import Agent, AgentAlias, AgentCampaign
from records.api_keys import create as create_key
from records.calls import Call, CallEvent, new_call_id
from records.campaigns import Campaign
from records.checks import CheckSpec
from records.db import now, stored_id, writing
from records.people import Assignment, User
from records.results import CheckResult, StoredTranscript, Version
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason, Source, Verdict
from records.webhooks import create as create_webhook
from tests.records.finished import FIGURES, transcript

PASSWORD = "correct horse battery"
AGENTS = ("Ada Moss", "Ben Ito", "Dan Roy", "Eva Lind", "Finn Okoro", "Grace Pereira", "Hugo Zeman", "Iris Lang")
CAMPAIGNS = ("Customer service", "Sales", "Collections")
CHECKS = checksheet.read("""
checks:
- {name: Greeting, section: Opening, kind: phrase, any: [thank you for calling], weight: 10}
- {name: Recording disclosed, section: Opening, kind: phrase, any: [may be recorded], weight: 20, critical: true}
- {name: Understands the request, section: Handling, kind: ai, criterion: The agent says what is wanted., weight: 25}
- {name: No long silence, section: Handling, kind: metric, metric: longest_silence_s, at_most: 20, weight: 10}
- {name: Offers further help, section: Closing, kind: phrase, any: [anything else], weight: 10}
""")
ODDS = (0.95, 0.9, 0.8, 0.75, 0.6)  # that each of them is met
CUT_SHORT = "The recording is cut short: its header promises 4:10, and 1:02 are there."
CRITICAL_FAILED = {"code": "critical_check_failed", "words": "The critical check 'Recording disclosed' failed."}
BUSY_HOURS = range(8, 19)
SAID = (
    ("agent", 0, "Thank you for calling, this is Ada speaking. This call may be recorded."),
    ("customer", 5_200, "Hello. I moved last month, and my bill still goes to the old address."),
    ("agent", 11_000, "You moved, and the bill should go to the new address. I can change that right now."),
    ("customer", 17_400, "That would be great, thank you."),
    ("agent", 31_000, "It is done. The next bill comes to the new address. Is there anything else?"),
    ("customer", 37_500, "No, that was all. Good bye."),
)


QUOTED = {  # by the check's place: the turn, and its words
    0: (0, "Thank you for calling"),
    1: (0, "This call may be recorded"),
    2: (2, "the bill should go to the new address"),
    4: (4, "Is there anything else"),
}
LENGTH_MS = 43_000  # of the recording that can be heard
REASONS = (  # not met, met
    ("None of the phrases was said.", "The agent greets the customer."),
    ("Nobody said that the call is recorded.", "The agent says that the call may be recorded."),
    ("The agent never repeats the request.", "The agent repeats the move and the wish for a changed address."),
    ("The longest silence was 31 s; at most 20 s are allowed.", "The longest silence was 2.5 s."),
    ("None of the phrases was said.", "The agent offers further help."),
)


@dataclass
class Demo:
    """What was made, for whoever wants to open it."""

    campaigns: list[Campaign] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    people: dict[Role, User] = field(default_factory=dict)
    good_call: str = ""
    failed_call: str = ""
    flagged_call: str = ""
    bulk_job: int = 0


def make(*, calls: int = 900, days: int = 30, until: datetime | None = None) -> Demo:
    """Fill the database."""
    demo, chance = Demo(), random.Random(7)
    with writing() as session:
        for name in CAMPAIGNS:
            demo.campaigns.append(campaigns.create(session, COMMAND_LINE, name, CHECKS))
        _agents(session, demo)
        _people(session, demo)
        create_key(session, COMMAND_LINE, "customer-service", name="Dialler export")
        create_key(session, COMMAND_LINE, "customer-service", name="CRM", expires_at=now() + timedelta(days=5))
        create_webhook(session, COMMAND_LINE, "customer-service", "https://crm.example.com/hooks/totalview?k=1")
        outages.failed(session, "deepgram", 1)
    moments = sorted(_moment(chance, days, until or now()) for _ in range(calls))
    with writing() as session:
        for number, moment in enumerate(moments, start=1):
            _call(session, demo, chance, number, moment, old=number < calls - 6)
    with writing() as session:
        _bulk_job(session, demo)
    for call_id in (demo.good_call, demo.flagged_call):
        with storage().write(recording_key(call_id)) as sink:
            sink.write((FOLDER / "good_call.opus").read_bytes())
        with writing() as session:
            session.get_one(Call, call_id).duration_ms = LENGTH_MS
    return demo


def _agents(session: Session, demo: Demo) -> None:
    for number, name in enumerate(AGENTS):
        agent = Agent(name=name, team="Days" if number % 2 else "Evenings")
        session.add(agent)
        session.flush()
        session.add(AgentAlias(alias=f"ext-{201 + number}", agent_id=stored_id(agent.id)))
        session.add(AgentAlias(alias=f"{name.split()[0].lower()}@example.com", agent_id=stored_id(agent.id)))
        campaign = demo.campaigns[number % len(demo.campaigns)]
        session.add(AgentCampaign(agent_id=stored_id(agent.id), campaign_id=stored_id(campaign.id)))
        demo.agents.append(agent)


def _people(session: Session, demo: Demo) -> None:
    secret = passwords.hashed(PASSWORD)
    for role in Role:
        linked = demo.agents[0].id if role is Role.AGENT else None
        user = User(email=f"{role.replace('_', '.')}@example.com", name=role.replace("_", " ").title(), role=role)
        user.password_hash, user.agent_id, user.signed_in_at = secret, linked, now() - timedelta(hours=3)
        session.add(user)
        session.flush()
        demo.people[role] = user
    manager = stored_id(demo.people[Role.MANAGER].id)
    session.add_all(Assignment(user_id=manager, campaign_id=stored_id(each.id)) for each in demo.campaigns[:2])


def _bulk_job(session: Session, demo: Demo) -> None:
    """Sixty recordings of Sales that came together, and two more that are none."""
    job = bulk.create(session, COMMAND_LINE, "sales", expected=62, name="November, week 47")
    demo.bulk_job = stored_id(job.id)
    newest = select(Call).where(Call.campaign_id == job.campaign_id).order_by(col(Call.created_at).desc()).limit(60)
    for call in session.exec(newest):
        bulk.note_call(session, demo.bulk_job, call.filename, call.id, duplicate=False)
    for name in ("notes.txt", "shifts.xlsx"):
        bulk.note_refusal(session, demo.bulk_job, name, "not_audio", "This file is not a recording: it is text.")


def _moment(chance: random.Random, days: int, until: datetime) -> datetime:
    """Some time of a working day, more often of late."""
    while True:
        day = until - timedelta(days=days * (1 - chance.random() ** 0.8))
        moment = day.replace(hour=chance.choice(BUSY_HOURS), minute=chance.randrange(60), second=chance.randrange(60))
        if moment <= until and moment.weekday() < 5:
            return moment


def _call(session: Session, demo: Demo, chance: random.Random, number: int, at: datetime, *, old: bool) -> None:
    campaign = chance.choices(demo.campaigns, (5, 3, 2))[0]
    agent = chance.choice(demo.agents) if chance.random() < 0.9 else None
    status = CallStatus.COMPLETED if old else chance.choice((CallStatus.PENDING, CallStatus.TRANSCRIBING))
    if old and chance.random() < 0.03:
        status = CallStatus.FAILED
    call = Call(
        id=new_call_id(),
        campaign_id=stored_id(campaign.id),
        status=status,
        source=chance.choices(list(Source), (2, 4, 3, 0))[0],
        filename=f"{at:%Y%m%d-%H%M%S}_ext{201 + number % 8}_{number:05}.wav",
        size=chance.randrange(400_000, 9_000_000),
        sha256=f"{number:064x}",
        duration_ms=chance.randrange(60_000, 720_000),
        container="wav",
        codec="pcm_s16le",
        channels=2,
        called_at=at,
        agent_id=agent.id if agent else None,
        agent_given="" if agent else chance.choice(("ext-233", "J. Novak", "iris lang")),
        created_at=at,
        updated_at=at,
    )
    if status is CallStatus.FAILED:
        call.error_code, call.error = (
            "cut_short",
            "The recording is cut short: its header promises 4:10, and 1:02 are there.",
        )
        demo.failed_call = call.id
    session.add(call)
    session.flush()
    session.execute(insert(CallEvent), list(_events(call, at)))
    if status is CallStatus.COMPLETED:
        demo.good_call = call.id
        _result(session, demo, call, chance, at)


def _events(call: Call, at: datetime) -> Iterator[dict[str, object]]:
    way = [CallStatus.PENDING, CallStatus.TRANSCRIBING, CallStatus.ANALYZING, CallStatus.COMPLETED]
    gone = way[: way.index(call.status) + 1] if call.status in way else [*way[:2], CallStatus.FAILED]
    for number, status in enumerate(gone):
        was = gone[number - 1] if number else None
        yield {"call_id": call.id, "run_number": 1, "was": was, "became": status, "words": "", "by": "",
               "at": at + timedelta(seconds=20 * number)}  # fmt: skip


def _result(session: Session, demo: Demo, call: Call, chance: random.Random, at: datetime) -> None:
    spent = {"transcription": chance.uniform(8, 70), "analysis": chance.uniform(2, 20), "verdict": 0.1}
    run = Run(
        call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="verdict", stage_seconds=spent, created_at=at
    )
    run.ended_at = at + timedelta(seconds=sum(spent.values()))
    words = StoredTranscript(call_id=call.id, run_number=1, content=_said(), figures=dict(FIGURES))
    session.add_all((run, words))
    session.flush()
    run.transcript_id = words.id
    found = [_check(run, position, spec, chance) for position, spec in enumerate(CHECKS)]
    session.add_all(found)
    met = sum(check.weight for check in found if check.verdict is Verdict.PASS)
    call.score = call.effective_score = round(100 * met / sum(check.weight for check in found), 1)
    critical = next(check for check in found if check.critical)
    call.flagged = call.score < 70 or critical.verdict is Verdict.FAIL
    call.version_number = 1
    reasons = (
        [{"code": "critical_check_failed", "words": "The critical check 'Recording disclosed' failed."}]
        if call.flagged
        else []
    )
    version = Version(
        call_id=call.id,
        number=1,
        run_id=stored_id(run.id),
        transcript_id=stored_id(words.id),
        score=call.score,
        flagged=call.flagged,
        flag_reasons=reasons,
        transcriber="assemblyai",
        transcriber_model="universal-3-pro",
        analyzer="claude",
        analyzer_model="claude-sonnet-5-5",
        audio_seconds=(call.duration_ms or 0) / 1000,
        cost_usd=0.031,
        stage_seconds=spent,
        created_at=run.ended_at,
    )
    session.add_all((version, call))
    session.flush()
    call.review = review_acts.begin(session, version)
    demo.flagged_call = call.id if call.flagged else demo.flagged_call


def _check(run: Run, position: int, spec: CheckSpec, chance: random.Random) -> CheckResult:
    met = chance.random() < ODDS[position]
    return CheckResult(
        run_id=stored_id(run.id),
        position=position,
        kind=spec.rule.kind,
        rule=spec.rule.model_dump(mode="json", exclude_defaults=True) | {"kind": spec.rule.kind},
        verdict=Verdict.PASS if met else Verdict.FAIL,
        confidence=chance.uniform(0.6, 1.0) if position == 2 else None,
        reason=REASONS[position][met],
        evidence=[_evidence(*QUOTED[position])] if met and position in QUOTED else [],
        **spec.model_dump(include={"name", "section", "weight", "critical"}),
    )


def _said() -> dict[str, Any]:
    """The transcript: each speaks until shortly before the next begins."""
    content = transcript(*SAID)
    begins = [turn["start_ms"] for turn in content["utterances"][1:]] + [LENGTH_MS]
    for turn, following in zip(content["utterances"], begins, strict=True):
        turn["end_ms"] = min(following - 300, turn["start_ms"] + 6_000)
    return content


def _evidence(turn: int, quote: str) -> dict[str, str | int]:
    speaker, start_ms, _ = SAID[turn]
    return {"turn": turn, "quote": quote, "start_ms": start_ms, "speaker": speaker}
