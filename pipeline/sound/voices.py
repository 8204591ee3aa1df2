"""Learns two voices from one channel's frames, and says which of them each moment sounds like.

Windows of frames are parted by k-means; then a mixture is learnt for each voice, the frames are shared out anew by
the likeliest path with few changes, and so on until that settles. The same frames always give the same voices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.cepstrum import FRAME_MS, Floats
from pipeline.sound.clusters import parted
from pipeline.sound.mixture import Mixture, fitted, well_fitted

Labels = NDArray[np.int8]  # of blocks: 0 or 1

BLOCK = 10  # frames that share one label
WINDOW, STEP = 15, 5  # blocks that are parted as one, and how far apart these begin
STARTS, FIRST_TRIES, ROUNDS = 5, 8, 8
PARTS = 8  # of a voice's mixture
TRUST = 0.25  # of a frame's likelihood, for neighbouring frames say much the same
CHANGE_COSTS = 60.0  # in log likelihood
SETTLED = 0.002  # share of the blocks that still change
LEAST_FRAMES = 100  # of each voice, and ...
LEAST_SHARE = 0.04  # ... of the speech
LEAST_GAIN, LEAST_GAIN_SECONDS = -0.15, 2.5  # seen: one voice -1.4 to -0.14, in 9 s up to 0.09; two -0.11 to 0.58


@dataclass(frozen=True)
class Voices:
    """Two voices, and the scale that their frames are brought to."""

    mean: Floats
    spread: Floats
    first: Mixture
    second: Mixture

    def leads(self, run: Floats) -> NDArray[np.float64]:
        """By how much each block of a run sounds more like the first voice, in log likelihood; (frames / BLOCK,)."""
        frames = (run - self.mean) / self.spread
        lead = self.first.log_likelihood(frames) - self.second.log_likelihood(frames)
        return TRUST * np.add.reduceat(lead.astype(np.float64), np.arange(0, len(lead), BLOCK))


def learnt(runs: Sequence[Floats]) -> Voices | None:
    """The two voices of these runs of frames, each (frames, size); None where they sound like one."""
    if sum(len(run) for run in runs) < 2 * LEAST_FRAMES:
        return None
    corpus = _Corpus(runs)
    ends = [end for start in corpus.starts() if (end := corpus.settled(start)) is not None]
    pairs = [corpus.pair(end) for end in {end.tobytes(): end for end in ends}.values()]
    best = max(pairs, key=lambda pair: pair.gain, default=None)
    if best is None or best.gain < LEAST_GAIN + LEAST_GAIN_SECONDS / corpus.seconds:
        return None
    return best.voices


def likeliest(leads: NDArray[np.float64]) -> Labels:
    """The path through two states that agrees best with the leads, where each change costs CHANGE_COSTS.

    Viterbi's algorithm, of which only the difference between both states' scores need be carried.
    """
    differences, carried = np.empty(len(leads)), 0.0
    for at, lead in enumerate(leads.tolist()):
        carried = min(max(carried, -CHANGE_COSTS), CHANGE_COSTS) + lead
        differences[at] = carried
    decided = np.abs(differences) > CHANGE_COSTS  # any other block goes with the one after it
    decided[-1:] = True
    at_decided = np.flatnonzero(decided)
    following = at_decided[np.searchsorted(at_decided, np.arange(len(leads)))]
    return (differences[following] < 0).astype(np.int8)


@dataclass(frozen=True)
class _Pair:
    voices: Voices
    gain: float  # in log likelihood a frame, over one voice with as many parts


class _Corpus:
    """The frames to learn from."""

    def __init__(self, runs: Sequence[Floats]) -> None:
        whole = np.concatenate(runs)
        self.mean, self.spread = whole.mean(axis=0), whole.std(axis=0) + np.float32(1e-6)
        self.runs = runs
        self.frames: Floats = (whole - self.mean) / self.spread
        self.seconds = len(whole) * FRAME_MS / 1000
        self.blocks = [-(-len(run) // BLOCK) for run in runs]  # in each run
        sizes = [min(BLOCK, len(run) - at) for run in runs for at in range(0, len(run), BLOCK)]
        self.block_of_frame = np.repeat(np.arange(len(sizes)), sizes)
        self.one_voice = well_fitted(self.frames, 2 * PARTS)[1] / len(self.frames)

    def starts(self) -> list[Labels]:
        """First guesses: labels of all blocks."""
        firsts = np.cumsum([0, *self.blocks])
        windows = np.array(
            [
                (first + at, first + min(at + WINDOW, blocks))
                for first, blocks in zip(firsts.tolist(), self.blocks, strict=False)
                for at in range(0, blocks, STEP)
            ]
        )
        edges = np.searchsorted(self.block_of_frame, windows)
        sums = np.concatenate([np.zeros((1, self.frames.shape[1])), np.cumsum(self.frames, axis=0, dtype=np.float64)])
        means = (sums[edges[:, 1]] - sums[edges[:, 0]]) / np.diff(edges)
        guesses = (parted(means, seed, tries=1 if seed else FIRST_TRIES) for seed in range(STARTS))
        return [_spread(windows, guess, int(firsts[-1])) for guess in guesses]

    def settled(self, labels: Labels) -> Labels | None:
        """Learn the voices and share the blocks out anew until little changes; the first block's voice is 0.

        None where one voice takes all.
        """
        for turn in range(ROUNDS):
            sides = self._sides(labels)
            if min(map(len, sides)) < max(LEAST_FRAMES, LEAST_SHARE * len(self.frames)):
                return None
            first, second = (fitted(side, PARTS, turn) for side in sides)
            voices = Voices(self.mean, self.spread, first, second)
            before, labels = labels, likeliest(np.concatenate([voices.leads(run) for run in self.runs]))
            if np.count_nonzero(before != labels) < SETTLED * len(labels):
                break
        return labels ^ labels[0] if labels.any() and not labels.all() else None

    def pair(self, labels: Labels) -> _Pair:
        """The two voices of these labels, well learnt."""
        (first, one), (second, other) = (well_fitted(side, PARTS) for side in self._sides(labels))
        return _Pair(Voices(self.mean, self.spread, first, second), (one + other) / len(self.frames) - self.one_voice)

    def _sides(self, labels: Labels) -> tuple[Floats, Floats]:
        each = labels[self.block_of_frame]
        return self.frames[each == 0], self.frames[each == 1]


def _spread(windows: NDArray[np.intp], labels: Labels, blocks: int) -> Labels:
    """Labels of windows as labels of blocks; where windows lie over each other the later one counts."""
    made = np.zeros(blocks, np.int8)
    for (start, end), label in zip(windows.tolist(), labels.tolist(), strict=True):
        made[start:end] = label
    return made
