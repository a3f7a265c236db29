"""A side with some repairs taken back, or with some stretches repaired harder.

Outside of what a change reaches, the result is the restored file, bit for bit. Where the original
passes unchanged (no curve, no hiss reduction), reverted samples are simply put in its place;
elsewhere the original goes through the same chain twice, with the repairs and without them, and
the difference is laid on the restored file. On the caller's thread.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from math import ceil, floor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.chain import Chain, Spared
from model.checkpoints import Models, Selection, load_models
from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.repairs import (
    WALLS,
    Repair,
    repairs_of_restored,
    write_repairs,
)
from realtime.archive.sidecar import (
    SettingsFrom,
    Sidecar,
    sidecar_of_restored,
    write_sidecar,
)
from realtime.batch.restore import FOR_EVER, SettingsAt, full_scale, pieces
from realtime.batch.side import Side
from realtime.restorer.pipeline import Restored, StreamRestorer
from realtime.restorer.record_chain import RecordChain
from realtime.restorer.upsampling import chain_rate
from realtime.restorer.used_checkpoints import expected_names, used_checkpoints
from realtime.soundfiles.reading import BLOCK, blocks_of, open_sound
from realtime.soundfiles.true_speed import TrueSpeedSound, groove_alone
from realtime.soundfiles.writing import NewSoundFile, container_of
from realtime.units import clock

F64 = NDArray[np.float64]

STEP_24_BITS = 2.0**-23
HARDER = 0.25  # added to the sensitivity
LEAST_PROTECTION = 0.25  # what the protection is lowered to


class Wanted(NamedTuple):
    """What a person wants changed; a repair is taken back if any of it is said of it.

    Attributes
    ----------
    numbers : set of int
        Repairs by their numbers, from 1.
    between : tuple of (start, end)
        Stretches left alone, in seconds.
    wider_than_ms, certainty_below : float or None
    harder : tuple of (start, end)
        Stretches in which more is found and repaired, in seconds.
    """

    numbers: frozenset[int] = frozenset()
    between: tuple[tuple[float, float], ...] = ()
    wider_than_ms: float | None = None
    certainty_below: float | None = None
    harder: tuple[tuple[float, float], ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is wanted."""
        choices = (self.numbers, self.between, self.harder)
        limits = (self.wider_than_ms, self.certainty_below)
        return not any(choices) and limits == (None, None)


class Reverted(NamedTuple):
    """What was done: repairs taken back, of so many, and repairs that came new."""

    taken_back: int
    of: int
    added: int
    is_harder: bool

    @property
    def sentence(self) -> str:
        """What a person reads."""
        said = f"{self.taken_back} of {self.of} repairs are taken back"
        return f"{said}, {self.added} more are made" if self.is_harder else said


def chosen_by(wanted: Wanted, repairs: Sequence[Repair], sample_rate: int) -> list[Repair]:
    """Return the repairs that are to be taken back."""
    chosen = []
    for number, repair in enumerate(repairs, 1):
        start_s, end_s = repair.start / sample_rate, repair.end / sample_rate
        length_ms = 1000 * repair.length / sample_rate
        if (
            number in wanted.numbers
            or any(start_s < end and end_s > start for start, end in wanted.between)
            or (wanted.wider_than_ms is not None and length_ms > wanted.wider_than_ms)
            or (wanted.certainty_below is not None and repair.certainty < wanted.certainty_below)
        ):
            chosen.append(repair)
    return chosen


def revert_side(
    side: Side,
    wanted: Wanted,
    target: Path,
    models: Selection = (),
    *,
    overwrite: bool = False,
) -> Reverted:
    """Write a side with what was wanted into another file, with its own sidecar and repairs.

    Raises
    ------
    RestorationError
        In one line: files that cannot be read or written, other networks than the side was made
        with, a record that was changed while it was recorded.
    """
    _refuse(side, target, overwrite=overwrite)
    with ExitStack() as stack:
        restored = stack.enter_context(open_sound(side.restored))
        original = stack.enter_context(open_sound(side.original))
        rate, channels = restored.samplerate, restored.channels
        undone = chosen_by(wanted, side.repairs, rate)
        for start, _ in (*wanted.harder, *wanted.between):
            if start * rate >= restored.frames:
                raise RestorationError(f"the side ends before {clock(start)}; see its audit")
        file = NewSoundFile(target, restored.subtype, rate, channels, restored.frames)
        stack.callback(file.discard)
        if restored.channels != original.channels:
            raise RestorationError(f"{side.original.name} has other channels than its result")
        found: list[Repair] = []
        is_put_back = side.is_sound_alone and chain_rate(rate) == rate
        if is_put_back and not wanted.harder:
            blocks = _put_back(restored, original, undone)
        else:
            blocks = _made_anew(side, wanted, undone, restored, original, models, found)
        for block in blocks:
            file.write(block)
        file.finish()
        file.publish(overwrite=overwrite)
    kept, n_new = _kept(side, wanted, undone, found, rate)
    write_repairs(repairs_of_restored(target), kept)
    write_sidecar(sidecar_of_restored(target), _sidecar(side, target, undone, kept, models))
    return Reverted(len(undone), len(side.repairs), n_new, bool(wanted.harder))


