"""Children: what kills one fails one call; the others, and the next, go on."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline import children
from tests.pipeline import child_work as work


@pytest.fixture(autouse=True)
def _two_children() -> Iterator[None]:
    children.configure(workers=2)
    yield
    children.configure()


def test_a_result_comes_back() -> None:
    assert children.run(work.double, 21, timeout_s=30) == 42


def test_the_work_is_done_in_another_process() -> None:
    assert children.run(work.who_am_i, timeout_s=30) != os.getpid()


def test_a_result_larger_than_a_pipe_comes_back() -> None:
    assert children.run(work.megabytes, 20, timeout_s=30) == bytes(20 << 20)


def test_results_of_many_calls_come_in_the_order_of_the_calls() -> None:
    waits = [(0.2,), (0.0,), (0.1,), (0.0,)]
    assert children.run_all(work.linger, waits, timeout_s=30) == [0.2, 0.0, 0.1, 0.0]


def test_many_calls_are_spread_over_the_children() -> None:
    pids = children.run_all(work.who_am_i, [()] * 200, timeout_s=30)
    assert 1 <= len(set(pids)) <= 2


def test_no_calls_have_no_results() -> None:
    assert children.run_all(work.double, [], timeout_s=30) == []


def test_the_works_own_error_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="no such call") as raised:
        children.run(work.refuse, "no such call", timeout_s=30)
    assert str(raised.value) == "no such call"
    assert "child_work.py" in "".join(raised.value.__notes__)


def test_an_error_that_does_not_pickle_arrives_as_its_words_and_the_pool_goes_on() -> None:
    with pytest.raises(RuntimeError, match="StubbornError: seven it is"):
        children.run(work.refuse_stubbornly, timeout_s=30)
    assert children.run(work.double, 1, timeout_s=30) == 2


@pytest.mark.parametrize("function", [work.lock, work.nested])
def test_a_result_that_does_not_pickle_is_an_error_and_the_pool_goes_on(function: Callable[[], object]) -> None:
    with pytest.raises((TypeError, AttributeError, RuntimeError), match="pickle"):
        children.run(function, timeout_s=30)
    assert children.run(work.double, 1, timeout_s=30) == 2


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (work.crash, "crashed .Segmentation fault."),
        (work.killed, "was killed"),
        (work.leave, "ended itself .code 3."),
        (os.abort, "crashed .Aborted."),
        (work.allocate_without_bound, "more memory than it may have"),
    ],
)
def test_a_child_that_dies_fails_its_call_with_the_cause(function: Callable[[], object], words: str) -> None:
    children.configure(workers=2, memory=512 << 20)
    with pytest.raises(children.ChildDied, match=words):
        children.run(function, timeout_s=60)
    assert children.run(work.double, 4, timeout_s=30) == 8


@pytest.mark.parametrize(("function", "args"), [(work.linger, (600,)), (work.loop_in_c, ())])
def test_work_that_takes_too_long_is_ended(function: Callable[..., object], args: tuple[float, ...]) -> None:
    with pytest.raises(children.ChildTimedOut, match=r"not done in 0\.3 s"):
        children.run(function, *args, timeout_s=0.3)
    assert children.run(work.double, 4, timeout_s=30) == 8


def test_dying_children_take_no_other_call_with_them() -> None:
    """Three threads ask for healthy work while a fourth has child after child killed."""
    stop = threading.Event()

    def kill_on() -> int:
        deaths = 0
        while not stop.is_set() and deaths < 8:
            with pytest.raises(children.ChildFailed):  # or its time runs out, where pebble blames another call
                children.run(work.crash, timeout_s=5)
            deaths += 1
        return deaths

    with ThreadPoolExecutor(4) as threads:
        killing = threads.submit(kill_on)
        healthy = [threads.submit(children.run, work.linger, 0.01, timeout_s=30) for _ in range(60)]
        assert [future.result() for future in healthy] == [0.01] * 60
        stop.set()
        assert killing.result() >= 1


def test_one_death_is_no_verdict_on_a_call_whose_neighbour_may_have_died(tmp_path) -> None:
    assert children.run(work.die_once, tmp_path / "mark", timeout_s=30) == 1


def test_one_death_among_many_calls_is_raised_and_the_rest_given_up() -> None:
    with pytest.raises(children.ChildDied):
        children.run_all(work.perhaps_die, [(False,), (True,), (False,)], timeout_s=30)
    assert children.run_all(work.perhaps_die, [(False,)] * 3, timeout_s=30) == [1, 1, 1]


def test_time_in_the_queue_does_not_count() -> None:
    assert children.run_all(work.linger, [(0.4,)] * 6, timeout_s=0.9) == [0.4] * 6


def test_a_child_killed_while_it_had_nothing_to_do_is_replaced() -> None:
    children.configure(workers=1)
    for _ in range(3):
        pid = children.run(work.who_am_i, timeout_s=30)
        os.kill(pid, signal.SIGKILL)
        assert work.wait_until_gone(pid)
        assert children.run(work.double, 5, timeout_s=30) == 10


def test_calls_queued_while_every_child_is_killed_are_still_answered() -> None:
    pids = set(children.run_all(work.who_am_i, [()] * 50, timeout_s=30))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert children.run_all(work.double, [(n,) for n in range(20)], timeout_s=30) == [2 * n for n in range(20)]


def test_children_outlive_the_thread_that_first_asked() -> None:
    """The kernel ends a child with the thread that started it; callers' threads come and go."""
    children.configure(workers=1)
    pids: list[int] = []
    asking = threading.Thread(target=lambda: pids.append(children.run(work.who_am_i, timeout_s=30)))
    asking.start()
    asking.join()
    time.sleep(0.3)
    assert children.run(work.who_am_i, timeout_s=30) == pids[0]


