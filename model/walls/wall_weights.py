"""A worn wall counts less: what the difference foretells of the mean's hiss is taken out of it.

The difference holds no music; where the walls hiss alike it says nothing of their mean, where one
hisses more it does. Band by band, as heard over some seconds. Runs wherever the chain runs.
"""

import ctypes
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.ar import plan_of, window_of

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

FRAME = 1024  # samples of one spectrum up to 50 kHz
LOWEST_HZ = 300.0  # below, rumble is in the difference, and music in the mean
BANDS = 18
KNOWN_S = 2.5  # over which the hiss is averaged
LEAST_S = 0.7  # of a band without music, before it says anything
HALF = 64  # samples of the filter on each side
_RULES = {
    "hiss": 5.0,  # times the difference's power in a band, that its mean may have: no music
    "least": 0.08,  # of the difference that is worth taking out ...
    "still": 0.05,  # ... and worth to go on with
    "sigmas": 4.0,  # of doubt that it must stand out by
    "most": 0.5,  # then the other wall speaks alone
    "step": 0.02,  # of change that is worth a glide
    "peak": 3.0,  # times the level of hiss, that hiss comes to
}


class _Weights(ctypes.Structure):
    """As ``weights_t`` in ``model/c/walls.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("plan", "window", "filter_plan", "taper")),
        *((name, ADDRESS) for name in ("starts", "band_of")),
        *((name, NUMBER) for name in ("hiss", "memory", "least_heard", "least", "still")),
        *((name, NUMBER) for name in ("sigmas", "most", "step", "peak")),
        *((name, COUNT) for name in ("frame", "bands", "end", "reach")),
    )


_hear = function("weights_hear", (ADDRESS,) * 6)
_take_out = function("weights_take_out", (*(ADDRESS,) * 6, COUNT, ADDRESS, ADDRESS), COUNT)
_size = function("weights_size", (), COUNT)


class WeightsState(NamedTuple):
    """Running sums ``[5, BANDS]``: mean times difference over their power, the difference's power
    over the same, squares of the first in single frames, frames, what is taken of the difference.
    """

    sums: F64
    weighs: bool  # whether anything is


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
        edges = np.geomspace(LOWEST_HZ, 0.48 * sample_rate, BANDS + 1)
        size = 2 * self.reach
        hz = np.arange(size // 2 + 1) * sample_rate / size
        band_of = np.clip(np.searchsorted(edges, hz) - 1, 0, BANDS - 1)
        # Outlive the calls.
        self._starts = np.round(edges[:-1] * self.frame / sample_rate).astype(np.int64)
        self._band_of = np.where(hz >= LOWEST_HZ, band_of, -1).astype(np.int64)
        self._taper = np.hanning(size + 3)[1:-1]
        self._it = _Weights(
            plan=address(plan_of(self.frame)),
            window=address(window_of(self.frame)),
            filter_plan=address(plan_of(size)),
            taper=address(self._taper),
            starts=address(self._starts),
            band_of=address(self._band_of),
            memory=KNOWN_S * sample_rate / hop,
            least_heard=LEAST_S * sample_rate / hop,
            frame=self.frame,
            bands=BANDS,
            end=int(edges[-1] * self.frame / sample_rate),
            reach=self.reach,
            **_RULES,
        )
        self._at = ctypes.addressof(self._it)

    def initial_state(self) -> WeightsState:
        """Both walls count alike."""
        return WeightsState(np.zeros((5, BANDS)), False)

    def step(self, mean: F64, difference: F64, state: WeightsState) -> WeightsState:
        """Hear the newest ``frame`` samples, repaired, of the walls' mean and difference."""
        sums, room = np.empty_like(state.sums), np.empty(5 * self.frame + 4)
        heard = address(mean), address(difference), address(state.sums)
        _hear(self._at, *heard, address(sums), address(room))
        return WeightsState(sums, bool(sums[4].any()))

    def lightened(
        self,
        sound: F64,
        difference: F64,
        settled: Mask,
        states: tuple[WeightsState, WeightsState],
    ) -> F64:
        """Return a hop's sound ``[n]`` without the worn wall's hiss, gliding between two states.

        ``difference`` is ``[n + 2 * reach]``, from ``reach`` before the hop on; what is settled
        stays, where one wall speaks alone.
        """
        n, left = len(sound), np.empty(len(sound))
        room = np.empty(3 * len(difference) + 16 * self.reach + 8)
        before, after = (address(state.sums) + 8 * 4 * BANDS for state in states)
        heard = address(sound), address(settled), n, address(left), address(room)
        return left if _take_out(self._at, address(difference), before, after, *heard) else sound


assert _size() == ctypes.sizeof(_Weights), "weights_t and _Weights differ"
