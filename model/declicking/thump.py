"""The slow body of a pop: a long, low pulse behind its crack. Any thread.

Rebuilding 20 ms of everything would throw away all that still sounds above the pulse. Instead
the low band alone is rebuilt, at a low sample rate where a predictor of the music's bass is
possible, and only if the pulse decays as a needle's does and dwarfs the bass before it.
"""

import ctypes

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import estimate_ar, plan_of

F64 = NDArray[np.float64]

SHORTEST_S = 0.005  # below it a pop is rebuilt like any click
_LOW_RATE = 6_000.0  # Hz; the band that is rebuilt reaches half of it
_ORDER = 48
_MARGIN = 6  # low-rate samples at the newest end that the band limit has blurred
_FADE = 16  # samples


class Rules(ctypes.Structure):
    """As ``pulse_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, NUMBER) for name in ("of_body", "crack", "swell", "over")),
        *((name, NUMBER) for name in ("sigma", "ridge", "level", "early")),
        ("fewest_over", COUNT),
    )


RULES = Rules(
    of_body=0.5,  # the crack, of what follows: crackle on a note's attack is no crack of a pop
    crack=0.7,  # the crack's height, of the music's peak before it
    swell=1.15,  # of the bass's power before, where the least pulse adds a quarter and more
    over=2.0,  # the same once the pulse is over: a note stays
    sigma=6.0,  # how far the pulse must stand out of the bass's innovation
    ridge=2.0,
    level=0.7,  # the pulse's level, of the bass before it
    early=0.7,  # share of the pulse's energy in its first half
    fewest_over=16,  # low-rate samples that tell
)

_at_rules = (ctypes.addressof(RULES),)
_is_likely = function("pulse_is_likely", (ADDRESS, *(COUNT,) * 4, NUMBER, ADDRESS), COUNT)
_decimate = function("pulse_decimate", (ADDRESS,) * 5)
_interpolate = function("pulse_interpolate", (ADDRESS,) * 5)
_pulse_of = function(
    "pulse_of", (ADDRESS, ADDRESS, COUNT, NUMBER, COUNT, COUNT, COUNT, *(ADDRESS,) * 3), COUNT
)


class PulseSearch:
    """Looks for slow pulses in one signal.

    Parameters
    ----------
    memory : float64 [N]
        The signal, restored up to and including the cracks; N a power of two. Only read.
    sample_rate : int
        Hz.
    """

    def __init__(self, memory: F64, sample_rate: int) -> None:
        self._memory, self._at = memory, address(memory)
        self._factor = 1 << max(0, round(np.log2(sample_rate / _LOW_RATE)))
        self.listen()

    def listen(self) -> None:
        """Forget what was measured, because the signal has been changed."""
        self._low: F64 | None = None

    def behind(self, onset: int, length: int, crack: float) -> tuple[int, F64] | None:
        """Estimate the slow pulse that begins at a crack.

        Parameters
        ----------
        onset, length : int
            Where the crack begins and how far its pulse may reach, in samples.
        crack : float
            Height of what was removed at the crack.

        Returns
        -------
        (start, pulse) or None
            The pulse, to be subtracted from ``memory[start : start + len(pulse)]``.

        Notes
        -----
        Least-squares AR interpolation with the pulse as a Gaussian of its own power, in the band
        below half of about 6 kHz; the predictor comes from the past alone.
        """
        n, factor = len(self._memory), self._factor
        if not _is_likely(self._at, n, factor, onset, length, crack, *_at_rules):
            return None
        plans = address(plan_of(n)), address(plan_of(n // factor))
        scratch = np.empty(4 * n + 2)
        if self._low is None:
            self._low = np.empty(n // factor)
            _decimate(*plans, self._at, address(self._low), address(scratch))
        low = self._low
        first, last = onset // factor, len(low) - _MARGIN
        few = min((onset + length) // factor + 1, last) - first
        if few < 4 or first - 1 < 4 * _ORDER:
            return None
        change = _pulse(low, first, last, few)
        if change is None:
            return None
        sparse = np.zeros(len(low))
        sparse[first : first + few] = -change
        whole = np.empty(n)
        _interpolate(*plans, address(sparse), address(whole), address(scratch))
        start = max(0, onset - _FADE)
        pulse = whole[start : onset + length + _FADE]
        ramp = np.minimum(1.0, np.arange(1, len(pulse) + 1) / _FADE)
        return start, pulse * ramp * ramp[::-1]


def _pulse(low: F64, first: int, last: int, n: int) -> F64 | None:
    """Minus the pulse of ``n`` samples at the low rate, if it is one."""
    past = low[: first - 1]
    a = estimate_ar((past * np.hanning(len(past)))[None], _ORDER)[0].coefficients
    innovation = float(np.mean(np.convolve(past, a, "valid") ** 2)) + 1e-14
    rows, change = last - first, np.empty(n)
    scratch = np.empty(n * (2 * n + rows + 1) + rows)
    where = (first, last, n, *_at_rules, address(change), address(scratch))
    is_pulse = _pulse_of(address(low), address(a), _ORDER, innovation, *where)
    return change if is_pulse else None