def _kept(
    side: Side, wanted: Wanted, undone: Sequence[Repair], found: Sequence[Repair], rate: int
) -> tuple[list[Repair], int]:
    """Return the repairs of the result, and how many of them are new."""

    def is_in_harder(repair: Repair) -> bool:
        return any(repair.start < b * rate and repair.end > a * rate for a, b in wanted.harder)

    gone = set(undone)
    kept = [r for r in side.repairs if r not in gone and not is_in_harder(r)]
    fresh = [r for r in found if is_in_harder(r)]
    known = {r[:3] for r in side.repairs}
    return sorted([*kept, *fresh]), sum(r[:3] not in known for r in fresh)


def _put_back(
    restored: soundfile.SoundFile, original: soundfile.SoundFile, undone: Sequence[Repair]
) -> Iterator[F64]:
    """Yield the restored sound with the original in the place of some repairs."""
    at = 0
    waiting = sorted(undone)
    for one, other in zip(blocks_of(restored), blocks_of(original), strict=True):
        mended, raw = full_scale(one).copy(), full_scale(other)
        end = at + mended.shape[1]
        for repair in waiting:
            if repair.start >= end:
                break
            here = slice(max(repair.start - at, 0), min(repair.end, end) - at)
            mended[repair.wall, here] = raw[repair.wall, here]
        waiting = [repair for repair in waiting if repair.end > end]
        yield mended
        at = end


def _made_anew(
    side: Side,
    wanted: Wanted,
    undone: Sequence[Repair],
    restored: soundfile.SoundFile,
    original: soundfile.SoundFile,
    models: Selection,
    found_anew: list[Repair],
) -> Iterator[F64]:
    """Yield the restored sound with the difference that the wish makes in the chain laid on it."""
    if side.has_changes:
        raise RestorationError(
            f"{side.original.name} was played differently while it was recorded; restore it anew "
            "as it is to be played, and revert there"
        )
    rate = restored.samplerate
    if (names := expected_names(models, rate)) != (side.detector, side.denoiser):
        raise RestorationError(
            f"{side.restored.name} was made with {side.detector} and {side.denoiser}, now there "
            f"are {names[0]} and {names[1]}; name the others with --model, or restore it anew"
        )
    networks = load_models(models)
    spared = [*undone, *(_spared_before(side))]
    plain = _Way(side, original, networks, _spared_before(side), _over_time(side, rate, ()))
    with open_sound(side.original) as again:
        changed = _Way(side, again, networks, spared, _over_time(side, rate, wanted.harder))
        at = 0
        inside = sorted((repair.start, repair.end, repair.wall) for repair in undone)
        as_it_is = map(full_scale, blocks_of(restored))
        ways = (_even(blocks) for blocks in (as_it_is, plain.blocks(), changed.blocks()))
        for block, was, becomes in zip(*ways, strict=True):
            # Where the file is what the chain makes, what the chain makes now is exact.
            agrees = (becomes != was) & (np.abs(block - was) <= STEP_24_BITS)
            block += becomes - was
            block[agrees] = becomes[agrees]
            end = at + block.shape[1]
            for start, stop, wall in inside:
                if start < end and stop > at:
                    here = slice(max(start - at, 0), min(stop, end) - at)
                    block[wall, here] = becomes[wall, here]
            yield block
            at = end
    found_anew += changed.repairs


def _even(blocks: Iterable[F64]) -> Iterator[F64]:
    """Yield the same sound in blocks of one length, each to be written into."""
    waiting: list[F64] = []
    n = 0
    for block in blocks:
        waiting.append(block)
        n += block.shape[1]
        while n >= BLOCK:
            joined = np.concatenate(waiting, axis=1)
            yield joined[:, :BLOCK].copy()
            waiting, n = [joined[:, BLOCK:]], n - BLOCK
    if n:
        yield np.concatenate(waiting, axis=1)


