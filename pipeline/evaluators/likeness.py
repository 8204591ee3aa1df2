"""Which words are like a phrase: tolerant of a recogniser's slips, strict where they change the meaning. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

LEAST_LIKENESS = 80  # of 100: measured to find 97 % of phrases in clean audio at 1 % false ones
LEAST_OF_ONE_WORD = 90  # 'account' is no 'count', 'refund' no 'fund'
EXACT_LETTERS = 4  # so short a phrase is like too much: 'yes' and 'eyes', 'no' and 'now'
LONG = 10  # words: so long a phrase is first looked for as a whole, and its runs of words are not kept
LEAST_OF_LONG = 60  # of 100; a long phrase that is said is far above, and other talk far below
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
        if not wanted or self._hopeless(wanted):
            return []
        found = [hit for size in _sizes(wanted) for hit in self._of_size(wanted, size)]
        return sorted(found, key=lambda hit: (-hit.likeness, hit.start))

    def _of_size(self, wanted: str, size: int) -> Iterator[Like]:
        hits = process.extract_iter(
            wanted, self._run(size), scorer=fuzz.ratio, processor=None, score_cutoff=_least(wanted)
        )
        for _, likeness, start in hits:
            hit = Like(likeness, start, start + size)
            if likeness == 100 or self._means(wanted, hit):  # noqa: PLR2004  the very words
                yield hit

    def _hopeless(self, wanted: str) -> bool:
        return len(wanted.split()) > LONG and fuzz.partial_ratio(wanted, " ".join(self.words)) < LEAST_OF_LONG

    def _run(self, size: int) -> list[str]:
        """Every `size` words in a row, as text."""
        if size in self._runs:
            return self._runs[size]
        run = [" ".join(self.words[at : at + size]) for at in range(len(self.words) - size + 1)]
        if size <= LONG:
            self._runs[size] = run
        return run

    def _means(self, wanted: str, hit: Like) -> bool:
        """Whether the words may mean the phrase: no other number, and 'not' in both or in neither."""
        asked, said = wanted.split(), list(self.words[hit.start : hit.end])
        if _numbers(asked) != _numbers(said):
            return False
        if _denies(asked):
            return _denies(said)
        return not _denies(said) and not _denies(self.words[max(hit.start - 1, 0) : hit.start])


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
