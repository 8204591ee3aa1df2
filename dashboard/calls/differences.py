"""What differs between two versions: figures, each check, the words. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein

from dashboard.calls.speaking import speaker
from records.call_record import Result
from records.results import CheckResult

MOST_WORDS = 12_000  # of a transcript: over an hour of talk. Beyond it, words are counted and not shown.
MOST_PIECES = 300
AROUND = 6  # words before and after a difference


class Pair(NamedTuple):
    """One check in two versions; None where a version did not have it."""

    before: CheckResult | None
    after: CheckResult | None

    @property
    def differs(self) -> bool:
        if self.before is None or self.after is None:
            return True
        return self.before.verdict != self.after.verdict


class Piece(NamedTuple):
    """A stretch of words: in both ('same'), only in the earlier ('gone'), or only in the later version ('come')."""

    kind: str
    text: str


class Words(NamedTuple):
    """How two transcripts differ; without pieces where they are too long to be laid side by side."""

    gone: int
    come: int
    pieces: tuple[Piece, ...]
    cut: bool  # there is more than is shown


def pairs(before: Result, after: Result) -> list[Pair]:
    """Each check of either version, the later's in its order first. Known again by id, else by name and section."""
    left = list(before.checks)
    found: list[Pair] = []
    for check in after.checks:
        same = next((other for other in left if _same(other, check)), None)
        if same is not None:
            left.remove(same)
        found.append(Pair(same, check))
    return found + [Pair(check, None) for check in left]


def words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Words:
    """The words of two transcripts, with who says them."""
    one, two = list(_tokens(before)), list(_tokens(after))
    if max(len(one), len(two)) > MOST_WORDS:
        return Words((Counter(one) - Counter(two)).total(), (Counter(two) - Counter(one)).total(), (), cut=True)
    pieces: list[Piece] = []
    gone = come = 0
    for step in Levenshtein.opcodes(one, two):
        old, new = one[step.src_start : step.src_end], two[step.dest_start : step.dest_end]
        if step.tag == "equal":
            pieces.append(Piece("same", " ".join(old)))
            continue
        gone, come = gone + len(old), come + len(new)
        pieces += [Piece(kind, " ".join(some)) for kind, some in (("gone", old), ("come", new)) if some]
    if not gone + come:
        return Words(0, 0, (), cut=False)
    tidy = _tidy(pieces)
    return Words(gone, come, tuple(_shortened(tidy[:MOST_PIECES])), cut=len(tidy) > MOST_PIECES)


def _same(one: CheckResult, other: CheckResult) -> bool:
    if one.check_id is not None and other.check_id is not None:
        return one.check_id == other.check_id
    return (one.name, one.section, one.kind) == (other.name, other.section, other.kind)


def _tokens(content: Mapping[str, Any]) -> Iterable[str]:
    before = None
    for turn in content.get("utterances", []):
        if turn["speaker"] != before:
            before = turn["speaker"]
            yield f"{speaker(before)}:"
        yield from turn["text"].split()


def _tidy(pieces: Sequence[Piece]) -> list[Piece]:
    """A replaced word is one 'gone' and one 'come'; rows of them read better joined."""
    tidy: list[Piece] = []
    block: dict[str, list[str]] = {"gone": [], "come": []}

    def settle() -> None:
        tidy.extend(Piece(kind, " ".join(texts)) for kind, texts in block.items() if texts)
        block.update(gone=[], come=[])

    for piece in pieces:
        if piece.kind != "same":
            block[piece.kind].append(piece.text)
            continue
        settle()
        tidy.append(piece)
    settle()
    return tidy


def _shortened(pieces: Sequence[Piece]) -> Iterable[Piece]:
    """Long stretches that are the same keep what is around a difference."""
    for place, piece in enumerate(pieces):
        said = piece.text.split()
        first, last = place == 0, place == len(pieces) - 1
        if piece.kind != "same" or len(said) <= 2 * AROUND + 1:
            yield piece
        elif first or last:
            yield Piece("same", f"… {' '.join(said[-AROUND:])}" if first else f"{' '.join(said[:AROUND])} …")
        else:
            yield Piece("same", f"{' '.join(said[:AROUND])} … {' '.join(said[-AROUND:])}")
