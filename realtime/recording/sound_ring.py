"""A buffer between the worker, which may never wait, and a disk, which may take its time.

One thread writes, one reads; there is no lock. What does not fit is counted, and silence of the
same length takes its place, so that whatever comes later keeps its time.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


class SoundRing:
    """Preallocated room for ``capacity`` samples of float32 ``[samples, channels]``.

    Attributes
    ----------
    lost : int
        Samples that did not fit; the writing thread counts.
    """

    def __init__(self, capacity: int, channels: int) -> None:
        self._samples = np.empty((capacity, channels), np.float32)
        self._samples.fill(0.0)  # touches every page now, not when sound is waiting
        self._written = 0  # samples ever put in; writing thread only
        self._read = 0  # samples ever taken out; reading thread only
        self._gaps: deque[tuple[int, int]] = deque()  # (_written at it, length): writer to reader
        self._gap = 0  # silence not yet announced; writing thread only
        self.lost = 0

    @property
    def channels(self) -> int:
        """Channels of what goes through."""
        return self._samples.shape[1]

    def write(self, block: F32) -> None:
        """Take float32 ``[n, channels]`` whole, or count it as lost; returns at once."""
        n, capacity = len(block), len(self._samples)
        if n > capacity - (self._written - self._read):
            self.lost += n
            self._gap += n
            return
        self.announce_gap()
        start = self._written % capacity
        first = min(n, capacity - start)
        self._samples[start : start + first] = block[:first]
        self._samples[: n - first] = block[first:]
        self._written += n  # last: from here on the reader sees all of it

    def announce_gap(self) -> None:
        """Let the reader know of a loss; needed by hand when nothing was written after it."""
        if self._gap:
            self._gaps.append((self._written, self._gap))
            self._gap = 0

    def read(self, limit: int) -> tuple[F32, bool]:
        """Return a copy of up to ``limit`` samples, and whether they are silence for lost ones.

        Empty when nothing is waiting.
        """
        end = self._written  # before the gaps: each is announced before what follows it
        if self._gaps:
            position, length = self._gaps[0]
            if position == self._read:
                return self._silence(min(length, limit), length), True
            end = min(end, position)
        capacity = len(self._samples)
        start = self._read % capacity
        n = min(limit, end - self._read, capacity - start)
        samples = self._samples[start : start + n].copy()
        self._read += n
        return samples, False

    def _silence(self, n: int, length: int) -> F32:
        position, _ = self._gaps.popleft()
        if length > n:
            self._gaps.appendleft((position, length - n))
        return np.zeros((n, self._samples.shape[1]), np.float32)
