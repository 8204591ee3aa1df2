"""Whatever happens in whatever order: no run is lost in a line, and no provider gets more calls than it has places."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete, select, update

from config import settings as ours
from pipeline import conductor, line, rescue
from pipeline.conductor import CallFailed
from pipeline.outcome import Again, Fault, ProviderError, Wait
from records import db, outages, slots
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
STEPS = (
    *("a worker takes a job",) * 10,
    *("the line is looked at",) * 3,
    *("time passes", "the clock rescues") * 2,
    *("calls come in", "a job is lost", "a look at the line is lost", "a key is changed", "the campaign is changed"),
)


class Lines:
    """Workers, a provider and a clock, all in the hands of chance."""

    def __init__(self, campaign: Campaign, play: Play) -> None:
        self.campaign, self.play = campaign, play
        self.jobs: list[Again] = []  # what stands in Redis

    def step(self, name: str, act: str, place: int) -> None:
        """One thing happens; then what must always hold is looked at."""
        match name:
            case "calls come in":
                self.jobs += [enter(self.campaign) for _ in range(1 + place % 3)]
            case "a worker takes a job" if self.jobs:
                self.look(self.jobs.pop(place % len(self.jobs)), act)
            case "a job is lost" if self.jobs:
                self.jobs.pop(place % len(self.jobs))
            case "the line is looked at":
                self.jobs += line.call_up()
            case "a look at the line is lost":
                line.call_up()
            case "the clock rescues":
                self.rescue()
            case "time passes":
                let_time_pass()
            case "a key is changed":
                with db.writing() as session:
                    outages.look_again(session)
            case "the campaign is changed":
                with db.writing() as session:
                    line.dissolve(session, self.campaign.id or 0)
        self.check()

    def rescue(self) -> None:
        self.jobs += rescue.rescue({(job.run_id, job.ticket) for job in self.jobs})

    def look(self, job: Again, act: str) -> None:
        """What a worker does with a job."""
        self.play.acts.append(ACTS[act])
        try:
            again = conductor.step(job.run_id, job.ticket)
            self.jobs += [again] if again else []
        except (CallFailed, Killed):
            pass
        self.play.acts.clear()

    def check(self) -> None:
        for run in open_runs():
            assert run.claim is None or run.lease_until is not None, "held for ever"
            assert run.claim is None or run.waits_at == "", "held, and in line"
            assert run.waits_at in {"", CLOUD}
        with db.reading() as session:
            assert slots.held(session, CLOUD) <= PLACES
            errors = session.exec(select(Run.error).where(col(Run.error).is_not(None))).all()
        assert not {"Away.", "Refused.", "Not here."} & set(errors), "an outage fails nobody"

    def come_to_an_end(self) -> None:
        """All is well from now on: everything ends, whatever has happened before."""
        for _ in range(40):
            if not open_runs():
                break
            let_time_pass()
            self.rescue()
            jobs, self.jobs = [*self.jobs, *line.call_up()], []
            for job in jobs:
                self.look(job, "done")
            self.check()
        assert open_runs() == [], "stuck"
        with db.reading() as session:
            assert set(session.exec(select(Call.status)).all()) <= {CallStatus.COMPLETED, CallStatus.FAILED}


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


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(sorted(ACTS)), st.integers(0, 20)), min_size=30))
@settings(
    max_examples=settings.default.max_examples // 6,
    derandomize=True,
    phases=[Phase.generate],  # to make a long failure short would take minutes
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.long
def test_whatever_happens_every_call_comes_to_its_end(
    desk: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, str, int]]
):
    empty()
    put_cloud(monkeypatch, places=PLACES)
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    ours.cache_clear()
    lines = Lines(desk, play)
    lines.step("calls come in", "", 2)
    for step in steps:
        lines.step(*step)
    lines.come_to_an_end()
