"""Sound files that can be played at any moment while they grow, WAV and FLAC. Recorder's thread.

Both are created, never opened, so that nothing is ever overwritten. After a ``commit`` whatever
was written before is there for every reader, even if this process is killed.
"""

import errno
import os
import struct
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.soundfiles.sample_formats import count_clipped, to_pcm

F32 = NDArray[np.float32]

FLAC_BITS = 24
RIFF_LIMIT = 2**32 - 1  # bytes; what a RIFF header can say
WAV_HEADER_BYTES = 94
IEEE_FLOAT = 3  # WAVE format tag


class RecordingFile(Protocol):
    """A file that grows.

    Attributes
    ----------
    samples : int
        Written so far; some of them may still be in the encoder.
    clipped : int
        Samples that the format could not hold.
    """

    path: Path
    clipped: int

    @property
    def samples(self) -> int: ...  # noqa: D102
    def write(self, samples: F32) -> None: ...  # noqa: D102
    def commit(self) -> None: ...  # noqa: D102
    def close(self, *, failed: bool = False) -> None: ...  # noqa: D102


class GrowingWav:
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
        self.path, self.clipped = path, 0
        self._sample_rate, self._channels = sample_rate, channels
        self._sample_bytes = 4 * channels
        self._bytes = 0
        self._fd = _create(path)
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

    def commit(self) -> None:
        """Bring everything to the disk, then let the header say so."""
        _check_linked(self._fd)
        os.fdatasync(self._fd)
        os.pwrite(self._fd, self._header(), 0)

    def close(self, *, failed: bool = False) -> None:  # noqa: ARG002 (there is no encoder)
        """Finish the file with all whole samples it has."""
        try:
            self._bytes = self.samples * self._sample_bytes
            os.ftruncate(self._fd, WAV_HEADER_BYTES + self._bytes)
            os.pwrite(self._fd, self._header(), 0)
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

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


class GrowingFlac:
    """FLAC of 24 bits, whose header is kept true while it grows.

    libFLAC puts the length into the header only at the end, and without it libsndfile cannot read
    the file; so every commit writes the samples of all finished blocks there.

    Parameters
    ----------
    path : Path
        Must not exist.
    sample_rate, channels : int

    Raises
    ------
    OSError, soundfile.LibsndfileError
        Also from every method: disk full, file removed.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        self.path, self.samples, self.clipped = path, 0, 0
        self._good_bytes = 0  # of the file after the last write that went well
        self._fd = _create(path)
        try:
            self._file = soundfile.SoundFile(
                self._fd, "w", sample_rate, channels, f"PCM_{FLAC_BITS}", None, "FLAC", False
            )
        except BaseException:
            os.close(self._fd)
            path.unlink()
            raise

    @property
    def complete(self) -> int:
        """Samples in the file; the encoder keeps a block until a sample more has come."""
        if not self.samples or self._good_bytes < FlacHeader.BYTES:
            return 0
        block = FlacHeader(self._fd).block
        return (self.samples - 1) // block * block

    def write(self, samples: F32) -> None:
        """Append float32 ``[n, channels]``, rounded to 24 bits."""
        self._file.write(to_pcm(samples, FLAC_BITS))
        self._good_bytes = os.fstat(self._fd).st_size
        self.samples += len(samples)
        self.clipped += count_clipped(samples, FLAC_BITS)

    def commit(self) -> None:
        """Bring everything to the disk, then let the header say so."""
        _check_linked(self._fd)
        os.fdatasync(self._fd)
        if complete := self.complete:
            FlacHeader(self._fd).set_samples(complete)

    def close(self, *, failed: bool = False) -> None:
        """Finish the file; after a write has failed, with the blocks that were finished before."""
        complete = self.complete
        try:
            try:
                self._file.close()
            except soundfile.LibsndfileError:
                if not failed:
                    raise
            if failed:  # what the encoder has written since is worth nothing
                os.ftruncate(self._fd, self._good_bytes)
                if complete:
                    FlacHeader(self._fd).set_samples(complete, forget_checksum=True)
                self.samples = complete
            os.fsync(self._fd)
        finally:
            os.close(self._fd)


class FlacHeader:
    """The STREAMINFO block of an open FLAC file (RFC 9639, 8.2).

    Attributes
    ----------
    block : int
        Samples per block; each is decodable by itself.
    """

    BYTES = 42
    _COUNT_AT, _CHECKSUM_AT = 18, 26

    def __init__(self, fd: int) -> None:
        self._fd = fd
        header = os.pread(fd, self.BYTES, 0)
        self.block = int.from_bytes(header[8:10], "big")
        self._packed = int.from_bytes(header[18:26], "big")  # rate, channels, bits, samples

    @property
    def samples(self) -> int:
        """What it says of the length; 0 if it does not know."""
        return self._packed & (2**36 - 1)

    def set_samples(self, samples: int, *, forget_checksum: bool = False) -> None:
        """Write the number of samples, 36 bits wide."""
        packed = (self._packed >> 36 << 36) | samples
        os.pwrite(self._fd, packed.to_bytes(8, "big"), self._COUNT_AT)
        if forget_checksum:
            os.pwrite(self._fd, bytes(16), self._CHECKSUM_AT)


def _create(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)


def _check_linked(fd: int) -> None:
    """Notice that the file was deleted: writing on would succeed and leave nothing."""
    if not os.fstat(fd).st_nlink:
        raise FileNotFoundError(errno.ENOENT, "the file was removed while it was recorded")
