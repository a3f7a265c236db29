"""Autoregressive mathematics: the model, its whitening, least-squares interpolation. Any thread.

A predictor ``a`` (``a[0] == 1``) whitens a signal; with ``A`` its convolution matrix, the energy
``|A x|^2`` tells how well ``x`` is explained. Its gradient ``A'A x`` is a *field* that is cheap to
compute and that all of detection and repair is built on.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function

F64 = NDArray[np.float64]

LEAST_FLOOR = 1e-9  # of the frame's power: keeps the predictor of a band-limited signal stable
MOST_FLOOR = 1e-3  # of the frame's power
# Without a share of the surface noise's level an old, band-limited transfer would be judged by its
# empty upper band, where no click of the disc can show.
FLOOR_SHARE = 0.05
LEAST_SHARE = 5e-5  # the same for what is rebuilt: it may know an empty band as it is
WORTHWHILE = 2.0  # times less must the finer predictor miss
_MOST_ORDER = 512  # MOST_ORDER of the core

_plan_size = function("fft_plan_size", (COUNT,), COUNT)
_plan = function("fft_plan", (COUNT, ADDRESS))
_moments = function("ar_moments", (*(ADDRESS,) * 3, *(COUNT,) * 4, ADDRESS, ADDRESS), NUMBER)
_predictor = function("ar_predictor", (ADDRESS, COUNT, NUMBER, ADDRESS, ADDRESS))
_bands = function("gap_bands", (ADDRESS, COUNT, ADDRESS, COUNT, ADDRESS, ADDRESS), COUNT)
_solve = function("gap_solve", (ADDRESS, COUNT, COUNT, ADDRESS, ADDRESS), COUNT)


class ArModel(NamedTuple):
    """A linear predictor and what follows from it.

    ``coefficients`` are ``a[0..order]`` with ``a[0] == 1``; ``gram`` is their autocorrelation,
    the first row of the Toeplitz matrix ``A'A``.
    """

    coefficients: F64
    gram: F64

    @property
    def order(self) -> int:
        """Number of past samples that the predictor looks at."""
        return len(self.coefficients) - 1

    @property
    def field_gain(self) -> float:
        """Root of ``gram[0]``: dividing the field by it gives it the innovation's scale."""
        return float(np.sqrt(self.gram[0]))


@functools.cache
def quick_length(n: int) -> int:
    """Return the least even length from ``n`` on that is quick to transform: factors up to 5."""
    length = max(2, n + n % 2)
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 2


@functools.cache
def window_of(n: int) -> F64:
    """The window that predictors are fitted under, float64 ``[n]`` (periodic Hann)."""
    window = np.hanning(n + 1)[:n]
    window.setflags(write=False)
    return window


@functools.cache
def plan_of(n: int) -> F64:
    """The core's plan to transform ``n`` samples.

    Raises
    ------
    ValueError
        If ``n`` is odd, or has a prime factor above 61.
    """
    if not (size := _plan_size(n)):
        raise ValueError(f"no plan for {n} samples; take an even number of small factors")
    plan = np.empty(size)
    _plan(n, address(plan))
    plan.setflags(write=False)
    return plan


def estimate_ar(frames: F64, order: int) -> list[ArModel]:
    """Fit a predictor to each windowed frame by the autocorrelation method.

    Parameters
    ----------
    frames : float64 [C, N]
        One frame per channel, already multiplied by its window.
    order : int
        Predictor order, well below N.

    Returns
    -------
    list of ArModel, one per channel
        Silence gets the predictor that predicts nothing: its field is the signal itself.

    Notes
    -----
    Levinson-Durbin on the Yule-Walker equations (Makhoul 1975).
    """
    if not 0 < order <= _MOST_ORDER:
        raise ValueError(f"order is {order}; it must be 1 to {_MOST_ORDER}")
    frames = np.ascontiguousarray(frames, np.float64)
    n = frames.shape[-1]
    whole = quick_length(n + order)
    plan, scratch = plan_of(whole), np.empty(4 * whole + 2)
    correlation = np.empty(order + 1)
    models = []
    for frame in frames:
        into = address(correlation)
        _moments(address(plan), address(frame), None, n, order, 0, 0, into, address(scratch))
        model = ArModel(*np.empty((2, order + 1)))
        _predictor(into, order, LEAST_FLOOR, address(model.coefficients), address(model.gram))
        models.append(model)
    return models


