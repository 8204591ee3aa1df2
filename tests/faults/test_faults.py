"""A short part of `make faults`, and in the long run every row of it: nothing is lost, doubled or paid twice."""

from dataclasses import replace

import pytest

from tests.conftest import missing
from tests.faults import table
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.house import Ground
from tests.faults.providing import QUICK
from tests.faults.trial import tried

DAILY = ("workers killed",)
SHORT = replace(QUICK, assemblyai=(0.5, 2.0), fault_s=3.0, times=2)
SEED = 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name, marks=() if fault.name in DAILY else pytest.mark.long) for fault in FAULTS],
)
def test_every_call_comes_through(standing: Ground, fault: Fault):
    if fault.lacks:
        missing(fault.lacks)
    daily = fault.name in DAILY
    row = tried(fault, 20 if daily else 40, SHORT if daily else QUICK, standing, SEED)
    assert table.broken(row) == []
