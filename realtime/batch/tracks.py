"""One side cut into its tracks, at markers or in pauses; together they are the side again.

On the caller's thread.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.iir import high_pass
from model.groove.record import RecordSettings
from realtime.archive.finished_files import BITS, originator
from realtime.archive.sidecar import sidecar_content
from realtime.batch.restore import full_scale
from realtime.soundfiles.carried_tags import carried_tags
from realtime.soundfiles.description import Description
from realtime.soundfiles.file_names import file_name
from realtime.soundfiles.reading import blocks_of, declared_samples, open_sound
from realtime.soundfiles.writing import NewSoundFile

F64 = NDArray[np.float64]

WINDOW_S = 0.05
BAND_HZ = 300.0  # hum and rumble fill the pauses too
NEAR_FLOOR_DB = 8.0  # above the groove's own noise a window still is a pause
BELOW_MUSIC_DB = 12.0  # and it must be so far below the music
FLOOR_SHARE = 0.02  # of the windows lie below the groove's noise
SMOOTH_WINDOWS = 5
SHORTEST_PAUSE_S, SHORTEST_TRACK_S = 1.0, 10.0
DEFAULT_NAME = "{performer} - {title} {side} {track}"


def split_at(
    side: Path,
    folder: Path,
    cuts: list[int],
    record: RecordSettings,
    template: str = DEFAULT_NAME,
) -> list[Path]:
    """Write the stretches between cuts as files of their own, sample for sample.

    Parameters
    ----------
    side : Path
    folder : Path
        Must exist; nothing in it is ever overwritten.
    cuts : list of int
        Samples where a new track begins; 0 and the end need not be named.
    record : RecordSettings
        What goes into names and tags.
    template : str
        See ``realtime.soundfiles.file_names.file_name``.

    Raises
    ------
    RestorationError
        The side is unreadable, or a track cannot be written; none is left behind then.
    """
    if folder.exists() and not folder.is_dir():
        raise RestorationError(f"{folder} is a file; name a folder for the tracks")
    if not folder.is_dir():
        raise RestorationError(f"the folder {folder} does not exist; create it first")
    files: list[NewSoundFile] = []
    try:
        with open_sound(side) as sound:
            total = declared_samples(sound)
            bounds = [0, *sorted({cut for cut in cuts if 0 < cut < total}), total]
            for number in range(1, len(bounds)):
                files.append(_track_file(side, folder, sound, record, template, number))
            _copy(sound, files, bounds)
            for number, file in enumerate(files, 1):
                file.finish()
                file.describe(_description(side, sound, file.subtype, record, number))
        for file in files:
            file.publish(overwrite=False)
    finally:
        for file in files:
            file.discard()
    return [file.path for file in files]


@dataclass(frozen=True, slots=True)
class Track:
    """A written track, and where in the side it lies."""

    path: Path
    start_sample: int
    samples: int


def placed(paths: list[Path]) -> list[Track]:
    """Return where tracks lie that were written one after the other."""
    tracks, start = [], 0
    for path in paths:
        tracks.append(Track(path, start, int(soundfile.info(path).frames)))
        start += tracks[-1].samples
    return tracks


def marked_cuts(side: Path) -> list[int]:
    """Return the markers of a recorded side.

    Raises
    ------
    RestorationError
        It has no sidecar, or no markers.
    """
    content = sidecar_content(side)
    try:
        cuts = [int(marker["sample"]) for marker in content["markers"]]
    except (ValueError, KeyError, TypeError, OverflowError):
        raise RestorationError(f"{side} has no readable sidecar; use --by silence") from None
    if not cuts:
        raise RestorationError(f"{side} has no markers; use --by silence")
    return cuts


def silent_cuts(side: Path, shortest_pause_s: float = SHORTEST_PAUSE_S) -> list[int]:
    """Return the middles of the pauses between tracks.

    A pause is where nothing but the groove's own noise is heard. Tracks come out at least
    ``SHORTEST_TRACK_S`` long.
    """
    from scipy import signal  # heavy: only who filters pays for it

    with open_sound(side) as sound:
        levels = _levels_db(sound)
        window, total = round(WINDOW_S * sound.samplerate), declared_samples(sound)
    if len(levels) < SMOOTH_WINDOWS:
        return []
    smooth = signal.medfilt(levels, SMOOTH_WINDOWS)
    floor, music = np.quantile(smooth, FLOOR_SHARE), np.median(smooth)
    quiet = (smooth < floor + NEAR_FLOOR_DB) & (smooth < music - BELOW_MUSIC_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    cuts: list[int] = []
    shortest = SHORTEST_TRACK_S / WINDOW_S * window
    for start, end in edges.reshape(-1, 2):
        cut = int((start + end) // 2) * window
        is_between = start > 0 and end < len(quiet)
        if (
            is_between
            and (end - start) * WINDOW_S >= shortest_pause_s
            and cut - (cuts[-1] if cuts else 0) >= shortest
            and total - cut >= shortest
        ):
            cuts.append(cut)
    return cuts


def _levels_db(sound: soundfile.SoundFile) -> F64:
    rate = sound.samplerate
    cascade = high_pass(2, BAND_HZ, rate)
    state, window = cascade.initial_state(sound.channels), round(WINDOW_S * rate)
    rest, powers = np.zeros((sound.channels, 0)), []
    for block in blocks_of(sound):
        heard, state = cascade.step(full_scale(block), state)
        joined = np.concatenate([rest, heard], axis=1)
        whole = joined.shape[1] // window * window
        parts = joined[:, :whole].reshape(sound.channels, -1, window)
        # The median of the squares: a click in a pause does not make it music.
        powers.append(np.median(parts**2, axis=2).max(axis=0))
        rest = joined[:, whole:]
    levels: F64 = 10 * np.log10(np.concatenate(powers) + 1e-15)
    return levels


def _copy(sound: soundfile.SoundFile, files: list[NewSoundFile], bounds: list[int]) -> None:
    position = 0
    for block in blocks_of(sound):
        samples, end = full_scale(block), position + block.shape[1]
        for file, start, stop in zip(files, bounds, bounds[1:], strict=False):
            a, b = max(start, position), min(stop, end)
            if a < b:
                file.write(samples[:, a - position : b - position])
        position = end


def _track_file(
    side: Path,
    folder: Path,
    sound: soundfile.SoundFile,
    record: RecordSettings,
    template: str,
    number: int,
) -> NewSoundFile:
    name = file_name(template, record, _when(side), number)
    suffix = side.suffix.lower() if side.suffix.lower() in (".wav", ".flac", ".aiff") else ".flac"
    if "{track}" not in template:
        name = f"{name} {number:02d}"
    path = folder / f"{name}{suffix}"
    if path.exists():
        raise RestorationError(f"{path} exists already; choose another folder or --name")
    return NewSoundFile(path, sound.subtype, sound.samplerate, sound.channels)


def _description(
    side: Path, sound: soundfile.SoundFile, subtype: str, record: RecordSettings, number: int
) -> Description:
    return Description(
        record=record,
        role=f"track {number}",
        started=_when(side),
        sample_rate=sound.samplerate,
        bits=BITS.get(subtype, 16),
        channels=sound.channels,
        source=f"file {side.name}",
        originator=originator(),
        track=number,
        carried=carried_tags(side),
    )


def _when(side: Path) -> datetime:
    return datetime.fromtimestamp(side.stat().st_mtime).astimezone()
