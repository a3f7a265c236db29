"""A file in the turntable's place: the same restorer in a loop, aligned with its input again.

Runs on the caller's thread; memory does not grow with the file.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import Selection
from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from model.groove.record import RecordSettings
from model.settings import Settings
from model.walls.wall_kind import WallKind
from realtime.archive.finished_files import description_of, sidecar_for
from realtime.archive.repairs import RepairsFile, repairs_of_restored
from realtime.archive.restore_report import ReportWriter, RestoreReport
from realtime.archive.sidecar import write_sidecar
from realtime.restorer.hop_chain import HopChain
from realtime.restorer.pipeline import Restored, StreamRestorer
from realtime.restorer.sample_queue import SampleQueue
from realtime.soundfiles.file_names import part_of
from realtime.soundfiles.reading import open_sound, refuse_nonfinite
from realtime.soundfiles.sample_formats import from_pcm
from realtime.soundfiles.true_speed import TrueSpeedSound, groove_alone
from realtime.soundfiles.walls import remarks_on_walls
from realtime.soundfiles.writing import NewSoundFile, container_of, unfinished

F64 = NDArray[np.float64]
Progress = Callable[[int, int], None]  # samples done, samples in all (0: unknown)
SettingsAt = Callable[[int], tuple[Settings, int]]  # from a sample on: what holds, until when
FOR_EVER = 2**62


class Piece(NamedTuple):
    """A stretch of the file and what became of it: float ``[channels, n]``, full scale +-1.

    ``original`` and ``restored`` are float64 because float32 does not hold 32-bit integers. Where
    the record asks for groove, curve or speed, ``original`` has gone through them as well.
    """

    original: F64
    restored: F64
    mask: NDArray[np.float32]


def restore_file(
    source: Path | str,
    target: Path | str,
    settings: Settings,
    *,
    removed: Path | str | None = None,
    mask: Path | str | None = None,
    report: Path | str | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    chain_factory: Callable[[int, int], HopChain] = Chain,
    record: RecordSettings | None = None,
    sidecar: Path | str | None = None,
    models: Selection = (),
    wall_kind: WallKind | None = None,
) -> RestoreReport:
    """Restore a sound file into another one of the same length, rate and channels.

    Where nothing was repaired the samples are those of the source, bit for bit, as far as the
    target's format can hold them. A record at another speed than it was played at becomes shorter
    or longer by that; every time in the results is then the record's own.

    Parameters
    ----------
    source : path
        WAV, AIFF, FLAC, OGG, MP3 (whatever libsndfile reads), one or two channels.
    target : path
        Its suffix chooses the container; the sample format is the source's where possible.
    settings : Settings
    removed, mask, report : path, optional
        Where to write what was taken out (source minus target, after groove and curve), the
        impulse mask as sound (0..1), and the report as JSON.
    progress : callable, optional
        Called with samples done and samples in all; what it raises ends the restoration.
    overwrite : bool
        Whether files that are there already may be replaced. The source never is.
    chain_factory : callable
        Makes the chain from its rate and channels.
    record : RecordSettings, optional
        Groove, curve, speed; as made without arguments nothing of it.
    sidecar : path, optional
        Where to write what an archive must know; the target is then described in itself as well.
    models : tuple of str
        What the chain's networks were chosen from, for the sidecar.
    wall_kind : WallKind, optional
        Why the record has this groove, where the file itself was asked.

    Raises
    ------
    RestorationError
        In one line: unreadable or damaged source, NaN or Inf in it, a result that cannot be
        written. No result is left behind then.
    """
    source, target, record = Path(source), Path(target), record or RecordSettings()
    sounds = {"target": target, "removed": _path(removed), "mask": _path(mask)}
    others = [_path(report), _path(sidecar)]
    _refuse_results(source, [*sounds.values(), *others], overwrite=overwrite)
    for path in filter(None, sounds.values()):
        container_of(path)
    with ExitStack() as stack:
        opened = stack.enter_context(open_sound(source))
        refuse_nonfinite(opened)
        sound = TrueSpeedSound(opened, record)
        restorer = StreamRestorer(
            opened.samplerate,
            opened.channels,
            chain_factory,
            record=record,
            speed_is_corrected=sound.is_corrected,
        )
        if record.hiss_at:
            restorer.learn_hiss(groove_alone(source, record), settings)
        repairs = stack.enter_context(_kept_repairs(target)) if sidecar else None
        writer = ReportWriter(
            source, target, opened, restorer, settings, record, repairs, wall_kind
        )
        files = {role: _new_file(stack, role, path, sound) for role, path in sounds.items() if path}
        for piece in pieces(sound, restorer, steady(settings), writer.add):
            _write(files, piece)
            if progress:
                progress(writer.samples, sound.samples)
        remarks = remarks_on_walls(source, record)
        summary = writer.report(files["target"].subtype, files["target"].clipped, remarks)
        for file in files.values():
            file.finish()
        if sidecar:
            files["target"].describe(description_of(summary))
        for file in files.values():
            file.publish(overwrite=overwrite)
        if repairs is not None:
            repairs.close()
            if repairs.path.exists():  # not where the disk refused it
                repairs.path.replace(repairs_of_restored(target))
    if sidecar:
        write_sidecar(Path(sidecar), sidecar_for(summary, models))
    if report:
        _write_report(Path(report), summary)
    return summary


def steady(settings: Settings) -> SettingsAt:
    """Return settings that hold from the first sample to the last."""
    return lambda _: (settings, FOR_EVER)


@contextmanager
def _kept_repairs(target: Path) -> Iterator[RepairsFile]:
    """Give a list under a hidden name, which is gone at the end unless it was given its own."""
    with unfinished(part_of(repairs_of_restored(target))) as part:
        repairs = RepairsFile(part)
        try:
            yield repairs
        finally:
            repairs.close()


def pieces(
    sound: TrueSpeedSound,
    restorer: StreamRestorer,
    settings_at: SettingsAt,
    add: Callable[[int, Restored, F64, F64], None],
) -> Iterator[Piece]:
    """Yield the file piece by piece, each beside what was made of it: the latency taken out.

    ``settings_at`` gives what holds from a sample on, and up to which sample; ``add`` is told what
    was given and what came out.
    """
    waiting = SampleQueue((restorer.channels,), dtype=sound.dtype)
    early = restorer.latency

    def aligned(given: int, out: Restored) -> Iterator[Piece]:
        nonlocal early
        cut = min(early, out.dry.shape[1])
        early -= cut
        exact = full_scale(waiting.take(out.dry.shape[1] - cut))
        original, restored = (part[:, cut:].astype(np.float64) for part in (out.dry, out.restored))
        if restorer.is_plain:
            # The chain works in float32; what that leaves out of the original goes around it.
            original, restored = exact, restored + (exact - original)
        add(given, out, original, restored)
        yield Piece(original, restored, out.mask[:, cut:])

    taken = 0
    settings, until = settings_at(0)
    for block in sound.blocks():
        waiting.put(block)
        samples = full_scale(block).astype(np.float32)
        while samples.shape[1]:
            if taken >= until:
                settings, until = settings_at(taken)
            part, samples = np.split(samples, [min(until - taken, samples.shape[1])], axis=1)
            taken += part.shape[1]
            yield from aligned(part.shape[1], restorer.process(part, settings))
    yield from aligned(0, restorer.flush(settings))


def full_scale(block: NDArray[Any]) -> F64:
    """Return what a file gave, float64 of full scale +-1; exact."""
    return from_pcm(block) if block.dtype == np.int32 else block.astype(np.float64)


def _new_file(stack: ExitStack, role: str, path: Path, sound: TrueSpeedSound) -> NewSoundFile:
    opened = sound.opened
    subtype = sound.subtype if role == "target" else "FLOAT"
    file = NewSoundFile(path, subtype, opened.samplerate, opened.channels, sound.samples)
    stack.callback(file.discard)
    return file


def _write(files: dict[str, NewSoundFile], piece: Piece) -> None:
    stored = files["target"].write(piece.restored)
    if "removed" in files:
        files["removed"].write(piece.original - stored)
    if "mask" in files:
        files["mask"].write(piece.mask.astype(np.float64))


def _path(path: Path | str | None) -> Path | None:
    return None if path is None else Path(path)


def _refuse_results(source: Path, results: list[Path | None], *, overwrite: bool) -> None:
    """Say before any work what would go wrong at its end."""
    seen: set[Path] = set()
    for path in filter(None, results):
        if not path.parent.is_dir():
            raise RestorationError(f"the folder {path.parent} does not exist; create it first")
        where = path.resolve()
        if path.exists() and source.exists() and path.samefile(source):
            raise RestorationError(f"{path} is what is to be restored; choose another name")
        if where in seen:
            raise RestorationError(f"{path} is wanted for two results; choose another name")
        if path.is_dir():
            raise RestorationError(f"{path} is a folder; name a file")
        if path.exists() and not overwrite:
            raise RestorationError(f"{path} exists already; choose another name, or overwrite it")
        seen.add(where)


def _write_report(path: Path, summary: RestoreReport) -> None:
    try:
        write_text_atomically(path, json.dumps(summary.as_dict(), indent=2) + "\n")
    except OSError as error:
        raise RestorationError(f"{path} cannot be written: {error.strerror}") from None
