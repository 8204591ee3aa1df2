"""How long is waited, and for what."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.sending import patience
from commands.sending.patience import Blame, GiveUp, NotSent, Patience, Stopped, Tries, Trouble, duration, wish


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.slept = 1000.0, []
        monkeypatch.setattr(patience.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(Patience, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def exhaust(tries: Tries, trouble: Trouble, between: Callable[[], None] = lambda: None) -> Exception:
    """Have the same trouble again and again; what it ends with."""
    for _ in range(1000):
        between()
        try:
            tries.again(trouble)
        except (NotSent, GiveUp) as error:
            return error
    raise AssertionError("its patience has no end")


def test_pauses_grow_up_to_half_a_minute(clock, said):
    tries = Tries(Patience(3600, said.append))
    for _ in range(12):
        tries.again(Trouble(Blame.RATE, "Too many."))
    for number, pause in enumerate(clock.slept):
        bound = min(0.5 * 2**number, 30)
        assert bound / 2 <= pause <= bound


def test_what_the_server_wishes_is_waited_for_unless_it_is_absurd(clock, said):
    tries = Tries(Patience(300, said.append))
    tries.again(Trouble(Blame.RATE, "Too many.", 17))
    tries.again(Trouble(Blame.RATE, "Too many.", 10**9))
    assert clock.slept == [17, 600]


def test_a_rate_is_waited_for_without_end(clock, said):
    tries = Tries(Patience(10, said.append))
    for _ in range(500):
        tries.again(Trouble(Blame.RATE, "Too many."))
    assert said == []


def test_a_server_that_is_away_is_given_up_once_and_for_all(clock, said):
    shared = Patience(300, said.append)
    error = exhaust(Tries(shared), Trouble(Blame.LINE, "It cannot be reached."))
    assert isinstance(error, GiveUp)
    assert str(error) == "It cannot be reached. It was tried for 5 minutes."
    assert said == ["It cannot be reached. Trying again for 5 minutes."]
    assert 300 < sum(clock.slept) < 300 + 30 + 1
    with pytest.raises(GiveUp):
        Tries(shared).again(Trouble(Blame.LINE, "It cannot be reached."))


def test_a_server_that_is_heard_by_others_is_not_away(clock, said):
    shared = Patience(300, said.append)
    tries = Tries(shared)
    error = exhaust(tries, Trouble(Blame.LINE, "The line broke."), shared.heard)
    assert isinstance(error, NotSent)
    assert str(error) == "The line broke. It was tried for 5 minutes."
    assert said[1] == "The server answers again."


def test_progress_renews_patience(clock, said):
    shared = Patience(300, said.append)
    tries = Tries(shared)
    for _ in range(100):
        tries.again(Trouble(Blame.HELD, "Somebody else sends it."))
        tries.again(Trouble(Blame.SERVER, "Broken."))
        clock.now += 100
        tries.progress()


def test_an_error_of_the_server_s_is_tried_five_times(clock, said):
    error = exhaust(Tries(Patience(3600, said.append)), Trouble(Blame.SERVER, "Internal error."))
    assert str(error) == "Internal error. It was tried 5 times."
    assert len(clock.slept) == 4


def test_whoever_waits_stops_at_once(said):
    waiting = Patience(300, said.append)
    threading.Timer(0.05, waiting.stop).start()
    with pytest.raises(Stopped):
        waiting.sleep(60)
    with pytest.raises(Stopped):
        waiting.check()


def test_retry_after_is_seconds_or_a_date():
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert wish("7") == 7
    assert 50 < (wish(in_a_minute) or 0) <= 60
    assert wish("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert wish("-5") == 0
    assert [wish(text) for text in ("", "soon", "1.5", "Wed, 21 Oct 2015 07:28:00 -0000")] == [None] * 4


@given(st.text())
def test_no_retry_after_breaks_anything(text):
    assert (wish(text) or 0) >= 0


def test_durations_are_told_in_words():
    assert [duration(seconds) for seconds in (0, 89, 90, 300)] == ["0 seconds", "89 seconds", "2 minutes", "5 minutes"]