class Whitener:
    """Applies one predictor to segments of one length by FFT.

    Results within ``order`` samples of either end are wrapped and mean nothing.
    """

    def __init__(self, model: ArModel, n: int) -> None:
        self._n = n
        self._forward = fft.rfft(model.coefficients, n)

    def field(self, signal: F64) -> F64:
        """``A'A x``: half the gradient of the prediction error's energy, same shape as x."""
        energy = self._forward.real**2 + self._forward.imag**2
        return np.asarray(fft.irfft(fft.rfft(signal) * energy, self._n))

    def error(self, signal: F64) -> F64:
        """Forward prediction error, same shape as the signal."""
        return np.asarray(fft.irfft(fft.rfft(signal) * self._forward, self._n))


class GapSystem:
    """The normal equations of scattered unknown samples, ``(A'A)[index, index]``.

    Samples farther apart than the order do not interact, so the matrix is banded; all gaps of a
    region are solved together (Janssen, Veldhuis, Vries 1986, extended to many gaps).

    Parameters
    ----------
    gram : float64 [order + 1]
        First row of ``A'A``.
    index : int [n]
        Positions of the unknown samples, ascending.
    """

    def __init__(self, gram: F64, index: NDArray[np.intp]) -> None:
        order = len(gram) - 1
        self.index = np.ascontiguousarray(index, np.int64)
        room = np.empty(len(index) * (order + 4))
        self._reach = np.empty(len(index), np.int64)
        gram = np.ascontiguousarray(gram, np.float64)
        places = address(self.index)
        into = address(room), address(self._reach)
        stride = _bands(address(gram), order, places, len(index), *into)
        self._bands = room[: len(index) * stride].reshape(len(index), stride)

    def solve(self, target: F64, ridge: F64 | float = 0.0) -> F64:
        """Solve ``(A'A + diag(ridge)) x = target``; zeros where it is numerically singular."""
        bands, solution = self._bands.copy(), np.array(target, np.float64)
        if len(bands) == 0:
            return solution
        bands[:, 0] += ridge
        _solve(address(bands), *bands.shape, address(self._reach), address(solution))
        return solution


def interpolate_gap(
    signal: NDArray[np.float32], start: int, length: int, ar_order: int = 100
) -> None:
    """Rebuild the samples under one impulse from their surroundings, in place.

    Parameters
    ----------
    signal : float32 [T]
        Full scale is +-1. Needs at least ``4 * ar_order`` good samples on each side.
    start, length : int
        The damaged stretch, in samples.
    ar_order : int
        Order of the predictor.

    Raises
    ------
    ValueError
        If the gap or its margins leave the signal.

    Notes
    -----
    Least-squares AR interpolation (Janssen, Veldhuis, Vries 1986), one refinement.
    """
    margin = 4 * ar_order
    if length < 1 or start < margin or start + length + margin > len(signal):
        raise ValueError(
            f"gap {start}..{start + length} needs {margin} samples on each side within "
            f"0..{len(signal)}; choose a lower ar_order or give more context"
        )
    reach = max(margin, 2048)
    low, high = max(0, start - reach), min(len(signal), start + length + reach)
    frame = signal[low:high].astype(np.float64)
    index = np.arange(start - low, start - low + length)
    frame[index] = np.linspace(frame[index[0] - 1], frame[index[-1] + 1], length)
    for _ in range(2):
        model = estimate_ar((frame * np.hanning(len(frame)))[None], ar_order)[0]
        field = Whitener(model, len(frame)).field(frame)
        frame[index] += GapSystem(model.gram, index).solve(-field[index])
    signal[start : start + length] = frame[index]