class _Way:
    """One way of a side through the chain, with what is found on it."""

    def __init__(
        self,
        side: Side,
        opened: soundfile.SoundFile,
        networks: Models,
        spared: Sequence[Repair],
        settings_at: SettingsAt,
    ) -> None:
        self.repairs: list[Repair] = []
        rate, channels = opened.samplerate, opened.channels
        # Live sound keeps the pace of the turntable, whatever the record's speed is.
        corrects = side.speed != 1.0
        self._sound = TrueSpeedSound(opened, side.record if corrects else RecordSettings())
        bare = Chain(chain_rate(rate), channels, networks)
        around = RecordChain(bare, rate, channels, side.record, speed_is_corrected=corrects)
        late = around.latency - bare.latency  # what stands before the chain counts from elsewhere

        def chain(own_rate: int, n: int) -> Chain:
            ratio = own_rate / rate
            # Brought down from a higher rate, both ends of a repair were rounded.
            more = 1.5 if ratio > 1 else 0.0
            spans = [
                Spared(
                    floor((repair.start + late) * ratio),
                    ceil((repair.end + late + more) * ratio),
                    repair.wall,
                )
                for repair in spared
            ]
            return Chain(own_rate, n, networks, spans)

        self._restorer = StreamRestorer(
            rate, channels, chain, record=side.record, speed_is_corrected=corrects
        )
        if side.record.hiss_at:
            as_read = (
                side.record if corrects else replace(side.record, played_rpm=side.record.true_rpm)
            )
            self._restorer.learn_hiss(groove_alone(side.original, as_read), settings_at(0)[0])
        self._settings_at = settings_at

    def blocks(self) -> Iterator[F64]:
        """Yield what comes out, in step with the file."""

        def add(_given: int, out: Restored, _original: F64, _restored: F64) -> None:
            self.repairs += [
                Repair(max(i.start, 0), i.length, i.channel, i.peak, i.certainty)
                for i in out.impulses
            ]

        for piece in pieces(self._sound, self._restorer, self._settings_at, add):
            yield piece.restored


def _spared_before(side: Side) -> list[Repair]:
    """Return what was taken back before, which the chain must leave alone again."""
    return [
        Repair(int(line["sample"]), int(line["length"]), WALLS.index(line["wall"]), 0.0, 1.0)
        for line in side.reverted
    ]


def _over_time(side: Side, sample_rate: int, harder: Sequence[tuple[float, float]]) -> SettingsAt:
    """Return what was set when, with some stretches repaired harder.

    What is set at a sample of the input acts on what leaves then, which is older.
    """
    late = side.latency
    lines = [(line.sample + late if line.sample else 0, line.settings) for line in side.settings]
    stretches = [(round(a * sample_rate) + late, round(b * sample_rate) + late) for a, b in harder]
    edges = sorted({at for at, _ in lines} | {at for stretch in stretches for at in stretch})

    def settings_at(sample: int) -> tuple[Settings, int]:
        held = [settings for at, settings in lines if at <= sample]
        settings = held[-1] if held else lines[0][1]
        if any(start <= sample < end for start, end in stretches):
            settings = replace(
                settings,
                sensitivity=min(settings.sensitivity + HARDER, 1.0),
                protection=min(settings.protection, LEAST_PROTECTION),
            )
        return settings, next((edge for edge in edges if edge > sample), FOR_EVER)

    return settings_at


def _refuse(side: Side, target: Path, *, overwrite: bool) -> None:
    container_of(target)
    if not target.parent.is_dir():
        raise RestorationError(f"the folder {target.parent} does not exist; create it first")
    for path in (side.original, side.restored):
        if target.exists() and target.samefile(path):
            raise RestorationError(f"{target} is a file of the side itself; choose another name")
    if target.exists() and not overwrite:
        raise RestorationError(f"{target} exists already; choose another name, or --overwrite it")


def _sidecar(
    side: Side,
    target: Path,
    undone: Sequence[Repair],
    kept: Sequence[Repair],
    models: Selection,
) -> Sidecar:
    taken_back = [
        {"sample": repair.start, "length": repair.length, "wall": WALLS[repair.wall]}
        for repair in undone
    ]
    return Sidecar(
        kind="restoration",
        original=side.original,
        restored=target,
        started=datetime.now().astimezone(),
        device="",
        record=side.record,
        settings=tuple(SettingsFrom(line.sample, line.settings) for line in side.settings),
        detector=side.detector,
        denoiser=side.denoiser,
        impulses={"total": len(kept)},
        latency=side.latency,
        checkpoints=used_checkpoints(models, (side.detector, side.denoiser)),
        reverted=[*side.reverted, *taken_back],
        kept_pace=side.speed == 1.0,
    )
