"""A device as output that may go away and come back: to the worker one output without an end.

While it is away sound is swallowed, as if it were played. The worker calls the methods of a
``Sink``; the control side exchanges the device, and the worker takes over at its next look.
"""

import threading
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.opening import Sink
from realtime.sinks import NullOutput

F32 = NDArray[np.float32]

TAKE_OVER_S = 2.0  # at most, until the worker has let go


class OutputDevice(Sink, Protocol):
    """What is needed of ``realtime.streams.DeviceOutput``."""

    @property
    def is_playing(self) -> bool: ...  # noqa: D102


class SteadySink:
    """One output over all its devices.

    Parameters
    ----------
    device : OutputDevice
        Open and running, with what should wait in it.
    sets_pace : bool
        True where a file is played, at the pace of this output.

    Attributes
    ----------
    is_masked : bool
        Silence is played instead; control thread sets, worker reads.
    """

    def __init__(self, device: OutputDevice, sample_rate: int, *, sets_pace: bool) -> None:
        self.name, self.latency, self.burst = device.name, device.latency, device.burst
        self.least_reserve, self.target = device.least_reserve, device.target
        self.is_masked = False
        self._sets_pace = sets_pace
        self._inner: OutputDevice | None = device  # worker writes
        self._wanted: OutputDevice | None = device  # control side writes
        self._taken_over = threading.Event()
        self._before = (0, 0)  # xruns and underflows of devices that are gone; worker only
        self._clock = NullOutput(sample_rate, counts_underflows=False)
        self._usual = self.least_reserve if self.least_reserve is not None else self.target

    # Called by the control side.

    def detach(self) -> OutputDevice | None:
        """Let the worker go on without the device; returns it, to be closed.

        None if there was none, or the worker does not let go of it.
        """
        before = self._wanted
        return before if self._exchange(None) else None

    def attach(self, device: OutputDevice) -> None:
        """Play on another one, of the same rate, that is open and running."""
        device.target = self.target
        self._exchange(device)

    @property
    def is_away(self) -> bool:
        """True between ``detach`` and ``attach``."""
        return self._wanted is None

    @property
    def is_sounding(self) -> bool:
        """True once the present device plays what it is given."""
        wanted = self._wanted
        return wanted is not None and wanted is self._inner and wanted.is_playing

    def is_alive(self) -> bool:
        """False once the device has ended by itself."""
        return self._wanted is not None and self._wanted.is_alive()

    def close(self) -> None:
        """Give the device back; may hang when the sound server does."""
        if self._wanted is not None:
            self._wanted.close()

    def _exchange(self, device: OutputDevice | None) -> bool:
        self._taken_over.clear()
        self._wanted = device
        return self._taken_over.wait(TAKE_OVER_S)

    # Called by the worker.

    @property
    def xruns(self) -> int:
        """How often it ran dry, or reported an underflow, all devices together."""
        return self._before[0] + (self._inner.xruns if self._inner else 0)

    @property
    def underflows(self) -> int:
        """How often the ring ran dry, all devices together."""
        return self._before[1] + (self._inner.underflows if self._inner else 0)

    def waiting(self) -> int:
        """Samples waiting for the device."""
        if self._wanted is not self._inner:
            self._take_over()
        if self._inner is not None:
            return self._inner.waiting()
        # As much as always, so that nobody thinks that the clocks have drifted apart.
        return self._clock.waiting() if self._sets_pace else self._usual

    def write(self, block: F32) -> None:
        """Append float32 ``[channels, samples]``."""
        if self._inner is None:
            self._clock.write(block)
        else:
            self._inner.write(np.zeros_like(block) if self.is_masked else block)

    def is_settled(self) -> bool:
        """False just after opening, when the device still takes sound irregularly."""
        return self._inner is None or self._inner.is_settled()

    def finish(self) -> None:
        """Say that nothing more will come."""
        (self._inner or self._clock).finish()

    def age_s(self) -> float:
        """Seconds since the device's last callback."""
        return self._inner.age_s() if self._inner else 0.0

    def _take_over(self) -> None:
        if self._inner is not None:
            # One underflow more: the delay is to be looked at again when it is back.
            self._before = (self.xruns + 1, self.underflows + 1)
        self._inner = self._wanted
        self._taken_over.set()
