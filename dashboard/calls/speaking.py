"""Who speaks when, along the call: lanes for the player, and what each is called and coloured."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard import words
from pipeline.sound.contract import Stretch
from pipeline.sound.stretches import Stretches, gaps, joined, total_ms
from pipeline.transcribers.contract import AGENT, CUSTOMER, UNKNOWN

_KNOWN = {AGENT: ("Agent", "blue"), CUSTOMER: ("Customer", "violet"), UNKNOWN: ("Unknown", "gray")}
_OTHERS = ("green", "violet", "blue", "gray")
BREATH_MS = 300  # a pause that a speaker makes while going on
SILENCE_MS = 3_000  # from here on it is worth a mark
MOST = 400  # pieces of a lane: more could not be told apart on any screen


def speaker(name: str) -> str:
    """'Agent', 'Customer', 'Speaker 1': a stored speaker as people read it."""
    return _KNOWN[name][0] if name in _KNOWN else name.replace("_", " ").capitalize()


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each speaker of a transcript."""
    names = set(names)
    others = sorted(names - _KNOWN.keys())
    return {name: _KNOWN[name][1] if name in _KNOWN else _OTHERS[others.index(name) % len(_OTHERS)] for name in names}


def along(turns: Iterable[Mapping[str, Any]], talk_s: Mapping[str, float], duration_ms: int) -> dict[str, Any] | None:
    """The lanes: each speaker's stretches and share of the talk, then the silences. None where nobody speaks.

    Turns say when somebody speaks; how long is measured in the sound, where that is known (`talk_s`).
    """
    said: dict[str, list[Stretch]] = {}
    for turn in turns:
        piece = Stretch(start_ms=turn["start_ms"], end_ms=max(turn["end_ms"], turn["start_ms"]))
        said.setdefault(turn["speaker"], []).append(piece)
    end = max([duration_ms, *(piece.end_ms for pieces in said.values() for piece in pieces)], default=0)
    if not said or not end:
        return None
    talk = {name: round(1000 * talk_s.get(name, 0)) or total_ms(pieces) for name, pieces in said.items()}
    colour, everyone = colours(said), sum(talk.values()) or 1
    lanes = [
        {
            "name": speaker(name),
            "colour": colour[name],
            "total": f"{words.length(talk[name])} · {talk[name] / everyone:.0%}",
            "pieces": _pieces(_drawn(said[name], end)),
        }
        for name in sorted(said, key=_place)
    ]
    silent = [gap for gap in gaps((piece for pieces in said.values() for piece in pieces), 0, end) if _long(gap)]
    if silent:
        drawn = sorted(silent, key=lambda gap: -gap.ms)[:MOST]
        total = words.length(sum(gap.ms for gap in silent))
        lanes.append({"name": "Silence", "colour": "silence", "total": total, "pieces": _pieces(drawn)})
    return {"duration_ms": end, "lanes": lanes}


def _place(name: str) -> tuple[int, str]:
    """Agent, customer, others, unknown."""
    return {AGENT: 0, CUSTOMER: 1, UNKNOWN: 3}.get(name, 2), name


def _drawn(pieces: Iterable[Stretch], end_ms: int) -> Stretches:
    """Few enough to draw: what lies closer together than can be seen is one."""
    return joined(pieces, max(BREATH_MS, end_ms // MOST))


def _long(gap: Stretch) -> bool:
    return gap.ms >= SILENCE_MS


def _pieces(stretches: Iterable[Stretch]) -> list[list[int]]:
    return [[piece.start_ms, piece.end_ms] for piece in stretches]
