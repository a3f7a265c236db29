"""A worn wall counts less: what the difference foretells of the mean's hiss is taken out of it.

The difference holds no music; where the walls hiss alike it says nothing of their mean, where one
hisses more it does. Band by band, as heard over some seconds. Runs wherever the chain runs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

FRAME = 1024  # samples of one spectrum up to 50 kHz
LOWEST_HZ = 300.0  # below, rumble is in the difference, and music in the mean
BANDS = 18
HISS = 5.0  # times the difference's power in a band, that its mean may have: there is no music
KNOWN_S = 2.5  # over which it is averaged
LEAST_S = 0.7  # of a band without music, before it says anything
LEAST, STILL = 0.08, 0.05  # of the difference that is worth taking out, and worth to go on with
SIGMAS = 4.0  # of doubt that it must stand out by
MOST = 0.5  # then the other wall speaks alone
STEP = 0.02  # of change that is worth a glide
HALF = 64  # samples of the filter on each side


class WeightsState(NamedTuple):
    """Running sums per band; ``shares`` is what is taken of the difference, ``[BANDS]``."""

    together: F64  # mean times difference, over their power
    power: F64  # of the difference, over the same
    square: F64  # of ``together`` in single frames
    heard: F64  # frames
    shares: F64


class WallWeights:
    """Follows each wall's hiss, and filters the difference for what is to be taken out.

    Parameters
    ----------
    sample_rate : float
        Hz.
    hop : int
        Samples between two steps.

    Attributes
    ----------
    reach : int
        Samples before and after a hop that its filter looks at.
    """

    def __init__(self, sample_rate: float, hop: int) -> None:
        factor = 1
        while sample_rate > 50_000 * factor:
            factor *= 2
        self.frame, self.reach = factor * FRAME, factor * HALF
        self._window = np.hanning(self.frame + 1)[:-1]
        edges = np.geomspace(LOWEST_HZ, 0.48 * sample_rate, BANDS + 1)
        self._starts = np.round(edges[:-1] * self.frame / sample_rate).astype(int)
        self._end = int(edges[-1] * self.frame / sample_rate)
        self._memory = KNOWN_S * sample_rate / hop
        self._least = LEAST_S * sample_rate / hop
        size = 2 * self.reach
        hz = np.arange(size // 2 + 1) * sample_rate / size
        self._band_of = np.clip(np.searchsorted(edges, hz) - 1, 0, BANDS - 1)
        self._audible = hz >= LOWEST_HZ
        self._taper = np.hanning(size + 3)[1:-1]

    def initial_state(self) -> WeightsState:
        """Both walls count alike."""
        nothing = np.zeros(BANDS)
        return WeightsState(nothing, nothing, nothing, nothing, nothing)

    def step(self, mean: F64, difference: F64, state: WeightsState) -> WeightsState:
        """Hear the newest ``frame`` samples, repaired, of the walls' mean and difference."""
        both = np.fft.rfft(np.stack([mean, difference]) * self._window)[:, : self._end]
        powers = np.square(both.real) + np.square(both.imag)
        cross = (both[0] * both[1].conj()).real
        sums = np.add.reduceat(np.concatenate([powers, cross[None]]), self._starts, axis=1)
        music, hiss, together = sums
        tells = (music < HISS * hiss) & (hiss > 0.0)
        scale = np.where(tells, music + hiss, 1.0)
        heard = np.minimum(state.heard + 1, self._memory)
        share = np.where(tells, 1 / np.maximum(heard, 1.0), 0.0)
        single = together / scale
        state = state._replace(
            together=state.together + share * (single - state.together),
            power=state.power + share * (hiss / scale - state.power),
            square=state.square + share * (single**2 - state.square),
            heard=np.where(tells, heard, state.heard),
        )
        return state._replace(shares=self._shares(state))

    def _shares(self, state: WeightsState) -> F64:
        power = np.maximum(state.power, 1e-12)
        found = np.clip(state.together / power, -MOST, MOST)
        doubt = np.sqrt(state.square / np.maximum(state.heard, 1.0)) / power
        least = np.where(state.shares != 0.0, STILL, LEAST)
        is_sure = (state.heard >= self._least) & (np.abs(found) > np.maximum(least, SIGMAS * doubt))
        stays = is_sure & (state.shares != 0.0) & (np.abs(found - state.shares) < STEP)
        return np.where(stays, state.shares, np.where(is_sure, found, 0.0))

    def taken_out(self, difference: F64, before: F64, after: F64) -> F64:
        """Return what the mean is to lose in a hop ``[n]``, gliding between two states' shares.

        ``difference`` is ``[n + 2 * reach]``, from ``reach`` before the hop on.
        """
        lost = self._filtered(difference, after)
        if before is after or np.array_equal(before, after):
            return lost
        earlier = self._filtered(difference, before)
        ramp = np.linspace(0.0, 1.0, len(lost) + 1)[1:]
        return earlier + ramp * (lost - earlier)

    def _filtered(self, difference: F64, shares: F64) -> F64:
        if not shares.any():
            return np.zeros(len(difference) - 2 * self.reach)
        response = np.where(self._audible, shares[self._band_of], 0.0)
        taps = np.roll(np.fft.irfft(response), self.reach)
        taps = np.append(taps, taps[0]) * self._taper
        return np.convolve(difference, taps, "valid")
