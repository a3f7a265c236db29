"""A sound file that can be played at any moment while it grows. Recorder's thread.

It is created, never opened, so that nothing is ever overwritten. After a ``commit`` whatever was
written before is there for every reader, even if this process is killed.
"""

import errno
import os
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class GrowingFile(ABC):
    """What every format shares: the file itself, and when it is safe on the disk.

    Parameters
    ----------
    path : Path
        Must not exist.

    Attributes
    ----------
    samples : int
        Written so far; some of them may still be in the encoder.
    clipped : int
        Samples that the format could not hold.
    rounded : int
        Samples that were finer than its steps.

    Raises
    ------
    OSError
        Also from every method: disk full, file removed.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.clipped, self.rounded = path, 0, 0
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o644)

    @property
    @abstractmethod
    def samples(self) -> int: ...  # noqa: D102

    @abstractmethod
    def write(self, samples: F32) -> None:
        """Append float32 ``[n, channels]``."""

    def commit(self) -> None:
        """Bring everything to the disk, then let the header say so."""
        if not os.fstat(self._fd).st_nlink:  # writing on would succeed and leave nothing
            raise FileNotFoundError(errno.ENOENT, "the file was removed while it was recorded")
        os.fdatasync(self._fd)
        self._say_length()

    def close(self, *, failed: bool = False) -> None:
        """Finish the file with all it holds; ``failed``: after a write that went wrong."""
        try:
            self._finish(failed=failed)
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

    @abstractmethod
    def _say_length(self) -> None:
        """Write into the header how much is there."""

    @abstractmethod
    def _finish(self, *, failed: bool) -> None:
        """Make the file whole as it stands."""
