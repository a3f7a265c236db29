"""A device at either end of the sound path, exchanged for another while the worker goes on.

The control side says so with ``detach`` and ``attach``; the worker takes over at its next look.
"""

import threading
from typing import Generic, Protocol, TypeVar

TAKE_OVER_S = 2.0  # at most, until the worker has let go


class Device(Protocol):
    """What is needed of a device, whichever way its sound goes."""

    xruns: int

    def is_alive(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


D = TypeVar("D", bound=Device)


class SteadyEnd(Generic[D]):
    """One end of the sound path over all its devices.

    Parameters
    ----------
    device : Device
        Open and running.

    Attributes
    ----------
    is_masked : bool
        Silence takes the place of the sound; control side sets, worker reads.
    """

    def __init__(self, device: D) -> None:
        self.is_masked = False
        self._inner: D | None = device  # worker writes
        self._wanted: D | None = device  # control side writes
        self._taken_over = threading.Event()
        self._xruns_before = 0  # of devices that are gone; worker only

    # Called by the control side.

    def detach(self) -> D | None:
        """Let the worker go on without the device; returns it, to be closed.

        None if there was none, or the worker does not let go of it.
        """
        before = self._wanted
        return before if self._exchange(None) else None

    def attach(self, device: D) -> None:
        """Go on with another one, of the same rate and channels, that is open and running."""
        self._exchange(device)

    @property
    def is_away(self) -> bool:
        """True between ``detach`` and ``attach``."""
        return self._wanted is None

    def is_alive(self) -> bool:
        """False once the device has ended by itself."""
        return self._wanted is not None and self._wanted.is_alive()

    def close(self) -> None:
        """Give the device back; may hang when the sound server does."""
        if self._wanted is not None:
            self._wanted.close()

    def _exchange(self, device: D | None) -> bool:
        self._taken_over.clear()
        self._wanted = device
        return self._taken_over.wait(TAKE_OVER_S)

    # Called by the worker.

    @property
    def xruns(self) -> int:
        """Overflows or underflows, of all devices together."""
        return self._xruns_before + (self._inner.xruns if self._inner else 0)

    def _take_wanted(self) -> None:
        """Go over to the device that the control side wants; it may close the old one now."""
        self._inner = self._wanted
        self._taken_over.set()
