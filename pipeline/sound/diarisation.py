"""Who of two speakers talks when on one channel, estimated from their voices; in memory that stays small."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.sound.cepstrum import FRAME_MS, cepstra, pieces
from pipeline.sound.contract import Stretch
from pipeline.sound.stretches import Stretches, joined
from pipeline.sound.voices import BLOCK, learnt, likeliest

SAMPLE_MS = 300_000  # of speech that the voices are learnt from


def diarise(path: Path, speech: Sequence[Stretch]) -> tuple[Stretches, ...]:
    """When each speaker talks, in order of first appearance: one or two, none where there is no speech.

    `path` holds raw int16 samples at RATE. Each moment of `speech` goes to exactly one speaker.
    """
    whole = joined(speech)
    runs = list(pieces(whole))
    voices = learnt(list(cepstra(path, _sample(runs))))
    if voices is None:
        return (whole,) if whole else ()
    leads = [voices.leads(frames) for frames in cepstra(path, runs)]
    labels = likeliest(np.concatenate(leads))
    heard: dict[int, list[Stretch]] = {}
    for run, own in zip(runs, np.split(labels, np.cumsum([len(lead) for lead in leads])[:-1]), strict=True):
        for label, stretch in _turns(run, own.tolist()):
            heard.setdefault(label, []).append(stretch)
    return tuple(joined(stretches) for stretches in heard.values())


def _turns(run: Stretch, labels: Sequence[int]) -> list[tuple[int, Stretch]]:
    """The run, cut where the label changes; its last turn ends where it ends."""
    changes = [0, *(at for at in range(1, len(labels)) if labels[at] != labels[at - 1])]
    starts = [run.start_ms + at * BLOCK * FRAME_MS for at in changes]
    ends = [*starts[1:], run.end_ms]
    return [
        (labels[at], Stretch(start_ms=start, end_ms=end)) for at, start, end in zip(changes, starts, ends, strict=True)
    ]


def _sample(runs: Sequence[Stretch]) -> list[Stretch]:
    """About SAMPLE_MS of the runs, evenly from beginning to end."""
    share = min(1.0, SAMPLE_MS / max(1, sum(run.ms for run in runs)))
    return [run for at, run in enumerate(runs) if int((at + 1) * share) > int(at * share)]
