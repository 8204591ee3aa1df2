"""Phrase checks: was it said, by whom, when; tolerant of a recogniser's slips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.evaluators.contract import Case, Evidence, Finding, Judgement, not_evaluated
from pipeline.evaluators.likeness import Like
from pipeline.evaluators.spoken import Stream, streams
from pipeline.evaluators.trust import speakers_doubt, words_doubt
from pipeline.outcome import Done
from pipeline.transcribers.contract import Transcript
from records.checks import CheckSpec, PhraseRule
from records.statuses import Verdict


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
        said = streams(case.transcript)
        return Done(Judgement({place: _judge(case, said, check.rule) for place, check in enumerate(checks)}))  # type: ignore[arg-type]  # the registry sends phrase rules only


def _judge(case: Case, spoken: Sequence[Stream], rule: PhraseRule) -> Finding:
    doubt = words_doubt(case) or speakers_doubt(case, rule.speaker)
    if doubt:
        return not_evaluated(doubt)
    window = window_of(rule, case.figures.duration_s)
    found = {phrase: find(case.transcript, spoken, phrase, rule.speaker, window) for phrase in rule.phrases}
    heard = found if rule.all else _one_a_place(found)
    said = [phrase for phrase, evidence in heard.items() if evidence]
    missing = [phrase for phrase, evidence in found.items() if not evidence]
    met = {"any": bool(said), "all": not missing, "none": not said}[
        "any" if rule.any else "all" if rule.all else "none"
    ]
    return Finding(
        verdict=Verdict.PASS if met else Verdict.FAIL,
        reason=_reason(said, missing, rule),
        evidence=tuple(piece for evidence in heard.values() for piece in evidence),
    )


def _one_a_place(found: Mapping[str, tuple[Evidence, ...]]) -> dict[str, tuple[Evidence, ...]]:
    """'thank you for calling' is like 'thanks for calling', but was said once: the first listed has it."""
    kept: dict[str, tuple[Evidence, ...]] = {}
    for phrase, evidence in found.items():
        taken = {pieces[0].start_ms for pieces in kept.values() if pieces}
        kept[phrase] = evidence if evidence and evidence[0].start_ms not in taken else ()
    return kept


def window_of(rule: PhraseRule, duration_s: float) -> Window:
    """When the phrase must be said; the whole call when the rule names no time."""
    if rule.within_first_s is not None:
        return Window(0, rule.within_first_s * 1000)
    if rule.within_last_s is not None:
        return Window((duration_s - rule.within_last_s) * 1000, float("inf"))
    return Window(0, float("inf"))


def find(
    transcript: Transcript, spoken: Sequence[Stream], phrase: str, speaker: str, window: Window
) -> tuple[Evidence, ...]:
    """Where the phrase was said; empty when it was not."""
    best: tuple[Like, Stream] | None = None
    for stream in spoken:
        if speaker in ("either", stream.speaker):
            for hit in stream.words.like(phrase):
                inside = all(window.holds(heard.start_ms) for heard in stream.heard[hit.start : hit.end])
                if inside and (best is None or hit.likeness > best[0].likeness):
                    best = hit, stream
    if best is None:
        return _spotted(transcript, phrase, speaker, window)
    return best[1].evidence(best[0], transcript)


def _spotted(transcript: Transcript, phrase: str, speaker: str, window: Window) -> tuple[Evidence, ...]:
    for spotted in transcript.spotted:
        if spotted.phrase == phrase and speaker in ("either", spotted.speaker) and window.holds(spotted.start_ms):
            return (Evidence(turn=None, quote=phrase, speaker=spotted.speaker, start_ms=spotted.start_ms),)
    return ()


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
