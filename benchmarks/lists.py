"""How long the list of calls takes with very many: `python -m benchmarks.lists CALLS` fills the database and measures.

It fills whatever TOTALVIEW_HOME or DATABASE_URL name with calls that have figures and words and no recordings. Where
calls are there already, from an earlier time, it measures those.
"""

import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import accumulate
from time import perf_counter

from sqlalchemy import insert, inspect, text
from sqlmodel import Session, SQLModel, col, func, select

from records import call_export, call_list, migrate
from records.access import COMMAND_LINE
from records.agents import Agent
from records.call_filters import Filters
from records.call_order import Sort
from records.call_text import CallText
from records.calls import Call
from records.campaigns import Campaign, create
from records.db import now, reading, stored_id, url, writing
from records.identity import Identity
from records.results import CheckResult, StoredTranscript, Version
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, CheckKind, RunReason, Source, Verdict

CAMPAIGNS, TEAM, CHECKS, BATCH, ROUNDS, WORDS = 20, 25, 3, 5_000, 7, 120
UNSCORED, LOST, FLAGGED_UNDER = 0.05, 0.01, 40.0  # shares of the calls; a score
COMMON, RARE = ("thank", "you", "for", "calling"), "ombudsman"


def main() -> None:
    """Fill, then print one line of a Markdown table for each question."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    migrate.upgrade()
    with reading() as session:
        campaigns = [stored_id(each) for each in session.exec(select(Campaign.id).order_by(col(Campaign.id)))]
    if not campaigns:
        campaigns = fill(number)
    with writing() as session:
        session.execute(text("ANALYZE"))
        number = session.exec(select(func.count()).select_from(Call)).one()
    manager = Identity(1, Role.MANAGER, "manager", None, frozenset(campaigns[:5]))
    kind = "SQLite" if url().startswith("sqlite") else "PostgreSQL"
    print(f"| {number:,} calls on {kind} | Owner, ms | Manager of 5, ms |")
    print("|---|---:|---:|")
    for name, ask in _questions():
        print(f"| {name} | {_measured(ask, COMMAND_LINE):.0f} | {_measured(ask, manager):.0f} |", flush=True)


def fill(number: int) -> list[int]:
    """So many calls of a year in a fresh database, over campaigns whose numbers are returned."""
    with writing() as session:
        campaigns = [stored_id(create(session, COMMAND_LINE, f"Campaign {n}").id) for n in range(CAMPAIGNS)]
        session.add_all(Agent(name=f"Agent {n}", name_folded=f"agent {n}") for n in range(CAMPAIGNS * TEAM))
    add(range(number), campaigns, timedelta(days=365))
    return campaigns


def add(numbers: range, campaigns: Sequence[int], time: timedelta) -> None:
    """Calls of these numbers that came one after another over some time until now."""
    dice = random.Random(7 + numbers.start)
    vocabulary = [f"word{n}" for n in range(20_000)]
    weights = list(accumulate(1 / (n + 1) for n in range(len(vocabulary))))  # as languages have them, added up
    begin, step = now() - time, time / len(numbers)
    for first in range(0, len(numbers), BATCH):
        some = numbers[first : first + BATCH]
        calls = [_call(n, dice, campaigns, begin + step * (first + place)) for place, n in enumerate(some)]
        spoken = [
            [*COMMON, *dice.choices(vocabulary, cum_weights=weights, k=WORDS), *([RARE] if n % 10_000 == 0 else [])]
            for n in some
        ]
        with writing() as session:
            session.execute(insert(Call), calls)
            texts = zip(calls, spoken, strict=True)
            session.execute(insert(CallText), [{"call_id": call["id"], "words": words} for call, words in texts])
            _judge(session, [call for call in calls if call["status"] is CallStatus.COMPLETED], dice)


def _judge(session: Session, calls: list[dict[str, object]], dice: random.Random) -> None:
    """A version of each of these calls, with some checks that passed or failed."""
    about = [{"call_id": call["id"], "run_number": 1, "content": {}, "figures": {}} for call in calls]
    transcripts = _numbered(session, StoredTranscript, about)
    ended = {"number": 1, "reason": RunReason.FIRST_RUN, "stage": "verdict", "ended_at": now()}
    nothing: dict[str, object] = {"memory": {}, "usage": {}, "stage_seconds": {}}
    runs = _numbered(session, Run, [{"call_id": call["id"], **ended, **nothing} for call in calls])
    made = [
        {"call_id": call["id"], "number": 1, "run_id": run, "transcript_id": transcript, "score": call["score"]}
        for call, run, transcript in zip(calls, runs, transcripts, strict=True)
    ]
    told = {"stage_seconds": {"transcription": 31.5, "analysis": 6.2}, "section_scores": {}, "flag_reasons": []}
    session.execute(insert(Version), [{**version, **told} for version in made])
    rule = {"kind": CheckKind.PHRASE, "rule": {}, "weight": 1.0, "critical": False, "evidence": []}
    session.execute(
        insert(CheckResult),
        [
            {"run_id": run, "position": n, "name": f"Check {n}", "verdict": _verdict(n, dice), **rule}
            for run in runs
            for n in range(CHECKS)
        ],
    )


def _verdict(number: int, dice: random.Random) -> Verdict:
    return Verdict.FAIL if dice.random() < (number + 1) / 10 else Verdict.PASS


def _numbered(session: Session, table: type[SQLModel], rows: list[dict[str, object]]) -> list[int]:
    """Insert these; the rows' numbers, in order."""
    number = inspect(table).primary_key[0]
    return list(session.execute(insert(table).returning(number, sort_by_parameter_order=True), rows).scalars())


