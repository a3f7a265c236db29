"""Both walls made one sound in front of the chain, and told in the chain's own words. Worker.

The sum of the walls is what is dry; what their joint repair takes out counts as removed, glides
with the depth and stays away while one listens to the input.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import Impulse
from model.settings import Settings
from model.walls.joint_walls import JointHop
from model.walls.one_sound import OneSound, OneSoundState
from model.walls.wall_alignment import Alignment

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class StageState(NamedTuple):
    """What is remembered between two hops; ``depth`` is None before the first."""

    walls: OneSoundState
    depth: float | None
    position: int  # samples taken in so far


class StageHop(NamedTuple):
    """One hop of it, float64: the sum and the repaired sound ``[2, n]``; ``damage`` ``[2, n]``.

    ``difference`` float32 ``[1, n]`` is what the walls do not share, without the damage.
    ``impulses`` count samples of what came in.
    """

    sounds: F64
    difference: F32
    damage: F32
    impulses: tuple[Impulse, ...]


class Standing(NamedTuple):
    """Which walls are listened to, left and right, and how they stand to each other."""

    heard: tuple[bool, bool]
    alignment: Alignment


class OneSoundStage:
    """Used by a record's chain, one per record.

    Parameters
    ----------
    one_sound : OneSound
    """

    def __init__(self, one_sound: OneSound) -> None:
        self._one = one_sound
        self.latency = one_sound.latency

    def initial_state(self) -> StageState:
        """Return the state before the first sample."""
        return StageState(self._one.initial_state(), None, 0)

    def standing(self, state: StageState) -> Standing:
        """Return how the walls stand by now, as far as it was heard."""
        return Standing(state.walls.living.heard, self._one.alignment(state.walls))

    def step(
        self, walls: F64, state: StageState, settings: Settings
    ) -> tuple[StageHop, StageState]:
        """Take in float64 ``[2, hop]``."""
        hop, after = self._one.step(walls, state.walls)
        acts = settings.declick and not settings.bypass
        depth = settings.depth if acts else 0.0
        before = depth if state.depth is None else state.depth
        change = hop.sound - hop.mean
        if before != depth:
            change = change * np.linspace(before, depth, len(change) + 1)[1:]
        elif depth != 1.0:
            change = change * depth
        n = walls.shape[1]
        impulses = _impulses(hop, state.position - self.latency) if depth > 0 else ()
        damage = (hop.damage if depth > 0 else np.zeros_like(hop.damage)).astype(np.float32)
        sounds = np.stack([hop.mean, hop.mean + change])
        difference = hop.difference.astype(np.float32)[None]
        return StageHop(sounds, difference, damage, impulses), StageState(
            after, depth, state.position + n
        )


def _impulses(hop: JointHop, first: int) -> tuple[Impulse, ...]:
    """Return each wall's own damage; what is on both is told of both."""
    found = []
    change = np.abs(hop.sound - hop.mean)
    for verdict in hop.verdicts:
        start, end = max(verdict.start, 0), min(verdict.end, len(change))
        peak = float(change[start:end].max(initial=0.0))
        walls = (0, 1) if verdict.rebuilt else (0,) if verdict.share > 0 else (1,)
        begin, length = max(first + verdict.start, 0), verdict.end - verdict.start
        found += [Impulse(begin, length, wall, peak) for wall in walls]
    return tuple(found)
