"""The engine's child process: opens the streams, starts the worker, then serves commands.

``run_engine`` is what the parent spawns. The main thread is the control thread: it reads commands
and sends events through the pipe, looks after the recorder, and watches streams and parent. It
never touches a sample.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from model.chain import ANALYTICAL, Chain
from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.record import RecordSettings
from model.settings import Settings
from realtime.archive import RecordingArchive
from realtime.config import StreamConfig, block_length
from realtime.disk_watch import DiskWatch
from realtime.file_names import file_name, refuse_unknown_fields
from realtime.hop_chain import HopChain
from realtime.needle import NeedleWatch
from realtime.needle_feed import NeedleFeed
from realtime.opening import OpenStreams, Plan, open_streams, plan_streams
from realtime.overload import OverloadGuard
from realtime.pipeline import StreamRestorer
from realtime.priority import CALLBACKS, OTHERS, raise_priority, settle_interpreter
from realtime.reconnect import Reconnector
from realtime.record_chain import RecordChain
from realtime.recorder import Recorder, RecordingReport
from realtime.recording import RecordingFeed
from realtime.recover import unfinished_in
from realtime.reporting import RecorderFigures
from realtime.shared import SharedState
from realtime.steady_sink import SteadySink
from realtime.steady_source import SteadySource
from realtime.telemetry import EngineEvent, EventKind
from realtime.timeline import Timeline
from realtime.worker import Worker

TICK_S = 0.05  # between two looks at recorder and streams
CLOSE_S = 0.4  # a hung sound server may never return from closing a stream
FIGURES_S = 0.2  # at most, until a command shows in the telemetry
TAIL_S = 2.0  # for the chain's tail to reach the recorder
WARM_UP_BLOCKS = 24
TOO_BUSY = "the computer is too busy to restore"
WHEN_LOST = {
    "input": "silence is recorded until it is back",
    "output": "it is opened again when it is back, a recording goes on",
}
SILENT_DEVICE_S = 0.6  # without a callback: the device hangs


def run_engine(config: StreamConfig, shared: SharedState, pipe: Connection) -> None:
    """Be the engine until told to quit, or until the parent is gone."""
    for name in ("SIGINT", "SIGHUP"):  # they go to the whole group: the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    try:
        control = Control(config, shared, pipe)
    except RestorationError as error:
        _send(pipe, "failed", str(error))
    except Exception as error:
        traceback.print_exc()
        _send(pipe, "trace", traceback.format_exc())
        _send(pipe, "failed", f"the engine could not start: {error!r}")
    else:
        signal.signal(signal.SIGTERM, lambda *_: control.quit())
        _send(pipe, "done", None)
        control.run()
    pipe.close()
    # Not through the interpreter's own end: it would wait for PortAudio, which may hang.
    os._exit(0)


class Control:
    """The child's main thread: everything that is neither sound nor callback."""

    def __init__(self, config: StreamConfig, shared: SharedState, pipe: Connection) -> None:
        raise_priority(OTHERS)
        self._config, self._pipe = config, pipe
        self._quitting = False
        self._recorder: Recorder | None = None
        self._archive: RecordingArchive | None = None
        self._last_report: RecordingReport | None = None
        self._timeline = Timeline()
        self._guard: OverloadGuard | None = None
        self._told: set[str] = set()  # faults already reported and not yet over
        settings: Settings = shared.settings.latest() or Settings()
        refuse_unknown_fields(config.record_name)
        if config.record_folder is not None:
            _refuse_missing(config.record_folder)
        plan = plan_streams(config)
        models = load_models(config.models)

        def restorer_at(sample_rate: int) -> StreamRestorer:
            return warmed_restorer(
                sample_rate, plan.channels, settings, models, config.record, self._guarded
            )

        restorer = restorer_at(plan.sample_rate)
        self._streams, self._plan = _opened(plan)
        if self._plan.sample_rate != plan.sample_rate:
            restorer = restorer_at(self._plan.sample_rate)
        self._streams, self._reconnector = self._made_steady(self._streams)
        self._worker = Worker(*self._streams, restorer, shared)
        self._restorer, self._latency = restorer, restorer.latency
        self._watch_load()
        self._waiting: NeedleFeed | None = None  # for the needle; the worker has it too
        self._watch = NeedleWatch(self._streams.source.sample_rate, self._streams.source.channels)
        if config.wait_for_needle:
            self._wait_for_needle()
        elif config.record_folder is not None:
            self._start_recording(config.record_folder, config.record_format)
        settle_interpreter()
        self._worker.report.publish(always=True)  # so that a started engine has figures
        self._thread = threading.Thread(target=self._worker.run, name="worker", daemon=True)
        self._thread.start()
        self._announce()

    def _made_steady(self, streams: OpenStreams) -> tuple[OpenStreams, Reconnector]:
        """Put what outlives its devices in the devices' place."""
        plan, ends = self._plan, list[Any](streams)
        source = sink = None
        if plan.input_device is not None:
            ends[0] = source = SteadySource(ends[0], self._timeline)
        if plan.output_device is not None:
            rate, plays_file = plan.sample_rate, plan.file is not None
            ends[1] = sink = SteadySink(ends[1], rate, sets_pace=plays_file)
        reconnector = Reconnector(
            plan,
            source,
            sink,
            tell_loss=lambda sentence: self._tell("error", sentence),
            tell_return=lambda sentence: self._tell("back", sentence),
        )
        return OpenStreams(*ends), reconnector

    def _guarded(self, chain: Chain, stream_rate: int) -> OverloadGuard:
        """Put a guard around the chain that will work on the sound."""
        per_sample = round(stream_rate / chain.sample_rate)
        self._guard = OverloadGuard(chain, chain.sample_rate, self._timeline, per_sample)
        return self._guard

    def _watch_load(self) -> None:
        """Let the guard know how much sound waits for the worker."""
        source, sink = self._streams
        if self._guard is None:
            return
        if source.paced_by_output:
            self._guard.backlog_s = lambda: (sink.target - sink.waiting()) / source.sample_rate
        else:
            self._guard.backlog_s = lambda: source.available() / source.sample_rate

    def _tell_of_load(self) -> None:
        is_dry = self._guard is not None and self._guard.is_dry
        was_dry, self._worker.report.overloaded = self._worker.report.overloaded, is_dry
        if is_dry and not was_dry:
            self._dry_since = self._worker.report.seconds
            self._tell("warning", f"{TOO_BUSY}: the untouched sound goes out until it keeps up")
        elif was_dry and not is_dry:
            dry_s = self._worker.report.seconds - self._dry_since
            self._tell("back", f"the restoration keeps up again after {dry_s:.1f} s")

    def quit(self) -> None:
        """Ask for the end; also called by the SIGTERM handler."""
        self._quitting = True

    def run(self) -> None:
        """Serve until told to quit or the parent is gone, then end in good order."""
        parent = multiprocessing.parent_process()
        sentinels: list[Any] = [self._pipe, *([parent.sentinel] if parent else [])]
        while not self._quitting:
            ready = wait(sentinels, TICK_S)
            if parent and parent.sentinel in ready:
                break
            if self._pipe in ready and not self._serve():
                break
            self._look_after()
        self._end()

    def _serve(self) -> bool:
        """Answer one command; False when there will be no more."""
        try:
            name, *arguments = self._pipe.recv()
        except (EOFError, OSError):
            return False
        if name == "quit":
            return False
        commands: dict[str, Callable[..., Any]] = {
            "start_recording": self._start_recording,
            "stop_recording": self._stop_recording,
            "mark": self._mark,
            "wait_for_needle": self._arm,
            "stop_waiting": self._disarm,
            "renew_record": self._renew_record,
        }
        try:
            answer = commands[name](*arguments)
        except RestorationError as error:
            _send(self._pipe, "failed", str(error))
        else:
            self._let_figures_show()
            _send(self._pipe, "done", answer)
        return True

    def _let_figures_show(self) -> None:
        """Wait until whoever commanded something can see it in the telemetry as well."""
        report = self._worker.report
        wanted, until = report.published + 2, time.monotonic() + FIGURES_S
        while report.published < wanted and time.monotonic() < until:
            time.sleep(0.002)

    def _start_recording(self, folder: Path, file_format: str) -> None:
        if self._recorder is not None:
            raise RestorationError("a recording is running already; stop it first")
        source = self._streams.source
        name = self._config.record_name
        self._recorder = Recorder(
            folder,
            source.sample_rate,
            source.channels,
            self._latency,
            file_format=file_format,
            name=file_name(name, self._config.record, datetime.now()) if name else None,
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
        self._disk_watch = DiskWatch(
            folder,
            source.sample_rate,
            source.channels,
            file_format,
            (self._recorder.raw_path, self._recorder.restored_path),
        )
        feed = RecordingFeed(self._recorder, self._latency, self._archive.log)
        if self._waiting is not None and self._waiting.dropped:
            self._waiting.release(feed)
        else:
            self._waiting, self._worker.recording = None, feed
        self._tell("recording_started", f"recording to {self._recorder.raw_path}")
        self._tell_of_unfinished(folder)

    def _tell_of_unfinished(self, folder: Path) -> None:
        waiting = unfinished_in(folder)
        self._fault(
            f"unfinished in {folder}",
            waiting > 0,
            f"{waiting} recordings in {folder} were cut off by a crash: "
            f"'main.py recover {folder}' finishes them",
            "warning",
        )

    def _arm(self, folder: Path, file_format: str) -> None:
        if self._recorder is not None:
            raise RestorationError("a recording is running already; stop it first")
        _refuse_missing(folder)
        self._config = replace(self._config, record_folder=folder, record_format=file_format)
        self._wait_for_needle()

    def _disarm(self) -> None:
        if self._recorder is None:
            self._worker.recording = None
        elif self._waiting is not None:  # the feed goes on; nobody looks for its lift any more
            self._tell("warning", "the recording goes on until it is stopped")
        self._waiting = None

    def _wait_for_needle(self) -> None:
        self._waiting = NeedleFeed(self._watch, self._streams.source.sample_rate)
        self._worker.recording = self._waiting
        self._tell("waiting", "waiting for the needle; recording begins with its drop")

    def _look_after_needle(self) -> None:
        """Begin a recording with the drop, end it with the lift, and wait for the next side."""
        config, waiting = self._config, self._waiting
        if waiting is None or config.record_folder is None:
            return
        if self._recorder is None and waiting.dropped:
            try:
                self._start_recording(config.record_folder, config.record_format)
            except RestorationError as error:
                self._waiting = self._worker.recording = None
                self._tell("error", str(error))
        elif self._recorder is not None and waiting.lifted:
            self._stop_recording()
            self._wait_for_needle()

    def _renew_record(self, record: RecordSettings) -> None:
        chain = self._restorer.chain
        if isinstance(chain, RecordChain):
            chain.renew(record)
        self._config = replace(self._config, record=record)
        feed = self._worker.recording
        if self._archive is not None and feed is not None:
            self._archive.renew(record, max(0, feed.taken - self._latency))

    def _mark(self, text: str) -> float:
        feed = self._worker.recording
        if self._recorder is None or self._archive is None or feed is None:
            raise RestorationError("nothing is being recorded; a marker needs a recording")
        rate = self._streams.source.sample_rate
        # What is heard now went in so much earlier.
        sample = max(0, feed.taken - self._latency - self._worker.report.output_fill)
        self._archive.markers.append({"sample": sample, "text": text})
        self._tell("marked", f"marker {len(self._archive.markers)} at {sample / rate:.1f} s")
        return sample / rate

    def _stop_recording(self) -> RecordingReport:
        if self._recorder is None:
            if self._last_report is None:
                raise RestorationError("nothing is being recorded")
            return self._last_report
        feed = self._worker.recording
        if feed is not None:
            feed.request_stop()
            # Nobody feeds it when the worker is gone or waits for a device that hangs.
            feed.complete.wait(TAIL_S if self._thread.is_alive() else 0.0)
        self._worker.recording = self._waiting = None
        report = self._recorder.stop()
        if self._archive is not None:
            report = self._archive.finish(report)
            if self._archive.error:
                self._tell("warning", self._archive.error)
        self._recorder, self._last_report = None, report
        self._worker.report.recorder = RecorderFigures(
            raw_path=str(report.raw_path), restored_path=str(report.restored_path)
        )
        self._tell("recording_stopped", f"recorded {report.raw_path}", report)
        return report

    def _look_after(self) -> None:
        self._renew_recorder_figures()
        self._tell_of_load()
        self._look_after_needle()
        self._look_after_disk()
        if self._recorder is not None and self._recorder.error:
            self._tell("error", f"the recording has stopped: {self._recorder.error}")
            self._stop_recording()
        self._watch_streams()
        state = self._worker.report.state
        if state in ("finished", "failed") and state not in self._told:
            self._told.add(state)
            if self._recorder is not None:
                self._stop_recording()
            if state == "failed":
                print(self._worker.failure, flush=True)
                _send(self._pipe, "trace", self._worker.failure)
                reason = self._worker.failure.strip().splitlines()[-1]
                self._tell("error", f"the restoration failed: {reason}")
            else:
                self._tell("finished", f"{self._plan.input_name} has been played to its end")

    def _look_after_disk(self) -> None:
        """Warn of a disk that fills up, and close both files while there is room for that."""
        figures = self._worker.report.recorder
        if self._recorder is None or not figures.free_bytes:
            return
        if sentence := self._disk_watch.warning(figures.free_bytes, figures.recorded_s):
            self._tell("warning", sentence)
        if self._disk_watch.is_full(figures.free_bytes):
            folder = self._recorder.raw_path.parent
            self._tell(
                "error",
                f"the recording has stopped: the disk of {folder} is full; both files are whole, "
                "free some room or record elsewhere",
            )
            self._stop_recording()

    def _renew_recorder_figures(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        self._worker.report.recorder = RecorderFigures(
            recording=True,
            recorded_s=recorder.seconds,
            raw_path=str(recorder.raw_path),
            restored_path=str(recorder.restored_path),
            free_bytes=_free_bytes(recorder.raw_path.parent),
        )

    def _watch_streams(self) -> None:
        report = self._worker.report
        if report.state != "running":
            return
        source, sink = self._streams
        self._reconnector.look(report.input_age_s, report.output_age_s)
        for kind, end, age_s in (
            ("input", source, report.input_age_s),
            ("output", sink, report.output_age_s),
        ):
            alive = end.is_alive()
            self._fault(
                f"{kind} ended",
                not alive,
                f"{kind} {end.name!r} has ended: device unplugged or sound server stopped; "
                + WHEN_LOST[kind],
            )
            slow = max(SILENT_DEVICE_S, 4 * end.burst / source.sample_rate)
            self._fault(
                f"{kind} hangs",
                alive and age_s > slow and not self._reconnector.is_unsettled(kind),
                f"{kind} {end.name!r} has not moved for {age_s:.1f} s: the sound server hangs",
            )

    def _fault(self, name: str, present: bool, message: str, kind: EventKind = "error") -> None:
        """Tell of a fault once, and again only after it was over."""
        if present and name not in self._told:
            self._told.add(name)
            self._tell(kind, message)
        elif not present:
            self._told.discard(name)

    def _announce(self) -> None:
        source, sink = self._streams
        for remark in self._plan.remarks:
            self._tell("warning", remark)
        kind = "stereo" if source.channels == 2 else "mono"
        self._tell("started", f"{source.name} to {sink.name}, {source.sample_rate} Hz {kind}")

    def _tell(self, kind: EventKind, message: str, report: Any = None) -> None:
        seconds = self._worker.report.seconds
        _send(self._pipe, "event", EngineEvent(kind, message, seconds, report))

    def _end(self) -> None:
        self._reconnector.end()
        self._worker.request_stop()
        self._thread.join(CLOSE_S)
        if self._recorder is not None:
            self._stop_recording()
        closing = threading.Thread(target=_close, args=self._streams, daemon=True)
        closing.start()
        closing.join(CLOSE_S)


def warmed_restorer(
    sample_rate: int,
    channels: int,
    settings: Settings,
    models: Models = ANALYTICAL,
    record: RecordSettings | None = None,
    guarded: Callable[[Chain, int], HopChain] | None = None,
) -> StreamRestorer:
    """Return a fresh restorer after another one has worked for a moment.

    What is slow only the first time (imports, plans, page faults) is over before sound flows.
    ``guarded`` is put around the chain of the fresh one.
    """
    rng = np.random.default_rng(78)
    bare, whole = partial(Chain, models=models), block_length(sample_rate)

    def with_guard(rate: int, channels: int) -> HopChain:
        chain = bare(rate, channels)
        return guarded(chain, sample_rate) if guarded else chain

    def fresh(factory: Callable[[int, int], HopChain]) -> StreamRestorer:
        return StreamRestorer(sample_rate, channels, factory, block=whole, record=record)

    rehearsal = fresh(bare)
    block = 0.05 * rng.standard_normal((channels, whole))
    block[:, 100:110] += 0.5
    for _ in range(WARM_UP_BLOCKS):
        rehearsal.process(block.astype(np.float32), settings)
    return fresh(with_guard)


def _opened(plan: Plan) -> tuple[OpenStreams, Plan]:
    # The device threads that PortAudio starts take over the priority of the thread that opens.
    raise_priority(CALLBACKS)
    try:
        return open_streams(plan)
    finally:
        raise_priority(OTHERS)


def _refuse_missing(folder: Path) -> None:
    if not folder.is_dir():
        raise RestorationError(f"the recording folder {folder} does not exist; create it first")


def _close(*ends: Any) -> None:
    for end in ends:
        end.close()


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _send(pipe: Connection, *message: Any) -> None:
    with contextlib.suppress(OSError):  # the parent may be gone, which `run` notices by itself
        pipe.send(message)
