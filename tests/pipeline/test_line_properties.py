"""Whatever happens in whatever order: no run is lost in a line, and no provider gets more calls than it has places."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, delete, func, select, update

from config import settings as ours
from pipeline import conductor, line, rescue
from pipeline.conductor import CallFailed
from pipeline.outcome import Again, Fault, ProviderError, Wait
from records import db, outages
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.outages import ProviderState
from records.results import CheckResult, StoredTranscript, Version
from records.runs import Run
from records.slots import ProviderSlot
from records.statuses import CallStatus
from tests.pipeline.remote import CLOUD, put_cloud
from tests.pipeline.staging import Killed, Play, enter

PLACES = 2
ACTS = {
    "done": None,
    "waits": Wait(30, "at work"),
    "waits unheard": Wait(30, "at work", heard=False),
    "busy": ProviderError("Busy."),
    "away": ProviderError("Away.", fault=Fault.AWAY),
    "refused": ProviderError("Refused.", fault=Fault.ACCOUNT),
    "bad": ProviderError("Bad.", fault=Fault.RECORDING),
    "settings": ProviderError("Not here.", fault=Fault.SETTINGS),
    "killed": Killed(),
}


class Lines(RuleBasedStateMachine):
    """Workers, a provider and a clock, all in the hands of chance."""

    campaign: Campaign
    play: Play

    @initialize()
    def begin(self) -> None:
        empty()
        self.jobs: list[Again] = []  # what stands in Redis

    @rule(calls=st.integers(1, 3))
    def calls_come_in(self, calls: int) -> None:
        self.jobs += [enter(self.campaign) for _ in range(calls)]

    @rule(act=st.sampled_from(sorted(ACTS)), place=st.integers(0, 20))
    def a_worker_takes_a_job(self, act: str, place: int) -> None:
        if self.jobs:
            self.look(self.jobs.pop(place % len(self.jobs)), act)

    @rule(place=st.integers(0, 20))
    def a_job_is_lost(self, place: int) -> None:
        if self.jobs:
            self.jobs.pop(place % len(self.jobs))

    @rule()
    def the_line_is_looked_at(self) -> None:
        self.jobs += line.call_up()

    @rule()
    def a_look_at_the_line_is_lost(self) -> None:
        line.call_up()

    @rule()
    def the_clock_rescues(self) -> None:
        self.jobs += rescue.rescue({(job.run_id, job.ticket) for job in self.jobs})

    @rule()
    def time_passes(self) -> None:
        """Enough for every lease and pause to be over."""
        let_time_pass()

    @rule()
    def a_key_is_changed(self) -> None:
        with db.writing() as session:
            outages.look_again(session)

    @rule()
    def the_campaign_is_changed(self) -> None:
        with db.writing() as session:
            line.dissolve(session, self.campaign.id or 0)

    @invariant()
    def no_more_calls_are_there_than_places(self) -> None:
        with db.reading() as session:
            held = select(func.count()).where(ProviderSlot.provider == CLOUD, col(ProviderSlot.lease_until) >= db.now())
            assert session.exec(held).one() <= PLACES

    @invariant()
    def every_open_run_is_held_or_due_or_in_line(self) -> None:
        for run in open_runs():
            assert (run.claim is not None) + (run.waits_at != "") <= 1, "held, and in line"
            assert run.waits_at in {"", CLOUD}
            assert run.claim is None or run.lease_until is not None

    @invariant()
    def nobody_fails_for_an_outage(self) -> None:
        with db.reading() as session:
            errors = session.exec(select(Run.error).where(col(Run.error).is_not(None))).all()
        assert not {"Away.", "Refused.", "Not here."} & set(errors)

    def look(self, job: Again, act: str) -> None:
        """What a worker does with a job."""
        self.play.acts.append(ACTS[act])
        try:
            again = conductor.step(job.run_id, job.ticket)
            self.jobs += [again] if again else []
        except (CallFailed, Killed):
            pass
        self.play.acts.clear()

    def teardown(self) -> None:
        """All is well from now on: everything ends, whatever has happened before."""
        if not hasattr(self, "jobs"):
            return
        for _ in range(60):
            if not open_runs():
                break
            let_time_pass()
            self.jobs += rescue.rescue({(job.run_id, job.ticket) for job in self.jobs})
            self.jobs += line.call_up()
            for job in self.jobs[:]:
                self.jobs.remove(job)
                self.look(job, "done")
                self.jobs += line.call_up()
        assert open_runs() == [], "stuck"
        with db.reading() as session:
            ended = set(session.exec(select(Call.status)).all())
        assert ended <= {CallStatus.COMPLETED, CallStatus.FAILED}


def open_runs() -> list[Run]:
    with db.reading() as session:
        return list(session.exec(select(Run).where(col(Run.ended_at).is_(None))))


def let_time_pass() -> None:
    with db.writing() as session:
        long_ago = db.now() - timedelta(minutes=5)
        session.exec(update(Run).where(col(Run.claim).is_not(None)).values(lease_until=long_ago))
        session.exec(update(Run).where(col(Run.ended_at).is_(None)).values(due_at=long_ago))
        session.exec(update(ProviderSlot).values(lease_until=long_ago))
        session.exec(update(ProviderState).values(next_try_at=long_ago))


def empty() -> None:
    with db.writing() as session:
        for table in (Version, CheckResult, ProviderSlot, ProviderState, CallEvent):
            session.exec(delete(table))
        session.exec(update(Run).values(transcript_id=None))
        for table in (StoredTranscript, Run, Call):
            session.exec(delete(table))


@pytest.fixture
def machine(desk: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch) -> type[Lines]:
    put_cloud(monkeypatch, places=PLACES)
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    ours.cache_clear()
    Lines.campaign, Lines.play = desk, play
    return Lines


def test_whatever_happens_every_call_comes_to_its_end(machine: type[Lines]):
    quick = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(machine, settings=quick)
