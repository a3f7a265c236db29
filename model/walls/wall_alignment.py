"""The two walls of the groove brought together: time, level, and an estimate of both.

A cutter head or a cartridge that stands askew lets one wall come earlier than the other. Runs
wherever the chain runs; the estimate on any thread.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

HALF = 32  # samples on each side of the fractional delay's centre
KAISER_BETA = 9.0  # flat within 0.001 dB up to 0.9 of half the rate
LONGEST_US = 1000.0  # between the walls
WINDOW = 4096  # samples of one spectrum of the estimate
BAND_HZ = (200.0, 8000.0)  # where the walls of a worn 78 still agree
FINE = 16  # steps per sample in the search before it is refined
CLOSER = 8  # by so much at each refinement
FINEST = 1e-5  # samples


class AlignmentState(NamedTuple):
    """What has come in and not yet gone out, float64 ``[2, history]``."""

    history: F64


class WallAlignment:
    """Delays the early wall to the late one and levels both; each to a fraction of a sample.

    Parameters
    ----------
    sample_rate : float
        Hz.
    offset_us : float
        By how much the right wall comes later than the left one, microseconds; negative: earlier.
    balance_db : float
        How much the right wall is raised against the left one, half on each.

    Attributes
    ----------
    latency : int
        Samples; the late wall comes out after exactly so many, unchanged but for its level.
    """

    def __init__(self, sample_rate: float, offset_us: float, balance_db: float) -> None:
        offset = offset_us * 1e-6 * sample_rate
        self.latency = HALF if offset else 0
        self.gains = 10.0 ** (np.array([[-1.0], [1.0]]) * balance_db / 40)
        self._early = 0 if offset > 0 else 1
        self._taps = _delay_taps(abs(offset)) if offset else np.ones(1)

    def initial_state(self, channels: int) -> AlignmentState:
        """Return silence; ``channels`` must be 2."""
        return AlignmentState(np.zeros((channels, len(self._taps) - 1)))

    def step(self, walls: F64, state: AlignmentState) -> tuple[F64, AlignmentState]:
        """Align one hop, float64 ``[2, n]``."""
        joined = np.concatenate([state.history, walls * self.gains], axis=1)
        if not self.latency:
            return joined, state
        n, kept = walls.shape[1], state.history.shape[1]
        aligned = np.empty((2, n))
        late = 1 - self._early
        aligned[late] = joined[late, kept - self.latency :][:n]
        aligned[self._early] = np.convolve(joined[self._early], self._taps, "valid")
        return aligned, AlignmentState(joined[:, n:])


class Alignment(NamedTuple):
    """What an estimate found; the first two go into a :class:`WallAlignment` as they are."""

    offset_us: float  # the right wall comes so much later
    balance_db: float  # the right wall is to be raised so much
    correlation: float  # -1..1 of the aligned walls: near 1 lateral, near -1 vertical


def estimated_alignment(walls: NDArray[np.floating], sample_rate: float) -> Alignment:
    """Estimate offset and balance of the walls from a stretch of music.

    Parameters
    ----------
    walls : float [2, n]
        A few seconds at least, ``WINDOW`` samples or more.
    sample_rate : float
        Hz.

    Raises
    ------
    ValueError
        Not two walls, too short, or silent.

    Notes
    -----
    Generalised cross-correlation with the maximum-likelihood weight (Knapp and Carter 1976),
    refined between the samples; every spectrum is given the same power, so that no click outweighs
    the music. The balance is the principal axis of the walls' covariance.
    """
    if walls.ndim != 2 or walls.shape[0] != 2 or walls.shape[1] < WINDOW:
        raise ValueError(f"walls has shape {walls.shape}; it must be (2, {WINDOW} or more)")
    left, right, cross, turns = _mean_spectra(np.asarray(walls, np.float64), sample_rate)
    coherence = np.clip(np.abs(cross) ** 2 / (left * right), 0.0, 0.9999)
    weighted = cross / np.maximum(np.abs(cross), 1e-300) * coherence / (1 - coherence)
    lag = _best_lag(weighted, turns, LONGEST_US * 1e-6 * sample_rate)
    in_phase = float(np.sum((cross * np.exp(-1j * turns * lag)).real))
    power_left, power_right = float(np.sum(left)), float(np.sum(right))
    angle = 0.5 * np.arctan2(2 * abs(in_phase), power_left - power_right)
    return Alignment(
        offset_us=lag / sample_rate * 1e6,
        balance_db=float(-20 * np.log10(np.tan(angle))),
        correlation=float(in_phase / np.sqrt(power_left * power_right)),
    )


def _delay_taps(delay: float) -> F64:
    """Return the FIR that delays by ``HALF + delay`` samples."""
    whole = int(delay)
    n = np.arange(2 * HALF + 2)
    centre = HALF + delay - whole
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - ((n - centre) / (HALF + 1)) ** 2, 0, None)))
    taps = np.sinc(n - centre) * window
    return np.concatenate([np.zeros(whole), taps / taps.sum()])


def _mean_spectra(walls: F64, sample_rate: float) -> tuple[F64, F64, NDArray[np.complex128], F64]:
    """Return power of left and right, cross-spectrum, and the band's angular frequencies."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    starts = range(0, walls.shape[1] - WINDOW + 1, WINDOW // 2)
    frames = np.stack([walls[:, start : start + WINDOW] for start in starts])
    spectra = np.fft.rfft(frames * window, axis=-1)
    turns = 2 * np.pi * np.arange(spectra.shape[-1]) / WINDOW
    hz = turns * sample_rate / (2 * np.pi)
    band = (hz >= BAND_HZ[0]) & (hz <= min(BAND_HZ[1], 0.45 * sample_rate))
    spectra, turns = spectra[:, :, band], turns[band]
    power = np.sum(np.abs(spectra) ** 2, axis=(1, 2), keepdims=True)
    heard = power[:, 0, 0] > 1e-6 * power.max()
    if not power.max() > 0.0:
        raise ValueError("the walls are silent; choose a stretch with music")
    spectra = spectra[heard] / np.sqrt(power[heard])
    left, right = np.mean(np.abs(spectra) ** 2, axis=0) + 1e-12
    return left, right, np.mean(spectra[:, 0] * spectra[:, 1].conj(), axis=0), turns


def _best_lag(weighted: NDArray[np.complex128], turns: F64, longest: float) -> float:
    """Return the samples by which right is later; the walls may be in or out of phase."""

    def likeliest(lags: F64) -> float:
        seen = [abs(float(np.sum((weighted * np.exp(-1j * turns * lag)).real))) for lag in lags]
        return float(lags[int(np.argmax(seen))])

    step = 1 / FINE
    lags = np.arange(-np.ceil(longest), np.ceil(longest) + step, step)
    best = likeliest(lags)
    # Around its highest value it has one top only: there the grid becomes finer and finer.
    while step > FINEST:
        lags = np.linspace(best - step, best + step, CLOSER * 2 + 1)
        best, step = likeliest(lags), step / CLOSER
    return best
