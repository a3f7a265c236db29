"""Which of the walls carries music at all: told by what moves from moment to moment. Any thread.

Neither hum nor hiss nor a constant counts, and a click makes no music.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, NUMBER, address, function

F64 = NDArray[np.float64]

GROUP = 8  # samples, between whose means music differs, but neither hum nor hiss
STRETCH = 64
SLOW_S = 0.5  # over which the logarithm of the power is averaged: no click outweighs it
DEAD = math.log(10 ** (-15 / 10))  # against the other wall: no music on this one
ALIVE = math.log(10 ** (-12 / 10))  # there is again
FLOOR = 1e-12

_levels = function("walls_living", (ADDRESS, *(COUNT,) * 3, NUMBER, *(ADDRESS,) * 3), COUNT)


class LivingState(NamedTuple):
    """``last`` means of a group ``[2]``, ``music`` the averaged logarithm; who is heard."""

    last: F64
    music: tuple[float, float]
    stretches: int
    heard: tuple[bool, bool]


class LivingWalls:
    """Says hop by hop which walls are worth listening to; always one at least.

    Parameters
    ----------
    sample_rate : float
        Hz.
    """

    def __init__(self, sample_rate: float) -> None:
        self._size = 1
        while sample_rate > 50_000 * self._size:
            self._size *= 2
        self._share = self._size * STRETCH / (SLOW_S * sample_rate)

    def initial_state(self) -> LivingState:
        """Both are heard until one is found dead."""
        return LivingState(np.zeros(2), (math.log(FLOOR), math.log(FLOOR)), 0, (True, True))

    def step(self, walls: F64, state: LivingState) -> LivingState:
        """Take in float64 ``[2, n]``, n a multiple of a stretch."""
        walls, (last, levels) = np.ascontiguousarray(walls), np.empty((2, 2))
        sizes = walls.shape[1], self._size * GROUP, self._size * STRETCH
        into = address(last), address(levels)
        sounding = _levels(address(walls), *sizes, FLOOR, address(state.last), *into)
        state = state._replace(last=last)
        if not sounding:
            return state
        stretches = state.stretches + sounding
        share = 1 - (1 - self._share) ** sounding
        share = max(share, sounding / stretches)  # at once when sound begins
        left, right = (
            was + share * (now - was) for was, now in zip(state.music, levels.tolist(), strict=True)
        )
        music = left, right
        apart = left - right
        quiet = int(apart > 0)
        limit = DEAD if all(state.heard) else ALIVE
        is_dead = -abs(apart) < limit
        lives = (not (is_dead and quiet == 0), not (is_dead and quiet == 1))
        return state._replace(music=music, stretches=stretches, heard=lives)
