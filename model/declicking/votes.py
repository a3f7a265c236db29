"""The learned detector's vote, and what it is worth to the analytical one. Any thread."""

import numpy as np
from numpy.typing import NDArray

from model.declicking.thresholds import Thresholds

F64 = NDArray[np.float64]

MOST_FACTOR = 2.5  # by which a certain learned detector raises or lowers a height
CERTAIN = 4.0  # log odds at which it is certain
_MOST_ABOVE = float(np.log(1.9))  # logarithm of the factor that a vote is worth above the music


def opinion_of(probability: NDArray[np.float32], thresholds: Thresholds) -> F64:
    """The logarithm of the factor by which the learned detector raises or lowers a height.

    Proportional to its log odds, so that 0.5 leaves everything to the analytical detector (at
    sensitivity 0.5; a higher one leans towards finding); bounded, so that neither can overrule
    the other for good.
    """
    p = np.clip(probability.astype(np.float64), 1e-3, 1.0 - 1e-3)
    odds = np.log(p / (1.0 - p)) + thresholds.lean
    return np.asarray(np.log(MOST_FACTOR) * np.clip(odds / CERTAIN, -1.0, 1.0))


def votes_of(opinion: F64, thresholds: Thresholds) -> tuple[F64, F64]:
    """Read opinions as factors, in the whole band and above the music, each of the same shape.

    Above the music a vote sharpens the evidence, and erases none.
    """
    if thresholds.learned == 0.0:
        none = np.ones(opinion.shape)
        return none, none
    above = np.minimum(np.maximum(opinion, 0.0), _MOST_ABOVE)
    return np.exp(thresholds.learned * opinion), np.exp(thresholds.learned * above)
