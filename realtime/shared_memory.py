"""Memory that the engine's process and the window's share without a lock: snapshots and a ring.

Created in the parent, handed to the child when it is spawned. Each object has exactly one writer;
who that is stands beside the attribute that holds it. Making them loads nothing heavy: the parent
makes them before all else.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from multiprocessing.heap import BufferWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from realtime.telemetry import DisplayChunk

    F32 = NDArray[np.float32]

SIGNALS = ("dry", "restored", "analytical", "learned", "mask")
DISPLAY_S = 12  # of sound kept for the window
HIGHEST_DISPLAY_RATE_HZ = 50_000
DISPLAY_CAPACITY = DISPLAY_S * HIGHEST_DISPLAY_RATE_HZ  # samples


class SnapshotCell:
    """The latest value of something, for one writer and any number of readers.

    A value is pickled into the next of several slots, then the slot's number is published. The
    slot carries its number before and after the value, so that a reader overtaken by eight newer
    values notices and looks again; it never waits for the writer.
    """

    _SLOTS = 8
    _HEADER = 24  # bytes: number before, length, number after

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._memory = BufferWrapper(8 + self._SLOTS * (self._HEADER + capacity))
        self._memory.create_memoryview()[:8] = bytes(8)  # the newest slot's number
        self._seen = 0
        self._value: Any = None

    def publish(self, value: object) -> None:
        """Make ``value`` the latest; only ever called by the one writer."""
        packed = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        if len(packed) > self._capacity:
            raise ValueError(f"snapshot of {len(packed)} bytes; {self._capacity} fit")
        bytes_, newest = self._views()
        number = newest[0] + 1
        header, start = self._slot(number, bytes_)
        header[0], header[1] = number, len(packed)
        bytes_[start : start + len(packed)] = packed
        header[2] = number
        newest[0] = number

    def latest(self) -> Any:
        """The latest value, or None before the first; one object until a newer one is there."""
        bytes_, newest = self._views()
        for _ in range(100):
            number = newest[0]
            if number == self._seen:
                return self._value
            header, start = self._slot(number, bytes_)
            before, length = header[2], header[1]
            packed = bytes(bytes_[start : start + min(length, self._capacity)])
            if before == number == header[0]:
                self._seen, self._value = number, pickle.loads(packed)
                break
        return self._value

    def _views(self) -> tuple[memoryview, memoryview[int]]:
        bytes_ = self._memory.create_memoryview()
        return bytes_, bytes_[:8].cast("Q")

    def _slot(self, number: int, bytes_: memoryview) -> tuple[memoryview[int], int]:
        offset = 8 + (number % self._SLOTS) * (self._HEADER + self._capacity)
        return bytes_[offset : offset + self._HEADER].cast("Q"), offset + self._HEADER


class DisplayRing:
    """The last twelve seconds of what the chain gave, for drawing. Worker writes, window reads.

    A reader that was overtaken gets the newer part only; nothing is ever held up.
    """

    def __init__(self) -> None:
        # Not an array, which would be filled with zeros, and so with pages, before it is used.
        self._samples = BufferWrapper(4 * len(SIGNALS) * 2 * DISPLAY_CAPACITY)
        self._header = BufferWrapper(3 * 8)  # samples written, sample rate, channels
        self._header.create_memoryview()[:] = bytes(3 * 8)

    def prepare(self, sample_rate: int, channels: int) -> None:
        """Say what will be written; called by the worker before the first block."""
        header = self._head()
        header[1], header[2] = sample_rate, channels

    def write(self, signals: Sequence[F32] | F32) -> None:
        """Append five signals, float32 ``[channels, n]``, in the order of ``SIGNALS``."""
        header, ring = self._head(), self._ring()
        channels, n = signals[0].shape
        written = int(header[0])
        start = written % DISPLAY_CAPACITY
        first = min(n, DISPLAY_CAPACITY - start)
        for row, signal in zip(ring, signals, strict=True):
            row[:channels, start : start + first] = signal[:, :first]
            row[:channels, : n - first] = signal[:, first:]
        header[0] = written + n

    def read(self, since: int) -> DisplayChunk:
        """Everything still there from index ``since`` on."""
        import numpy as np

        from realtime.telemetry import DisplayChunk

        header, ring = self._head(), self._ring()
        written, sample_rate, channels = (int(value) for value in header)
        start = min(max(since, written - DISPLAY_CAPACITY, 0), written)
        index = np.arange(start, written) % DISPLAY_CAPACITY
        signals = ring[:, :channels, index]
        # What the worker wrote over meanwhile, with room for the block that it is writing now.
        overtaken = int(header[0]) - DISPLAY_CAPACITY + 8192 - start
        if int(header[0]) > DISPLAY_CAPACITY - 8192 and overtaken > 0:
            start, signals = min(start + overtaken, written), signals[:, :, overtaken:]
        return DisplayChunk(start, sample_rate, *signals)

    def _head(self) -> NDArray[np.uint64]:
        import numpy as np

        return np.frombuffer(self._header.create_memoryview(), np.uint64)

    def _ring(self) -> F32:
        import numpy as np

        flat = np.frombuffer(self._samples.create_memoryview(), np.float32)
        return flat.reshape(len(SIGNALS), 2, DISPLAY_CAPACITY)


class SharedState:
    """All memory that parent and child share."""

    def __init__(self) -> None:
        self.settings = SnapshotCell()  # parent writes, worker reads once per hop
        self.telemetry = SnapshotCell(8192)  # worker writes, parent reads
        self.display = DisplayRing()  # worker writes, parent reads
