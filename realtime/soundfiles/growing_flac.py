"""FLAC that can be played at any moment while it grows. Recorder's thread."""

import os
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from realtime.soundfiles.growing import GrowingFile
from realtime.soundfiles.sample_formats import count_clipped, count_rounded, to_pcm

F32 = NDArray[np.float32]

FLAC_BITS = 24


class GrowingFlac(GrowingFile):
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
        super().__init__(path)
        self._samples = 0
        self._good_bytes = 0  # of the file after the last write that went well
        try:
            self._file = soundfile.SoundFile(
                self._fd, "w", sample_rate, channels, f"PCM_{FLAC_BITS}", None, "FLAC", False
            )
        except BaseException:
            os.close(self._fd)
            path.unlink()
            raise

    @property
    def samples(self) -> int:
        """Samples written; the last of them may still be in the encoder."""
        return self._samples

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
        self._samples += len(samples)
        self.clipped += count_clipped(samples, FLAC_BITS)
        self.rounded += count_rounded(samples, FLAC_BITS)

    def _say_length(self) -> None:
        if complete := self.complete:
            FlacHeader(self._fd).set_samples(complete)

    def _finish(self, *, failed: bool) -> None:
        """Let the encoder end; after a write has failed, keep the blocks that were whole before."""
        complete = self.complete
        try:
            self._file.close()
        except soundfile.LibsndfileError:
            if not failed:
                raise
        if failed:  # what the encoder has written since is worth nothing
            os.ftruncate(self._fd, self._good_bytes)
            if complete:
                FlacHeader(self._fd).set_samples(complete, forget_checksum=True)
            self._samples = complete


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
