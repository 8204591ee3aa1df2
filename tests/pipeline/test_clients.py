"""One client a process and configuration, however many threads ask."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from pipeline.clients import Kept, forget_all


def kept() -> tuple[Kept[tuple[int, str]], list[tuple[int, str]]]:
    numbers, closed = count(1), []
    return Kept(lambda name: (next(numbers), name), closed.append), closed


def test_threads_share_one_client():
    clients, closed = kept()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: clients.get("a"), range(64))) == {(1, "a")}
    assert closed == []


def test_another_configuration_closes_the_one_before():
    clients, closed = kept()
    assert [clients.get("a"), clients.get("b"), clients.get("b"), clients.get("a")] == [
        (1, "a"),
        (2, "b"),
        (2, "b"),
        (3, "a"),
    ]
    assert closed == [(1, "a"), (2, "b")]


def test_forgetting_closes_and_the_next_is_new():
    clients, closed = kept()
    clients.get("a")
    forget_all()
    forget_all()
    assert (closed, clients.get("a")) == ([(1, "a")], (2, "a"))


def test_one_that_could_not_be_made_is_tried_again():
    answers = iter([ValueError("no"), "made"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    clients = Kept(make, lambda _: None)
    with pytest.raises(ValueError, match="no"):
        clients.get()
    assert clients.get() == "made"
