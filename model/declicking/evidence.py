"""How unlikely each sample is: robust local scales and the two analytical measures. Any thread."""

import functools

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

BLOCK = 64  # samples per block of the running scales (1.5 ms at 44.1 kHz)
SIDE = 6  # blocks looked at on either side
_MEDIAN_TO_SIGMA = 1.0 / 0.6745
_FLOOR = 2e-6  # full scale; far under the least significant bit of 16-bit audio
_MOST_UNKNOWN = (3 * BLOCK) // 4  # samples of a block whose median still says something
# Of a sorted block that begins with so many zeros for unknown samples: where the others' median is.
_MIDDLE = np.minimum(np.arange(BLOCK + 1) + (BLOCK - np.arange(BLOCK + 1)) // 2, BLOCK - 1)


def local_scale(deviation: F64, unknown: Mask) -> tuple[F64, F64]:
    """Robust running scale of whitened signals, and the peak of each block.

    The scale is the larger of the medians before and after: what stays loud after its onset is an
    attack, and is measured against what follows it (the guard for drums, plosives and brass).

    Parameters
    ----------
    deviation : float64 [views, ..., T]
        Absolute whitened signal in some views; T a multiple of ``BLOCK``.
    unknown : bool [..., T]
        Samples under repair, which do not count in any view.

    Returns
    -------
    scale, peak : float64 [views, ..., T // BLOCK]
        Standard deviation of the innovation as seen locally; largest known deviation per block.
    """
    shape = (*deviation.shape[:-1], -1, BLOCK)
    any_unknown = bool(unknown.any())
    known = np.where(unknown, 0.0, deviation) if any_unknown else deviation
    blocks = np.sort(known.reshape(shape), axis=-1)
    n = blocks.shape[-2]
    if any_unknown:
        # At most 64 in a block, so that the sum fits a byte and nothing has to be widened.
        by_block = unknown.view(np.uint8).reshape(*shape[1:-2], n, BLOCK)
        median = _known_median(blocks, np.add.reduce(by_block, axis=-1, dtype=np.uint8))
    else:
        median = blocks[..., BLOCK // 2]
    near = np.sort(median.take(_nearby(n), axis=-1), axis=-1)
    middle = near[..., SIDE // 2] * _MEDIAN_TO_SIGMA
    scale = np.maximum(middle[..., :n], middle[..., SIDE + 1 : SIDE + 1 + n])
    np.maximum(scale, _FLOOR, out=scale)
    return scale, blocks[..., -1]


@functools.cache
def _nearby(n: int) -> NDArray[np.intp]:
    """Row ``k``: the ``SIDE`` blocks from ``k - SIDE`` on, the outermost repeated at the ends."""
    nearby = np.arange(-SIDE, n + 1)[:, None] + np.arange(SIDE)
    return np.asarray(np.clip(nearby, 0, n - 1), np.intp)


@functools.cache
def _block_starts(blocks: int) -> NDArray[np.intp]:
    return np.arange(blocks) * BLOCK


def _known_median(blocks: F64, n_unknown: NDArray[np.uint8]) -> F64:
    """Median of each sorted block's known samples; mostly unknown blocks take neighbours'."""
    views, n = len(blocks), n_unknown.size
    at = _MIDDLE.take(n_unknown.ravel())
    at += _block_starts(n)
    median: F64 = blocks.reshape(views, -1).take(at, axis=1).reshape(blocks.shape[:-1])
    if n_unknown.max() <= _MOST_UNKNOWN:
        return median
    usable, position = n_unknown <= _MOST_UNKNOWN, np.arange(blocks.shape[-2])
    for channel in np.ndindex(usable.shape[:-1]):
        known = np.flatnonzero(usable[channel])
        if 0 < len(known) < len(position):
            for view in median:
                view[channel] = np.interp(position, known, view[channel][known])
    return median


def neighbour_peak(peak: F64, first: int, last: int, quantile: float, span: int = 8) -> float:
    """Quantile of the block peaks around blocks ``first..last``, which do not count.

    A series of pulses (brass, glottis, hi-hat) has neighbours as high as itself; a click has not.
    """
    around = np.concatenate([peak[max(0, first - span) : first], peak[last + 1 : last + 1 + span]])
    if len(around) == 0:
        return _FLOOR
    return max(float(np.sort(around)[int(quantile * (len(around) - 1))]), _FLOOR)


def derivative_measure(signal: F64, start: int, length: int, reach: int = 300) -> float:
    """Mean of the sharpness and the amplitude of a stretch, against their running medians.

    The measure ``(|derivative| + |amplitude|) / 2`` with first and second derivatives, each term
    divided by its own median over ``reach`` samples on both sides: without such a scale it would
    answer to loud music as much as to clicks.
    """
    low = max(0, start - reach)
    x = signal[low : start + length + reach]
    first = np.abs(np.diff(x))
    second = np.abs(np.diff(x, 2))
    inside = slice(max(start - low - 2, 0), start - low + length)
    terms = [
        float(values[inside].max(initial=0.0)) / (_median(values) + _FLOOR)
        for values in (first, second, np.abs(x))
    ]
    return 0.5 * (max(terms[0], terms[1]) + terms[2])


def _median(values: F64) -> float:
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])
