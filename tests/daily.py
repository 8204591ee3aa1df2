"""Which of many cases, each much like the others, are tried on every run."""

from collections.abc import Sequence
from typing import Any

import pytest


def daily(number: int, cases: Sequence[Any]) -> list[Any]:
    """The first so many as they are; the others are marked `long`."""
    others = (case if isinstance(case, tuple) else (case,) for case in cases[number:])
    return [*cases[:number], *(pytest.param(*case, marks=pytest.mark.long) for case in others)]
