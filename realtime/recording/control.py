"""Looks after the recording of one engine: files, archive, needle, disk. Control thread only."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.config import StreamConfig
from realtime.devices.opening import Source
from realtime.recording.disk_space import DiskSpace
from realtime.recording.feed import RecordingFeed
from realtime.recording.needle import NeedleWatch
from realtime.recording.needle_feed import NeedleFeed
from realtime.recording.recorder import Recorder, RecordingReport
from realtime.recording.recording_archive import RecordingArchive
from realtime.recording.recover import unfinished_in
from realtime.recording.run_out import RunOutWatch
from realtime.restorer.pipeline import StreamRestorer
from realtime.restorer.record_chain import RecordChain
from realtime.soundfiles.file_names import file_name, refuse_unknown_fields
from realtime.telemetry import About, EventKind, RecorderFigures
from realtime.timeline import Timeline
from realtime.units import clock

TAIL_S = 2.0  # for the chain's tail to reach the recorder
LONGEST_WAIT_S = 10.0  # for what has come in and waits for the worker, which is late


class Report(Protocol):
    """What is needed of the worker's report.

    Attributes
    ----------
    recorder : RecorderFigures
        Replaced here, for the telemetry.
    input_fill, output_fill : int
        Samples that have come in and wait for the chain, and that have left it and are not heard.
    """

    recorder: RecorderFigures
    input_fill: int
    output_fill: int


class Feeder(Protocol):
    """What is needed of the engine's worker: a place for the feed, and its report."""

    recording: RecordingFeed | NeedleFeed | None  # set here, fed by the worker

    @property
    def report(self) -> Report: ...  # noqa: D102


class Events(Protocol):
    """What is needed of the engine's ``EventSender``."""

    def tell(  # noqa: D102
        self, kind: EventKind, message: str, report: Any = None, about: About = ""
    ) -> None: ...
    def fault(  # noqa: D102
        self,
        name: str,
        present: bool,
        message: str,
        kind: EventKind = "error",
        about: About = "",
    ) -> None: ...


