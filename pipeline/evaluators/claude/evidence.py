"""Quotes are looked up in the transcript: what is not there is dropped, and the finding marked. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pipeline.evaluators.claude.answers import MOST_QUOTES, Quote, Result
from pipeline.evaluators.contract import Evidence, Finding
from pipeline.transcribers.contract import Utterance
from records.statuses import Verdict

UNVERIFIED = " [Unverified: {count} not in the transcript and left out.]"
_PREFIX = re.compile(r"^\s*\[\d+\]\s+\S+\s+[\d:]+:\s")  # a model may copy the whole line
_WITHOUT_SPACES = 0x0E00  # Thai, and what comes after it, up to Chinese, is written without spaces between words


class Place(NamedTuple):
    """Where a quote stands: a turn's index, and [begin, end) in its text."""

    turn: int
    begin: int
    end: int


class Kept(NamedTuple):
    """A finding as a run remembers it: quotes are places, so that it stays small."""

    verdict: Verdict
    confidence: float | None
    reason: str
    verified: bool = True
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Plain:
    """A text's letters and digits in lower case, single spaces for all else; and where in the text each one stood."""

    letters: str
    origin: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Plain":
        """Two texts with the same words in the same order are the same, however they are typed."""
        letters: list[str] = []
        origin: list[int] = []
        for place, letter in _letters(text):
            if letter != " " or (letters and letters[-1] != " "):
                letters.append(letter)
                origin.append(place)
        plain = "".join(letters)
        return cls(plain.rstrip(), origin)

    def find(self, wanted: "Plain") -> tuple[int, int] | None:
        """[begin, end) of the wanted words in the text; None when they are not there as whole words."""
        at = self.letters.find(wanted.letters) if wanted.letters else -1
        while at >= 0:
            end = at + len(wanted.letters)
            if not self._within_word(at) and not self._within_word(end):
                return self.origin[at], self.origin[end - 1] + 1
            at = self.letters.find(wanted.letters, at + 1)
        return None

    def _within_word(self, at: int) -> bool:
        sides = self.letters[max(at - 1, 0) : at + 1] if 0 < at < len(self.letters) else " "
        return all(side != " " and ord(side) < _WITHOUT_SPACES for side in sides)


@dataclass(frozen=True)
class Said:
    """A call's turns, ready for quotes to be looked up."""

    turns: Sequence[Utterance]

    @cached_property
    def _plain(self) -> list[Plain]:
        return [Plain.of(text) for text in self.texts]

    @cached_property
    def texts(self) -> list[str]:
        """What was said, in one of the ways in which Unicode writes it."""
        return [unicodedata.normalize("NFC", turn.text) for turn in self.turns]

    def place(self, quote: Quote) -> Place | None:
        """Where the words stand: in the turn named, else in the one nearest to it that has them."""
        wanted = Plain.of(unicodedata.normalize("NFC", _PREFIX.sub("", quote.quote)))
        named = quote.turn - 1
        for turn in sorted(range(len(self.turns)), key=lambda turn: abs(turn - named)):
            found = self._plain[turn].find(wanted)
            if found:
                return Place(turn, *found)
        return None

    def keep(self, result: Result) -> Kept:
        """A model's result with its quotes looked up."""
        quotes = [quote for quote in result.evidence if Plain.of(quote.quote).letters][:MOST_QUOTES]
        places = [self.place(quote) for quote in quotes]
        invented = places.count(None)
        reason = result.reason + (UNVERIFIED.format(count=_counted(invented)) if invented else "")
        known = tuple(dict.fromkeys(place for place in places if place))
        return Kept(Verdict(result.verdict), result.confidence, reason, not invented, known)

    def quote(self, place: Place) -> str:
        """The words at a place, verbatim."""
        return self.texts[place.turn][place.begin : place.end]

    def finding(self, kept: Kept) -> Finding:
        """A finding as everybody knows it. One without quotes is verified: what was not said cannot be quoted."""
        return Finding(
            verdict=kept.verdict,
            reason=kept.reason,
            confidence=kept.confidence,
            evidence=tuple(self._evidence(place) for place in kept.places),
            verified=kept.verified,
        )

    def _evidence(self, place: Place) -> Evidence:
        turn = self.turns[place.turn]
        return Evidence(turn=place.turn, quote=self.quote(place), speaker=turn.speaker, start_ms=turn.start_ms)


def unjudged(reason: str) -> Kept:
    """Nobody could judge; the reason says why."""
    return Kept(Verdict.NOT_EVALUATED, None, reason)


def _letters(text: str) -> Iterator[tuple[int, str]]:
    for place, character in enumerate(text):
        if character in "'’" or unicodedata.category(character) == "Cf":
            continue  # "don't" and "dont" are the same word, with or without joiners
        for letter in unicodedata.normalize("NFKC", character).casefold():
            spoken = letter.isalnum() or unicodedata.category(letter).startswith("M")
            yield place, letter if spoken else " "


def _counted(quotes: int) -> str:
    return "1 quote is" if quotes == 1 else f"{quotes} quotes are"
