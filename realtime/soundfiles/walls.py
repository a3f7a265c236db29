"""How the two walls of a file stand to each other, estimated from its middle. Caller's thread."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.walls.wall_alignment import WINDOW, Alignment, estimated_alignment
from model.walls.wall_kind import WallKind, dead_kind, followed_alignment, kind_of_walls
from realtime.soundfiles.reading import declared_samples, open_sound

DEAD_DB = 15.0  # below the other wall: a wall carries no music
BAND_HZ = (200.0, 4000.0)  # where music is, and hum and hiss are not
OPPOSITE = {"lateral": -1, "best": -1, "vertical": 1, "best_vertical": 1}  # phase that cancels
LONGEST_S = 60.0  # of sound looked at
SILENT = 1e-14  # power
SURE = 0.3  # correlation below which there is nothing in common to go by


def remarks_on_walls(path: Path, record: RecordSettings) -> tuple[str, ...]:
    """Return what speaks against the groove that was chosen, one line each.

    A wall may carry no music, or both together cancel what was cut into the record.
    """
    if record.groove == "stereo":
        return ()
    try:
        walls, rate = _middle_of(path)
        dead, below_db = dead_wall(walls, rate)
        if dead:
            kind = dead_kind(dead, below_db)
            return (f"{kind.words}; choose --groove {kind.groove}",)
        found = estimated_alignment(walls, rate)
    except (RestorationError, ValueError):
        return ()
    if abs(found.correlation) < SURE or OPPOSITE.get(record.groove) != np.sign(found.correlation):
        return ()
    is_best = record.groove.startswith("best")
    cut = "vertical" if found.correlation < 0 else "lateral"
    better = {("vertical", True): "best_vertical", ("lateral", True): "best"}.get(
        (cut, is_best), cut
    )
    phase = "opposite phase" if cut == "vertical" else "the same phase"
    cancels = "cancels" if is_best else "would cancel, so that one was turned"
    return (
        f"the walls are in {phase} (correlation {found.correlation:.2f}), which --groove "
        f"{record.groove} {cancels}: this looks like a {cut} recording, or a pick-up wired the "
        f"other way; try --groove {better}",
    )


def dead_wall(walls: NDArray[np.float64], sample_rate: float) -> tuple[str, float]:
    """Return which wall carries no music, "" for none, and by how many dB it lies below the other.

    Parameters
    ----------
    walls : float64 [2, n]
    sample_rate : float
        Hz.
    """
    from scipy import signal  # heavy: only who filters pays for it

    high = min(BAND_HZ[1], 0.45 * sample_rate)
    band = signal.butter(2, (BAND_HZ[0], high), "bandpass", fs=sample_rate, output="sos")
    heard = np.square(signal.sosfilt(band, walls, axis=1))
    # The median of short stretches: a click makes no music.
    n = max(1, heard.shape[1] // 512)
    levels = np.array([np.median([part.mean() for part in np.array_split(w, n)]) for w in heard])
    quiet = int(np.argmin(levels))
    if levels[1 - quiet] <= SILENT:
        return "", 0.0
    below_db = float(10 * np.log10(levels[1 - quiet] / max(levels[quiet], SILENT)))
    return (("left", "right")[quiet] if below_db > DEAD_DB else ""), below_db


def wall_kind_of(path: Path) -> WallKind:
    """Say how the record in a file was cut, by what its walls have in common.

    Where there is nothing to go by it is left as it is.

    Raises
    ------
    RestorationError
        The file cannot be read.
    """
    with open_sound(path) as sound:
        if sound.channels != 2:
            return WallKind("stereo", "the sound is mono", 1.0)
        if declared_samples(sound) < WINDOW:
            return WallKind("stereo", "the sound is too short to compare its walls", 0.0)
    walls, rate = _middle_of(path)
    dead, below_db = dead_wall(walls, rate)
    if dead:
        return dead_kind(dead, below_db)
    try:
        return kind_of_walls(walls, rate)
    except ValueError:
        return WallKind("stereo", "the walls are silent", 0.0)


def wall_alignment_of(path: Path) -> Alignment:
    """Estimate offset and balance of a file's walls.

    Raises
    ------
    RestorationError
        Mono, too short, silent, or nothing in common on both walls.
    """
    walls, rate = _middle_of(path)
    dead, below_db = dead_wall(walls, rate)
    if dead:
        kind = dead_kind(dead, below_db)
        raise RestorationError(
            f"{path}: {kind.words}, so that there is nothing to align; "
            f"use --groove {kind.groove}, and check the pick-up's wiring"
        )
    try:
        found = followed_alignment(walls, rate)
    except ValueError as error:
        raise RestorationError(f"{path}: {error}") from None
    if abs(found.correlation) < SURE:
        raise RestorationError(
            f"{path}: the walls have too little in common to be aligned "
            f"(correlation {found.correlation:.2f}); set --wall-offset and --wall-balance by hand"
        )
    return found


def _middle_of(path: Path) -> tuple[NDArray[np.float64], int]:
    with open_sound(path) as sound:
        if sound.channels != 2:
            raise RestorationError(f"{path} is mono; its walls cannot be compared")
        longest = int(LONGEST_S * sound.samplerate)
        total = declared_samples(sound)
        if total < WINDOW:
            raise RestorationError(f"{path} is too short to compare its walls")
        sound.seek(max(0, (total - longest) // 2))
        walls = np.nan_to_num(sound.read(longest, "float64", always_2d=True).T)
        return walls, int(sound.samplerate)


def aligned_record(path: Path, record: RecordSettings) -> RecordSettings:
    """Return the record with the offset and balance that its file shows.

    Raises
    ------
    RestorationError
        See :func:`wall_alignment_of`; also where they lie beyond what can be corrected.
    """
    found = wall_alignment_of(path)
    try:
        # The offset counts in the time of the sound at its true speed.
        offset_us = round(found.offset_us / record.speed, 3)
        balance_db = round(found.balance_db, 3)
        return replace(record, wall_offset_us=offset_us, wall_balance_db=balance_db)
    except ValueError as error:
        raise RestorationError(f"{path}: {error}") from None
