"""WAV that can be played at any moment while it grows. Recorder's thread."""

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.soundfiles.growing import GrowingFile

F32 = NDArray[np.float32]

RIFF_LIMIT = 2**32 - 1  # bytes; what a RIFF header can say
WAV_HEADER_BYTES = 94
IEEE_FLOAT = 3  # WAVE format tag


class GrowingWav(GrowingFile):
    """Float32 WAV; it becomes RF64 (EBU Tech 3306) when it grows beyond 4 GiB.

    Parameters
    ----------
    path : Path
        Must not exist.
    sample_rate, channels : int

    Raises
    ------
    OSError
        Also from every method: disk full, file removed.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        super().__init__(path)
        self._sample_rate, self._channels = sample_rate, channels
        self._sample_bytes = 4 * channels
        self._bytes = 0
        os.write(self._fd, self._header())

    @property
    def samples(self) -> int:
        """Samples in the file."""
        return self._bytes // self._sample_bytes

    def write(self, samples: F32) -> None:
        """Append float32 ``[n, channels]``, as they are."""
        left = memoryview(np.asarray(samples, "<f4").tobytes())
        while left:
            n = os.write(self._fd, left)
            self._bytes += n
            left = left[n:]

    def _say_length(self) -> None:
        os.pwrite(self._fd, self._header(), 0)

    def _finish(self, *, failed: bool) -> None:  # noqa: ARG002 (there is no encoder)
        """Keep all whole samples."""
        self._bytes = self.samples * self._sample_bytes
        os.ftruncate(self._fd, WAV_HEADER_BYTES + self._bytes)
        self._say_length()

    def _header(self) -> bytes:
        return wav_header(self._sample_rate, self._channels, self._bytes)


def wav_header(sample_rate: int, channels: int, data_bytes: int) -> bytes:
    """Return the 94 bytes in front of so many bytes of float32 samples."""
    frame = 4 * channels
    samples, riff_bytes = data_bytes // frame, WAV_HEADER_BYTES - 8 + data_bytes
    beyond = riff_bytes > RIFF_LIMIT
    sizes = struct.pack("<QQQI", riff_bytes, data_bytes, samples, 0)
    clip = [min(size, RIFF_LIMIT) for size in (riff_bytes, samples, data_bytes)]
    if beyond:
        clip = [RIFF_LIMIT] * 3
    sound = (IEEE_FLOAT, channels, sample_rate, sample_rate * frame, frame, 32, 0)
    return b"".join(
        [
            struct.pack("<4sI4s", b"RF64" if beyond else b"RIFF", clip[0], b"WAVE"),
            struct.pack("<4sI", b"ds64" if beyond else b"JUNK", 28),
            sizes if beyond else bytes(28),
            struct.pack("<4sIHHIIHHH", b"fmt ", 18, *sound),
            struct.pack("<4sII", b"fact", 4, clip[1]),
            struct.pack("<4sI", b"data", clip[2]),
        ]
    )
