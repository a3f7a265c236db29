"""Which samples go into a recording: from one block on to one block, in both files. Worker.

The restored sound comes ``latency`` samples later than the raw one. When raw has ended, the feed
goes on with restored sound alone until it has what belongs to the last raw sample.
"""

import threading
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.recording.noted import Noted
from realtime.recording.recording_log import RecordingLog
from realtime.recording.run_out import RunOutWatch

F32 = NDArray[np.float32]


class Taker(Protocol):
    """The part of ``recorder.Recorder`` that the worker calls; both return at once."""

    def write_raw(self, block: F32) -> None:
        """Take float32 ``[samples, channels]`` as the device gave it."""

    def write_restored(self, block: F32) -> None:
        """Take float32 ``[samples, channels]`` as the chain gave it, delayed."""


class RecordingFeed:
    """Hands sound from the worker to a recorder.

    Attributes
    ----------
    complete : threading.Event
        Set by the worker once the recorder has all it will get.
    taken : int
        Raw samples handed over; worker writes, control thread reads.
    run_out : RunOutWatch or None
        Listens to what is handed over; control thread sets, worker reads.
    """

    def __init__(self, recorder: Taker, latency: int, log: RecordingLog | None = None) -> None:
        self.complete = threading.Event()
        self.taken = 0
        self.run_out: RunOutWatch | None = None
        self._log = log
        self._recorder = recorder
        self._tail = latency  # restored samples still missing once raw has ended
        self._last = 0  # raw samples to be taken still when stopping; set before the next
        self._stopping = False  # control thread sets, worker reads

    def request_stop(self, waiting: int = 0) -> None:
        """Let raw end with the block now being worked on; called by the control thread.

        Not before ``waiting`` samples more, which have come in and wait for the worker.
        """
        self._last = self.taken + waiting
        self._stopping = True

    @property
    def _takes_raw(self) -> bool:
        return not self._stopping or self.taken < self._last

    def note(self, noted: Noted) -> None:
        """Write down what belongs to the next block."""
        if self._log is None:
            return
        if self._takes_raw:
            self._log.add(self.taken, noted)
        elif not self.complete.is_set():
            self._log.add_repairs(noted.impulses)

    def feed(self, raw: F32, restored: F32) -> None:
        """Pass on one block: ``raw`` is ``[samples, channels]``, ``restored`` the other way."""
        if self.complete.is_set():
            return
        if self._takes_raw:
            self._recorder.write_raw(raw)
            if (run_out := self.run_out) is not None:
                run_out.add(raw)
            self.taken += len(raw)
            self._recorder.write_restored(np.ascontiguousarray(restored.T))
            return
        self.end(restored[:, : self._tail])

    def end(self, tail: F32) -> None:
        """Pass on restored sound without raw: float32 ``[channels, n]``."""
        if self.complete.is_set():
            return
        self._last, self._stopping = 0, True
        part = tail[:, : self._tail]
        self._recorder.write_restored(np.ascontiguousarray(part.T))
        self._tail -= part.shape[1]
        if not self._tail:
            self.complete.set()
