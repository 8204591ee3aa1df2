"""A call that is too long to be read at once, in parts that overlap. Pure."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil

LINE = 20  # characters of a turn's number, speaker and time
OVERLAP = 20  # turns: a question and its answer are seen together in one part at least
MOST_PARTS = 16
MARGIN = 1.2  # the scorecard and the overlap are in every part
_SIZES = re.compile(
    r"(\d[\d,_]*)\s*(?:tokens)?\s*>\s*(\d[\d,_]*)"
)  # 'prompt is too long: 250000 tokens > 200000 maximum'


def parts_needed(said: str, before: int) -> int:
    """Into how many parts to cut after a refusal in these words, when `before` parts (1: the whole) were too long."""
    sizes = _SIZES.search(said)
    if sizes is None:
        return before * 2
    has, may = (int(re.sub(r"\D", "", size)) for size in sizes.groups())
    return max(before + 1, ceil(before * MARGIN * has / max(may, 1)))


def parts(lengths: Sequence[int], count: int) -> list[range]:
    """Ranges of turns, each with about the same amount of text, each beginning some turns before the last one's end.

    There may be fewer than asked for, where there are not as many turns.
    """
    sums = list(accumulate(length + LINE for length in lengths))
    ends = {bisect_left(sums, sums[-1] * part / count) + 1 for part in range(1, count + 1)} if sums else set()
    return _overlapping(sorted(ends))


def _overlapping(ends: Sequence[int]) -> list[range]:
    begins = [0, *ends[:-1]]
    return [
        range(max(begin - min(OVERLAP, (begin - before) // 2), 0), end)
        for before, begin, end in zip([0, *begins], begins, ends, strict=False)
    ]
