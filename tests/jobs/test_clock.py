"""The scheduler sees that its clock was set back, and lets nothing wait for times that have moved away."""

from pathlib import Path

import pytest
from rq import Queue

from jobs import enqueue, schedule, tasks
from jobs.connection import connect
from jobs.schedule import STEP_S, Clock, Steps
from tests.installation import Installation


class Hands:
    """Two clocks that a test turns: the wall's, and the one that only runs."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 5.0

    def on(self, wall: float, steady: float) -> None:
        self.wall, self.steady = self.wall + wall, self.steady + steady


def test_only_a_step_back_is_one():
    hands = Hands()
    steps = Steps(lambda: hands.wall, lambda: hands.steady)
    for wall, steady, back in (
        (1, 1, False),
        (0, STEP_S / 2, False),  # drawn a little
        (3600, 1, False),  # forward: what waits is looked at early by itself
        (-3600, 1, True),
        (1, 1, False),  # said once
    ):
        hands.on(wall, steady)
        assert steps.back() is back, (wall, steady)


def test_after_a_step_back_every_periodic_job_is_due_at_once_and_calls_are_looked_at(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    hands = Hands()
    monkeypatch.setattr(schedule, "Steps", lambda: Steps(lambda: hands.wall, lambda: hands.steady))
    clock, queue = Clock(), Queue(enqueue.CLOCK, connection=connect())
    clock._begin()
    clock._tick()
    rescue, look = (f"jobs.tasks.{task.__name__}" for task in (tasks.rescue, tasks.clock_went_back))
    assert [job.func_name for job in queue.jobs].count(rescue) == 1
    queue.empty()
    clock._tick()
    assert queue.jobs == [], "it is not time again"
    hands.on(-3600, 1)
    clock._tick()
    asked = [job.func_name for job in queue.jobs]
    assert (asked.count(look), asked.count(rescue)) == (1, 1)
    clock._tick()
    assert [job.func_name for job in queue.jobs].count(look) == 1
    clock._end()
