"""The walls brought to one time, level and sign, all of which may change while they sound.

Each change glides over one hop. Runs wherever the chain runs.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function

F64 = NDArray[np.float64]

HALF = 16  # samples on each side of the fractional delay's centre
KAISER_BETA = 8.0  # flat within 0.01 dB up to 0.75 of half the rate

_bring = function(
    "walls_brought", (*(ADDRESS,) * 2, *(COUNT,) * 2, *(ADDRESS,) * 2, COUNT, *(ADDRESS,) * 3)
)


class Stance(NamedTuple):
    """How the walls are to be corrected.

    ``offset`` samples that the right wall is late by; ``gains`` of both; which of them are heard:
    the other one speaks for both.
    """

    offset: float = 0.0
    gains: tuple[float, float] = (1.0, 1.0)
    heard: tuple[bool, bool] = (True, True)


class MovingState(NamedTuple):
    """What has come in and not yet gone out ``[2, 2 * latency]``, and where it stood."""

    history: F64
    stance: Stance


class MovingWalls:
    """Delays both walls by half of their offset against each other; the middle stays in its place.

    Parameters
    ----------
    most : float
        Samples of offset that can be corrected, to either side.

    Attributes
    ----------
    latency : int
        Samples; without an offset both walls come out after exactly so many, bit for bit.
    """

    def __init__(self, most: float) -> None:
        self.latency = HALF + int(np.ceil(most / 2)) + 1

    def initial_state(self, stance: Stance) -> MovingState:
        """Return silence."""
        return MovingState(np.zeros((2, 2 * self.latency)), stance)

    def step(self, walls: F64, stance: Stance, state: MovingState) -> tuple[F64, MovingState]:
        """Bring float64 ``[2, n]`` to ``stance``, gliding from where they stood."""
        walls, history = np.ascontiguousarray(walls), np.empty_like(state.history)
        aligned = self._brought(walls, stance, state, history)
        if stance != state.stance:
            before = self._brought(walls, state.stance, state, history)
            ramp = np.linspace(0.0, 1.0, walls.shape[1] + 1)[1:]
            aligned = before + ramp * (aligned - before)
        return aligned, MovingState(history, stance)

    def _brought(self, walls: F64, stance: Stance, state: MovingState, history: F64) -> F64:
        """Return the walls as they would stand; ``history`` is filled with the next one."""
        n = walls.shape[1]
        brought, room = np.empty_like(walls), np.empty(2 * self.latency + n)
        taps = _taps(self.latency, stance.offset) if stance.offset else None
        gains = np.array(stance.gains)
        left, right = stance.heard
        _bring(
            *(address(state.history), address(walls), n, self.latency),
            *(None if taps is None else address(taps), address(gains), left + 2 * right),
            *(address(brought), address(history), address(room)),
        )
        return brought


@functools.lru_cache(maxsize=64)
def _taps(latency: int, offset: float) -> F64:
    """Return what brings both walls together, as ``walls_brought`` of the core takes it."""
    rows = np.zeros((2, 2 * latency + 3))
    for row, late in zip(rows, (offset / 2, -offset / 2), strict=True):
        n = np.arange(2 * latency + 1) - latency - late
        inside = np.clip(1 - (n / (HALF + 1)) ** 2, 0.0, None)
        taps = np.sinc(n) * np.i0(KAISER_BETA * np.sqrt(inside)) * (inside > 0)
        backwards = taps[::-1] / taps.sum()
        found = np.flatnonzero(inside[::-1])
        row[:2] = found[0], len(found)
        row[2 : 2 + len(found)] = backwards[found]
    return rows
