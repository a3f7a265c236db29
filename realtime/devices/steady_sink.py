"""A device as output that may go away and come back: to the worker one output without an end.

While it is away sound is swallowed, as if it were played. The worker calls the methods of a
``Sink``; the control side exchanges the device, and the worker takes over at its next look.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.devices.null_output import NullOutput
from realtime.devices.opening import Sink
from realtime.devices.steady import SteadyEnd

F32 = NDArray[np.float32]


class OutputDevice(Sink, Protocol):
    """What is needed of ``realtime.devices.device_streams.DeviceOutput``."""

    @property
    def is_playing(self) -> bool: ...  # noqa: D102


class SteadySink(SteadyEnd[OutputDevice]):
    """One output over all its devices.

    Parameters
    ----------
    device : OutputDevice
        Open and running, with what should wait in it.
    sets_pace : bool
        True where a file is played, at the pace of this output.
    """

    def __init__(self, device: OutputDevice, sample_rate: int, *, sets_pace: bool) -> None:
        super().__init__(device)
        self.name, self.latency, self.burst = device.name, device.latency, device.burst
        self.least_reserve, self.target = device.least_reserve, device.target
        self._sets_pace = sets_pace
        self._underflows_before = 0  # of devices that are gone; worker only
        self._clock = NullOutput(sample_rate, counts_underflows=False)
        self._usual = self.least_reserve if self.least_reserve is not None else self.target

    def attach(self, device: OutputDevice) -> None:
        """Play on another one, of the same rate, that is open and running."""
        device.target = self.target
        super().attach(device)

    @property
    def is_sounding(self) -> bool:
        """True once the present device plays what it is given."""
        wanted = self._wanted
        return wanted is not None and wanted is self._inner and wanted.is_playing

    # Called by the worker.

    @property
    def underflows(self) -> int:
        """How often the ring ran dry, all devices together."""
        return self._underflows_before + (self._inner.underflows if self._inner else 0)

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
            self._xruns_before = self.xruns + 1
            self._underflows_before = self.underflows + 1
        self._take_wanted()
