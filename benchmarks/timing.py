"""How long something takes, at its best: what else the machine does can only add to it."""

from collections.abc import Callable
from time import perf_counter, sleep


def best(work: Callable[[], object], rounds: int, *, pause_s: float = 0.0) -> float:
    """Seconds of the quickest of some rounds."""
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
        sleep(pause_s)
    return min(taken)
