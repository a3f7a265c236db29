"""How a record is cut, heard while it plays: the judgement of ``wall_kind``, part by part.

State as a value; any thread. It costs two spectra for each step, and may rest between parts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.walls.living_walls import LivingState, LivingWalls
from model.walls.wall_follower import FollowerState, WallFollower
from model.walls.wall_kind import (
    BAND_HZ,
    FRAME,
    PART_S,
    QUARTILE,
    SAME,
    SAME_DB,
    SILENT,
    WallKind,
    alike_in,
    dead_kind,
    kind_by_likeness,
)

F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

WAIT_S = 1.5  # of sound, in which the follower finds the offset
PARTS = 6  # the last ones, that a judgement rests on
LEAST_PARTS = 2  # two players come together now and then


class ListenerState(NamedTuple):
    """Running sums of one part, and what the parts before it were.

    ``power`` ``[2, bands]``, ``cross`` ``[bands]``; ``kinds`` are the judgements so far, newest
    last, one with each part from the second on.
    """

    recent: F64  # [2, size] the newest samples
    follower: FollowerState
    living: LivingState
    heard: int  # steps with sound
    power: F64
    cross: C128
    frames: int
    alike: tuple[float, ...]
    kinds: tuple[WallKind, ...]


class WallListener:
    """Says after some seconds how a record was cut, and again with each further part.

    Parameters
    ----------
    sample_rate : float
        Hz.

    Attributes
    ----------
    hop : int
        Samples per step.
    """

    def __init__(self, sample_rate: float) -> None:
        size = FRAME
        while sample_rate > 50_000 * size / FRAME:
            size *= 2
        self.hop, self._size, self._rate = size // 2, size, sample_rate
        self._follower = WallFollower(sample_rate, self.hop)
        self._living = LivingWalls(sample_rate)
        hz = np.arange(size // 2 + 1) * sample_rate / size
        self._band = (hz >= BAND_HZ[0]) & (hz <= min(BAND_HZ[1], 0.45 * sample_rate))
        self._turns = 2 * np.pi * np.flatnonzero(self._band) / size
        self._window = np.hanning(size)
        self._wait = round(WAIT_S * sample_rate / self.hop)
        self._part = max(round(PART_S * sample_rate / self.hop), 1)

    def initial_state(self) -> ListenerState:
        """Nothing has been heard."""
        bands = len(self._turns)
        return ListenerState(
            np.zeros((2, self._size)),
            self._follower.initial_state(),
            self._living.initial_state(),
            0,
            np.zeros((2, bands)),
            np.zeros(bands, complex),
            0,
            (),
            (),
        )

    def step(self, walls: F64, state: ListenerState) -> ListenerState:
        """Take in float64 ``[2, hop]``; silence is not counted."""
        recent = np.concatenate([state.recent[:, self.hop :], walls], axis=1)
        state = state._replace(
            recent=recent,
            follower=self._follower.step(walls, state.follower),
            living=self._living.step(walls, state.living),
        )
        spectra = np.fft.rfft(recent * self._window)[:, self._band]
        power = np.square(spectra.real) + np.square(spectra.imag)
        if power.sum() <= SILENT * self._size**2:
            return state
        state = state._replace(heard=state.heard + 1)
        if state.heard <= self._wait:
            return state
        late = np.exp(-1j * self._turns * state.follower.offset)
        state = state._replace(
            power=state.power + power,
            cross=state.cross + spectra[0] * spectra[1].conj() * late,
            frames=state.frames + 1,
        )
        return self._judged(state) if state.frames >= self._part else state

    def _judged(self, state: ListenerState) -> ListenerState:
        """Finish a part, and judge if there were enough of them."""
        alike = (*state.alike, alike_in(state.power, np.abs(state.cross)))[-PARTS:]
        kinds = state.kinds
        if len(alike) >= LEAST_PARTS:
            kinds = (*kinds, self._kind(state, alike))[-PARTS:]
        return state._replace(
            power=np.zeros_like(state.power),
            cross=np.zeros_like(state.cross),
            frames=0,
            alike=alike,
            kinds=kinds,
        )

    def _kind(self, state: ListenerState, alike: tuple[float, ...]) -> WallKind:
        if not all(state.living.heard):
            dead = "right" if state.living.heard[0] else "left"
            below_db = abs(state.living.music[0] - state.living.music[1]) * 10 / np.log(10)
            return dead_kind(dead, below_db)
        found = self._follower.alignment(state.follower)
        gain = 10 ** (found.balance_db / 20)
        levels = state.power[0].sum() / gain + state.power[1].sum() * gain
        in_both = 2 * abs(float(state.cross.real.sum()))
        if levels - in_both <= (levels + in_both) * 10 ** (SAME_DB / 10):
            return SAME
        return kind_by_likeness(float(np.quantile(alike, QUARTILE)), found.correlation)
