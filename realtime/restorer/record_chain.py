"""The chain for one record: what undoes room and groove before it, the playback curve behind it.

Used like the chain that it wraps, on whatever thread drives that one. What is dry goes the same
way as what is restored, so that bypass, removed and mask stay aligned.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import ChainOutput, Impulse, joined
from model.errors import RestorationError
from model.groove.kinds import JOINT
from model.groove.processors import (
    Row,
    curve_processors,
    room_processors,
    sound_processors,
    wall_processors,
)
from model.groove.record import RecordSettings
from model.hiss.record_hiss import KnownHiss
from model.settings import Settings
from realtime.restorer.hop_chain import WalledChain, known_hiss, with_hiss

if TYPE_CHECKING:
    from realtime.restorer.one_sound_stage import OneSoundStage, StageState, Standing

F32 = NDArray[np.float32]

WALLS = 2
SETTLE_S = 0.25  # in which a new filter forgets that it began with silence


class Rows(NamedTuple):
    """What stands before the chain, groove and sound apart, and behind it.

    ``stage`` makes one sound of two walls, where the groove asks for it; ``sound`` works on what
    comes of that.
    """

    front: Row
    stage: "OneSoundStage | None"
    sound: Row
    back: Row

    @property
    def latency(self) -> int:
        """Samples before the chain."""
        return self.front.latency + (self.stage.latency if self.stage else 0)


class Passing(NamedTuple):
    """What the rows remember between two hops."""

    front: tuple[Any, ...]
    stage: "StageState | None"
    sound: tuple[Any, ...]
    back: tuple[Any, ...]


class Heard(NamedTuple):
    """What the chain gets, float32; ``plain`` is the same without the walls' repair of each other.

    ``damage`` float32 ``[2, n]`` is how surely each wall is damaged, 0..1; ``difference``
    ``[1, n]`` that of the walls where they became one sound.
    """

    sound: F32
    plain: F32
    difference: F32 | None
    damage: F32 | None
    impulses: tuple[Impulse, ...]


class Coming(NamedTuple):
    """Other rows that are heard in a moment, when their filters have settled."""

    rows: Rows
    passing: Passing
    hops: int  # until then


class RecordState(NamedTuple):
    """What is remembered between two hops: of the rows, of the chain, and what is not out yet.

    ``waiting`` float32 ``[3, latency of the chain]``: the plain sound, and the walls' damage.
    """

    rows: Rows
    passing: Passing
    inner: Any
    waiting: F32
    coming: Coming | None = None


class RecordChain:
    """A chain between a record's front and back.

    Parameters
    ----------
    inner : WalledChain
        At the rate of the stream, for as many channels; for one where the record makes one sound
        of two walls.
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
        inner: WalledChain,
        sample_rate: int,
        channels: int,
        record: RecordSettings,
        *,
        speed_is_corrected: bool = False,
    ) -> None:
        self.inner, self.channels, self._rate = inner, channels, sample_rate
        self._speed_is_corrected = speed_is_corrected
        self.hop = inner.hop
        self._kind = record.delays
        self._is_one = record.makes_one_sound
        self._rows = self._rows_for(record)  # whoever owns the stream replaces it, step reads
        self.latency = self._rows.latency + inner.latency
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
        refuse_mono(record, self.channels)
        if record.delays != self._kind:
            raise RestorationError(
                "walls made one sound, best wall and wall offset change the delay, so the sound "
                "must be opened anew"
            )
        self._rows = self._rows_for(record)

    def initial_state(self) -> RecordState:
        """Return the state before the first sample."""
        rows = self._rows
        waiting = np.zeros((3, self.inner.latency if rows.stage else 0), np.float32)
        return RecordState(rows, self._fresh(rows), self.inner.initial_state(), waiting)

    def known_hiss(self, state: RecordState) -> KnownHiss:
        """What the inner chain has learned."""
        return known_hiss(self.inner, state.inner)

    def with_hiss(self, state: RecordState, hiss: KnownHiss) -> RecordState:
        """A state whose inner chain knows it."""
        return state._replace(inner=with_hiss(self.inner, state.inner, hiss))

    def standing(self, state: RecordState) -> "Standing | None":
        """Return how the two walls stand to each other; None where they are not made one."""
        stage, passing = state.rows.stage, state.passing.stage
        return stage.standing(passing) if stage and passing else None

    def step(
        self, hop: F32, state: RecordState, settings: Settings
    ) -> tuple[ChainOutput, RecordState]:
        """Restore float32 ``[channels, n]``, whole hops; see ``model.chain.Chain.step``."""
        coming, n = state.coming, hop.shape[1]
        if n > self.hop and (coming is not None or self._rows is not state.rows):
            outputs = []
            for start in range(0, n, self.hop):
                one, state = self.step(hop[:, start : start + self.hop], state, settings)
                outputs.append(one)
            return joined(outputs), state
        if coming is None and self._rows is not state.rows:
            fresh = self._fresh(self._rows)
            if state.passing.stage and fresh.stage:  # how the walls stand is known already
                fresh = fresh._replace(stage=state.passing.stage)
            coming = Coming(self._rows, fresh, self._settling)
        heard, passing = self._heard(state.rows, hop, state.passing, settings)
        glides = coming is not None and coming.hops == 0
        if coming is not None:
            other, ahead = self._heard(coming.rows, hop, coming.passing, settings)
            coming = coming._replace(passing=ahead)
            if glides:
                heard = heard._replace(
                    sound=_glide(heard.sound, other.sound), plain=_glide(heard.plain, other.plain)
                )
        if heard.difference is None:
            out, inner = self.inner.step(heard.sound, state.inner, settings)
        else:
            told = heard.difference
            out, inner = self.inner.step(heard.sound, state.inner, settings, difference=told)
        out, waiting = self._told(out, heard, state.waiting)
        if state.rows.back or coming is not None:
            both = np.concatenate([out.restored, out.dry])
            curved, back = _passed(state.rows.back, both, passing.back, self.hop)
            passing = passing._replace(back=back)
            if coming is not None:
                other_curved, back = _passed(coming.rows.back, both, coming.passing.back, self.hop)
                curved = _glide(curved, other_curved) if glides else curved
                passed = coming.passing._replace(back=back)
                coming = coming._replace(passing=passed, hops=coming.hops - 1)
            restored, dry = curved.reshape(2, len(out.dry), -1)
            out = out._replace(restored=restored, dry=dry)
        out = self._on_both_channels(out)
        if glides and coming is not None:
            return out, RecordState(coming.rows, coming.passing, inner, waiting)
        return out, RecordState(state.rows, passing, inner, waiting, coming)

    def _heard(
        self, rows: Rows, hop: F32, passing: Passing, settings: Settings
    ) -> tuple[Heard, Passing]:
        """Pass hops through all that stands before the chain."""
        if not (rows.front or rows.stage or rows.sound or self._is_one):
            return Heard(hop, hop, None, None, ()), passing
        every = []
        for start in range(0, hop.shape[1], self.hop):
            one = hop[:, start : start + self.hop]
            heard, passing = self._heard_one(rows, one, passing, settings)
            every.append(heard)
        return _all_heard(every), passing

    def _heard_one(
        self, rows: Rows, hop: F32, passing: Passing, settings: Settings
    ) -> tuple[Heard, Passing]:
        if rows.stage is None or passing.stage is None:
            walls, front = _passed(rows.front, hop, passing.front, self.hop)
            sound, after = _passed(rows.sound, walls, passing.sound, self.hop)
            sound = sound[:1] if self._is_one else sound
            return Heard(sound, sound, None, None, ()), passing._replace(front=front, sound=after)
        walls64, front = rows.front.step(hop.astype(np.float64), passing.front)
        made, stage = rows.stage.step(walls64, passing.stage, settings)
        sounds, after = rows.sound.step(made.sounds, passing.sound)
        plain, sound = sounds.astype(np.float32)[:, None]
        early = rows.front.latency
        impulses = tuple(
            found._replace(start=max(found.start - early, 0)) for found in made.impulses
        )
        heard = Heard(sound, plain, made.difference, made.damage, impulses)
        return heard, passing._replace(front=front, stage=stage, sound=after)

    def _told(self, out: ChainOutput, heard: Heard, waiting: F32) -> tuple[ChainOutput, F32]:
        """Join what the walls did to what the chain did, at the same time of the sound."""
        if early := self._rows.latency:
            moved = (found._replace(start=max(found.start - early, 0)) for found in out.impulses)
            out = out._replace(impulses=(*heard.impulses, *moved))
        if heard.damage is None:
            return out, waiting
        n = out.dry.shape[1]
        passing = np.concatenate([waiting, np.concatenate([heard.plain, heard.damage])], axis=1)
        now, waiting = passing[:, :n], passing[:, n:]
        out = out._replace(
            dry=now[:1],
            mask=np.maximum(out.mask, now[1:]),
            analytical=np.maximum(out.analytical, now[1:]),
        )
        return out, waiting

    def _on_both_channels(self, out: ChainOutput) -> ChainOutput:
        """Copy what was made of one sound."""
        if not self._is_one:
            return out
        restored, dry, mask, analytical, learned = (
            np.repeat(signal, WALLS // len(signal), axis=0)
            for signal in (out.restored, out.dry, out.mask, out.analytical, out.learned)
        )
        return ChainOutput(restored, dry, mask, analytical, learned, out.impulses)

    def _rows_for(self, record: RecordSettings) -> Rows:
        refuse_mono(record, self.channels)
        corrected, rate = self._speed_is_corrected, self._rate
        # Played too slowly, all of the record's frequencies lie too low, its corners too.
        true_rate = rate if corrected else rate * record.speed
        room = [] if corrected else room_processors(record, rate)
        stage = None
        if record.groove in JOINT:
            from model.walls.one_sound import OneSound  # only who needs it loads it
            from realtime.restorer.one_sound_stage import OneSoundStage

            turn_s = 60 / (record.true_rpm if corrected else record.played_rpm)
            stage = OneSoundStage(OneSound(rate, self.hop, JOINT[record.groove], turn_s))
        return Rows(
            Row([*room, *wall_processors(record, true_rate)]),
            stage,
            Row(sound_processors(record, true_rate)),
            Row(curve_processors(record, true_rate)),
        )

    def _fresh(self, rows: Rows) -> Passing:
        n = self.channels
        return Passing(
            rows.front.initial_state(n),
            rows.stage.initial_state() if rows.stage else None,
            rows.sound.initial_state(n),
            rows.back.initial_state(2 if self._is_one else 2 * n),
        )


def _all_heard(every: list[Heard]) -> Heard:
    """Join what was heard hop by hop."""
    if len(every) == 1:
        return every[0]
    difference = [heard.difference for heard in every if heard.difference is not None]
    damage = [heard.damage for heard in every if heard.damage is not None]
    return Heard(
        np.concatenate([heard.sound for heard in every], axis=1),
        np.concatenate([heard.plain for heard in every], axis=1),
        np.concatenate(difference, axis=1) if difference else None,
        np.concatenate(damage, axis=1) if damage else None,
        tuple(found for heard in every for found in heard.impulses),
    )


def _passed(
    row: Row, samples: F32, state: tuple[Any, ...], hop: int
) -> tuple[F32, tuple[Any, ...]]:
    """Pass float32 through a row that works in float64; an empty row returns what it was given."""
    if not row:
        return samples, state
    passed = []
    for start in range(0, samples.shape[1], hop):
        part, state = row.step(samples[:, start : start + hop].astype(np.float64), state)
        passed.append(part.astype(np.float32))
    return np.concatenate(passed, axis=1), state


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
