"""From what the worker sees of each block to one ``Telemetry`` snapshot. Worker only."""

import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from realtime.config import block_length
from realtime.devices.opening import Sink, Source
from realtime.engine.clock_drift import OutputRegulator
from realtime.restorer.meters import DamageMeter, ImpulseCounter, LevelMeter, LoadHistogram
from realtime.restorer.pipeline import Restored, StreamRestorer
from realtime.shared_memory import SnapshotCell
from realtime.telemetry import RecorderFigures, State, Telemetry

if TYPE_CHECKING:
    from model.walls.wall_kind import WallKind
    from realtime.devices.file_input import FileInput

F32 = NDArray[np.float32]

PUBLISH_S = 0.02  # between two snapshots


class Reporter:
    """Counts and measures block by block, and publishes fifty times a second."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        restorer: StreamRestorer,
        regulator: OutputRegulator,
        cell: SnapshotCell,
    ) -> None:
        self.state: State = "running"  # worker writes, control thread reads
        self.realtime_priority = False
        self.groove = "stereo"  # control thread writes, worker reads
        self.wall_kind: WallKind | None = None  # control thread writes, worker reads
        self.recorder = RecorderFigures()  # control thread replaces, worker reads
        self.input_age_s = self.output_age_s = 0.0  # worker writes, control thread reads
        self.overloaded = False  # control thread writes, worker reads
        self.input_fill = self.output_fill = 0  # worker writes, control thread reads
        self.seconds = 0.0  # worker writes, control thread reads
        self.published = 0  # snapshots so far; worker writes, control thread reads
        self._source, self._sink, self._restorer = source, sink, restorer
        self._file = _file_of(source)
        self._regulator, self._cell = regulator, cell
        rate, block = source.sample_rate, block_length(source.sample_rate)
        self._load = LoadHistogram()
        self._impulses = ImpulseCounter(rate)
        self._damage = DamageMeter(rate, block)
        self._level_in, self._level_out, self._level_heard = (
            LevelMeter(rate, block) for _ in range(3)
        )
        self._published_at = 0.0

    def add(self, raw: F32, restored: Restored, heard: F32, took_s: float | None = None) -> None:
        """Take in one block, float32 ``[channels, n]``; ``took_s`` where it was a whole one."""
        audio_s = raw.shape[1] / self._source.sample_rate
        self.seconds += audio_s
        if took_s is not None:
            self._load.add(took_s / audio_s)
        self._impulses.add(restored.impulses, self.seconds)
        self._damage.add(restored.mask)
        self._level_in.add(raw)
        self._level_out.add(restored.restored)
        self._level_heard.add(heard)

    def publish(self, *, always: bool = False) -> None:
        """Renew the snapshot, unless the last one is still fresh."""
        now = time.monotonic()
        if now - self._published_at < PUBLISH_S and not always:
            return
        self._published_at = now
        self.input_age_s, self.output_age_s = self._source.age_s(), self._sink.age_s()
        self.input_fill, self.output_fill = self._source.available(), self._sink.waiting()
        self._cell.publish((self._telemetry(), now))
        self.published += 1

    def _telemetry(self) -> Telemetry:
        source, sink, restorer, recorder = self._source, self._sink, self._restorer, self.recorder
        load, impulses, regulator = self._load, self._impulses, self._regulator
        file, late = self._file, restorer.latency + self.output_fill
        kind, standing = self.wall_kind, restorer.standing()
        alignment = standing.alignment if standing else None
        return Telemetry(
            state=self.state,
            seconds=self.seconds,
            sample_rate=source.sample_rate,
            channels=source.channels,
            latency_ms=restorer.latency_ms,
            input_name=source.name,
            output_name=sink.name,
            detector_name=restorer.chain.detector_name,
            denoiser_name=restorer.chain.denoiser_name,
            realtime_priority=self.realtime_priority,
            file_s=max(0.0, file.position_s - late / source.sample_rate) if file else 0.0,
            file_length_s=file.length_s if file else 0.0,
            paused=bool(file and file.paused),
            finished=self.state == "finished",
            hops=load.hops,
            load=load.last,
            load_p50=load.percentile(0.5),
            load_p99=load.percentile(0.99),
            load_max=load.highest,
            overloaded=self.overloaded,
            xruns_in=source.xruns,
            xruns_out=sink.xruns + regulator.standstills,
            lost_samples=source.lost_samples,
            input_fill=self.input_fill,
            output_fill=self.output_fill,
            drift_corrections=regulator.drift_corrections,
            output_skips=regulator.skipped,
            impulses=impulses.total,
            crackle=impulses.crackle,
            clicks=impulses.clicks,
            pops=impulses.pops,
            impulse_rate=impulses.rate(),
            peak_in=self._level_in.peak_dbfs(),
            peak_out=self._level_out.peak_dbfs(),
            rms_in=self._level_in.rms_dbfs(),
            rms_out=self._level_out.rms_dbfs(),
            clipped_in=self._level_in.clipped,
            clipped_out=self._level_heard.clipped,
            nonfinite=restorer.nonfinite,
            groove=self.groove,
            wall_kind=kind.groove if kind else "",
            wall_words=kind.words if kind else "",
            wall_confidence=kind.confidence if kind else 0.0,
            wall_damage=self._damage.shares() if standing else (),
            walls_heard=standing.heard if standing else (),
            wall_offset_us=alignment.offset_us if alignment else 0.0,
            wall_balance_db=alignment.balance_db if alignment else 0.0,
            recording=recorder.recording,
            recorded_s=recorder.recorded_s,
            recording_began_s=recorder.began_s,
            raw_path=recorder.raw_path,
            restored_path=recorder.restored_path,
            free_bytes=recorder.free_bytes,
            input_age_s=self.input_age_s,
            output_age_s=self.output_age_s,
        )


def _file_of(source: Source) -> "FileInput | None":
    """Return the file that is played; None where a device is open."""
    if not source.paced_by_output:
        return None
    from realtime.devices.file_input import FileInput  # heavy: a device needs none of it

    return source if isinstance(source, FileInput) else None
