"""Work in a few threads, with few items on their way, however many there are."""

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """The results, as they come. What `work` raises is raised here, and nothing more is begun.

    The threads are no reason for the program to go on: it may end at any time.
    """
    todo: SimpleQueue[tuple[Item] | None] = SimpleQueue()
    done: SimpleQueue[Result | BaseException] = SimpleQueue()
    over = Event()

    def serve() -> None:
        while (wrapped := todo.get()) is not None and not over.is_set():
            try:
                done.put(work(*wrapped))
            except BaseException as error:  # noqa: BLE001  raised by whoever waits for the result
                over.set()
                done.put(error)

    for _ in range(threads):
        Thread(target=serve, daemon=True, name="upload").start()
    try:
        under_way = 0
        for item in items:
            todo.put((item,))
            under_way += 1
            if under_way >= 2 * threads:
                yield _good(done.get())
                under_way -= 1
        for _ in range(under_way):
            yield _good(done.get())
    finally:
        over.set()
        for _ in range(threads):
            todo.put(None)


def _good(result: Result | BaseException) -> Result:
    if isinstance(result, BaseException):
        raise result
    return result
