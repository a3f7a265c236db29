"""A device as input that may go away and come back: to the worker one stream without an end.

What the device did not deliver becomes silence of the measured length, so that everything after
it keeps its time. The worker calls the methods of a ``Source``; the control side exchanges the
device with ``detach`` and ``attach``, and the worker takes over at its next look.
"""

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.devices.steady import SteadyEnd
from realtime.timeline import Timeline, extend

F32 = NDArray[np.float32]

STALL_S = 0.5  # without a sample: the device stood still, and what it missed is to be measured
SETTLE_S = 0.3  # after a standstill sound comes in a lump; then what is missing is known
TOLERANCE_S = 0.05  # less than that is how unevenly devices deliver


class InputDevice(Protocol):
    """What is needed of ``realtime.devices.device_streams.DeviceInput``."""

    name: str
    sample_rate: int
    channels: int
    burst: int
    xruns: int
    lost_samples: int

    @property
    def received(self) -> int: ...  # noqa: D102
    def available(self) -> int: ...  # noqa: D102
    def read(self, n: int) -> F32: ...  # noqa: D102
    def is_alive(self) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class SteadySource(SteadyEnd[InputDevice]):
    """One input over all its devices.

    Parameters
    ----------
    device : InputDevice
        Open and running.
    timeline : Timeline
        ``away`` is added to.
    clock : callable
        Seconds, monotonic.

    Attributes
    ----------
    is_masked : bool
        Silence takes the place of what the device delivers, sample for sample.
    """

    paced_by_output = False
    ending = False

    def __init__(
        self,
        device: InputDevice,
        timeline: Timeline,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(device)
        self.name, self.sample_rate, self.channels = (
            device.name,
            device.sample_rate,
            device.channels,
        )
        self.burst = device.burst
        self._masked_at = 0.0
        self._timeline, self._clock = timeline, clock
        self._lost_before = 0  # samples that devices which are gone have lost; worker only
        self._given = 0  # samples handed out; this and all below: worker only
        self._carry: F32 = np.empty((0, self.channels), np.float32)  # comes first
        self._silence = 0  # samples that come next
        self._held = self._carry  # then this, then what the device has
        self._received = self._read = 0  # of the present device
        self._sounds = False  # the present device has been heard; worker writes
        self._moved_at = clock()
        self._settling = False
        self._settled_at: float | None = None  # None: until the device has delivered something
        self._still_since = self._moved_at
        self._still_at = 0  # samples received when it began to stand still
        self._filled = 0  # samples of silence since then
        self._tolerance = 0  # samples that may be missing after a standstill

    def mask(self, on: bool) -> None:
        """Put silence for what comes, while the sound server feeds us something else."""
        if on and not self.is_masked:
            self._masked_at = self._clock()
        self.is_masked = on

    @property
    def is_sounding(self) -> bool:
        """True once sound of the present device was handed out, behind all silence before it."""
        return self._wanted is not None and self._wanted is self._inner and self._sounds

    def begin(self) -> None:
        """Count from here on: nobody wanted what the device has delivered so far."""
        if self._inner is not None:
            waiting = self._inner.available()
            self._received = self._inner.received
            self._read = self._received - waiting
            self._moved_at = self._still_since = self._clock()

    # Called by the worker.

    @property
    def lost_samples(self) -> int:
        """Samples for which there was no room, of all devices together."""
        return self._lost_before + (self._inner.lost_samples if self._inner else 0)

    def available(self) -> int:
        """Samples that can be read now, sound or silence."""
        now, waiting = self._clock(), 0
        if self._wanted is not self._inner:
            self._take_over()
        if self._inner is None:
            self._fill(now)
        else:
            waiting = self._inner.available()
            self._observe(self._inner, now)
        ready = len(self._carry) + self._silence
        return ready if self._settling else ready + len(self._held) + waiting

    def read(self, n: int) -> F32:
        """Up to ``n`` samples, float32 ``[samples, channels]``."""
        block = np.zeros((n, self.channels), np.float32)
        done = min(n, len(self._carry))
        block[:done] = self._carry[:done]
        self._carry = self._carry[done:]
        silent = min(n - done, self._silence)
        self._silence -= silent
        done += silent
        silent_until = done
        if done < n and not self._settling:
            held = min(n - done, len(self._held))
            block[done : done + held] = self._held[:held]
            self._held = self._held[held:]
            done += held
            if done < n and self._inner is not None:
                sound = self._pull(self._inner, n - done)
                if self.is_masked:
                    extend(self._timeline.away, self._given + done, len(sound))
                block[done : done + len(sound)] = sound
                done += len(sound)
            self._sounds |= done > silent_until
        self._given += done
        return block[:done]

    def age_s(self) -> float:
        """Seconds since the last sample of the device that was asked for."""
        return self._clock() - (self._masked_at if self.is_masked else self._moved_at)

    def _pull(self, device: InputDevice, n: int) -> F32:
        sound = device.read(n)
        self._read += len(sound)
        return np.zeros_like(sound) if self.is_masked else sound

    def _take_over(self) -> None:
        if self._inner is not None:
            self._keep_rest(self._inner)
            self._xruns_before, self._lost_before = self.xruns, self.lost_samples
        self._received = self._read = 0
        self._settling, self._settled_at, self._tolerance = True, None, 0
        self._sounds = False
        self._take_wanted()

    def _keep_rest(self, old: InputDevice) -> None:
        """Keep what a device that goes away has left; from its last sample on time is counted."""
        old.available()
        self._observe(old, self._clock())
        if self._settling and self._settled_at is None:  # it was back, but delivered nothing
            return
        if self._settling:
            self._settle()
        silence = np.zeros((self._silence, self.channels), np.float32)
        rest = self._pull(old, old.available())
        self._carry = np.concatenate([self._carry, silence, self._held, rest])
        if self.is_masked:
            start = self._given + len(self._carry) - len(rest)
            extend(self._timeline.away, start, len(rest))
        self._held = self._held[:0]
        self._silence = self._filled = 0
        self._still_since = self._moved_at

    def _fill(self, now: float) -> None:
        """Silence at the pace of the clock."""
        due = round((now - self._still_since) * self.sample_rate) - self._filled
        if due > 0:
            self._filled += due
            self._add_silence(due)

    def _add_silence(self, n: int) -> None:
        extend(self._timeline.away, self._given + len(self._carry) + self._silence, n)
        self._silence += n

    def _observe(self, device: InputDevice, now: float) -> None:
        """Notice a standstill when it is over, and after a while what was missed in it."""
        received = device.received
        if received != self._received:
            still_s = now - self._moved_at
            missing = round(still_s * self.sample_rate) - (received - self._received)
            stood = still_s > STALL_S and missing > TOLERANCE_S * self.sample_rate
            if self._settling and self._settled_at is None:
                self._settled_at = now + SETTLE_S
            elif stood and not self._settling and self._received:  # a first sample may take time
                self._begin_to_settle(device, now)
            self._received, self._moved_at = received, now
        if self._settling:  # what comes in a lump would not fit into the ring
            self._held = np.concatenate([self._held, self._pull(device, device.available())])
        if self._settled_at is not None and now >= self._settled_at:
            self._settle()

    def _begin_to_settle(self, device: InputDevice, now: float) -> None:
        self._settling, self._settled_at = True, now + SETTLE_S
        self._still_since, self._still_at = self._moved_at, self._received
        self._filled, self._tolerance = 0, round(TOLERANCE_S * self.sample_rate)
        early = self._pull(device, self._received - self._read)
        self._carry = np.concatenate([self._carry, early])

    def _settle(self) -> None:
        passed = round((self._moved_at - self._still_since) * self.sample_rate)
        missing = passed - (self._received - self._still_at) - self._filled
        if missing > self._tolerance:
            self._add_silence(missing)
        if self.is_masked:
            start = self._given + len(self._carry) + self._silence
            extend(self._timeline.away, start, len(self._held))
        self._settling, self._settled_at, self._still_at, self._filled = False, None, 0, 0
