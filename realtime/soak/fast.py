"""The live worker and the live recorder as fast as they go, without devices and processes.

Everything but the recorder's own thread runs on the caller's thread: worker turns, changes,
checks. The same process holds all of it, so its memory shows whatever grows.
"""

import os
import threading
import time
from contextlib import closing

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.checkpoints import load_models
from model.groove.record import RecordSettings
from model.presets import load_preset
from realtime.engine.worker import Worker
from realtime.recording.feed import RecordingFeed
from realtime.recording.recorder import Recorder, RecordingReport
from realtime.recording.recording_archive import RecordingArchive
from realtime.restorer.record_chain import RecordChain
from realtime.restorer.warm_up import warmed_restorer
from realtime.shared_memory import SharedState
from realtime.soak.checks import check_side, wrong_samples
from realtime.soak.control_changes import ControlChanges
from realtime.soak.endless_record import CHANNELS, RATE, EndlessRecord
from realtime.soak.plan import FORMATS, SoakPlan
from realtime.soak.progress import Progress
from realtime.soak.report import SoakReport, delete_side
from realtime.soak.resources import Resources

F32 = NDArray[np.float32]

LOOK_EVERY_S = 1.0
DISK_AHEAD_S = 6.0  # of sound that may wait for the disk: half of what the recorder can hold
DRIFT_AFTER_S = 300.0  # of sound: there is nothing to drift before
DRIFT_S, COMPARED_S = 120.0, 30.0  # a side for the fresh chain to fill its memory, and its end


class EndlessInput:
    """A turntable that delivers as soon as it is asked."""

    name = "endless record"
    sample_rate, channels = RATE, CHANNELS
    burst = xruns = lost_samples = 0
    paced_by_output = ending = False

    def __init__(self, record: EndlessRecord) -> None:
        self._record = record
        self.position = 0

    def available(self) -> int:
        """As much as anybody wants."""
        return RATE

    def read(self, n: int) -> F32:
        """The next ``n`` samples, float32 ``[n, 2]``."""
        self.position += n
        return self._record.samples(self.position - n, n)

    def age_s(self) -> float:
        """It never stops."""
        return 0.0

    def is_alive(self) -> bool:
        """It never stops."""
        return True

    def close(self) -> None:
        """Nothing to give back."""


class Unheard:
    """Headphones that swallow everything at once."""

    name = "nobody"
    latency = burst = target = xruns = underflows = 0
    least_reserve: int | None = None

    def __init__(self) -> None:
        self.wrong = 0  # samples that are no number

    def waiting(self) -> int:
        """Nothing ever waits."""
        return 0

    def write(self, block: F32) -> None:
        """Swallow float32 ``[channels, samples]``."""
        if not np.isfinite(block).all():
            self.wrong += int(block.size - np.count_nonzero(np.isfinite(block)))

    def is_settled(self) -> bool:
        """From the beginning."""
        return True

    def finish(self) -> None:
        """Nothing is left to be heard."""

    def age_s(self) -> float:
        """It never stops."""
        return 0.0

    def is_alive(self) -> bool:
        """It never stops."""
        return True

    def close(self) -> None:
        """Nothing to give back."""


