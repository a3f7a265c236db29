"""The one thread that works on the sound: input ring, chain, output ring, copies to the recorder.

Everything here runs on the worker thread of the engine's child process, except where a comment
says otherwise. ``turn`` does one block and never waits, so that tests can drive it by hand.
"""

import threading
import time
import traceback
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.settings import Settings
from realtime.config import block_length
from realtime.devices.opening import Sink, Source
from realtime.devices.priming import Priming
from realtime.engine.clock_drift import OutputRegulator
from realtime.engine.monitor import MonitorMixer
from realtime.engine.reporting import Reporter
from realtime.engine.wall_watch import WallWatch
from realtime.priority import WORKER, raise_priority
from realtime.recording.noted import Noted
from realtime.restorer.meters import damaged_samples
from realtime.restorer.pipeline import SIGNALS, Restored, StreamRestorer
from realtime.shared_memory import HIGHEST_DISPLAY_RATE_HZ, SharedState

if TYPE_CHECKING:
    from realtime.recording.feed import RecordingFeed
    from realtime.recording.needle_feed import NeedleFeed

F32 = NDArray[np.float32]

IDLE_S = 0.0015  # between two looks at the input
WALLS = 2  # channels
DRAIN_S = 2.0  # at most, until the end of a file has been heard


class Worker:
    """Carries sound from a source through the restorer to a sink.

    Parameters
    ----------
    source, sink : Source, Sink
        Open and running.
    restorer : StreamRestorer
        Fresh, for the source's rate and channels.
    shared : SharedState
        Settings come from it; telemetry and what is to be drawn go to it.

    Attributes
    ----------
    priming : Priming or None
        What stands in for the sound at first; may be replaced before it runs by one that another
        thread has begun with.
    """

    def __init__(
        self, source: Source, sink: Sink, restorer: StreamRestorer, shared: SharedState
    ) -> None:
        # Control thread sets, worker reads.
        self.recording: RecordingFeed | NeedleFeed | None = None
        # Worker keeps, control thread listens.
        self.walls = WallWatch(source.sample_rate) if source.channels == WALLS else None
        self._position = 0  # samples of the stream worked on; worker only
        self.failure = ""  # worker writes, control thread reads
        self.block = block_length(source.sample_rate)
        self._stopping = threading.Event()  # control thread sets, worker reads
        self._source, self._sink, self._restorer, self._shared = source, sink, restorer, shared
        self._monitor = MonitorMixer(self._settings())
        dead_zone, least = max(sink.burst, source.sample_rate // 200), sink.least_reserve
        planned = None if least is None else least + sink.burst // 2  # it moves by one burst
        self._regulator = OutputRegulator(source.sample_rate, dead_zone, planned)
        self.priming = (
            Priming(source.sample_rate, sink.least_reserve)
            if sink.least_reserve is not None
            else None
        )
        self.report = Reporter(source, sink, restorer, self._regulator, shared.telemetry)
        self._decimation = -(-source.sample_rate // HIGHEST_DISPLAY_RATE_HZ)
        shared.display.prepare(source.sample_rate // self._decimation, source.channels)

    def request_stop(self) -> None:
        """End after the present block; called by the control thread."""
        self._stopping.set()

    def run(self) -> None:
        """Work until the source ends or a stop is requested, then give out the tail."""
        self.report.realtime_priority = raise_priority(WORKER)
        try:
            while not self._stopping.is_set():
                if not self.turn():
                    if self.is_through():
                        break
                    self.report.publish()
                    time.sleep(IDLE_S)
            self.finish()
        except Exception:
            self._fail(traceback.format_exc())

    def turn(self) -> bool:
        """Work on one block if there is one and room for it; False when there was nothing to do."""
        waiting, available = self._sink.waiting(), self._source.available()
        if self._source.paced_by_output and (
            waiting > self._sink.target or not self._sink.is_settled()
        ):
            return False
        if available < self.block:
            return False
        began = time.perf_counter()
        raw = self._source.read(self.block)
        samples = np.ascontiguousarray(raw.T)
        if self.walls is not None:
            self.walls.keep(samples)
        settings = self._settings()
        restored = self._restorer.process(samples, settings)
        heard = self._emit(restored, settings, waiting)
        if (recording := self.recording) is not None:
            lost = self._source.lost_samples
            damaged = damaged_samples(restored.mask)
            recording.note(Noted(settings, restored.impulses, lost, self._position, damaged))
            recording.feed(raw, restored.restored)
        self._position += len(raw)
        self._draw(restored)
        self.report.add(samples, restored, heard, time.perf_counter() - began)
        self.report.publish()
        return True

    def is_through(self) -> bool:
        """True once a file has been worked on but for what is less than a block."""
        return self._source.ending and self._source.available() < self.block

    def finish(self) -> None:
        """Work on a file's last part of a block, give out the tail, and let it be heard."""
        settings = self._settings()
        raw = self._source.read(min(self._source.available(), self.block - 1))
        padded = np.zeros((self._source.channels, self.block), np.float32)
        padded[:, : len(raw)] = raw.T
        last, inside = self._restorer.process(padded, settings), self._restorer.flush(settings)
        n = len(raw)
        tail = _joined(last, inside, n + self._restorer.latency)
        if (recording := self.recording) is not None:
            lost, damaged = self._source.lost_samples, damaged_samples(tail.mask)
            recording.note(Noted(settings, tail.impulses, lost, self._position, damaged))
            recording.feed(raw, tail.restored[:, :n])
            recording.end(tail.restored[:, n:])
        self._draw(tail)
        heard = tail.restored
        if not self._stopping.is_set():
            heard = self._emit(tail, settings, self._sink.waiting())
            self._drain()
        self.report.add(padded[:, :n], tail, heard)
        self.report.state = "stopped" if self._stopping.is_set() else "finished"
        self.report.publish(always=True)

    def _settings(self) -> Settings:
        settings: Settings = self._shared.settings.latest() or Settings()
        return settings

    def _emit(self, restored: Restored, settings: Settings, reserve: int) -> F32:
        heard = self._monitor.mix(restored.restored, restored.dry, settings)
        if self._sink.is_settled():
            self._sink.waiting()  # notices an underflow while the block was worked on
            if self.priming is None or self.priming.done:
                underflows = self._sink.underflows
                self._sink.write(self._regulator.regulate(heard, reserve, underflows))
            else:
                self._sink.write(self.priming.replace(heard, reserve))
        return heard

    def _draw(self, restored: Restored) -> None:
        # Above 50 kHz every second or fourth sample is drawn: a picture needs no more.
        step = self._decimation
        signals = (restored.dry, restored.restored, restored.analytical, restored.learned)
        self._shared.display.write([one[:, ::step] for one in (*signals, restored.mask)])

    def _drain(self) -> None:
        self._sink.finish()
        until = time.monotonic() + DRAIN_S
        while self._sink.waiting() and time.monotonic() < until and not self._stopping.is_set():
            time.sleep(IDLE_S)
        self._stopping.wait(self._sink.latency / self._source.sample_rate)

    def _fail(self, trace: str) -> None:
        self.failure = trace
        self.report.state = "failed"
        if (recording := self.recording) is not None:  # both files keep the same length
            channels, latency = self._source.channels, self._restorer.latency
            recording.end(np.zeros((channels, latency), np.float32))
        self.report.publish(always=True)


def _joined(first: Restored, second: Restored, n: int) -> Restored:
    """Return the first ``n`` samples of two pieces of a stream, and all their impulses."""
    signals = np.concatenate([np.stack(first[:SIGNALS]), np.stack(second[:SIGNALS])], axis=2)
    restored, dry, mask, analytical, learned = signals[:, :, :n]
    impulses = first.impulses + second.impulses
    return Restored(restored, dry, mask, analytical, learned, impulses)