def _call(n: int, dice: random.Random, campaigns: Sequence[int], when: object) -> dict[str, object]:
    score = None if dice.random() < UNSCORED else round(dice.betavariate(5, 2) * 100, 1)
    campaign = int(dice.random() ** 2 * len(campaigns))
    return {
        "id": f"{dice.getrandbits(128):032x}",
        "campaign_id": campaigns[campaign],
        "status": CallStatus.FAILED if dice.random() < LOST else CallStatus.COMPLETED,
        "source": dice.choice(list(Source)),
        "filename": f"2026-recording-{n}.wav",
        "size": 1_000_000,
        "sha256": f"{n:064x}",
        "details": {},
        "agent_id": campaign * TEAM + dice.randrange(TEAM) + 1,
        "duration_ms": dice.randrange(10_000, 900_000),
        "called_at": when,
        "version_number": 1,
        "score": score,
        "effective_score": score,
        "flagged": score is not None and score < FLAGGED_UNDER,
        "created_at": when,
        "updated_at": when,
    }


def _questions() -> Iterator[tuple[str, Callable[[Session, Identity], object]]]:
    def page(filters: Filters, **how: object) -> Callable[[Session, Identity], object]:
        return lambda session, who: call_list.page(session, who, filters, **how)  # type: ignore[arg-type]

    def counted(filters: Filters) -> Callable[[Session, Identity], object]:
        return lambda session, who: call_list.shown_count(session, who, filters)

    for sort in Sort:
        yield f"Page, {sort.value}", page(Filters(), sort=sort)
    failed = Filters(statuses=frozenset({CallStatus.FAILED}))
    asked = {
        "failed": failed,
        "from SFTP": Filters(sources=frozenset({Source.SFTP})),
        "flagged": Filters(flagged=True),
        "one agent": Filters(agent_id=7),
        "score at most 20": Filters(score_to=20.0),
        "part of the file name": Filters(text="recording-99"),
        "said: a common word": Filters(said="thank"),
        "said: a common phrase": Filters(said='"thank you for calling"'),
        "said: a word of some calls": Filters(said="word40"),
        "said: a rare word": Filters(said=RARE),
        "said: a beginning": Filters(said="ombud*"),
        "said: no call": Filters(said="nowhere"),
        "said: a common word, one agent": Filters(said="thank", agent_id=7),
        "said: a common word, flagged": Filters(said="word3", flagged=True),
    }
    yield "Count of all", counted(Filters())
    for name, filters in asked.items():
        yield f"Page, {name}", page(filters)
        yield f"Count, {name}", counted(filters)
    yield "First 1,000 lines of the CSV", lambda _session, who: _exported(who)


def _exported(who: Identity) -> object:
    return next(call_export.batches(who, Filters(), Sort.NEWEST))


def _measured(ask: Callable[[Session, Identity], object], who: Identity) -> float:
    """The middle of some rounds, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        with reading() as session:
            begin = perf_counter()
            ask(session, who)
            taken.append((perf_counter() - begin) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