def test_children_do_not_heed_ctrl_c() -> None:
    children.configure(workers=1)
    pid = children.run(work.who_am_i, timeout_s=30)
    os.kill(pid, signal.SIGINT)
    assert children.run(work.who_am_i, timeout_s=30) == pid


def test_children_leave_no_core_file_and_have_bounded_memory() -> None:
    limits = children.run(Path.read_text, Path("/proc/self/limits"), timeout_s=30)
    lines = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
    assert lines["Max core file size"] == ["0", "0"]
    assert lines["Max address space"] == [str(children.MEMORY)] * 2


def test_the_memory_bound_is_a_setting() -> None:
    children.configure(workers=1, memory=None)
    assert len(children.run(work.megabytes, 40, timeout_s=30)) == 40 << 20
    children.configure(workers=1, memory=256 << 20)
    with pytest.raises(children.ChildDied, match="more memory"):
        children.run(work.megabytes, 300, timeout_s=30)


def test_children_that_cannot_live_are_an_error_and_no_endless_wait() -> None:
    children.configure(workers=1, memory=1 << 20)
    with pytest.raises(children.ChildFailed):
        children.run(work.megabytes, 20, timeout_s=30)  # a child may live on what it has, until it needs more


def test_closing_ends_the_children_and_a_later_call_starts_new_ones() -> None:
    children.configure(workers=1)
    pid = children.run(work.who_am_i, timeout_s=30)
    children.close()
    assert not work.alive(pid)
    assert children.run(work.who_am_i, timeout_s=30) != pid
    children.close()
    children.close()


def test_closing_fails_the_calls_under_way() -> None:
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(children.run, work.linger, 600, timeout_s=600) for _ in range(4)]
        time.sleep(0.5)
        children.close()
        for future in waiting:
            with pytest.raises(children.ChildNotStarted, match="closing"):
                future.result()


def test_an_interrupted_caller_takes_its_child_with_it() -> None:
    """Ctrl-C, or a job's time-out, reaches the caller as an exception while it waits."""
    children.configure(workers=1)
    first = children.run(work.who_am_i, timeout_s=30)

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            children.run(work.linger, 600, timeout_s=600)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert work.wait_until_gone(first)
    assert children.run(math.sqrt, 4, timeout_s=30) == 2
