"""Which words are like a phrase: tolerant of a recogniser's slips, strict where they change the meaning. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, product

from rapidfuzz import fuzz, process

LEAST_LIKENESS = 80  # of 100: measured to find 97 % of phrases in clean audio at 1 % false ones
LEAST_OF_ONE_WORD = 90  # 'account' is no 'count', 'refund' no 'fund'
EXACT_LETTERS = 4  # so short a phrase is like too much: 'yes' and 'eyes', 'no' and 'now'
LONG = 10  # words: a longer phrase is first looked for as a whole
LEAST_OF_LONG = 60  # of 100; a long phrase that is said is far above, and other talk far below
HALVINGS = 2  # a long phrase is found up to seven times
SLACK = 0.2  # of a phrase's words may have been split or run together, and at least one
_NOT_A_WORD = re.compile(r"[^\w']+")
_NO = {"not", "no", "never", "cannot", "cant", "dont", "wont", "isnt", "arent", "doesnt", "didnt"}


def plain(text: str) -> str:
    """Lower-case words without punctuation, single spaces."""
    typed = unicodedata.normalize("NFKC", text).lower().replace("’", "'")  # typographic ones get pasted
    return " ".join(word.strip("'") for word in _NOT_A_WORD.sub(" ", typed).split() if word.strip("'"))


@dataclass(frozen=True)
class Like:
    """Words [start, end) that are like a phrase, and how much, of 100."""

    likeness: float
    start: int
    end: int


@dataclass
class Words:
    """Plain words in the order in which they were said, ready to be searched for many phrases."""

    words: Sequence[str]
    _runs: dict[int, list[str]] = field(default_factory=dict)

    def like(self, phrase: str) -> list[Like]:
        """Every place that is like the phrase; the likest first, of equals the earliest."""
        wanted = plain(phrase)
        if not wanted:
            return []
        near = self._near(wanted) if len(wanted.split()) > LONG else self._anywhere(wanted)
        found = (hit for hit in near if hit.likeness == 100 or self._means(wanted, hit))  # noqa: PLR2004  the very words
        return sorted(found, key=lambda hit: (-hit.likeness, hit.start))

    def _anywhere(self, wanted: str) -> Iterator[Like]:
        """Every run of as many words as a short phrase has, compared with it."""
        for size in _sizes(wanted):
            hits = process.extract_iter(
                wanted, self._run(size), scorer=fuzz.ratio, processor=None, score_cutoff=_least(wanted)
            )
            yield from (Like(likeness, start, start + size) for _, likeness, start in hits)

    def _near(self, wanted: str) -> Iterator[Like]:
        """Runs of words around the places where most of a long phrase stands: comparing all would take minutes."""
        begins = list(accumulate((len(word) + 1 for word in self.words), initial=0))
        sizes = _sizes(wanted)
        reach = len(sizes) // 2 + 2
        for place in _places(wanted, " ".join(self.words), HALVINGS):
            word = bisect_right(begins, place) - 1
            for start, size in product(range(max(word - reach, 0), word + reach + 1), sizes):
                said = " ".join(self.words[start : start + size])
                likeness = fuzz.ratio(wanted, said, score_cutoff=LEAST_LIKENESS)
                if likeness and start + size <= len(self.words):
                    yield Like(likeness, start, start + size)

    def _run(self, size: int) -> list[str]:
        """Every `size` words in a row, as text."""
        if size not in self._runs:
            words = self.words
            self._runs[size] = [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
        return self._runs[size]

    def _means(self, wanted: str, hit: Like) -> bool:
        """Whether the words may mean the phrase: no other number, and 'not' in both or in neither."""
        asked, said = wanted.split(), list(self.words[hit.start : hit.end])
        if _numbers(asked) != _numbers(said):
            return False
        if _denies(asked):
            return _denies(said)
        before = [word for word in self.words[max(hit.start - 1, 0) : hit.start] if word != "no"]  # 'No, I ...'
        return not _denies(said) and not _denies(before)


def _places(wanted: str, text: str, halvings: int, offset: int = 0) -> Iterator[int]:
    """Where most of a phrase stands in a text: its likest place, then those before and behind."""
    if len(text) * 2 < len(wanted):
        return
    best = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=LEAST_OF_LONG)
    if best is None:
        return
    yield offset + best.dest_start
    if halvings:
        yield from _places(wanted, text[: best.dest_start], halvings - 1, offset)
        yield from _places(wanted, text[best.dest_end :], halvings - 1, offset + best.dest_end)


def _sizes(wanted: str) -> range:
    count = len(wanted.split())
    slack = max(round(count * SLACK), 1)
    return range(max(count - slack, 1), count + slack + 1)


def _least(wanted: str) -> int:
    if len(wanted.replace(" ", "")) <= EXACT_LETTERS:
        return 100
    return LEAST_LIKENESS if " " in wanted else LEAST_OF_ONE_WORD


def _numbers(words: Sequence[str]) -> list[str]:
    return sorted(word for word in words if any(letter.isdigit() for letter in word))


def _denies(words: Sequence[str]) -> bool:
    return any(word in _NO or word.endswith("n't") for word in words)
