"""From two walls to one sound, hop by hop, state as a value. Runs wherever the chain runs.

Undamaged walls give their mean and nothing else. Where their difference shows damage, the wall
that is whole speaks alone; where neither is, the sound is rebuilt. The difference is whitened by
its own predictor and looked at over several lengths at once, so that a sharp click and a long, low
gouge both show. Which wall is damaged is what explains the music better (``model/c/witness.c``).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.walls.joint_desk import LEVELS, ROWS, JointDesk
from model.walls.wall_weights import WallWeights, WeightsState

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

MEMORY = 4096  # samples that the predictors are fitted to
LOOKAHEAD = 384  # samples waited for after the hop
BEFORE = 192  # samples before the leaving hop that are looked at again
REFRESH, WEIGHED = 4, 2  # hops, in which hiss hardly changes
_MEAN, _SOUND, _HISS, _LEFT = (ROWS.index(name) for name in ("mean", "sound", "hiss", "left"))


class Verdict(NamedTuple):
    """What was decided of one stretch, in samples of the hop.

    ``share`` is 1 where the left wall is the damaged one, -1 the right; ``rebuilt`` says that both
    are and the sound was rebuilt from what is around them. ``gain`` is how much of the prediction
    error is gone, in innovations; ``weight`` how much of it the difference could be, 0..1 and more.
    """

    start: int
    end: int
    share: float
    rebuilt: bool
    gain: float
    weight: float


class JointHop(NamedTuple):
    """What leaves with one hop, ``[n]`` each, delayed by ``latency``.

    ``mean`` is the sum of the walls, half each; ``sound`` equals it where nothing was damaged;
    ``difference`` is theirs, without the damage that was found;
    ``damage`` is ``[2, n]``, 0..1: how surely each wall is the damaged one.
    """

    mean: F64
    sound: F64
    difference: F64
    damage: F64
    verdicts: tuple[Verdict, ...]


class JointState(NamedTuple):
    """The newest samples: mean and difference as they came, and as restored so far; each damage."""

    rows: F64  # [6, total]
    settled: Mask
    levels: F64  # [LEVELS] of the whitened difference, the last ones
    predictor: F64  # of the difference
    turn: int
    weights: WeightsState


class JointWalls:
    """Makes one sound of aligned walls.

    Parameters
    ----------
    sample_rate : float
        Hz; above 50 kHz all lengths double with the rate.
    hop : int
        Samples per step.

    Attributes
    ----------
    latency : int
        Samples.
    """

    def __init__(self, sample_rate: float, hop: int) -> None:
        self.hop, factor = hop, 1
        while sample_rate > 50_000 * factor:
            factor *= 2
        self.latency = factor * LOOKAHEAD
        self._desk = JointDesk(factor * MEMORY, hop, self.latency, factor * BEFORE)
        self._weights = WallWeights(sample_rate, WEIGHED * hop)

    def initial_state(self) -> JointState:
        """Return silence."""
        total = self._desk.total
        return JointState(
            np.zeros((len(ROWS), total)),
            np.zeros(total, bool),
            np.zeros(LEVELS),
            self._desk.initial_predictor(),
            0,
            self._weights.initial_state(),
        )

    def step(self, walls: F64, state: JointState) -> tuple[JointHop, JointState]:
        """Take in aligned walls ``[2, hop]``; a hop is a multiple of ``BLOCK``."""
        is_due = state.turn == 0
        rows, settled = np.empty_like(state.rows), np.empty_like(state.settled)
        levels = np.empty_like(state.levels)
        predictor = np.empty_like(state.predictor) if is_due else state.predictor
        before, after = state[:4], (rows, settled, levels, predictor)
        told = self._desk.step(np.ascontiguousarray(walls), before, after, is_due)
        last = self._desk.total - self.latency
        leaving = rows[:, last - self.hop : last]
        if told is None:  # one wall twice: there is nothing to compare
            hop = JointHop(leaving[_MEAN], leaving[_SOUND], np.zeros(self.hop), leaving[_LEFT:], ())
            return hop, state._replace(rows=rows, settled=settled)
        heard, weights = slice(last - self._weights.frame, last), state.weights
        if state.turn % WEIGHED == 0:
            weights = self._weights.step(rows[_SOUND, heard], rows[_HISS, heard], weights)
        sound = leaving[_SOUND]
        if weights.weighs or state.weights.weighs:
            reach = self._weights.reach
            sound = self._weights.lightened(
                sound,
                rows[_HISS, last - self.hop - reach : last + reach],
                settled[last - self.hop : last],
                (state.weights, weights),
            )
        verdicts = tuple(
            Verdict(int(start), int(end), share, bool(rebuilt), gain, weight)
            for start, end, share, rebuilt, gain, weight in told
        )
        hop = JointHop(leaving[_MEAN], sound, leaving[_HISS], leaving[_LEFT:], verdicts)
        turn = (state.turn + 1) % REFRESH
        return hop, JointState(rows, settled, levels, predictor, turn, weights)
