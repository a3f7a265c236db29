"""Sound devices as two one-way streams: a C callback (rtmixer) and a ring buffer each.

The callbacks run in PortAudio's threads without the interpreter; the methods here are called by
the worker only. Nothing allocates or waits in a callback.
"""

import contextlib
import ctypes
import math
import time
from collections import deque
from typing import Any

import numpy as np
import rtmixer
import sounddevice
from numpy.typing import NDArray

from realtime.devices.priming import faded_in

F32 = NDArray[np.float32]

RING_S = 5.0  # how long the worker may stand still before input is lost
BYTES = 4  # of a float32 sample
INPUT_SLACK_S = 0.2  # what an ALSA input buffers
LEAST_PERIODS = 32
GAP_STANDS_S = 0.1
SETTLE_S = 0.3  # at most; after opening, and filling its buffer, a device takes irregularly
EVEN_S = 0.1  # in which it has taken as much as it should have: it is settled


def has_fine_periods(host_api: str, buffered: float = 0.0, block: int = 1) -> bool:
    """Ask ALSA for many short periods, so that a long buffer does not mean long waiting.

    PortAudio divides a buffer by four: 0.2 s of safety would deliver sound in lumps of 50 ms. With
    many periods the input is heard of after each block, however long its buffer is. Other host
    APIs couple the two, and get no more than the wanted latency.

    Parameters
    ----------
    host_api : str
    buffered : float
        Samples that the device is to buffer.
    block : int
        Samples per callback. A period must be well below it: of one that is longer by a few samples
        ALSA tells only every second time (lumps of 1024 instead of 512, on PulseAudio).
    """
    if host_api != "ALSA":
        return False
    periods = max(LEAST_PERIODS, math.ceil(1.25 * buffered / block))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(sounddevice._libname).PaAlsa_SetNumPeriods(periods)
        return True
    return False


class _Heartbeat:
    """Notices when a callback count has stopped moving."""

    def __init__(self) -> None:
        self._count, self._moved_at = -1, time.monotonic()

    def age_s(self, count: int) -> float:
        """Seconds since ``count`` last changed."""
        now = time.monotonic()
        if count != self._count:
            self._count, self._moved_at = count, now
        return now - self._moved_at


class Settling:
    """The time after opening until a device takes sound evenly: as much as the clock says.

    Parameters
    ----------
    sample_rate : int
        Hz.
    block : int
        Samples per callback.
    longest_s : float
        From now on, after which it counts as settled in any case.
    """

    def __init__(self, sample_rate: int, block: int, longest_s: float) -> None:
        self._block_s = block / sample_rate
        self._until = time.monotonic() + longest_s
        self._looks: deque[tuple[float, int]] = deque()  # when, and callbacks until then
        self._is_over = False

    def is_over(self, blocks: int, now: float) -> bool:
        """Take in how many callbacks there have been until now; True from then on for ever."""
        if self._is_over:
            return True
        if now >= self._until:
            self._is_over = True
        self._looks.append((now, blocks))
        while len(self._looks) > 1 and self._looks[1][0] <= now - EVEN_S:
            self._looks.popleft()
        first, before = self._looks[0]
        if blocks > before and now - first >= EVEN_S:
            # Blocks come in twos and threes: one more or less says nothing.
            self._is_over |= abs((blocks - before) * self._block_s - (now - first)) <= (
                2 * self._block_s
            )
        return self._is_over


class _DeviceStream:
    """What both ways share: a ring, the stream whose callback serves it, and its heartbeat."""

    _stream: Any  # of rtmixer; opened by each way in its own manner

    def __init__(self, name: str, sample_rate: int, channels: int) -> None:
        self.name, self.sample_rate = name, sample_rate
        self.xruns = 0
        size = 1 << int(np.ceil(np.log2(RING_S * sample_rate)))
        self._ring = rtmixer.RingBuffer(BYTES * channels, size)
        self._heart = _Heartbeat()

    def age_s(self) -> float:
        """Seconds since the device's last callback."""
        return self._heart.age_s(self._stream._state.stats.blocks)

    def is_alive(self) -> bool:
        """False once the stream has ended by itself."""
        return bool(self._stream.active)

    def close(self) -> None:
        """End the stream; may hang when the sound server does."""
        self._stream.abort()
        self._stream.close()


