"""What is to be known of one recording, gathered while it runs and written down at its end.

On the engine's control thread; the worker only writes into the log.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import soundfile

from model.checkpoints import Selection
from model.errors import RestorationError
from model.groove.kinds import JOINT
from model.groove.record import RecordSettings
from realtime.archive.finished_files import describe_pair
from realtime.archive.repairs import RepairsFile, repairs_of_recording
from realtime.archive.sidecar import Sidecar, sidecar_of_recording, write_sidecar
from realtime.recording.journal import Journal, journal_of_recording
from realtime.recording.recorder import Recorder, RecordingReport
from realtime.recording.recording_log import RecordingLog
from realtime.restorer.used_checkpoints import used_checkpoints
from realtime.soundfiles.unfinished_files import level
from realtime.timeline import Timeline, within


class NamedChain(Protocol):
    """What the archive says of a chain."""

    @property
    def detector_name(self) -> str: ...  # noqa: D102
    @property
    def denoiser_name(self) -> str: ...  # noqa: D102


class RecordingArchive:
    """Gathers what is to be known of one recording, from its beginning.

    Parameters
    ----------
    device : str
        What is recorded from.
    record : RecordSettings
    chain : NamedChain
    sample_rate, latency : int
        Of the stream and its restorer.
    early : int
        Samples at the file's beginning that were heard before now.
    models : tuple of str
        What the chain's networks were chosen from.
    timeline : Timeline, optional
        Of the stream: where its input was away, where its restoration could not keep up.

    Attributes
    ----------
    log : RecordingLog
        For the worker.
    markers : list of dict
        ``sample`` and ``text``; the control thread adds them.
    error : str
        What is missing from the archive, one line; empty if nothing is.
    """

    def __init__(
        self,
        device: str,
        record: RecordSettings,
        chain: NamedChain,
        sample_rate: int,
        latency: int,
        early: int = 0,
        models: Selection = (),
        timeline: Timeline | None = None,
    ) -> None:
        self.log = RecordingLog(sample_rate, latency)
        self.markers: list[dict[str, Any]] = []
        self.error = ""
        self._models = models
        self._timeline = timeline or Timeline()
        self._changes: list[dict[str, Any]] = []
        self._started = datetime.now().astimezone() - timedelta(seconds=early / sample_rate)
        self._device, self._record, self._chain, self._latency = device, record, chain, latency
        self._journal: Journal | None = None

    def keep_journal(self, recorder: Recorder) -> None:
        """Let the recorder write down with each commit what would be lost with this process."""
        begun = {
            "raw": recorder.raw_path.name,
            "restored": recorder.restored_path.name,
            "started": self._started.isoformat(),
            "device": self._device,
            "detector": self._chain.detector_name,
            "denoiser": self._chain.denoiser_name,
            "models": list(self._models),
            "latency": self._latency,
        }
        log = self.log

        def growing() -> dict[str, list[Any]]:
            return {
                "settings": log.settings,
                "xruns": log.xruns,
                "markers": self.markers,
                "record_changes": self._changes,
            }

        def changing() -> dict[str, Any]:
            taken = round(recorder.seconds * recorder.sample_rate)
            return {
                "record": asdict(self._record),
                "impulses": log.impulses(taken),
                "gaps": self._gaps(recorder.gaps, taken),
                "dry": self._dry(taken),
            }

        repairs = log.repairs = RepairsFile(repairs_of_recording(recorder.raw_path))
        recorder.also_commit = repairs.commit
        with contextlib.suppress(OSError):  # a disk that refuses: the recorder will say so
            path = journal_of_recording(recorder.raw_path)
            journal = self._journal = Journal(path, begun, growing, changing)

            def commit() -> None:
                journal.commit()
                repairs.commit()

            recorder.also_commit = commit

    def renew(self, record: RecordSettings, sample: int) -> None:
        """Note that the record is played differently from a sample of its files on."""
        before, after = asdict(self._record), asdict(record)
        changes = {name: value for name, value in after.items() if value != before[name]}
        self._record = record
        if changes:
            self._changes.append({"sample": sample, **changes})

    def finish(self, report: RecordingReport) -> RecordingReport:
        """Describe both files and write the sidecar; the report that comes back names it."""
        # Let go of: it knows this archive and the recorder with its buffers, and a circle would
        # keep them in memory until the garbage collector comes by, which may be an hour.
        journal, self._journal = self._journal, None
        if journal is not None:
            journal.say_closed()
        if self.log.repairs is not None:
            self.log.repairs.close()
        path, sidecar = sidecar_of_recording(report.raw_path), self._sidecar(report)
        try:
            if report.error:
                sidecar.dry.extend(_levelled(report))
            self.error = describe_pair(sidecar)
            write_sidecar(path, sidecar)
        except (RestorationError, OSError, soundfile.LibsndfileError) as error:
            self.error = f"the recording has no sidecar: {error}"
            if journal is not None:
                journal.end(remove=False)
                if journal.path.exists():
                    self.error += f"; later 'shellac recover {path.parent}' writes it"
            return report
        if journal is not None:
            journal.end(remove=True)
        return replace(report, sidecar=path)

    def _gaps(self, slow_disk: Iterable[tuple[int, int]], samples: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {"sample": start, "length": length, "reason": "disk too slow"}
            for start, length in slow_disk
        ]
        for stretch in within(self._timeline.away, self.log.began_at, samples):
            found.append({**stretch, "reason": "input away"})
        return sorted(found, key=lambda gap: int(gap["sample"]))

    def _dry(self, samples: int) -> list[dict[str, Any]]:
        stretches = within(self._timeline.dry, self.log.began_at, samples)
        return [{**stretch, "reason": "computer too busy"} for stretch in stretches]

    def _without(self, samples: int) -> list[dict[str, Any]]:
        return [
            {**stretch, "part": part, "reason": "computer too busy"}
            for part, stretches in self._timeline.without.items()
            for stretch in within(stretches, self.log.began_at, samples)
        ]

    def _walls(self, samples: int) -> dict[str, Any]:
        """Return how damaged each wall is, where both were made one sound all the time."""
        grooves = {self._record.groove, *(c["groove"] for c in self._changes if "groove" in c)}
        damaged = self.log.wall_damage(samples)
        return {"damaged": damaged} if damaged and grooves <= set(JOINT) else {}

    def _sidecar(self, report: RecordingReport) -> Sidecar:
        return Sidecar(
            kind="recording",
            original=report.raw_path,
            restored=report.restored_path,
            started=self._started,
            device=self._device,
            record=self._record,
            settings=tuple(self.log.settings),
            detector=self._chain.detector_name,
            denoiser=self._chain.denoiser_name,
            impulses=self.log.impulses(report.samples),
            latency=self._latency,
            rounded=report.rounded,
            gaps=self._gaps(report.gaps, report.samples),
            xruns=self.log.xruns,
            dry=self._dry(report.samples),
            without=self._without(report.samples),
            markers=self.markers,
            record_changes=self._changes,
            walls=self._walls(report.samples),
            checkpoints=used_checkpoints(
                self._models, (self._chain.detector_name, self._chain.denoiser_name)
            ),
        )


def _levelled(report: RecordingReport) -> list[dict[str, Any]]:
    """Give both files of a recording that failed one length; returns what is dry for it."""
    samples = soundfile.info(str(report.raw_path)).frames
    start, length = level(report.raw_path, report.restored_path, samples)
    reason = "the recording failed"
    return [{"sample": start, "length": length, "reason": reason}] if length else []
