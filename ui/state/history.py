"""The last seconds of what the chain gave, kept in the window for drawing. GUI thread.

Samples are addressed by their display index, which counts from the start of the stream, so that
every view speaks of the same moment.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from realtime.telemetry import DisplayChunk

F32 = NDArray[np.float32]
Signal = Literal["dry", "restored", "analytical", "learned", "mask"]

SPAN_S = 12.0
SIGNALS: tuple[Signal, ...] = ("dry", "restored", "analytical", "learned", "mask")


class History:
    """Twelve seconds of every signal, both channels, each readable as one contiguous piece.

    Attributes
    ----------
    sample_rate : int
        Hz; 0 before the first chunk.
    start, end : int
        Display indices of what is there; ``end`` is the one to ask the engine for next.
    zero_s : float
        Which second of the display counts as 0: where the recording began that runs.
    """

    def __init__(self) -> None:
        self.sample_rate = 0
        self.start = self.end = 0
        self.zero_s = 0.0
        self._capacity = 0
        self._samples = np.zeros((len(SIGNALS), 0, 0), np.float32)
        self._origin = 0  # display index of column 0

    @property
    def channels(self) -> int:
        """How many channels the signals have; 0 before the first chunk."""
        return int(self._samples.shape[1])

    def clear(self) -> None:
        """Forget everything, for a new stream."""
        self.__init__()  # type: ignore[misc]

    def append(self, chunk: DisplayChunk) -> None:
        """Take over what is new; a gap before it (the window stood still) empties the past."""
        n = chunk.dry.shape[1]
        if not n:
            return
        shape = (chunk.sample_rate, chunk.dry.shape[0])
        if shape != (self.sample_rate, self.channels):
            self._prepare(*shape)
        if chunk.start != self.end:
            self.start = self.end = self._origin = chunk.start
        if self.end - self._origin + n > self._samples.shape[2]:
            self._move_to_front(n)
        at = self.end - self._origin
        for i, name in enumerate(SIGNALS):
            self._samples[i, :, at : at + n] = getattr(chunk, name)
        self.end += n
        self.start = max(self.start, self.end - self._capacity)

    def seconds_at(self, index: float) -> float:
        """The time of a display index, of the recording where one runs."""
        return index / self.sample_rate - self.zero_s if self.sample_rate else 0.0

    def read(self, signal: Signal, start: int, end: int, channel: int | None = None) -> F32:
        """One signal of one channel, ``[end - start]``, silence where there is nothing.

        Without a channel sound is the mean of both, a mask the higher of both.
        """
        piece = np.zeros(max(end - start, 0), np.float32)
        first, last = max(start, self.start), min(end, self.end)
        if first >= last:
            return piece
        rows = self._samples[SIGNALS.index(signal), :, first - self._origin : last - self._origin]
        if channel is not None:
            piece[first - start : last - start] = rows[min(channel, self.channels - 1)]
        elif signal in ("dry", "restored"):
            piece[first - start : last - start] = rows.mean(axis=0)
        else:
            piece[first - start : last - start] = rows.max(axis=0)
        return piece

    def copy(self) -> "History":
        """A standstill of this moment."""
        still = History()
        still.sample_rate, still.start, still.end = self.sample_rate, self.start, self.end
        still._capacity, still._origin = self._capacity, self.start
        still.zero_s = self.zero_s
        first, last = self.start - self._origin, self.end - self._origin
        still._samples = self._samples[:, :, first:last].copy()
        return still

    def _prepare(self, sample_rate: int, channels: int) -> None:
        self.sample_rate = sample_rate
        self._capacity = round(SPAN_S * sample_rate)
        # Twice the room: samples move to the front once in twelve seconds, not at every chunk.
        self._samples = np.zeros((len(SIGNALS), channels, 2 * self._capacity), np.float32)
        self.start = self.end = self._origin = 0

    def _move_to_front(self, n: int) -> None:
        keep = min(self.end - self.start, self._capacity, self._samples.shape[2] - n)
        first = self.end - keep - self._origin
        self._samples[:, :, :keep] = self._samples[:, :, first : first + keep]
        self._origin = self.end - keep
        self.start = max(self.start, self._origin)
