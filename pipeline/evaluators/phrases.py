"""Phrase checks: was it said, by whom, when; tolerant of a recogniser's slips."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz import fuzz

from pipeline.evaluators.contract import Case, Evidence, Finding, Judgement, not_evaluated
from pipeline.evaluators.trust import speakers_doubt, words_doubt
from pipeline.outcome import Done
from pipeline.transcribers.contract import Transcript, Utterance
from records.checks import CheckSpec, PhraseRule
from records.statuses import Verdict

LEAST_LIKENESS = 80  # of 100: measured to find 97 % of phrases in clean audio at 1 % false ones
_NOT_A_WORD = re.compile(r"[^\w']+")


@dataclass(frozen=True)
class Heard:
    """One word as it was said."""

    text: str
    start_ms: int
    turn: int


@dataclass(frozen=True)
class Window:
    """The piece of the call in which a phrase counts, in milliseconds."""

    start_ms: float
    end_ms: float

    def holds(self, ms: float) -> bool:
        return self.start_ms <= ms <= self.end_ms


class Phrases:
    """Judges phrase checks from the transcript, and from phrases that the transcriber heard in the sound."""

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement]:
        return Done(Judgement({place: _judge(case, check.rule) for place, check in enumerate(checks)}))  # type: ignore[arg-type]  # the registry sends phrase rules only


def _judge(case: Case, rule: PhraseRule) -> Finding:
    doubt = words_doubt(case) or speakers_doubt(case, rule.speaker)
    if doubt:
        return not_evaluated(doubt)
    window = window_of(rule, case.figures.duration_s)
    found = {phrase: find(case.transcript, phrase, rule.speaker, window) for phrase in rule.phrases}
    said = [phrase for phrase, evidence in found.items() if evidence]
    missing = [phrase for phrase, evidence in found.items() if not evidence]
    met = {"any": bool(said), "all": not missing, "none": not said}[
        "any" if rule.any else "all" if rule.all else "none"
    ]
    return Finding(
        verdict=Verdict.PASS if met else Verdict.FAIL,
        reason=_reason(said, missing, rule),
        evidence=tuple(evidence for evidence in found.values() if evidence),
    )


def window_of(rule: PhraseRule, duration_s: float) -> Window:
    """When the phrase must be said; the whole call when the rule names no time."""
    if rule.within_first_s is not None:
        return Window(0, rule.within_first_s * 1000)
    if rule.within_last_s is not None:
        return Window((duration_s - rule.within_last_s) * 1000, float("inf"))
    return Window(0, float("inf"))


def find(transcript: Transcript, phrase: str, speaker: str, window: Window) -> Evidence | None:
    """Where the phrase was said, or None."""
    wanted = plain(phrase)
    for stream in _streams(transcript, speaker, window):
        hit = _like(wanted, stream)
        if hit:
            words = [word for word in stream[hit[0] : hit[1]] if word.turn == stream[hit[0]].turn]
            said_by = transcript.utterances[words[0].turn].speaker
            quote = " ".join(word.text for word in words)
            return Evidence(turn=words[0].turn, quote=quote, speaker=said_by, start_ms=words[0].start_ms)
    return _spotted(transcript, phrase, speaker, window)


def plain(text: str) -> str:
    """Lower-case words without punctuation, single spaces."""
    return " ".join(_NOT_A_WORD.sub(" ", text.lower().replace("’", "'")).split())  # typographic ones get pasted


def _streams(transcript: Transcript, speaker: str, window: Window) -> Iterator[list[Heard]]:
    """What each allowed speaker said within the window, pauses between turns closed."""
    turns = [(place, turn) for place, turn in enumerate(transcript.utterances) if speaker in ("either", turn.speaker)]
    by_speaker = sorted(turns, key=lambda item: item[1].speaker)  # stable: time order stays
    for _, own in groupby(by_speaker, key=lambda item: item[1].speaker):
        words = [word for place, turn in own for word in _words(place, turn) if window.holds(word.start_ms)]
        if words:
            yield words


def _words(place: int, turn: Utterance) -> Iterator[Heard]:
    if turn.words:
        yield from (Heard(word.text, word.start_ms, place) for word in turn.words)
        return
    texts = turn.text.split()
    step = (turn.end_ms - turn.start_ms) / max(len(texts), 1)  # no word times: spread evenly over the turn
    yield from (Heard(text, round(turn.start_ms + step * index), place) for index, text in enumerate(texts))


def _like(wanted: str, stream: Sequence[Heard]) -> tuple[int, int] | None:
    """Places [start, end) of the words in the stream that are like the wanted ones."""
    words = [plain(word.text) for word in stream]
    text = " ".join(words)
    alignment = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=LEAST_LIKENESS)
    if alignment is None:
        return None
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    first = max(index for index, start in enumerate(starts) if start <= alignment.dest_start)
    last = max(index for index, start in enumerate(starts) if start < max(alignment.dest_end, 1))
    # Whole words must be alike too: 'art' is no 'start', and a lone 'you' is no 'thank you'.
    spans = [(a, b) for a in (first, first + 1) for b in (last, last + 1) if a < b]
    best = max(spans, key=lambda span: fuzz.ratio(wanted, " ".join(words[span[0] : span[1]])), default=None)
    if best is None or fuzz.ratio(wanted, " ".join(words[best[0] : best[1]])) < LEAST_LIKENESS:
        return None
    return best


def _spotted(transcript: Transcript, phrase: str, speaker: str, window: Window) -> Evidence | None:
    for spotted in transcript.spotted:
        if spotted.phrase == phrase and speaker in ("either", spotted.speaker) and window.holds(spotted.start_ms):
            return Evidence(turn=None, quote=phrase, speaker=spotted.speaker, start_ms=spotted.start_ms)
    return None


def _reason(said: list[str], missing: list[str], rule: PhraseRule) -> str:
    where = ""
    if rule.within_first_s is not None:
        where = f" in the first {rule.within_first_s:g} s"
    if rule.within_last_s is not None:
        where = f" in the last {rule.within_last_s:g} s"
    who = "" if rule.speaker == "either" else f" by the {rule.speaker}"
    if said and (rule.any or rule.none or not missing):
        return f"Said{who}{where}: {_listed(said)}."
    return f"Not said{who}{where}: {_listed(missing)}."


def _listed(phrases: list[str]) -> str:
    shown = ", ".join(f"'{phrase}'" for phrase in phrases[:3])
    return shown if len(phrases) <= 3 else f"{shown} and {len(phrases) - 3} more"  # noqa: PLR2004  as above
