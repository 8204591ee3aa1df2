"""Parts points into two groups by k-means."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

ROUNDS = 50


def parted(points: Points, seed: int, tries: int) -> NDArray[np.int8]:
    """0 or 1 for each of the points (n, size), the tightest of so many tries; all 0 where they cannot be parted."""
    random = np.random.default_rng(seed)
    best, tightest = np.zeros(len(points), np.int8), np.inf
    for _ in range(tries):
        labels, spread = _settled(points, points[random.choice(len(points), 2, replace=False)])
        if labels.min() != labels.max() and spread < tightest:
            best, tightest = labels, spread
    return best


def _settled(points: Points, centres: Points) -> tuple[NDArray[np.int8], float]:
    labels, spread = np.zeros(len(points), np.int8), np.inf
    for _ in range(ROUNDS):
        distances = np.stack([np.square(points - centre).sum(axis=1) for centre in centres], axis=1)
        before, labels, spread = labels, distances.argmin(axis=1).astype(np.int8), float(distances.min(axis=1).sum())
        if labels.min() == labels.max() or np.array_equal(before, labels):
            break
        centres = np.stack([points[labels == group].mean(axis=0) for group in (0, 1)])
    return labels, spread
