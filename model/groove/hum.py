"""Mains hum and its harmonics taken out, following the mains. Runs wherever the chain runs.

Each harmonic is turned down to 0 Hz, held by a slow low-pass and subtracted again: a notch of
1 Hz whose frequency can move without a click.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.groove.iir import TINY, Cascade

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

HALF_WIDTH_HZ = 0.5  # of each notch
FOLLOW_S = 2.0  # in which a deviation of the mains is followed
FARTHEST_HZ = 0.5  # from the nominal frequency
STEADY_S = 0.3  # over which what is held is averaged again to see it turn, without the music
STEADIEST_HZ = 1.0  # what turns faster than this is music near a harmonic, not hum


class HumState(NamedTuple):
    """What is remembered between two hops."""

    held: C128  # [harmonics, channels] the hum of each, turned to 0 Hz
    phase: float  # of the fundamental, turns in 0..1
    mains_hz: float
    steady: C128  # the same as ``held``, averaged over the hops


class HumFilter:
    """Takes out mains hum.

    Parameters
    ----------
    mains_hz : float
        50 or 60, nominally.
    harmonics : int
        The fundamental counts as the first; those near half the rate are left out.
    sample_rate : float
        Hz.
    """

    latency = 0

    def __init__(self, mains_hz: float, harmonics: int, sample_rate: float) -> None:
        self.mains_hz, self._rate = mains_hz, sample_rate
        highest = max(1, min(harmonics, int(0.45 * sample_rate / mains_hz)))
        self._orders = np.arange(1, highest + 1)
        self._share = -np.expm1(-2 * np.pi * HALF_WIDTH_HZ / sample_rate)
        self._low_pass = Cascade(np.array([self._share, 0.0, 0.0, 1.0, self._share - 1.0, 0.0]))

    def initial_state(self, channels: int) -> HumState:
        """Return a state that holds no hum yet."""
        silent = np.zeros((len(self._orders), channels), complex)
        return HumState(silent, 0.0, self.mains_hz, silent)

    def step(self, samples: F64, state: HumState) -> tuple[F64, HumState]:
        """Take the hum out of float64 ``[channels, n]``."""
        n = samples.shape[1]
        turns = state.phase + state.mains_hz / self._rate * np.arange(n)
        cleaned = samples.copy()
        held = np.empty_like(state.held)
        for number, order in enumerate(self._orders):
            carrier = np.exp(2j * np.pi * order * turns)
            hum = self._low_passed(
                np.asarray(samples * carrier.conj(), np.complex128), state.held[number]
            )
            cleaned -= 2 * (hum * carrier).real
            held[number] = hum[:, -1]
        held[np.abs(held) < TINY] = 0.0  # in a silence of minutes it would become denormal
        phase = (state.phase + state.mains_hz / self._rate * n) % 1.0
        steady = state.steady + min(1.0, n / self._rate / STEADY_S) * (held - state.steady)
        steady[np.abs(steady) < TINY] = 0.0
        turning = np.sum(steady * state.steady.conj(), axis=1)
        mains_hz = self._followed(state.mains_hz, turning, n)
        return cleaned, HumState(held, phase, mains_hz, steady)

    def _low_passed(self, turned: C128, held: C128) -> C128:
        """Return ``[channels, n]`` smoothed, beginning at what is held of each channel."""
        before = np.zeros((1, 2 * len(held), 2))
        before[0, :, 0] = (1 - self._share) * np.concatenate([held.real, held.imag])
        parts, _ = self._low_pass.step(np.concatenate([turned.real, turned.imag]), before)
        smooth: C128 = parts[: len(held)] + 1j * parts[len(held) :]
        return smooth

    def _followed(self, mains_hz: float, turning: C128, n: int) -> float:
        """Return the mains frequency, after how far the held hum turned in ``n`` samples."""
        deviations = np.angle(turning) * self._rate / (2 * np.pi * n)
        weights = np.abs(turning) * self._orders**2 * (np.abs(deviations) < STEADIEST_HZ)
        if not weights.sum() > 0.0:
            return mains_hz
        deviation = float(np.sum(weights * deviations / self._orders) / weights.sum())
        moved = mains_hz + min(1.0, n / self._rate / FOLLOW_S) * deviation
        return float(np.clip(moved, self.mains_hz - FARTHEST_HZ, self.mains_hz + FARTHEST_HZ))
