"""A few milliseconds of a side around one repair, before and after. On the caller's thread."""

from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.archive.repairs import Repair
from realtime.batch.side import Side
from realtime.containers.readable_sound import open_readable

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class SideStretch(NamedTuple):
    """Aligned sound, float32 ``[channels, n]``; ``start`` is the first sample's number."""

    start: int
    sample_rate: int
    original: F32
    restored: F32


def stretch_around(side: Side, repair: Repair, around_s: float) -> SideStretch:
    """Return what stands around a repair in both files of a side.

    Raises
    ------
    RestorationError
        One of them cannot be read.
    """
    try:
        with open_readable(side.original) as original, open_readable(side.restored) as restored:
            rate = restored.samplerate
            around = round(around_s * rate)
            first, last = repair.start - around, repair.end + around
            before = read_stretch(original, round(first * side.speed), round(last * side.speed))
            after = read_stretch(restored, first, last)
    except (soundfile.LibsndfileError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"{side.restored.name} cannot be read: {reason}") from None
    n = min(len(before), len(after))
    before, after = before[:n], after[:n]
    return SideStretch(
        first,
        rate,
        np.ascontiguousarray(before.T, np.float32),
        np.ascontiguousarray(after.T, np.float32),
    )


def read_stretch(sound: soundfile.SoundFile, first: int, last: int) -> F64:
    """Return samples ``first`` to ``last``, ``[n, channels]``, silence beyond both ends."""
    begin, end = min(max(first, 0), sound.frames), min(last, sound.frames)
    sound.seek(begin)
    found = sound.read(max(end - begin, 0), "float64", always_2d=True)
    ahead = max(begin - first, 0)
    return np.pad(found, ((ahead, max(last - first - ahead - len(found), 0)), (0, 0)))
