"""What must be true of a side that was recorded: nothing lost, lined up, finite. Soak's thread.

While the chain is bypassed and the record is played plain, the restored file must be the raw one
bit for bit: that proves the alignment to the sample, again and again. For the rest of the side
``realtime.archive.verify`` compares the sound itself, and the hashes.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.chain import HOP
from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.archive.verify import complaint_about
from realtime.bench.compare import NEEDLE, locate, losses
from realtime.recording.recorder import RecordingReport
from realtime.restorer.record_chain import SETTLE_S
from realtime.soak.endless_record import RATE, EndlessRecord

F32 = NDArray[np.float32]

PIECE = 20 * RATE  # samples that are read at once
GLIDE = 2 * HOP  # after a change
GAP = 64  # samples of digital silence; under the record there is always noise
MOST_INSIDE = 4 * HOP  # more than the chain's latency
LOUDEST = 16.0  # +24 dBFS; the material peaks at 0 dBFS, curves and rebuilt pops may add to it


class SideCheck(NamedTuple):
    """The outcome of one side."""

    samples: int
    proven: int  # samples that a bypass proves lined up, bit for bit
    complaints: tuple[str, ...]


def check_side(
    report: RecordingReport, record: RecordSettings, *, devices_lost: bool = False
) -> SideCheck:
    """Look at both files and the sidecar.

    Parameters
    ----------
    report : RecordingReport
    record : RecordSettings
        How the side was played at its start.
    devices_lost : bool
        The side ended with the devices: what was still inside the chain may then be missing from
        the restored file, and is silence there.
    """
    if report.error or report.sidecar is None:
        return SideCheck(report.samples, 0, (report.error or "there is no sidecar",))
    found = []
    inside = MOST_INSIDE if devices_lost else 0
    if report.lost_samples or report.lost_restored > inside:
        found.append(f"{report.lost_samples} and {report.lost_restored} samples lost to the disk")
    if complaint := complaint_about(report.sidecar):
        found.append(complaint)
    with soundfile.SoundFile(report.raw_path) as raw:
        if raw.frames != report.samples:
            found.append(f"raw holds {raw.frames} samples instead of {report.samples}")
    if wrong := _not_sound(report.restored_path):
        found.append(f"{wrong} restored samples are no sound: NaN, infinite or far too loud")
    proven, shifted = _bypassed(report, record)
    if shifted:
        found.append(f"{shifted} bypassed samples differ between both files")
    return SideCheck(report.samples, proven, tuple(found))


def wrong_samples(raw: Path, record: EndlessRecord, start: int) -> int:
    """Return how many samples of a raw file are not those of the record from ``start`` on."""
    wrong = 0
    for at, piece in _pieces(raw):
        known = record.samples(start + at, len(piece))
        wrong += int(np.count_nonzero((piece != known).any(axis=1)))
    return wrong


class Found(NamedTuple):
    """A raw file in what was played.

    Attributes
    ----------
    gaps : int
        Stretches of digital silence between stretches of the record.
    lost : int
        Samples missing or wrong within those.
    first, end : int
        Where in the record the file begins and ends; ``first`` is -1 if nothing was found.
    """

    gaps: int
    lost: int
    first: int
    end: int


def found_losses(raw: Path, record: EndlessRecord, after: int, until: int) -> Found:
    """Find a raw file in what was played, and count what is missing.

    Parameters
    ----------
    raw : Path
    record : EndlessRecord
        Without silence, so that each stretch has one place.
    after, until : int
        Samples between which it must lie.
    """
    stretches = [(start, stop) for start, stop in _sounding(raw) if stop - start >= NEEDLE]
    first, end, lost = -1, after, 0
    for start, stop in stretches:
        head, _ = soundfile.read(raw, NEEDLE, start, dtype="float32", always_2d=True)
        tail, _ = soundfile.read(raw, NEEDLE, stop - NEEDLE, dtype="float32", always_2d=True)
        begins = _found(head, record, end, until)
        last = _found(tail, record, max(begins, end) + stop - start - NEEDLE, until)
        if begins < 0 or last < 0:
            lost += stop - start
            continue
        first, end = begins if first < 0 else first, last + NEEDLE
        lost += _lost_of(raw, (start, stop), record, (begins, end))
    return Found(max(len(stretches) - 1, 0), lost, first, end)


def _lost_of(
    raw: Path, recorded: tuple[int, int], record: EndlessRecord, played: tuple[int, int]
) -> int:
    """Return how many samples of a stretch of the record are missing or wrong.

    Piece by piece: a virtual machine can stand still while it is given memory for ten minutes of
    sound at once, and the headphones run dry. Only a stretch with a fault is looked at as a whole.
    """
    (start, stop), (begins, end) = recorded, played
    if end - begins == stop - start and all(
        np.array_equal(piece, record.samples(begins + at, len(piece)))
        for at, piece in _pieces(raw, start, stop)
    ):
        return 0
    part, _ = soundfile.read(raw, stop - start, start, dtype="float32", always_2d=True)
    counted = losses(record.samples(begins, end - begins), part)
    return counted.lost + counted.slipped


def _sounding(raw: Path) -> Iterator[tuple[int, int]]:
    """Yield what lies between stretches of digital silence."""
    start = last = -1
    for at, piece in _pieces(raw):
        sounds = at + np.flatnonzero(piece.any(axis=1))
        if not len(sounds):
            continue
        if last < 0:
            start = last = int(sounds[0])
        sounds = np.concatenate([[last], sounds])
        for index in np.flatnonzero(np.diff(sounds) > GAP):
            yield start, int(sounds[index]) + 1
            start = int(sounds[index + 1])
        last = int(sounds[-1])
    if last >= 0:
        yield start, last + 1


def _found(needle: F32, record: EndlessRecord, after: int, until: int) -> int:
    for start in range(max(after, 0), until, PIECE):
        place = locate(needle, record.samples(start, min(PIECE + NEEDLE, until - start)))
        if place >= 0:
            return start + place
    return -1


def _not_sound(path: Path) -> int:
    wrong = 0
    for _, piece in _pieces(path):
        good = np.isfinite(piece) & (np.abs(piece) <= LOUDEST)
        wrong += int(good.size - np.count_nonzero(good))
    return wrong


def _bypassed(report: RecordingReport, record: RecordSettings) -> tuple[int, int]:
    """Return how many samples were compared while bypassed, and how many of them differ."""
    assert report.sidecar is not None
    content = json.loads(report.sidecar.read_text("utf-8"))
    proven = wrong = 0
    for start, end in bypassed_stretches(content, record, report.samples):
        one, _ = soundfile.read(report.raw_path, end - start, start, dtype="float32")
        other, _ = soundfile.read(report.restored_path, end - start, start, dtype="float32")
        proven += len(one)
        wrong += int(np.count_nonzero(one != other)) if len(one) == len(other) else len(one)
    return proven, wrong


def bypassed_stretches(
    content: dict[str, Any], record: RecordSettings, samples: int
) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what a sidecar says was passed through untouched, glides left out."""
    changes = [(int(line["sample"]), bool(line["bypass"])) for line in content["settings"]]
    unsure = list(_not_plain(content["record_changes"], record, samples))
    ends = [*(sample for sample, _ in changes[1:]), samples]
    for (sample, bypass), end in zip(changes, ends, strict=True):
        if bypass:
            yield from _without(unsure, sample + GLIDE, end)


def _without(unsure: list[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is left of a stretch."""
    for first, last in sorted(unsure):
        if start < min(first, end):
            yield start, min(first, end)
        start = max(start, last)
    if start < end:
        yield start, end


def _not_plain(
    changes: list[dict[str, Any]], record: RecordSettings, samples: int
) -> Iterator[tuple[int, int]]:
    """Yield where filters of the record act, or have only just ceased to."""
    start, settling = 0, round(2 * SETTLE_S * RATE) + 4 * HOP
    yield 0, settling  # the record may have been changed just before
    for change in changes:
        fields = {name: value for name, value in change.items() if name != "sample"}
        sample = int(change["sample"])
        if not record.is_plain:
            yield start, sample
        yield sample - settling, sample + settling
        record, start = replace(record, **fields), sample
    if not record.is_plain:
        yield start, samples


def _pieces(path: Path, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, F32]]:
    """Yield what lies between two samples, each piece with its distance from the first one."""
    at = 0
    try:
        for piece in soundfile.blocks(
            path, PIECE, start=start, stop=stop, dtype="float32", always_2d=True
        ):
            yield at, piece
            at += len(piece)
    except soundfile.LibsndfileError as error:
        raise RestorationError(f"{path} cannot be read again: {error}") from None
