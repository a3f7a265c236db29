"""From a groove's two walls to its one sound: followed, aligned, compared. Runs with the chain."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.walls.joint_walls import JointHop, JointState, JointWalls
from model.walls.living_walls import LivingState, LivingWalls
from model.walls.moving_walls import MovingState, MovingWalls, Stance
from model.walls.wall_alignment import Alignment
from model.walls.wall_follower import MOST, TURN_S, FollowerState, WallFollower

F64 = NDArray[np.float64]

SURE_OFFSET = 0.12  # samples: standard deviation beyond which the offset is held as it was
PLAIN = 4.0  # times its doubt: an offset that is far from none, if not known as finely
SURE_LIKENESS = 0.3  # correlation below which everything is
TURNED = 0.6  # correlation of the wrong sign, beyond which a wall is wired the other way
TURNED_S = 0.5  # for so long
SIGMAS = 2.5  # of doubt that an offset must stand out by
LEAST_OFFSET, STILL_OFFSET = 0.1, 0.05  # samples worth a correction, and worth to go on with it
STEP = 0.04  # samples of change that are worth a glide
STEP_GAIN = 0.004
LEAST_DB, STILL_DB = 0.15, 0.1  # of balance
MOST_DB = 15.0
TURNS = 2.0  # of the record, before an offset is told from a swing
LISTENED = 2  # hops that the follower hears at once


class OneSoundState(NamedTuple):
    """What is remembered between two hops."""

    follower: FollowerState
    recent: F64  # [2, n] what the follower has not heard yet
    living: LivingState
    moving: MovingState
    joint: JointState
    turned: int  # hops in a row in which the walls spoke against the polarity that is set
    polarity: int


class OneSound:
    """Makes one sound of a lateral or vertical groove, one hop at a time.

    Parameters
    ----------
    sample_rate : float
        Hz.
    hop : int
        Samples per step, a multiple of 64.
    polarity : 1 or -1
        -1 for vertical records.
    turn_s : float
        How long a turn of the record takes.

    Attributes
    ----------
    latency : int
        Samples.
    """

    def __init__(
        self, sample_rate: float, hop: int, polarity: int = 1, turn_s: float = TURN_S
    ) -> None:
        self._polarity = polarity
        self._follower = WallFollower(sample_rate, LISTENED * hop, turn_s)
        self._living = LivingWalls(sample_rate)
        self._moving = MovingWalls(MOST)
        self._joint = JointWalls(sample_rate, hop)
        self._patience = round(TURNED_S * sample_rate / hop)
        self._turn_heard = round(TURNS * turn_s * sample_rate / (LISTENED * hop))
        self.latency = self._moving.latency + self._joint.latency

    def initial_state(self) -> OneSoundState:
        """Return the state before the first sample."""
        stance = Stance(gains=(1.0, float(self._polarity)))
        return OneSoundState(
            self._follower.initial_state(),
            np.zeros((2, 0)),
            self._living.initial_state(),
            self._moving.initial_state(stance),
            self._joint.initial_state(),
            0,
            self._polarity,
        )

    def alignment(self, state: OneSoundState) -> Alignment:
        """Return how the walls stand, as far as it was heard."""
        return self._follower.alignment(state.follower)

    def step(self, walls: F64, state: OneSoundState) -> tuple[JointHop, OneSoundState]:
        """Take in float64 ``[2, hop]`` and give what was cut into the groove."""
        follower = state.follower
        recent = np.concatenate([state.recent, walls], axis=1)
        if recent.shape[1] > LISTENED * walls.shape[1] - 1:
            follower = self._follower.step(recent, follower)
            recent = recent[:, :0]
        living = self._living.step(walls, state.living)
        found = self._follower.alignment(follower)
        speaks_against = found.correlation * state.polarity < -TURNED
        turned = state.turned + 1 if speaks_against else 0
        polarity = state.polarity
        if turned > self._patience:
            turned, polarity = 0, -polarity
        stance = state.moving.stance
        if all(living.heard):  # a dead wall says nothing of where the other one stands
            stance = self._stance(follower, found, polarity, stance)
        stance = stance._replace(heard=living.heard)
        aligned, moving = self._moving.step(walls, stance, state.moving)
        hop, joint = self._joint.step(aligned, state.joint)
        return hop, OneSoundState(follower, recent, living, moving, joint, turned, polarity)

    def _stance(
        self, follower: FollowerState, found: Alignment, polarity: int, before: Stance
    ) -> Stance:
        """Return how the walls are to be corrected; what is unsure stays as it was."""
        left, right = before.gains
        kept = before._replace(gains=(left, polarity * abs(right)))
        alike = abs(found.correlation)
        doubts, swing_of = follower.doubts, follower.swing
        doubt, doubt_of_swing = math.sqrt(doubts[0]), math.sqrt(doubts[1] + doubts[2])
        mean = swing_of[0]
        is_sure = sum(doubts) < SURE_OFFSET**2
        is_plain = abs(mean) > PLAIN * doubt
        if not (follower.found and (is_sure or is_plain) and alike > SURE_LIKENESS):
            return kept
        swing = math.hypot(*swing_of[1:])
        worth = STILL_OFFSET if before.offset else LEAST_OFFSET
        is_swinging = is_sure and swing > max(worth, SIGMAS * doubt_of_swing)
        is_off = is_swinging or abs(mean) > max(worth, SIGMAS * doubt)
        is_off &= follower.heard >= self._turn_heard
        offset = round(follower.offset if is_swinging else mean, 2) if is_off else 0.0
        if is_off and abs(offset - before.offset) < STEP:
            offset = before.offset
        balance = min(max(found.balance_db, -MOST_DB), MOST_DB)
        least = STILL_DB if abs(left) != 1.0 else LEAST_DB
        gain = round(10 ** (balance / 40), 4) if abs(balance) > least else 1.0
        if abs(gain - abs(right)) < STEP_GAIN and gain != 1.0:
            gain = abs(right)
        return Stance(offset, (1 / gain, polarity * gain))
