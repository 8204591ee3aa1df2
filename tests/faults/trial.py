"""One fault, tried: calls come in before and while it goes on, and what became of them is judged."""

import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from records.statuses import CallStatus
from tests import realparts
from tests.faults import house, ledger
from tests.faults.acts import Scene, tell_time
from tests.faults.catalogue import Fault, Place
from tests.faults.house import Ground, House
from tests.faults.providing import Pace, bills, simulated
from tests.faults.sending import Client
from tests.faults.verdict import Verdict, judge

LOOK_S = 0.25
DISK = "256m"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    fault: Fault
    calls: int
    verdict: Verdict
    goes_on_s: float | None  # from the fault's end until the first call that is done; None: there was none
    done_s: float | None  # ... and until all are


def tried(fault: Fault, calls: int, pace: Pace, ground: Ground, seed: int) -> Row:
    """Half of the calls come before the fault, half while it lasts."""
    chance = random.Random(f"{seed} {fault.name}")
    folder = ground.folder / fault.name.replace(" ", "-")
    folder.mkdir()
    with _scene(fault, folder, pace, ground, chance) as scene:
        client = Client(scene.house.address, scene.house.keys)
        wait(client.send(range(calls // 2)))
        rest = client.send(range(calls // 2, calls), over_s=pace.fault_s)
        fault.act(scene)
        watched = _watch(calls, pace.patience_s)
        client.over.set()
        wait(rest)
        verdict = judge(
            client.accepted, ledger.facts(), bills(scene.providers), may_fail=fault.may_fail, wrong_answers=client.wrong
        )
    return Row(fault, calls, verdict, *watched)


def _watch(calls: int, patience_s: float) -> tuple[float | None, float | None]:
    """Seconds until the next call is Completed, and until all have ended."""
    began, before, first = time.monotonic(), None, None
    while (passed := time.monotonic() - began) < patience_s:
        counted = ledger.statuses()
        if counted is not None:
            completed = counted[CallStatus.COMPLETED]
            before = completed if before is None else before
            first = passed if first is None and completed > before else first
            if sum(counted[status] for status in ledger.ENDED) >= calls:
                return first, passed
        time.sleep(LOOK_S)
    return first, None


@contextmanager
def _scene(fault: Fault, folder: Path, pace: Pace, ground: Ground, chance: random.Random) -> Iterator[Scene]:
    home, clock = folder / "home", folder / "clock"
    home.mkdir()
    tell_time(clock, 0)
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("TOTALVIEW_HOME", str(home))
        if fault.small_disk:
            stack.enter_context(_small_disk(home))
        providers = stack.enter_context(realparts.providers(patch, simulated(pace, chance), **pace.settings))
        running = stack.enter_context(_house(fault, home, clock, ground, patch))
        yield Scene(running, providers, ground, home, clock, pace, chance)


def _house(
    fault: Fault, home: Path, clock: Path, ground: Ground, patch: pytest.MonkeyPatch
) -> AbstractContextManager[House]:
    if fault.place is Place.UP:
        return house.up(home, patch)
    return house.many(ground, home, patch, bucket=fault.place is Place.BUCKET, clock=clock if fault.own_clock else None)


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
