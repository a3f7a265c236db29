"""A sound file brought to the record's true speed while it is read. On the caller's thread.

What the phono stage and the mains did happened at the speed of the turntable, so that is undone
first; everything after works on the sound as its makers heard it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.processors import Row, room_processors
from model.groove.record import LEAST_HISS_S, RecordSettings
from realtime.soundfiles.reading import blocks_of, declared_samples, exact_dtype, open_sound
from realtime.soundfiles.sample_formats import from_pcm

QUALITY = "VHQ"
COARSE_SUBTYPES = ("PCM_S8", "PCM_U8", "PCM_16")


class TrueSpeedSound:
    """An open sound file, read at the speed at which the record should have turned.

    Parameters
    ----------
    opened : soundfile.SoundFile
    record : RecordSettings
        Only its speed, RIAA and hum matter here.

    Attributes
    ----------
    is_corrected : bool
        False when the speed was right: ``blocks`` then gives the file's samples, untouched.
    dtype : str
        Of the blocks: the file's own (integers left-justified), float64 when corrected.
    samples : int
        Length at the true speed; 0 if the file does not know its own.
    subtype : str
        What a result is stored as: the file's own, or 24 bits where filtered sound would have to
        be rounded more coarsely.
    """

    def __init__(self, opened: soundfile.SoundFile, record: RecordSettings) -> None:
        self.opened, self._record = opened, record
        self.is_corrected = record.speed != 1.0
        self.dtype = "float64" if self.is_corrected else exact_dtype(opened)
        self.samples = round(declared_samples(opened) / record.speed)
        computed = self.is_corrected or not record.is_plain
        coarse = computed and opened.subtype in COARSE_SUBTYPES
        self.subtype = "PCM_24" if coarse else opened.subtype

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Yield the whole sound, ``[channels, n]``."""
        if not self.is_corrected:
            yield from blocks_of(self.opened)
            return
        rate, channels = self.opened.samplerate, self.opened.channels
        room = Row(room_processors(self._record, rate))
        state = room.initial_state(channels)
        resampler = soxr.ResampleStream(
            rate * self._record.speed, rate, channels, dtype="float64", quality=QUALITY
        )
        taken = given = 0
        for block in blocks_of(self.opened):
            samples = from_pcm(block) if block.dtype == np.int32 else block.astype(np.float64)
            samples, state = room.step(samples, state)
            taken += block.shape[1]
            resampled = resampler.resample_chunk(np.ascontiguousarray(samples.T)).T
            given += resampled.shape[1]
            yield resampled
        # The resampler's own idea of the length differs by a sample now and then.
        rest = resampler.resample_chunk(np.zeros((0, channels)), last=True).T
        missing = round(taken / self._record.speed) - given
        yield np.pad(rest, ((0, 0), (0, max(0, missing - rest.shape[1]))))[:, : max(0, missing)]


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