class RecordingControl:
    """Begins, watches and ends recordings; the worker only feeds them.

    Parameters
    ----------
    config : StreamConfig
        Says where to record from the first sample, or from the needle's drop.
    source, restorer, worker, timeline
        Of the engine.
    events : Events
        What happens is said through them.
    is_working : callable
        Whether the worker still feeds anything.
    """

    def __init__(
        self,
        config: StreamConfig,
        source: Source,
        restorer: StreamRestorer,
        worker: Feeder,
        timeline: Timeline,
        events: Events,
        is_working: Callable[[], bool],
    ) -> None:
        self._config, self._source, self._worker = config, source, worker
        self._restorer, self._latency = restorer, restorer.latency
        self._timeline, self._events, self._is_working = timeline, events, is_working
        self._recorder: Recorder | None = None
        self._archive: RecordingArchive | None = None
        self._is_rounding_told = False
        self._last_report: RecordingReport | None = None
        self._side: RecordingFeed | None = (
            None  # what the worker feeds, by way of the needle's feed
        )
        self._waiting: NeedleFeed | None = None  # for the needle; the worker has it too
        self._watch = NeedleWatch(source.sample_rate, source.channels)
        if config.wait_for_needle:
            self._wait_for_needle()
        elif config.record_folder is not None:
            self.start(config.record_folder, config.record_format)

    @property
    def is_recording(self) -> bool:
        """Whether files are open."""
        return self._recorder is not None

    def look_after(self) -> None:
        """Notice needle, disk and errors; called every few hundredths of a second."""
        self._renew_recorder_figures()
        self._look_after_needle()
        self._look_after_run_out()
        self._look_after_disk()
        self._tell_of_rounding()
        if self._recorder is not None and self._recorder.error:
            sentence = f"the recording has stopped: {self._recorder.error}"
            self._events.tell("error", sentence, about="recording")
            self.stop(at_once=True)

    def _tell_of_rounding(self) -> None:
        """Say once that an archive's file is not what the input delivers, bit for bit."""
        recorder = self._recorder
        if recorder is None or self._is_rounding_told or recorder.file_format != "bwf":
            return
        if recorder.rounded:
            self._is_rounding_told = True
            self._events.tell(
                "warning",
                "the input delivers finer steps than 24 bits, because something on its way "
                "resamples it or sets its level; the raw file is rounded to 24 bits, WAV in "
                "32-bit float keeps every bit",
                about="recording",
            )

    def start(self, folder: Path, file_format: str) -> None:
        """Begin a recording in a folder.

        Raises
        ------
        RestorationError
            One is running already, or the files cannot be made.
        """
        if self._recorder is not None:
            raise RestorationError("a recording is running already; stop it first")
        source = self._source
        self._recorder = Recorder(
            folder,
            source.sample_rate,
            source.channels,
            self._latency,
            file_format=file_format,
            name=self._file_name(),
        )
        self._last_report = None
        self._renew_recorder_figures()
        chain = self._restorer.chain
        self._archive = RecordingArchive(
            source.name,
            self._config.record,
            chain,
            source.sample_rate,
            self._latency,
            early=self._waiting.kept_samples if self._waiting else 0,
            models=self._config.models,
            timeline=self._timeline,
        )
        self._archive.keep_journal(self._recorder)
        self._disk_watch = DiskSpace(
            folder,
            source.sample_rate,
            source.channels,
            file_format,
            (self._recorder.raw_path, self._recorder.restored_path),
        )
        feed = RecordingFeed(self._recorder, self._latency, self._archive.log)
        self._side, feed.run_out = feed, self._new_run_out()
        if self._waiting is not None and self._waiting.dropped:
            self._waiting.release(feed)
        else:
            self._waiting, self._worker.recording = None, feed
        until = ", until the run-out groove" if feed.run_out else ""
        sentence = f"recording to {self._recorder.raw_path}{until}"
        self._events.tell("recording_started", sentence, about="recording")
        self._tell_of_unfinished(folder)

    def name_files(self, template: str) -> None:
        """Call the files by a template from the next recording on; empty for date and time.

        Raises
        ------
        RestorationError
            It holds a field that is not known.
        """
        refuse_unknown_fields(template)
        self._config = replace(self._config, record_name=template)

    def _file_name(self) -> str | None:
        """Return what the template gives; a side that plays already is not lost for a name."""
        if not self._config.record_name:
            return None
        try:
            return file_name(self._config.record_name, self._config.record, datetime.now())
        except RestorationError as error:
            sentence = f"{error}; until then date and time are the name"
            self._events.tell("warning", sentence, about="recording")
            return None

    def _tell_of_unfinished(self, folder: Path) -> None:
        waiting = unfinished_in(folder)
        self._events.fault(
            f"unfinished in {folder}",
            waiting > 0,
            f"{waiting} recordings in {folder} were cut off by a crash: "
            f"'shellac recover {folder}' finishes them",
            "warning",
        )

    def arm(self, folder: Path, file_format: str) -> None:
        """Begin a recording with each drop of the needle.

        Raises
        ------
        RestorationError
            One is running already, or there is no such folder.
        """
        if self._recorder is not None:
            raise RestorationError("a recording is running already; stop it first")
        refuse_missing(folder)
        self._config = replace(self._config, record_folder=folder, record_format=file_format)
        self._wait_for_needle()

    def disarm(self) -> None:
        """Wait for the needle no longer; a recording that runs goes on until it is stopped."""
        if self._recorder is None:
            self._worker.recording = None
        elif self._waiting is not None:  # the feed goes on; nobody looks for its lift any more
            sentence = "the recording goes on until it is stopped"
            self._events.tell("warning", sentence, about="needle")
        self._waiting = None

    def stop_at_run_out(self, on: bool) -> None:
        """End recordings by themselves in the run-out groove from now on, or no longer."""
        self._config = replace(self._config, stop_at_run_out=on)
        if self._side is not None:
            self._side.run_out = self._new_run_out()

    def _new_run_out(self) -> RunOutWatch | None:
        if not self._config.stop_at_run_out:
            return None
        source, rpm = self._source, self._config.record.played_rpm
        return RunOutWatch(source.sample_rate, source.channels, rpm)

    def _look_after_run_out(self) -> None:
        """End the side where that was asked for; nothing of it is cut."""
        if self._side is None or self._side.run_out is None or not self._side.run_out.reached:
            return
        sentence = "the needle is in the run-out groove: the recording ends, as chosen"
        self._events.tell("run_out", sentence, about="recording")
        was_waiting = self._waiting is not None
        self.stop(at_once=True)
        if was_waiting:
            self._wait_for_needle(is_down=self._watch.is_down)

    def _wait_for_needle(self, *, is_down: bool = False) -> None:
        self._waiting = NeedleFeed(self._watch, self._source.sample_rate, is_down=is_down)
        self._worker.recording = self._waiting
        drop = "next drop" if is_down else "drop"
        sentence = f"waiting for the needle; recording begins with its {drop}"
        self._events.tell("waiting", sentence, about="needle")

    def _look_after_needle(self) -> None:
        """Begin a recording with the drop, end it with the lift, and wait for the next side."""
        config, waiting = self._config, self._waiting
        if waiting is None or config.record_folder is None:
            return
        if self._recorder is None and waiting.dropped:
            try:
                self.start(config.record_folder, config.record_format)
            except RestorationError as error:
                self._waiting = self._worker.recording = None
                self._events.tell("error", str(error), about="recording")
        elif self._recorder is not None and waiting.lifted:
            self.stop(at_once=True)
            self._wait_for_needle()

    def mark(self, text: str) -> float:
        """Set a marker where the sound is that is heard now; returns its second.

        Raises
        ------
        RestorationError
            Nothing is being recorded.
        """
        feed = self._worker.recording
        if self._recorder is None or self._archive is None or feed is None:
            raise RestorationError("nothing is being recorded; a marker needs a recording")
        rate = self._source.sample_rate
        # What is heard now went in so much earlier.
        sample = max(0, feed.taken - self._latency - self._worker.report.output_fill)
        self._archive.markers.append({"sample": sample, "text": text})
        self._events.tell(
            "marked", f"marker {len(self._archive.markers)} at {clock(sample / rate)}"
        )
        return sample / rate

    def stop(self, *, at_once: bool = False) -> RecordingReport:
        """End the recording that runs, or tell again how the last one ended.

        What has come in and waits for the worker still belongs to it, unless ``at_once``.

        Raises
        ------
        RestorationError
            Nothing has been recorded yet.
        """
        if self._recorder is None:
            if self._last_report is None:
                raise RestorationError("nothing is being recorded")
            return self._last_report
        feed = self._worker.recording
        if feed is not None:
            # A file is read ahead of what is heard; what a device has delivered was played.
            source = self._source
            is_heard = not (at_once or source.paced_by_output)
            waiting = self._worker.report.input_fill if is_heard else 0
            feed.request_stop(waiting)
            wait_s = TAIL_S + min(waiting / source.sample_rate, LONGEST_WAIT_S)
            # Nobody feeds it when the worker is gone or waits for a device that hangs.
            feed.complete.wait(wait_s if self._is_working() else 0.0)
        self._worker.recording = self._waiting = self._side = None
        report = self._recorder.stop()
        if self._archive is not None:
            report = self._archive.finish(report)
            if self._archive.error:
                self._events.tell("warning", self._archive.error, about="disk")
        self._recorder = self._archive = None
        self._last_report = report
        self._worker.report.recorder = RecorderFigures(
            raw_path=str(report.raw_path), restored_path=str(report.restored_path)
        )
        self._events.tell(
            "recording_stopped", f"recorded {report.raw_path}", report, about="recording"
        )
        return report

    def _look_after_disk(self) -> None:
        """Warn of a disk that fills up, and close both files while there is room for that."""
        figures = self._worker.report.recorder
        if self._recorder is None or not figures.free_bytes:
            return
        if sentence := self._disk_watch.warning(figures.free_bytes, figures.recorded_s):
            self._events.tell("warning", sentence, about="disk")
        if self._disk_watch.is_full(figures.free_bytes):
            folder = self._recorder.raw_path.parent
            self._events.tell(
                "error",
                f"the recording has stopped: the disk of {folder} is full; both files are whole, "
                "free some room or record elsewhere",
                about="disk",
            )
            self.stop(at_once=True)

    def _renew_recorder_figures(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        self._worker.report.recorder = RecorderFigures(
            recording=True,
            recorded_s=recorder.seconds,
            began_s=self._archive.log.began_at / recorder.sample_rate if self._archive else 0.0,
            raw_path=str(recorder.raw_path),
            restored_path=str(recorder.restored_path),
            free_bytes=_free_bytes(recorder.raw_path.parent),
        )

    @property
    def record(self) -> RecordSettings:
        """How the record is played by now."""
        return self._config.record

    def renew_record(self, record: RecordSettings) -> None:
        """Play the record another way from now on."""
        chain = self._restorer.chain
        if isinstance(chain, RecordChain):
            chain.renew(record)
        turns_otherwise = record.played_rpm != self._config.record.played_rpm
        self._config = replace(self._config, record=record)
        if turns_otherwise and self._side is not None:
            self._side.run_out = self._new_run_out()
        feed = self._worker.recording
        if self._archive is not None and feed is not None:
            self._archive.renew(record, max(0, feed.taken - self._latency))


def refuse_missing(folder: Path) -> None:
    """Raise RestorationError where there is no such folder."""
    if folder.exists() and not folder.is_dir():
        raise RestorationError(f"the recording folder {folder} is a file; name a folder")
    if not folder.is_dir():
        raise RestorationError(f"the recording folder {folder} does not exist; create it first")


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
