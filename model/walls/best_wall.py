"""Of the two walls of a groove always the less damaged one, exchanged without a sound.

Runs wherever the chain runs. Looks a few milliseconds ahead, so that the change is over when the
damage comes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

LOOK = 4  # stretches looked ahead, and kept away from damage behind it
STRETCH = 32  # samples up to 50 kHz: 0.7 ms
DAMAGED = 4.0  # times the other wall's power of the second derivative: a defect on this wall
QUIETER = 1.25  # the same in the long run: this wall is more worn
SLOW_S = 0.5  # what the long run is
DEAD = 10 ** (-15 / 10)  # of the other wall's power of music: this wall carries none
GROUPS = 4  # of samples in a stretch, between whose means music differs, but neither hum nor hiss
FLOOR = 1e-12  # power below which there is nothing to compare


class BestWallState(NamedTuple):
    """What is remembered between two hops."""

    waiting: F64  # [2, latency] walls not yet given out
    last: F64  # [2, 2] the last samples, for the second derivative
    damage: F64  # [2, 2 * LOOK] of the last stretches
    long_run: F64  # [2] logarithm of the damage, averaged
    mean: F64  # [2, 1] of the last group of samples, for the level
    music: F64  # [2] logarithm of the power of music, averaged
    heard: int  # stretches in which there was any
    choice: float  # 0 left, 1 right
    targets: F64  # [latency - 1] recent choices, per sample


class BestWall:
    """Gives both channels the wall that is less damaged at the moment.

    Parameters
    ----------
    sample_rate : float
        Hz.
    polarity : 1 or -1
        -1 for vertical recordings, whose walls are in opposite phase.

    Attributes
    ----------
    latency : int
        Samples; also the length of every crossfade.
    """

    def __init__(self, sample_rate: float, polarity: int = 1) -> None:
        self.stretch = STRETCH
        while sample_rate > 50_000 * self.stretch / STRETCH:
            self.stretch *= 2
        self.latency = LOOK * self.stretch
        self._polarity = np.array([[1.0], [float(polarity)]])
        fade = np.hanning(self.latency + 2)[1:-1]
        self._fade = fade / fade.sum()
        self._share = self.stretch / (SLOW_S * sample_rate)

    def initial_state(self, channels: int) -> BestWallState:
        """Return silence, the left wall chosen; ``channels`` must be 2."""
        return BestWallState(
            waiting=np.zeros((channels, self.latency)),
            last=np.zeros((channels, 2)),
            damage=np.full((channels, 2 * LOOK), FLOOR),
            long_run=np.zeros(2),
            mean=np.zeros((channels, 1)),
            music=np.full(2, np.log(FLOOR)),
            heard=0,
            choice=0.0,
            targets=np.zeros(self.latency - 1),
        )

    def step(self, walls: F64, state: BestWallState) -> tuple[F64, BestWallState]:
        """Choose within one hop, float64 ``[2, n]``, n a multiple of ``stretch``."""
        walls = walls * self._polarity
        with_last = np.concatenate([state.last, walls], axis=1)
        bend = np.square(np.diff(with_last, 2, axis=1))
        stretches = bend.reshape(2, -1, self.stretch)
        damage = np.concatenate([state.damage, stretches.max(axis=2) + FLOOR], axis=1)
        worst = np.lib.stride_tricks.sliding_window_view(damage, 2 * LOOK + 1, axis=1).max(axis=2)
        group = self.stretch // GROUPS
        means = walls.reshape(2, -1, group).mean(axis=2)
        steps = np.square(np.diff(np.concatenate([state.mean, means], axis=1), axis=1))
        levels = steps.reshape(2, -1, GROUPS).mean(axis=2) + FLOOR
        dead, music, heard = self._dead(levels, state)
        choices, choice, long_run = self._choices(worst, damage[:, LOOK:-LOOK], dead, state)
        targets = np.concatenate([state.targets, np.repeat(choices, self.stretch)])
        right_share = np.convolve(targets, self._fade, "valid")
        joined = np.concatenate([state.waiting, walls], axis=1)
        n = walls.shape[1]
        left, right = joined[:, :n]
        chosen = left + right_share * (right - left)
        after = BestWallState(
            waiting=joined[:, n:],
            last=with_last[:, -2:],
            damage=damage[:, -2 * LOOK :],
            long_run=long_run,
            mean=means[:, -1:],
            music=music,
            heard=heard,
            choice=choice,
            targets=targets[n:],
        )
        return np.stack([chosen, chosen]), after

    def _dead(self, levels: F64, state: BestWallState) -> tuple[list[int], F64, int]:
        """Return the wall without music at every stretch, -1 for none; it has no damage either."""
        music, heard, dead = state.music.copy(), state.heard, []
        for number in range(levels.shape[1]):
            if heard or levels[:, number].max() > 2 * FLOOR:
                heard += 1
                share = max(self._share, 1 / heard)  # at once when sound begins
                music += share * (np.log(levels[:, number]) - music)
            quiet = int(np.argmin(music))
            dead.append(quiet if music[quiet] < music[1 - quiet] + np.log(DEAD) else -1)
        return dead, music, heard

    def _choices(
        self, worst: F64, own: F64, dead: list[int], state: BestWallState
    ) -> tuple[F64, float, F64]:
        """Return the wall of every stretch; what is better by little is not worth a change."""
        choice, long_run = state.choice, state.long_run.copy()
        choices = np.empty(worst.shape[1])
        for number in range(worst.shape[1]):
            long_run += self._share * (np.log(own[:, number]) - long_run)
            here = int(choice)
            ratio = worst[here, number] / worst[1 - here, number]
            in_the_long_run = np.exp(long_run[here] - long_run[1 - here])
            both_sound = ratio > 1 / DAMAGED
            is_worse = ratio > DAMAGED or (both_sound and in_the_long_run > QUIETER)
            if here == dead[number] or (is_worse and dead[number] != 1 - here):
                choice = 1.0 - choice
            choices[number] = choice
        return choices, choice, long_run
