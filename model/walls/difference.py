"""What stands out in the difference of the aligned walls: damage, for the music is not in it.

The difference is whitened by its own predictor and looked at over several lengths at once, so
that a sharp click and a long, low gouge both show. Any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import quick_length

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Runs = list[tuple[int, int]]

BLOCK = 64  # samples per block of the running levels
LEVEL_BLOCKS = 64  # over which the hiss's level is a median: damage of half of it changes nothing
MEDIAN_TO_SIGMA = 1.0 / 0.6745
SILENT = 2e-7  # full scale, and no less: what lies below is no damage anybody hears
# Lengths that the power is averaged over, how many sigmas stand out of hiss with its grain, and
# how many beside it belong to the same damage.
LENGTHS = (1, 4, 16, 64)
SIGMAS = (5.2, 3.5, 2.6, 2.2)
BELONGS = (2.4, 1.8, 1.55, 1.4)
CLIPPED = 3.0  # sigmas; so high a single sample may count for what belongs to it
BRIDGE = 10  # samples; nearer stretches are one
PAD = 3  # samples on either side, where damage hides in hiss


class Heights(NamedTuple):
    """How far each sample stands out, ``[n]``: 1 where it is damage; and what belongs to some."""

    height: F64
    belongs: Mask


def whitened(samples: F64, coefficients: F64) -> F64:
    """Whiten ``[..., n]`` without delay, by the magnitude of a predictor's response."""
    n = samples.shape[-1]
    size = quick_length(n + len(coefficients))
    gain = np.abs(np.fft.rfft(coefficients, size))
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[..., :n])


def block_medians(magnitudes: F64) -> F64:
    """Return the median of each block of ``[..., n]``, n a multiple of ``BLOCK``."""
    blocks = magnitudes.reshape(*magnitudes.shape[:-1], -1, BLOCK)
    return np.asarray(np.partition(blocks, BLOCK // 2, axis=-1)[..., BLOCK // 2])


def heights(difference: F64, level: F64) -> Heights:
    """Measure a whitened difference ``[n]`` against its level ``[n]``."""
    power = np.square(difference / level)
    height = np.sqrt(power) / SIGMAS[0]
    belongs = power > BELONGS[0] ** 2
    # The ends are mirrored in nothing: a window half outside holds half the power.
    widest = LENGTHS[-1]
    total = np.zeros((2, len(power) + 2 * widest + 1))
    np.cumsum(power, out=total[0, widest + 1 : -widest])
    np.cumsum(np.minimum(power, CLIPPED**2), out=total[1, widest + 1 : -widest])
    total[:, -widest:] = total[:, -widest - 1 : -widest]
    for length, sigmas, near in zip(LENGTHS[1:], SIGMAS[1:], BELONGS[1:], strict=True):
        low = widest - length // 2
        sums = total[:, low + length :][:, : len(power)] - total[:, low:][:, : len(power)]
        np.maximum(height, np.sqrt(np.maximum(sums[0], 0.0) / length) / sigmas, out=height)
        belongs |= sums[1] > length * near**2
    return Heights(height, belongs)


def stretches_of_damage(found: Heights) -> Runs:
    """Return start and end of what stands out, with what belongs to it, widened by ``PAD``."""
    index = np.flatnonzero(found.belongs)
    if len(index) == 0:
        return []
    cut = np.flatnonzero(np.diff(index) > BRIDGE)
    begin = np.concatenate([[0], cut + 1])
    top = np.maximum.reduceat(found.height[index], begin)
    starts = index[begin]
    ends = index[np.concatenate([cut, [len(index) - 1]])] + 1
    n = len(found.height)
    return [
        (max(int(a) - PAD, 0), min(int(b) + PAD, n))
        for a, b, highest in zip(starts, ends, top, strict=True)
        if highest > 1.0
    ]
