"""The chain for one record: what undoes room and groove before it, the playback curve behind it.

Used like the chain that it wraps, on whatever thread drives that one. What is dry goes the same
way as what is restored, so that bypass, removed and mask stay aligned.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput
from model.errors import RestorationError
from model.groove.processors import Row, curve_processors, room_processors, wall_processors
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.restorer.hop_chain import HopChain

F32 = NDArray[np.float32]

WALLS = 2
SETTLE_S = 0.25  # in which a new filter forgets that it began with silence


class Rows(NamedTuple):
    """What stands before and behind the chain."""

    front: Row
    back: Row


class Coming(NamedTuple):
    """Other rows that are heard in a moment, when their filters have settled."""

    rows: Rows
    front: tuple[Any, ...]
    back: tuple[Any, ...]
    hops: int  # until then


class RecordState(NamedTuple):
    """What is remembered between two hops: of the front, of the chain, of the back."""

    rows: Rows
    front: tuple[Any, ...]
    inner: Any
    back: tuple[Any, ...]
    coming: Coming | None = None


class RecordChain:
    """A chain between a record's front and back.

    Parameters
    ----------
    inner : HopChain
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
        inner: HopChain,
        sample_rate: int,
        channels: int,
        record: RecordSettings,
        *,
        speed_is_corrected: bool = False,
    ) -> None:
        self.inner, self.channels, self._rate = inner, channels, sample_rate
        self._speed_is_corrected = speed_is_corrected
        self._rows = self._rows_for(record)  # whoever owns the stream replaces it, step reads
        self.hop = inner.hop
        self.latency = self._rows.front.latency + inner.latency
        self._settling = -(-round(SETTLE_S * sample_rate) // inner.hop)

    @property
    def detector_name(self) -> str:
        """The inner chain's."""
        return self.inner.detector_name

    @property
    def denoiser_name(self) -> str:
        """The inner chain's."""
        return self.inner.denoiser_name

    def renew(self, record: RecordSettings) -> None:
        """Play on as another record; the change glides over one hop, once the filters settled.

        May be called from another thread than the one that steps.

        Raises
        ------
        RestorationError
            It would need another latency, or walls that a mono stream does not have.
        """
        rows = self._rows_for(record)
        if rows.front.latency != self._rows.front.latency:
            raise RestorationError(
                "best wall and wall offset change the delay, so the sound must be opened anew"
            )
        self._rows = rows

    def initial_state(self) -> RecordState:
        """Return the state before the first sample."""
        rows = self._rows
        return RecordState(rows, *self._states(rows, self.inner.initial_state()))

    def step(
        self, hop: F32, state: RecordState, settings: Settings
    ) -> tuple[ChainOutput, RecordState]:
        """Restore one float32 ``[channels, hop]``; see ``model.chain.Chain.step``."""
        coming = state.coming
        if coming is None and self._rows is not state.rows:
            front, _, back = self._states(self._rows, None)
            coming = Coming(self._rows, front, back, self._settling)
        heard, front = _passed(state.rows.front, hop, state.front)
        glides = coming is not None and coming.hops == 0
        if coming is not None:
            other, other_front = _passed(coming.rows.front, hop, coming.front)
            heard = _glide(heard, other) if glides else heard
        out, inner = self.inner.step(heard, state.inner, settings)
        both = np.concatenate([out.restored, out.dry])
        curved, back = _passed(state.rows.back, both, state.back)
        if coming is not None:
            other, other_back = _passed(coming.rows.back, both, coming.back)
            curved = _glide(curved, other) if glides else curved
            coming = Coming(coming.rows, other_front, other_back, coming.hops - 1)
        if curved is not both:
            restored, dry = curved.reshape(2, self.channels, -1)
            out = out._replace(restored=restored, dry=dry)
        if (early := state.rows.front.latency) and out.impulses:
            moved = (found._replace(start=max(found.start - early, 0)) for found in out.impulses)
            out = out._replace(impulses=tuple(moved))
        if glides and coming is not None:
            return out, RecordState(coming.rows, coming.front, inner, coming.back)
        return out, RecordState(state.rows, front, inner, back, coming)

    def _rows_for(self, record: RecordSettings) -> Rows:
        refuse_mono(record, self.channels)
        corrected, rate = self._speed_is_corrected, self._rate
        # Played too slowly, all of the record's frequencies lie too low, its corners too.
        true_rate = rate if corrected else rate * record.speed
        room = [] if corrected else room_processors(record, rate)
        front = Row([*room, *wall_processors(record, true_rate)])
        return Rows(front, Row(curve_processors(record, true_rate)))

    def _states(self, rows: Rows, inner: Any) -> tuple[tuple[Any, ...], Any, tuple[Any, ...]]:
        n = self.channels
        return rows.front.initial_state(n), inner, rows.back.initial_state(2 * n)


def _passed(row: Row, samples: F32, state: tuple[Any, ...]) -> tuple[F32, tuple[Any, ...]]:
    """Pass float32 through a row that works in float64; an empty row returns what it was given."""
    if not row:
        return samples, state
    passed, state = row.step(samples.astype(np.float64), state)
    return passed.astype(np.float32), state


def _glide(before: F32, after: F32) -> F32:
    ramp = np.linspace(0, 1, before.shape[1] + 1, dtype=np.float32)[1:]
    return before + ramp * (after - before)


def refuse_mono(record: RecordSettings, channels: int) -> None:
    """Say that a mono transfer has no walls to choose from."""
    if record.needs_two_walls and channels != WALLS:
        raise RestorationError(
            f"groove '{record.groove}' needs both walls of the groove, and this sound is mono; "
            "transfer in stereo, or set groove to stereo, wall_offset_us and wall_balance_db to 0"
        )