class FastSoak:
    """One run; ``stop`` set by anybody ends it after the present side was cut short."""

    def __init__(self, plan: SoakPlan, stop: threading.Event) -> None:
        self._plan, self._stop = plan, stop
        self._record = EndlessRecord(plan.seed, has_silence=True)
        self._controls = ControlChanges(plan.seed)
        self._shared = SharedState()
        self._shared.settings.publish(self._controls.settings)
        self._models = load_models(plan.models)
        self._restorer = warmed_restorer(
            RATE, CHANNELS, self._controls.settings, self._models, RecordSettings()
        )
        self._source, self._sink = EndlessInput(self._record), Unheard()
        self._worker = Worker(self._source, self._sink, self._restorer, self._shared)
        self._resources = Resources("process", os.getpid())
        chain = self._restorer.chain
        self._report = SoakReport(
            "fast", plan.seed, detector=chain.detector_name, denoiser=chain.denoiser_name
        )
        self._progress = Progress(plan.audio_s, self._report)
        self._began = self._looked = time.monotonic()

    def run(self) -> SoakReport:
        """Record and check side after side until there was enough sound."""
        plan, report = self._plan, self._report
        with closing(self._progress):
            while self._audio_s() < plan.audio_s and not self._stop.is_set():
                seconds = min(plan.side_s, plan.audio_s - self._audio_s())
                self._keep(*self._side(seconds, FORMATS[report.sides % len(FORMATS)]))
            if self._audio_s() >= DRIFT_AFTER_S:
                self._measure_drift()
        report.audio_s, report.wall_s = self._audio_s(), time.monotonic() - self._began
        telemetry = self._shared.telemetry.latest()[0]
        report.nonfinite = telemetry.nonfinite + self._sink.wrong
        report.load_p99, report.changes = telemetry.load_p99, self._controls.counts
        report.growths.append(self._resources.growth())
        report.processor_s = time.process_time()
        report.finish()
        return report

    def _audio_s(self) -> float:
        return self._source.position / RATE

    def _side(
        self, seconds: float, file_format: str, *, still: bool = False
    ) -> tuple[RecordingReport, int, RecordSettings]:
        """Record one side; returns its report, its first sample, and the record at its start."""
        chain, latency = self._restorer.chain, self._restorer.latency
        record, start = self._controls.record, self._source.position
        recorder = Recorder(
            self._plan.folder, RATE, CHANNELS, latency, file_format=file_format, name="side"
        )
        archive = RecordingArchive(
            self._source.name, record, chain, RATE, latency, models=self._plan.models
        )
        feed = RecordingFeed(recorder, latency, archive.log)
        self._worker.recording = feed
        while feed.taken < seconds * RATE and not recorder.error:
            if not still:
                self._turn_controls(archive, feed)
            self._worker.turn()
            self._pace(recorder)
            if self._stop.is_set() and not still:
                break
        feed.request_stop()
        while not feed.complete.is_set():
            self._worker.turn()
        self._worker.recording = None
        return archive.finish(recorder.stop()), start, record

    def _turn_controls(self, archive: RecordingArchive, feed: RecordingFeed) -> None:
        turned = self._controls.turn(self._audio_s())
        if turned:
            self._shared.settings.publish(self._controls.settings)
        chain = self._restorer.chain
        if "record" in turned and isinstance(chain, RecordChain):
            chain.renew(self._controls.record)
            archive.renew(self._controls.record, max(0, feed.taken - self._restorer.latency))

    def _pace(self, recorder: Recorder) -> None:
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            self._resources.look(self._audio_s(), now - self._began)
            self._progress.show(self._audio_s())
        while recorder.waiting > DISK_AHEAD_S * RATE and not recorder.error:
            time.sleep(0.005)
        early_s = self._audio_s() / (self._plan.speed or 1.0) - (time.monotonic() - self._began)
        if early_s > 0.05:
            self._stop.wait(early_s)

    def _keep(self, side: RecordingReport, start: int, record: RecordSettings) -> None:
        self._report.add_side(
            check_side(side, record), wrong_samples(side.raw_path, self._record, start)
        )
        delete_side(side)
        self._resources.count()

    def _measure_drift(self) -> None:
        """Does the chain still do what a fresh one does, once that has heard enough?"""
        self._controls.settings, plain = load_preset("default"), RecordSettings()
        self._shared.settings.publish(self._controls.settings)
        if isinstance(self._restorer.chain, RecordChain):
            self._restorer.chain.renew(plain)
        self._controls.record = plain
        side, start, record = self._side(DRIFT_S, "wav", still=True)
        fresh = warmed_restorer(RATE, CHANNELS, self._controls.settings, self._models, plain)
        raw, _ = soundfile.read(side.raw_path, dtype="float32", always_2d=True)
        restored, _ = soundfile.read(side.restored_path, dtype="float32", always_2d=True)
        parts = []
        for at in range(0, len(raw) // self._worker.block * self._worker.block, self._worker.block):
            block = np.ascontiguousarray(raw[at : at + self._worker.block].T)
            parts.append(fresh.process(block, self._controls.settings).restored)
        again = np.concatenate(parts, axis=1).T[fresh.latency :]
        compared = slice(max(len(again) - int(COMPARED_S * RATE), 0), len(again))
        difference = float(np.std(again[compared] - restored[compared]))
        scale = float(np.std(restored[compared])) or 1.0
        self._report.drift_db = 20 * float(np.log10(max(difference / scale, 1e-10)))
        self._keep(side, start, record)
