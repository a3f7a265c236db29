"""Which of the walls carries music at all: told by what moves from moment to moment. Any thread.

Neither hum nor hiss nor a constant counts, and a click makes no music.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

GROUP = 8  # samples, between whose means music differs, but neither hum nor hiss
STRETCH = 64
SLOW_S = 0.5  # over which the logarithm of the power is averaged: no click outweighs it
DEAD = np.log(10 ** (-15 / 10))  # against the other wall: no music on this one
ALIVE = np.log(10 ** (-12 / 10))  # there is again
FLOOR = 1e-12
_EACH = np.full(STRETCH // GROUP, GROUP / STRETCH)


class LivingState(NamedTuple):
    """``last`` means of a group, ``music`` the averaged logarithm, both ``[2]``; who is heard."""

    last: F64
    music: F64
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
        width = GROUP * self._size
        self._mean = np.full(width, 1 / width)

    def initial_state(self) -> LivingState:
        """Both are heard until one is found dead."""
        return LivingState(np.zeros(2), np.full(2, np.log(FLOOR)), 0, (True, True))

    def step(self, walls: F64, state: LivingState) -> LivingState:
        """Take in float64 ``[2, n]``, n a multiple of a stretch."""
        means = walls.reshape(2, -1, len(self._mean)) @ self._mean
        moved = np.concatenate([state.last[:, None], means], axis=1)
        steps = np.square(moved[:, 1:] - moved[:, :-1])
        levels = steps.reshape(2, -1, STRETCH // GROUP) @ _EACH
        sounds = levels.max(axis=0) > FLOOR
        state = state._replace(last=means[:, -1])
        if not sounds.any():
            return state
        heard = np.log(levels[:, sounds] + FLOOR)
        stretches = state.stretches + heard.shape[1]
        share = 1 - (1 - self._share) ** heard.shape[1]
        share = max(share, heard.shape[1] / stretches)  # at once when sound begins
        music = state.music + share * (heard.mean(axis=1) - state.music)
        apart = float(music[0] - music[1])
        quiet = int(apart > 0)
        limit = DEAD if all(state.heard) else ALIVE
        is_dead = -abs(apart) < limit
        lives = (not (is_dead and quiet == 0), not (is_dead and quiet == 1))
        return state._replace(music=music, stretches=stretches, heard=lives)
