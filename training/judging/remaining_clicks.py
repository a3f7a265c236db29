"""A yardstick for records whose truth nobody knows: how many clicks stand out of the prediction.

Whatever a linear predictor of the last millisecond cannot foresee is hiss, an attack or a click;
hiss is counted out by its own level at that moment. The same count before and after a restoration
tells what is left. It shares no detector with the program. Any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import Whitener, estimate_ar
from training.harvest.click_finder import running_sigma
from training.signals.interpolation import FRAME, frame_starts, owned

F64 = NDArray[np.float64]

ORDER = 40
SIGMAS = (6, 8, 12)
APART_S = 0.0005  # what comes closer is one event
SETTLING_S = 0.1  # at the beginning the level of the hiss is not known yet


class Remaining(NamedTuple):
    """``per_s``: events a second above each of ``SIGMAS``; ``kurtosis``: 3 is hiss alone."""

    per_s: tuple[float, ...]
    kurtosis: float


def count_remaining(audio: F64, sample_rate: int) -> Remaining:
    """Count what stands out in mono ``[T]``; nan if it is shorter than a frame."""
    if len(audio) < FRAME:
        return Remaining((float("nan"),) * len(SIGMAS), float("nan"))
    error = prediction_error(audio)
    height = np.abs(error) / running_sigma(error, sample_rate)
    skipped = round(SETTLING_S * sample_rate)
    height, heard = height[skipped:], error[skipped:]
    seconds = len(height) / sample_rate
    counts = []
    for sigma in SIGMAS:
        places = np.flatnonzero(height > sigma)
        apart = np.diff(places, prepend=-sample_rate) > APART_S * sample_rate
        counts.append(float(np.count_nonzero(apart)) / seconds)
    power = float(np.mean(heard**2))
    kurtosis = float(np.mean(heard**4)) / power**2 if power > 0 else float("nan")
    return Remaining(tuple(counts), kurtosis)


def prediction_error(audio: F64) -> F64:
    """What a predictor fitted to each fifth of a second cannot foresee, ``[T]``."""
    n = len(audio)
    error = np.zeros(n)
    window = np.hanning(FRAME)
    for start in frame_starts(n):
        frame = audio[start : start + FRAME]
        model = estimate_ar((frame * window)[None], ORDER)[0]
        forward = Whitener(model, FRAME).error(frame)
        low, high = owned(start, n, ORDER)
        error[low:high] = forward[low - start : high - start]
    return error
