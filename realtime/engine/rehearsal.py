"""Opens the devices and lets them run in silence, while everything else is still made ready.

A device takes a third of a second until it gives and takes evenly, and how two of them take turns
has to be seen before the first sound. A thread of the engine's child does both meanwhile, with what
the worker will do with the devices, and hands them over to it.
"""

import threading
import time
from typing import NamedTuple

import numpy as np

from realtime.config import StreamConfig, block_length
from realtime.devices.opening import (
    OpenStreams,
    Plan,
    Sink,
    Source,
    open_streams,
    plan_streams,
)
from realtime.devices.priming import Priming
from realtime.priority import CALLBACKS, WORKER, raise_priority

IDLE_S = 0.0015  # between two looks at the input


class Opened(NamedTuple):
    """Both ends, and the plan of what was really opened."""

    streams: OpenStreams
    plan: Plan


class Rehearsal(threading.Thread):
    """Begins when it is started, ends when it has handed over.

    Parameters
    ----------
    config : StreamConfig
    """

    def __init__(self, config: StreamConfig) -> None:
        super().__init__(name="rehearsal", daemon=True)
        self._config = config
        self._planned, self._over = threading.Event(), threading.Event()
        self._is_open = threading.Event()
        self._plan: Plan | None = None  # this thread writes; read behind the events
        self._opened: Opened | None = None
        self._error: BaseException | None = None
        self._priming: Priming | None = None
        self._underflows = 0  # of the output, as the priming began

    def plan(self) -> Plan:
        """Return what will be opened, as soon as that is known.

        Raises
        ------
        RestorationError
            As :func:`realtime.devices.opening.plan_streams` does.
        """
        self._planned.wait()
        if self._error is not None:
            raise self._error
        assert self._plan
        return self._plan

    def opened(self) -> Opened:
        """Return what was opened, as soon as it is; it is this thread's until handed over.

        Raises
        ------
        RestorationError
            As :func:`realtime.devices.opening.open_streams` does.
        """
        self._is_open.wait()
        if self._error is not None:
            raise self._error
        assert self._opened
        return self._opened

    def is_ready(self) -> bool:
        """Whether nothing more is to be waited for."""
        if self._error is not None or self._opened is None:
            return self._error is not None
        source, sink = self._opened.streams
        if source.paced_by_output or sink.least_reserve is None:
            return True
        priming = self._priming
        return priming is not None and priming.is_over

    def hand_over(self) -> Priming | None:
        """Leave the devices alone; returns how far the output has been primed, where it is."""
        self._over.set()
        self.join()
        if self._error is not None:
            raise self._error
        return self._priming

    def run(self) -> None:
        """Plan, open, rehearse; an error is kept for who asks."""
        try:
            self._plan = plan_streams(self._config)
            self._planned.set()
            # The device threads that PortAudio starts take over the priority of this one.
            raise_priority(CALLBACKS)
            self._opened = Opened(*open_streams(self._plan))
            raise_priority(WORKER)
            self._is_open.set()
            self._rehearse(*self._opened.streams)
        except BaseException as error:
            self._error = error
        finally:
            self._planned.set()
            self._is_open.set()

    def _rehearse(self, source: Source, sink: Sink) -> None:
        if source.paced_by_output:
            return
        block = block_length(source.sample_rate)
        most = 2 * max(block, source.burst)  # that waits when nobody has been late
        silence = np.zeros((source.channels, block), np.float32)
        while not self._over.is_set():
            waiting, available = sink.waiting(), source.available()
            if available < block:
                time.sleep(IDLE_S)
                continue
            is_late = available > most
            source.read(available // block * block if is_late else block)
            if sink.least_reserve is None or not sink.is_settled():
                continue
            if is_late or sink.underflows != self._underflows:
                self._priming = None  # the machine stood still: what was seen is worth nothing
            if self._priming is None:
                self._priming = Priming(source.sample_rate, sink.least_reserve)
                self._underflows = sink.underflows
            if self._priming.is_over:
                sink.write(silence)
            else:
                # Whoever comes late finds so much less here as there is more there.
                sink.write(self._priming.replace(silence, waiting + available - block))
        self._leave(source, sink, most)

    def _leave(self, source: Source, sink: Sink, most: int) -> None:
        """Leave behind what the worker would find had it opened the devices itself."""
        from realtime.devices.device_streams import DeviceInput, DeviceOutput  # loads PortAudio

        # A block or two are left to the worker: without them the reserve would be another one.
        available, block = source.available(), block_length(source.sample_rate)
        is_late = available > most
        source.read(available // block * block if is_late else 0)
        sink.waiting()
        if is_late or sink.underflows != self._underflows:
            self._priming = None
        if isinstance(source, DeviceInput):
            source.begin_to_count()
        if isinstance(sink, DeviceOutput):
            sink.begin_to_count()
