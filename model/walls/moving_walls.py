"""The walls brought to one time, level and sign, all of which may change while they sound.

Each change glides over one hop. Runs wherever the chain runs.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

HALF = 16  # samples on each side of the fractional delay's centre
KAISER_BETA = 8.0  # flat within 0.01 dB up to 0.75 of half the rate


class Stance(NamedTuple):
    """How the walls are to be corrected.

    ``offset`` samples that the right wall is late by; ``gains`` of both; ``shares`` float64
    ``[2, 2]``: what each wall's place gets of the left and the right one.
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
        joined = np.concatenate([state.history, walls], axis=1)
        aligned = self._brought(joined, stance)
        if stance != state.stance:
            before = self._brought(joined, state.stance)
            ramp = np.linspace(0.0, 1.0, walls.shape[1] + 1)[1:]
            aligned = before + ramp * (aligned - before)
        return aligned, MovingState(joined[:, walls.shape[1] :], stance)

    def _brought(self, joined: F64, stance: Stance) -> F64:
        if stance.offset:
            moved = [
                np.convolve(wall, _taps(self.latency, late), "valid")
                for wall, late in zip(joined, (stance.offset / 2, -stance.offset / 2), strict=True)
            ]
            walls = np.stack(moved)
        else:
            walls = joined[:, self.latency : -self.latency]
        if stance.gains != (1.0, 1.0):
            walls = walls * np.array(stance.gains)[:, None]
        for number, is_heard in enumerate(stance.heard):
            if not is_heard:
                walls = np.stack([walls[1 - number]] * 2)
        return walls


@functools.lru_cache(maxsize=64)
def _taps(latency: int, late: float) -> F64:
    """Return the FIR that delays by ``latency + late`` samples, ``2 * latency + 1`` long."""
    n = np.arange(2 * latency + 1) - latency - late
    inside = np.clip(1 - (n / (HALF + 1)) ** 2, 0.0, None)
    taps = np.sinc(n) * np.i0(KAISER_BETA * np.sqrt(inside)) * (inside > 0)
    return np.asarray(taps / taps.sum())
