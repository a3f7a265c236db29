"""The stretch of a transfer in which nothing but the groove is heard. On the caller's thread."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.record import LEAST_HISS_S, RecordSettings
from realtime.soundfiles.reading import open_sound
from realtime.soundfiles.sample_formats import from_pcm
from realtime.soundfiles.true_speed import TrueSpeedSound


def groove_alone(source: Path | str, record: RecordSettings) -> NDArray[np.float32]:
    """Return what a record's ``hiss_at`` holds, ``[channels, n]``, nothing where it says nothing.

    Read as the whole file would be, at the record's true speed.

    Raises
    ------
    RestorationError
        The file is unreadable, or ends before the stretch does.
    """
    start, end = record.hiss_stretch_s or (0.0, 0.0)
    with open_sound(source) as opened:
        sound = TrueSpeedSound(opened, record)
        per_second = opened.samplerate / record.speed
        first, last = (round(at * per_second) for at in (start, end))
        parts, taken = [], 0
        for block in sound.blocks():
            part = block[:, max(first - taken, 0) : max(last - taken, 0)]
            parts.append(from_pcm(part) if part.dtype == np.int32 else part)
            taken += block.shape[1]
            if taken >= last:
                break
    groove = np.concatenate(parts, axis=1).astype(np.float32)
    if groove.shape[1] < LEAST_HISS_S * per_second - 1:
        raise RestorationError(
            f"{source} ends at {taken / per_second:.1f} s, so that no hiss can be learned at "
            f"{record.hiss_at}; name an earlier stretch"
        )
    return groove
