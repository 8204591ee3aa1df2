"""The pages and /metrics have the same patience with the sweeps of the SFTP server."""

from datetime import timedelta

import pytest

from config import settings
from dashboard.sftp.state import idle, needs_somebody
from jobs import stuck
from jobs.stuck import Seen
from records.db import now
from records.sftp_state import SftpState


def broken_off(minutes: float) -> SftpState:
    """The last whole sweep, and the last try, are so long ago; the server was away then."""
    moment = now() - timedelta(minutes=minutes)
    return SftpState(began_at=moment, ended_at=moment, words="Nobody answers.")


@pytest.mark.parametrize(("every_s", "enough"), [(60, 10), (1200, 60)])
def test_all_who_judge_a_sweep_wait_for_as_long(monkeypatch: pytest.MonkeyPatch, home, every_s: int, enough: int):
    monkeypatch.setenv("SFTP_SWEEP_SECONDS", str(every_s))
    settings.cache_clear()
    for minutes, late in ((enough - 1, False), (enough + 1, True)):
        state = broken_off(minutes)
        told = stuck.judge(Seen(queues=None, lost=0, abandoned=0, sweep=state, delivery_due=None))
        assert (idle(state), needs_somebody(state), bool(told)) == (late, late, late), minutes


def test_a_sweep_that_is_under_way_is_late_for_nobody():
    state = broken_off(600)
    state.claim, state.claim_until = "x", now() + timedelta(minutes=1)
    assert not idle(state)
    assert stuck.judge(Seen(queues=None, lost=0, abandoned=0, sweep=state, delivery_due=None)) == []
