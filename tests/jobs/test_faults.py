"""Nothing is lost: workers killed in every stage, Redis emptied, and every call ends with one version."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from jobs.connection import connect
from records.calls import Call, CallEvent
from records.db import reading
from records.results import CheckResult, StoredTranscript, Version
from records.runs import Run
from records.statuses import CallStatus
from tests.installation import Installation, descendants, kill, until
from tests.jobs.conftest import STAGED, take_in

QUEUE_OF = {"transcription": "transcription", "analysis": "analysis", "verdict": "analysis"}


def completed(*calls: Call) -> bool:
    with reading() as session:
        statuses = session.exec(select(Call.status).where(Call.id.in_([call.id for call in calls]))).all()
    assert CallStatus.FAILED not in statuses
    return statuses == [CallStatus.COMPLETED] * len(calls)


def assert_one_result_each(*calls: Call) -> None:
    """One version, one transcript, one set of results a call; each status reached once."""
    with reading() as session:
        for call in calls:
            versions = session.exec(select(Version).where(Version.call_id == call.id)).all()
            assert [version.number for version in versions] == [1]
            assert len(session.exec(select(StoredTranscript).where(StoredTranscript.call_id == call.id)).all()) == 1
            runs = session.exec(select(Run).where(Run.call_id == call.id)).all()
            assert [(run.number, run.error) for run in runs] == [(1, None)]
            results = session.exec(select(CheckResult.position).where(CheckResult.run_id == runs[0].id)).all()
            assert sorted(results) == [0, 1, 2]
            events = session.exec(select(CallEvent).where(CallEvent.call_id == call.id)).all()
            reached = Counter(event.became for event in events if event.was != event.became)
            assert reached == {"pending": 1, "transcribing": 1, "analyzing": 1, "completed": 1}


POINTS = [  # a stage has begun; has made its result; has stored it and not yet asked for what follows
    ("transcription", "made"),
    ("analysis", "stored"),
    pytest.param("verdict", "begun", marks=pytest.mark.long),
    pytest.param("transcription", "begun", marks=pytest.mark.long),
    pytest.param("transcription", "stored", marks=pytest.mark.long),
    pytest.param("analysis", "begun", marks=pytest.mark.long),
    pytest.param("analysis", "made", marks=pytest.mark.long),
    pytest.param("verdict", "made", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("stage", "moment"), POINTS)
def test_a_worker_killed_in_any_stage_loses_nothing(installation: Installation, tmp_path: Path, stage, moment):
    flag = tmp_path / "reached"
    call = take_in()
    doomed = installation.start(sys.executable, STAGED, QUEUE_OF[stage], stage, moment, str(flag))
    if stage != "transcription":
        installation.totalview("worker", "--queues", "transcription")
    until(flag.exists, f"{stage} was {moment}")
    for pid in [doomed.pid, *descendants(doomed.pid)]:
        kill(pid)
    installation.workers()
    until(lambda: completed(call), "the call is Completed")
    assert_one_result_each(call)


def test_emptying_redis_in_the_middle_loses_nothing(installation: Installation):
    calls = [take_in(number) for number in range(4)]
    installation.workers()

    def one_is_under_way() -> bool:
        with reading() as session:
            return session.exec(select(Call).where(Call.status == CallStatus.TRANSCRIBING)).first() is not None

    until(one_is_under_way, "a call is Transcribing")
    connect().flushall()
    until(lambda: completed(*calls), "all calls are Completed")
    assert_one_result_each(*calls)


def test_a_killed_redis_that_comes_back_loses_nothing(installation: Installation):
    calls = [take_in(number) for number in range(2)]
    kill(installation.running[0].pid)
    installation.running[0].wait(60)
    later = take_in(5)  # taken in while Redis is away: the database has it
    installation.redis()
    installation.workers()
    until(lambda: completed(*calls, later), "all calls are Completed")
    assert_one_result_each(*calls, later)
