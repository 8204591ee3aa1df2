"""Sums with pieces of time: join, cut out, intersect. Answers are sorted and never touch or overlap."""

from collections.abc import Iterable
from itertools import pairwise

from pipeline.sound.contract import Stretch

Stretches = tuple[Stretch, ...]


def joined(pieces: Iterable[Stretch], gap_ms: int = 0) -> Stretches:
    """The same time in order; pieces become one where what lies between them is at most `gap_ms` long."""
    made: list[tuple[int, int]] = []
    for start, end in sorted((piece.start_ms, piece.end_ms) for piece in pieces):
        if made and start - made[-1][1] <= gap_ms:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        elif end > start:
            made.append((start, end))
    return tuple(Stretch(start_ms=start, end_ms=end) for start, end in made)


def total_ms(pieces: Iterable[Stretch]) -> int:
    """How much time the pieces cover."""
    return sum(piece.ms for piece in joined(pieces))


def common(one: Iterable[Stretch], other: Iterable[Stretch]) -> Stretches:
    """The time that lies in both."""
    left, right = joined(one), joined(other)
    made, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start_ms, right[j].start_ms), min(left[i].end_ms, right[j].end_ms)
        if start < end:
            made.append(Stretch(start_ms=start, end_ms=end))
        if left[i].end_ms < right[j].end_ms:
            i += 1
        else:
            j += 1
    return tuple(made)


def without(pieces: Iterable[Stretch], cut: Iterable[Stretch]) -> Stretches:
    """The time of `pieces` that lies in no `cut`."""
    kept = joined(pieces)
    if not kept:
        return ()
    return common(kept, gaps(cut, kept[0].start_ms, kept[-1].end_ms))


def gaps(pieces: Iterable[Stretch], start_ms: int, end_ms: int) -> Stretches:
    """What the pieces leave free between `start_ms` and `end_ms`."""
    edges = [start_ms, *(edge for piece in joined(pieces) for edge in (piece.start_ms, piece.end_ms)), end_ms]
    free = zip(edges[::2], edges[1::2], strict=True)
    whole = ((max(start, start_ms), min(end, end_ms)) for start, end in free)
    return tuple(Stretch(start_ms=start, end_ms=end) for start, end in whole if start < end)


def crowded(groups: Iterable[Iterable[Stretch]]) -> Stretches:
    """The time that lies in at least two of the groups."""
    edges: list[tuple[int, int]] = []
    for group in groups:
        for piece in joined(group):
            edges += [(piece.start_ms, 1), (piece.end_ms, -1)]
    edges.sort()
    made, depth = [], 0
    for (at, step), (following, _) in pairwise(edges):
        depth += step
        if depth > 1:
            made.append(Stretch(start_ms=at, end_ms=following))
    return joined(made)
