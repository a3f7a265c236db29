"""Does something come back with each revolution? On events and on envelopes. Any thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt

F64 = NDArray[np.float64]

SPEEDS_RPM = (78.26, 77.92, 100 / 3)
SEARCHED_RPM = (60.0, 100.0)
HARMONICS = 6
FRAME_S = 0.005
SLOW_S = 2.0  # changes slower than that are music and level, not the disc
LEAST_TURNS = 3
PADDING = 8  # of the Fourier transform, so that no speed falls between two bins
SPEED_TOLERANCE = 0.001  # turntables wander; 78.26 and 77.92 rpm are 0.004 apart
CLEAR = 5.0  # strength from which chance is unlikely among all the periods searched


class Periodicity(NamedTuple):
    """How strongly things return: 1 is chance, above ``CLEAR`` is no accident.

    ``at_rpm`` holds the strength at each usual speed, nan where the recording is too short;
    ``best_rpm`` is the strongest of 60 to 100 rpm: early discs turned at many speeds.
    """

    at_rpm: dict[float, float]
    best_rpm: float
    best_strength: float

    @property
    def strongest(self) -> tuple[float, float]:
        """Speed and strength of the strongest of all, the usual speeds included."""
        pairs = [(self.best_rpm, self.best_strength), *self.at_rpm.items()]
        return max((pair for pair in pairs if pair[1] == pair[1]), key=lambda pair: pair[1])


def event_periodicity(times: F64, seconds: float) -> Periodicity:
    """Measure how much events (seconds) come back each revolution."""
    return _measured(times, np.ones(len(times)), seconds)


def noise_periodicity(audio: F64, sample_rate: int) -> Periodicity:
    """Measure how much the noise above the music swells, mono ``[T]``, with each revolution."""
    return _measured(*_timed_envelope(audio, sample_rate))


def event_strengths(times: F64, seconds: float) -> tuple[F64, F64]:
    """Return every speed searched, in rpm, and how strongly events come back at it.

    Both are empty where there is too little to tell.
    """
    return _searched(times, np.ones(len(times)), seconds)


def noise_strengths(audio: F64, sample_rate: int) -> tuple[F64, F64]:
    """Return the same as :func:`event_strengths` for the noise above the music."""
    return _searched(*_timed_envelope(audio, sample_rate))


def _timed_envelope(audio: F64, sample_rate: int) -> tuple[F64, F64, float]:
    envelope = noise_envelope(audio, sample_rate)
    times = FRAME_S * np.arange(len(envelope), dtype=np.float64)
    return times, envelope, len(audio) / sample_rate


def noise_envelope(audio: F64, sample_rate: int) -> F64:
    """Return the log level of the upper band every 5 ms, slow changes taken off."""
    frame = max(1, round(FRAME_S * sample_rate))
    count = len(audio) // frame
    if count < 2 or not np.any(audio):
        return np.zeros(count)
    edge = min(3000.0, 0.3 * sample_rate)
    upper = sosfiltfilt(butter(4, edge, "highpass", fs=sample_rate, output="sos"), audio)
    power = np.mean(upper[: count * frame].reshape(count, frame) ** 2, axis=1)
    level = np.log(power + 1e-4 * np.mean(power) + 1e-20)
    return np.asarray(level - uniform_filter1d(level, round(SLOW_S / FRAME_S), mode="nearest"))


def swell_depth(envelope: F64, rpm: float) -> float:
    """Return the share by which the noise level swings with the revolution (log power in)."""
    if len(envelope) < 2:
        return float("nan")
    angle = 2 * np.pi * rpm / 60 * FRAME_S * np.arange(len(envelope))
    swing = 2 * abs(np.mean(envelope * np.exp(-1j * angle)))
    return float(np.tanh(swing / 2))  # log power to amplitude: half of it


def _measured(times: F64, weights: F64, seconds: float) -> Periodicity:
    searched, strengths = _searched(times, weights, seconds)
    if not len(searched):
        unknown = float("nan")
        return Periodicity(dict.fromkeys(SPEEDS_RPM, unknown), unknown, unknown)
    usual = _usual_power(times, weights, searched)
    at = {}
    for rpm in SPEEDS_RPM:
        near = rpm * (1 + SPEED_TOLERANCE * np.linspace(-1, 1, 5))
        long_enough = seconds >= LEAST_TURNS * 60 / rpm
        power = float(np.max(_power(times, weights, near))) / usual
        at[rpm] = float(power) if long_enough else float("nan")
    best = int(np.argmax(strengths))
    return Periodicity(at, float(searched[best]), float(strengths[best]))


def _searched(times: F64, weights: F64, seconds: float) -> tuple[F64, F64]:
    too_short = seconds < LEAST_TURNS * 60 / SEARCHED_RPM[0]
    if too_short or len(times) < 4 or not np.any(weights):
        return np.zeros(0), np.zeros(0)
    searched = np.arange(*SEARCHED_RPM, 0.05)
    return searched, _power(times, weights, searched) / _usual_power(times, weights, searched)


def _usual_power(times: F64, weights: F64, searched: F64) -> float:
    return float(np.median(_power(times, weights, searched))) or 1.0


def _power(times: F64, weights: F64, rpm: F64) -> F64:
    """Sum the Fourier power of the first harmonics of each revolution rate."""
    bins = np.floor(times / FRAME_S + 0.5).astype(int)
    series = np.bincount(bins - bins.min(), weights)
    n_fft = 1 << int(np.ceil(np.log2(PADDING * len(series))))
    power = np.abs(np.fft.rfft(series, n_fft)) ** 2
    total = np.zeros(len(rpm))
    for harmonic in range(1, HARMONICS + 1):
        place = harmonic * rpm / 60 * FRAME_S * n_fft
        total += np.interp(place, np.arange(len(power)), power)
    return total
