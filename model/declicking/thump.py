"""The slow body of a pop: a long, low pulse behind its crack. Any thread.

Rebuilding 20 ms of everything would throw away all that still sounds above the pulse. Instead
the low band alone is rebuilt, at a low sample rate where a predictor of the music's bass is
possible, and only if the pulse decays as a needle's does and dwarfs the bass before it.
"""

import numpy as np
from numpy import fft

from model.declicking.ar import F64, estimate_ar

SHORTEST_S = 0.005  # below it a pop is rebuilt like any click
_LOW_RATE = 6_000.0  # Hz; the band that is rebuilt reaches half of it
_ORDER = 48
_MARGIN = 6  # low-rate samples at the newest end that the band limit has blurred
_LEAST_SIGMA = 6.0  # how far the pulse must stand out of the bass's innovation
_LEAST_CRACK = 0.7  # the crack's height, of the music's peak before it
_LEAST_OF_BODY = 0.5  # of what follows: crackle on a note's attack is no crack of a pop
_LEAST_LEVEL = 0.7  # the pulse's level, of the bass before it
_LEAST_EARLY = 0.7  # share of the pulse's energy in its first half
_LEAST_SWELL = 1.15  # of the bass's power before, where the least pulse adds a quarter and more
_MOST_OVER = 2.0  # the same once the pulse is over: a note stays
_FEWEST_OVER = 16  # low-rate samples that tell
_RIDGE = 2.0
_FADE = 16  # samples


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
        self._memory = memory
        self._factor = 1 << max(0, round(np.log2(sample_rate / _LOW_RATE)))
        self.listen()

    def listen(self) -> None:
        """Forget what was measured, because the signal has been changed."""
        self._level = np.abs(self._memory)
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
        body = float(self._level[onset : onset + length].max(initial=0.0))
        if crack < _LEAST_OF_BODY * body:
            return None
        music = float(self._level[max(0, onset - length) : onset].max(initial=0.0))
        if crack < _LEAST_CRACK * music:
            return None
        if not _swells(self._memory, onset, length, self._factor):
            return None
        if self._low is None:
            self._low = _decimate(self._memory, self._factor)
        low, factor = self._low, self._factor
        first, last = onset // factor, len(low) - _MARGIN
        n = min((onset + length) // factor + 1, last) - first
        if n < 4 or first - 1 < 4 * _ORDER:
            return None
        change = _pulse(low, first, last, n)
        if change is None:
            return None
        sparse = np.zeros(len(low))
        sparse[first : first + n] = -change
        start = max(0, onset - _FADE)
        pulse = _interpolate(sparse, factor)[start : onset + length + _FADE]
        ramp = np.minimum(1.0, np.arange(1, len(pulse) + 1) / _FADE)
        return start, pulse * ramp * ramp[::-1]


def _pulse(low: F64, first: int, last: int, n: int) -> F64 | None:
    """Minus the pulse of ``n`` samples at the low rate, if it is one."""
    past = low[: first - 1]
    a = estimate_ar((past * np.hanning(len(past)))[None], _ORDER)[0].coefficients
    innovation = float(np.mean(np.convolve(past, a, "valid") ** 2)) + 1e-14
    error = np.convolve(low, a)[first:last]
    least = _LEAST_SIGMA**2 * n * innovation
    if float(error @ error) < least:  # no pulse explains more than all
        return None
    lag = np.arange(first, last)[:, None] - np.arange(first, first + n)
    matrix = np.where((lag >= 0) & (lag <= _ORDER), a[np.clip(lag, 0, _ORDER)], 0.0)
    normal, target = matrix.T @ matrix, -(matrix.T @ error)
    identity = np.eye(n)
    change = np.linalg.solve(normal + 1e-6 * normal[0, 0] * identity, target)
    power = float(np.mean(change**2)) + 1e-14
    change = np.linalg.solve(normal + _RIDGE * innovation / power * identity, target)
    explained = float(error @ error - np.sum((error + matrix @ change) ** 2))
    bass = float(np.mean(past[-2 * n :] ** 2))
    early = float(np.sum(change[: n // 2] ** 2)) / (float(np.sum(change**2)) + 1e-14)
    is_pulse = explained >= least and power >= _LEAST_LEVEL**2 * bass and early >= _LEAST_EARLY
    return np.asarray(change) if is_pulse else None


def _swells(memory: F64, onset: int, length: int, factor: int) -> bool:
    """Whether the bass is louder behind the crack than before, and afterwards as before again.

    The cheap part of the test. A pulse that is worth taking out adds its power to the music's;
    crackle has none, and a struck note, which decays as well, is still there when a pulse is over.
    """
    end = min(onset + length, len(memory))
    over = memory[end : end + length]
    if len(over) < _FEWEST_OVER * factor:
        over = memory[end - length // 4 : end]
    before = _bass(memory[max(0, onset - 2 * length) : onset], factor)
    swells = _bass(memory[onset:end], factor) > _LEAST_SWELL * before
    return swells and _bass(over, factor) < _MOST_OVER * before


def _bass(stretch: F64, factor: int) -> float:
    """Power of a stretch below about half the low sample rate."""
    n = len(stretch) // factor
    low = stretch[: n * factor].reshape(n, factor) @ np.full(factor, 1.0 / factor)
    return float(low @ low) / n if n else 0.0


def _decimate(signal: F64, factor: int) -> F64:
    """Band-limit by truncating the spectrum; the line from end to end is taken out and put back."""
    n = len(signal)
    line = np.linspace(signal[0], signal[-1], n)
    spectrum = fft.rfft(signal - line)[: n // factor // 2 + 1]
    return np.asarray(fft.irfft(spectrum, n // factor)) / factor + line[::factor]


def _interpolate(signal: F64, factor: int) -> F64:
    """Undo :func:`_decimate` for a signal that is zero at both ends."""
    n = len(signal) * factor
    spectrum = np.zeros(n // 2 + 1, complex)
    spectrum[: len(signal) // 2 + 1] = fft.rfft(signal)
    return np.asarray(fft.irfft(spectrum, n)) * factor