class DeviceInput(_DeviceStream):
    """What the turntable delivers, float32 exactly as the device gave it (24 bits fit unharmed).

    Of an interface with more channels all up to the wanted ones are opened, and those alone read.

    Attributes
    ----------
    xruns : int
        Overflows that the device reported, and overflows of the ring.
    lost_samples : int
        Samples the callback got but found no room for. Blocks have a fixed length, so what was
        offered is known; what arrived is counted by rtmixer.
    """

    paced_by_output = False
    ending = False

    def __init__(
        self,
        device: int,
        name: str,
        sample_rate: int,
        channels: int,
        block: int,
        latency_s: float,
        host_api: str,
        first_channel: int = 1,
    ) -> None:
        opened = first_channel - 1 + channels
        super().__init__(name, sample_rate, opened)
        self.channels, self.lost_samples = channels, 0
        self._opened, self._first = opened, first_channel - 1
        self._block = block
        fine = has_fine_periods(host_api, INPUT_SLACK_S * sample_rate, block)
        self._stream = rtmixer.Recorder(
            device=device,
            samplerate=sample_rate,
            channels=opened,
            blocksize=block,
            latency=max(latency_s, INPUT_SLACK_S) if fine else latency_s,
        )
        self.burst = 2 * block if fine else round(self._stream.latency * sample_rate)
        self._ended_frames = self._ended_overflows = self._refills = 0
        self._xruns_before = self._gap_before = 0
        self._smallest_gap, self._gap_counts_at = 0, time.monotonic() + GAP_STANDS_S
        # Before the start, so that the very first block is not missed.
        self._action = self._stream.record_ringbuffer(self._ring)
        self._stream.start()

    def available(self) -> int:
        """Samples waiting in the ring; also keeps the recording action alive and the counts."""
        if self._action not in self._stream.actions:  # the ring was full, which ends the action
            self._ended_frames += self._action.done_frames
            self._ended_overflows += self._action.stats.input_overflows
            self._refills += 1
            self._action = self._stream.record_ringbuffer(self._ring)
        self.xruns = self._overflows() - self._xruns_before
        self._count_lost()
        return int(self._ring.read_available)

    @property
    def received(self) -> int:
        """Samples that have come into the ring so far."""
        return int(self._ended_frames + self._action.done_frames)

    def begin_to_count(self) -> None:
        """Forget what was lost: until now nobody wanted it."""
        self.available()
        self._xruns_before = self._overflows()
        # A callback in progress shows as one block missing.
        self._gap_before = min(
            self._stream._state.stats.blocks * self._block - self.received for _ in range(3)
        )
        self.xruns = self.lost_samples = self._smallest_gap = 0

    def _overflows(self) -> int:
        return int(self._ended_overflows + self._action.stats.input_overflows + self._refills)

    def _count_lost(self) -> None:
        # The stream's own counts have no public reader while it runs. A callback in progress shows
        # as one block missing, and after a standstill one follows upon the other: believe a gap
        # that was there at every look for a while.
        offered = self._stream._state.stats.blocks * self._block
        gap = offered - self.received - self._gap_before
        self._smallest_gap = min(gap, self._smallest_gap)
        if (now := time.monotonic()) > self._gap_counts_at:
            self.lost_samples = max(self.lost_samples, self._smallest_gap)
            self._xruns_before = self._gap_before = 0
        self._smallest_gap, self._gap_counts_at = gap, now + GAP_STANDS_S

    def read(self, n: int) -> F32:
        """Up to ``n`` samples, float32 ``[samples, channels]``."""
        block = np.empty((n, self._opened), np.float32)
        delivered = block[: self._ring.readinto(block)]
        return np.ascontiguousarray(delivered[:, self._first :])


class DeviceOutput(_DeviceStream):
    """What the headphones get. Plays silence until primed, and again after each underflow.

    Attributes
    ----------
    target : int
        Samples in the ring before playing starts. Devices give and take in bursts, the worker
        may be late: too little is an underflow, too much is needless delay.
    least_reserve : int or None
        What should wait in it when the worker takes up a block, where input and output are two
        clocks.
    xruns : int
        How often the ring ran empty, or the device reported an underflow.
    """

    def __init__(
        self,
        device: int,
        name: str,
        sample_rate: int,
        channels: int,
        block: int,
        latency_s: float,
        host_api: str,
    ) -> None:
        super().__init__(name, sample_rate, channels)
        self.underflows = 0  # of the ring; the regulator trims the delay back after each
        self._channels = channels
        fine = has_fine_periods(host_api, latency_s * sample_rate, block)
        self._stream = rtmixer.Mixer(
            device=device,
            samplerate=sample_rate,
            channels=channels,
            blocksize=block,
            latency=latency_s,
        )
        self.latency = round(self._stream.latency * sample_rate)
        self.burst = block if fine else self.latency
        self.target = self.burst
        self.least_reserve: int | None = None
        self._reported = 0
        self._action: Any = None
        self._fade_in = True
        self._primed = False
        self._settling = Settling(sample_rate, block, SETTLE_S + latency_s)
        self._ending = False
        self._stream.start()

    def waiting(self) -> int:
        """Samples waiting for the device; also notices when it ran dry."""
        if self._action is not None and self._action not in self._stream.actions:
            self._reported += self._action.stats.output_underflows
            self._action = None
            if not self._ending:
                self.underflows += 1
                self._fade_in = True
        self.xruns = self._reported + self.underflows
        if self._action is not None:
            self.xruns += self._action.stats.output_underflows
        return int(self._ring.read_available)

    def write(self, block: F32) -> None:
        """Append float32 ``[channels, samples]``; a mono stream goes to every channel."""
        self.waiting()
        if self._fade_in:
            block, self._fade_in = faded_in(block), False
        if not self._primed:
            self._primed = True
            silence = np.zeros((block.shape[0], max(self.target - block.shape[1], 0)), np.float32)
            block = np.concatenate([silence, block], axis=1)
        shape = (block.shape[1], self._channels)
        self._ring.write(np.ascontiguousarray(np.broadcast_to(block.T, shape)))
        if self._action is None and self._ring.read_available >= self.target:
            self._action = self._stream.play_ringbuffer(self._ring)

    @property
    def is_playing(self) -> bool:
        """True while the device is given sound and takes it."""
        return self._action is not None and self._stream._state.stats.blocks > 0

    def is_settled(self) -> bool:
        """False just after opening, when the device still takes sound irregularly."""
        return self._settling.is_over(self._stream._state.stats.blocks, time.monotonic())

    def begin_to_count(self) -> None:
        """Forget how often it ran dry: until now there was nothing to be heard."""
        self.waiting()
        so_far = self._action.stats.output_underflows if self._action is not None else 0
        self.underflows, self._reported = 0, -so_far

    def finish(self) -> None:
        """Say that nothing more will come: running dry is no fault any more."""
        self._ending = True
        if self._action is None and self._ring.read_available:
            self._action = self._stream.play_ringbuffer(self._ring)
