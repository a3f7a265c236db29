"""The chain for one record: what undoes room and groove before it, the playback curve behind it.

Used like the chain that it wraps, on whatever thread drives that one. What is dry goes the same
way as what is restored, so that bypass, removed and mask stay aligned.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput
from model.errors import RestorationError
from model.record import RecordSettings
from model.record_rows import Row, curve_processors, room_processors, wall_processors
from model.settings import Settings

F32 = NDArray[np.float32]

WALLS = 2


class WrappedChain(Protocol):
    """What a record needs of the chain within; see ``realtime.pipeline.HopChain``."""

    hop: int
    latency: int

    @property
    def detector_name(self) -> str: ...  # noqa: D102
    @property
    def denoiser_name(self) -> str: ...  # noqa: D102
    def initial_state(self) -> Any: ...  # noqa: D102
    def step(self, hop: F32, state: Any, settings: Settings) -> tuple[ChainOutput, Any]: ...  # noqa: D102


class RecordState(NamedTuple):
    """What is remembered between two hops: of the front, of the chain, of the back."""

    front: tuple[Any, ...]
    inner: Any
    back: tuple[Any, ...]


class RecordChain:
    """A chain between a record's front and back.

    Parameters
    ----------
    inner : WrappedChain
        At the rate of the stream, for as many channels.
    sample_rate, channels : int
        Of the stream.
    record : RecordSettings
    speed_is_corrected : bool
        True when the stream has been brought to the record's true speed already, and the room's
        part (RIAA, hum) been undone before that. False corrects everything at the speed at which
        the record is played, such as live.

    Attributes
    ----------
    hop, latency : int
        Samples; the front's latency comes on top of the chain's.

    Raises
    ------
    RestorationError
        The record needs both walls of the groove and the stream is mono.
    """

    def __init__(
        self,
        inner: WrappedChain,
        sample_rate: int,
        channels: int,
        record: RecordSettings,
        *,
        speed_is_corrected: bool = False,
    ) -> None:
        refuse_mono(record, channels)
        # Played too slowly, all of the record's frequencies lie too low, its corners too.
        true_rate = sample_rate if speed_is_corrected else sample_rate * record.speed
        room = [] if speed_is_corrected else room_processors(record, sample_rate)
        self.front = Row([*room, *wall_processors(record, true_rate)])
        self.back = Row(curve_processors(record, true_rate))
        self.inner, self.channels = inner, channels
        self.hop = inner.hop
        self.latency = self.front.latency + inner.latency

    @property
    def detector_name(self) -> str:
        """The inner chain's."""
        return self.inner.detector_name

    @property
    def denoiser_name(self) -> str:
        """The inner chain's."""
        return self.inner.denoiser_name

    def initial_state(self) -> RecordState:
        """Return the state before the first sample."""
        return RecordState(
            self.front.initial_state(self.channels),
            self.inner.initial_state(),
            self.back.initial_state(2 * self.channels),
        )

    def step(
        self, hop: F32, state: RecordState, settings: Settings
    ) -> tuple[ChainOutput, RecordState]:
        """Restore one float32 ``[channels, hop]``; see ``model.chain.Chain.step``."""
        front_state, back_state = state.front, state.back
        if self.front:
            samples, front_state = self.front.step(hop.astype(np.float64), state.front)
            hop = samples.astype(np.float32)
        out, inner_state = self.inner.step(hop, state.inner, settings)
        if self.back:
            both = np.concatenate([out.restored, out.dry]).astype(np.float64)
            both, back_state = self.back.step(both, state.back)
            restored, dry = both.astype(np.float32).reshape(2, self.channels, -1)
            out = out._replace(restored=restored, dry=dry)
        early = self.front.latency
        if early and out.impulses:
            moved = (found._replace(start=max(found.start - early, 0)) for found in out.impulses)
            out = out._replace(impulses=tuple(moved))
        return out, RecordState(front_state, inner_state, back_state)


def refuse_mono(record: RecordSettings, channels: int) -> None:
    """Say that a mono transfer has no walls to choose from."""
    if record.needs_two_walls and channels != WALLS:
        raise RestorationError(
            f"groove '{record.groove}' needs both walls of the groove, and this sound is mono; "
            "transfer in stereo, or set groove to stereo, wall_offset_us and wall_balance_db to 0"
        )
