"""An output that nobody hears: it swallows sound at the pace of the clock. Called by the worker."""

import time

import numpy as np
from numpy.typing import NDArray

from realtime.config import NULL_OUTPUT


class NullOutput:
    """Stands where headphones would: the same methods as ``DeviceOutput``, the same pace.

    Parameters
    ----------
    sample_rate : int
        Hz.
    counts_underflows : bool
        True for a file as input, which can always be read in time. A device as input has a clock
        of its own, and running dry against the computer's clock is no fault then.

    Attributes
    ----------
    target : int
        Samples to hold before playing starts.
    """

    name = NULL_OUTPUT
    latency = burst = 0
    least_reserve: int | None = None

    def __init__(self, sample_rate: int, counts_underflows: bool) -> None:
        self.sample_rate, self.target = sample_rate, 0
        self.xruns = self.underflows = 0
        self._counts = counts_underflows
        self._ending = False
        self._written = 0
        self._started_at: float | None = None

    def waiting(self) -> int:
        """Samples not yet played by the clock; also notices when it ran dry."""
        if self._started_at is None:
            return self._written
        played = int((time.monotonic() - self._started_at) * self.sample_rate)
        if played <= self._written:
            return self._written - played
        self._started_at, self._written = None, 0
        if self._counts and not self._ending:
            self.underflows += 1
            self.xruns += 1
        return 0

    def write(self, block: NDArray[np.float32]) -> None:
        """Swallow float32 ``[channels, samples]``."""
        self.waiting()
        self._written += block.shape[1]
        if self._started_at is None and self._written >= self.target:
            self._started_at = time.monotonic()

    def is_settled(self) -> bool:
        """A clock ticks evenly from the beginning."""
        return True

    def finish(self) -> None:
        """Say that nothing more will come: running dry is no fault any more."""
        self._ending = True
        if self._started_at is None:
            self._started_at = time.monotonic()

    def age_s(self) -> float:
        """A clock never stops."""
        return 0.0

    def is_alive(self) -> bool:
        """A clock never stops."""
        return True

    def close(self) -> None:
        """Nothing to give back."""
