"""A recording that waits for the needle: what came just before the drop is kept as well.

Everything here runs on the worker, except where a comment says otherwise. The control thread makes
the files once the needle is down, and hands over what writes them.
"""

import threading
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.settings import Settings
from realtime.recording.feed import RecordingFeed
from realtime.recording.needle import DROP_S, LOOK_BACK_S, NeedleWatch
from realtime.recording.noted import Noted

F32 = NDArray[np.float32]

PRE_ROLL_S = 3.0  # of sound kept from before the needle's drop


class _Kept(NamedTuple):
    """One block, as it came."""

    noted: Noted
    raw: F32
    restored: F32


class NeedleFeed:
    """Takes the place of a ``RecordingFeed`` in the worker.

    Parameters
    ----------
    watch : NeedleWatch
        Goes on from side to side, so that the line needs to be heard only once.
    sample_rate : int
    is_down : bool
        The needle is still in the last side's run-out groove, and has to be lifted first.

    Attributes
    ----------
    dropped, lifted : bool
        Worker sets, control thread reads.
    """

    def __init__(self, watch: NeedleWatch, sample_rate: int, *, is_down: bool = False) -> None:
        self._is_down = is_down
        self.dropped = self.lifted = False
        self._watch = watch
        self._most = round((PRE_ROLL_S + DROP_S + LOOK_BACK_S) * sample_rate)
        self._kept: deque[_Kept] = deque()
        self._kept_samples = 0
        self._noted = Noted(Settings(), (), 0)
        self._inner: RecordingFeed | None = None  # control thread sets once, worker reads
        self._never = threading.Event()

    @property
    def complete(self) -> threading.Event:
        """Set once the recorder has all that it will get; at once where none was begun."""
        return self._inner.complete if self._inner else self._never

    @property
    def taken(self) -> int:
        """Raw samples in the file so far."""
        return self._inner.taken if self._inner else 0

    @property
    def kept_samples(self) -> int:
        """Raw samples kept from before; also read by the control thread."""
        return self._kept_samples

    def release(self, inner: RecordingFeed) -> None:
        """Pass on what was kept and all that follows; called by the control thread."""
        self._inner = inner

    def request_stop(self, waiting: int = 0) -> None:
        """See :meth:`RecordingFeed.request_stop`; called by the control thread."""
        if self._inner:
            self._inner.request_stop(waiting)
        else:
            self._never.set()

    def note(self, noted: Noted) -> None:
        """Write down what belongs to the next block."""
        self._noted = noted

    def feed(self, raw: F32, restored: F32) -> None:
        """Pass on one block, or keep it: ``raw`` is ``[samples, channels]``."""
        self._watch.add(raw)
        if self._inner is None:
            self._keep(_Kept(self._noted, raw.copy(), restored.copy()))
            self._is_down = self._is_down and self._watch.is_down
            self.dropped = self._watch.is_down and not self._is_down
            return
        self._pass_on_what_was_kept(self._inner)
        self._inner.note(self._noted)
        self._inner.feed(raw, restored)
        self.lifted = not self._watch.is_down

    def end(self, tail: F32) -> None:
        """Pass on restored sound without raw: float32 ``[channels, n]``."""
        if self._inner is not None:
            self._pass_on_what_was_kept(self._inner)
            self._inner.end(tail)

    def _keep(self, block: _Kept) -> None:
        self._kept.append(block)
        self._kept_samples += len(block.raw)
        while not self.dropped and self._kept_samples - len(self._kept[0].raw) > self._most:
            self._kept_samples -= len(self._kept.popleft().raw)

    def _pass_on_what_was_kept(self, inner: RecordingFeed) -> None:
        while self._kept:
            block = self._kept.popleft()
            inner.note(block.noted)
            inner.feed(block.raw, block.restored)
