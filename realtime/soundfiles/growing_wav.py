"""WAV that can be played at any moment while it grows. Recorder's thread."""

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.soundfiles.growing import GrowingFile
from realtime.soundfiles.sample_formats import count_clipped, count_rounded, to_pcm

F32 = NDArray[np.float32]

RIFF_LIMIT = 2**32 - 1  # bytes; what a RIFF header can say
WAV_HEADER_BYTES = 94
PCM, IEEE_FLOAT = 1, 3  # WAVE format tags
ARCHIVE_BITS, FLOAT_BITS = 24, 32


class GrowingWav(GrowingFile):
    """WAV; it becomes RF64 (EBU Tech 3306) when it grows beyond 4 GiB.

    Parameters
    ----------
    path : Path
        Must not exist.
    sample_rate, channels : int
    bits : 24 or 32
        24-bit integers, to which what is finer is rounded, or float32, which keeps every bit.

    Raises
    ------
    OSError
        Also from every method: disk full, file removed.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, bits: int = FLOAT_BITS) -> None:
        super().__init__(path)
        self._sample_rate, self._channels, self._bits = sample_rate, channels, bits
        self._sample_bytes = bits // 8 * channels
        self._bytes = 0
        os.write(self._fd, self._header())

    @property
    def samples(self) -> int:
        """Samples in the file."""
        return self._bytes // self._sample_bytes

    def write(self, samples: F32) -> None:
        """Append float32 ``[n, channels]``: as they are, or rounded to integers."""
        left = memoryview(self._coded(samples))
        while left:
            n = os.write(self._fd, left)
            self._bytes += n
            left = left[n:]

    def _coded(self, samples: F32) -> bytes:
        if self._bits == FLOAT_BITS:
            return np.asarray(samples, "<f4").tobytes()
        self.clipped += count_clipped(samples, self._bits)
        self.rounded += count_rounded(samples, self._bits)
        four_bytes = to_pcm(samples, self._bits).astype("<i4").reshape(-1, 1).view(np.uint8)
        return np.ascontiguousarray(four_bytes[:, 4 - self._bits // 8 :]).tobytes()

    def _say_length(self) -> None:
        os.pwrite(self._fd, self._header(), 0)

    def _finish(self, *, failed: bool) -> None:  # noqa: ARG002 (there is no encoder)
        """Keep all whole samples."""
        self._bytes = self.samples * self._sample_bytes
        os.ftruncate(self._fd, WAV_HEADER_BYTES + self._bytes + self._bytes % 2)
        self._say_length()

    def _header(self) -> bytes:
        return wav_header(self._sample_rate, self._channels, self._bytes, self._bits)


def wav_header(sample_rate: int, channels: int, data_bytes: int, bits: int = FLOAT_BITS) -> bytes:
    """Return the 94 bytes in front of so many bytes of float32 samples, or of 24-bit integers."""
    frame = bits // 8 * channels
    samples = data_bytes // frame
    riff_bytes = WAV_HEADER_BYTES - 8 + data_bytes + data_bytes % 2
    beyond = riff_bytes > RIFF_LIMIT
    sizes = struct.pack("<QQQI", riff_bytes, data_bytes, samples, 0)
    clip = [min(size, RIFF_LIMIT) for size in (riff_bytes, samples, data_bytes)]
    if beyond:
        clip = [RIFF_LIMIT] * 3
    tag = IEEE_FLOAT if bits == FLOAT_BITS else PCM
    sound = (tag, channels, sample_rate, sample_rate * frame, frame, bits, 0)
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
