"""How the two walls of a file stand to each other, estimated from its middle. Caller's thread."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from model.errors import RestorationError
from model.record import RecordSettings
from model.wall_alignment import WINDOW, Alignment, estimated_alignment
from realtime.soundfiles.reading import declared_samples, open_sound

LONGEST_S = 60.0  # of sound looked at
SURE = 0.3  # correlation below which there is nothing in common to go by


def wall_alignment_of(path: Path) -> Alignment:
    """Estimate offset and balance of a file's walls.

    Raises
    ------
    RestorationError
        Mono, too short, silent, or nothing in common on both walls.
    """
    with open_sound(path) as sound:
        if sound.channels != 2:
            raise RestorationError(f"{path} is mono; its walls cannot be compared")
        longest = int(LONGEST_S * sound.samplerate)
        total = declared_samples(sound)
        if total < WINDOW:
            raise RestorationError(f"{path} is too short to compare its walls")
        sound.seek(max(0, (total - longest) // 2))
        walls = np.nan_to_num(sound.read(longest, "float64", always_2d=True).T)
        try:
            found = estimated_alignment(walls, sound.samplerate)
        except ValueError as error:
            raise RestorationError(f"{path}: {error}") from None
    if abs(found.correlation) < SURE:
        raise RestorationError(
            f"{path}: the walls have too little in common to be aligned "
            f"(correlation {found.correlation:.2f}); set --wall-offset and --wall-balance by hand"
        )
    return found


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
