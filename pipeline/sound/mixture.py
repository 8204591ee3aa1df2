"""A mixture of Gaussians with diagonal covariance: what one voice's frames are like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ROUNDS = 10
TRIES, LONG_ROUNDS = 3, 20  # for well_fitted()
FRAMES_EACH = 30  # fewer frames than this a part would learn them by heart
VARIANCE_FLOOR = 0.1  # of the whole's


@dataclass(frozen=True)
class Mixture:
    """Weights (parts,), means and variances (parts, size)."""

    weights: Floats
    means: Floats
    variances: Floats

    def logs(self, frames: Floats) -> Floats:
        """Log of each part's share in the likelihood of each frame: (frames, parts)."""
        inverse = 1 / self.variances
        constant = np.log(self.weights) - 0.5 * np.log(2 * np.pi * self.variances).sum(axis=1)
        constant -= 0.5 * (self.means**2 * inverse).sum(axis=1)
        made: Floats = constant + frames @ (self.means * inverse).T - 0.5 * (frames**2 @ inverse.T)
        return made

    def log_likelihood(self, frames: Floats) -> Floats:
        """(frames,)"""
        return _log_sum(self.logs(frames))[:, 0]


def well_fitted(frames: Floats, parts: int) -> tuple[Mixture, float]:
    """The best of some mixtures, and the sum of the frames' log likelihood under it."""
    tries = [fitted(frames, parts, seed, LONG_ROUNDS) for seed in range(TRIES)]
    found = [(float(made.log_likelihood(frames).sum(dtype=np.float64)), made) for made in tries]
    likelihood, made = max(found, key=lambda pair: pair[0])
    return made, likelihood


def fitted(frames: Floats, parts: int, seed: int, rounds: int = ROUNDS) -> Mixture:
    """The mixture by expectation and maximisation; the same frames and seed give the same mixture."""
    parts = max(1, min(parts, len(frames) // FRAMES_EACH))
    variance = frames.var(axis=0) + np.float32(1e-3)
    chosen = np.random.default_rng(seed).choice(len(frames), parts, replace=False)
    made = Mixture(np.full(parts, 1 / parts, np.float32), frames[chosen], np.tile(variance, (parts, 1)))
    for _ in range(rounds):
        logs = made.logs(frames)
        shares = np.exp(logs - _log_sum(logs))
        weights = shares.sum(axis=0) + np.float32(1e-6)
        means = shares.T @ frames / weights[:, None]
        variances = shares.T @ frames**2 / weights[:, None] - means**2
        made = Mixture(weights / weights.sum(), means, np.maximum(variances, VARIANCE_FLOOR * variance))
    return made


def _log_sum(logs: Floats) -> Floats:
    """log(sum(exp())) along the parts, kept as a column."""
    most = logs.max(axis=1, keepdims=True)
    made: Floats = most + np.log(np.exp(logs - most).sum(axis=1, keepdims=True))
    return made
