"""Least-squares interpolation of marked samples, at any order: the harvest's tool and the oracle.

Any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import ArModel, GapSystem, Whitener, estimate_ar

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Span = tuple[int, int]

FRAME, HOP = 8192, 4096
REFITS = 2  # the predictor is fitted to what is left of the gaps, and again


class Solved(NamedTuple):
    """A signal without its gaps, its predictor, and the innovation's robust sigma."""

    signal: F64
    model: ArModel
    sigma: float


def interpolated(raw: F64, spans: list[Span], order: int) -> Solved:
    """Rebuild all spans of one frame ``[T]`` together; spans keep ``order`` from either end."""
    signal = raw.copy()
    for low, high in spans:
        signal[low:high] = np.linspace(signal[low - 1], signal[high], high - low)
    index = np.concatenate([np.arange(*span) for span in spans] or [np.zeros(0, int)])
    window = np.hanning(len(raw))
    damaged = np.zeros(len(raw), bool)
    damaged[index] = True
    for _ in range(REFITS if len(index) else 1):
        model = estimate_ar((signal * window)[None], order)[0]
        whitener = Whitener(model, len(raw))
        if len(index):
            field = whitener.field(signal)
            signal[index] += GapSystem(model.gram, index.astype(np.intp)).solve(-field[index])
    error = whitener.error(signal)[order:]
    sigma = float(np.median(np.abs(error[~damaged[order:]]))) / 0.6745
    return Solved(signal, model, sigma + 1e-12)


def frame_starts(n: int) -> list[int]:
    """Where frames begin that overlap by half and cover ``n`` samples."""
    if n <= FRAME:
        return [0]
    return [*range(0, n - FRAME, HOP), n - FRAME]


def owned(frame_start: int, n: int, margin: int) -> Span:
    """The middle of a frame; the outermost frames own their ends but for the margin."""
    starts = frame_starts(n)
    place = starts.index(frame_start)
    low = margin if place == 0 else starts[place - 1] + FRAME - HOP // 2
    high = n - margin if place == len(starts) - 1 else frame_start + FRAME - HOP // 2
    return low, high


def interpolate_marked(signal: F64, spans: list[Span], order: int) -> F64:
    """Rebuild known spans of ``[T]``: what a declicker gains that is told where the damage is."""
    n = len(signal)
    restored = signal.copy()
    for start in frame_starts(n):
        frame = signal[start : start + FRAME]
        inside = [
            (low - start, high - start)
            for low, high in spans
            if low - start >= order and high - start <= len(frame) - order
        ]
        solved = interpolated(frame, inside, order)
        own = owned(start, n, order)
        for low, high in inside:
            if own[0] <= start + low < own[1]:
                restored[start + low : start + high] = solved.signal[low:high]
    return restored
