"""Many things, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Each = TypeVar("Each")


def chunks(every: Iterable[Each], size: int) -> Iterator[list[Each]]:
    """Lists of at most `size`, in order. (The standard library has it from Python 3.12 on.)"""
    rest = iter(every)
    while some := list(islice(rest, size)):
        yield some
