"""The engine's child process: opens the streams, starts the worker, then serves commands.

``realtime.engine.child`` begins it. The main thread is the control thread: it reads commands
and sends events through the pipe, looks after the recorder, and watches streams and parent. It
never touches a sample.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.chain import Chain
from model.checkpoints import load_models
from model.errors import RestorationError
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.devices.opening import OpenStreams
from realtime.devices.steady_sink import SteadySink
from realtime.devices.steady_source import SteadySource
from realtime.engine.events import EventSender, send
from realtime.engine.later import PAUSE_S, Later
from realtime.engine.rehearsal import Rehearsal
from realtime.engine.worker import Worker
from realtime.restorer.overload import OverloadGuard
from realtime.restorer.pipeline import StreamRestorer
from realtime.restorer.warm_up import warmed_restorer
from realtime.shared_memory import SharedState
from realtime.stderr import StderrCapture
from realtime.telemetry import About
from realtime.timeline import Timeline

if TYPE_CHECKING:
    from realtime.devices.file_input import FileInput
    from realtime.devices.reconnect import Reconnector
    from realtime.recording.control import RecordingControl

TICK_S = 0.05  # between two looks at recorder and streams
CLOSE_S = 0.4  # a hung sound server may never return from closing a stream
PARENT_FIRST_S = 3.0  # after SIGTERM, which mostly went to the parent as well; it may be slow
FIGURES_S = 0.2  # at most, until a command shows in the telemetry
TOO_BUSY = "the computer is too busy to restore"
WHEN_LOST = {
    "input": "silence is recorded until it is back",
    "output": "it is opened again when it is back, a recording goes on",
}
SILENT_DEVICE_S = 0.6  # without a callback: the device hangs


def run_engine(
    config: StreamConfig, shared: SharedState, pipe: Connection, rehearsal: Rehearsal
) -> None:
    """Be the engine until told to quit, or until the parent is gone."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):  # they go to the whole group: the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    try:
        control = Control(config, shared, pipe, rehearsal)
    except RestorationError as error:
        send(pipe, "failed", str(error))
    except Exception as error:
        traceback.print_exc()
        send(pipe, "trace", traceback.format_exc())
        send(pipe, "failed", f"the engine could not start: {error!r}")
    else:
        signal.signal(signal.SIGTERM, lambda *_: control.quit())
        send(pipe, "done", None)
        control.run()
    pipe.close()
    # Not through the interpreter's own end: it would wait for PortAudio, which may hang.
    os._exit(0)


class Control:
    """The child's main thread: everything that is neither sound nor callback."""

    def __init__(
        self, config: StreamConfig, shared: SharedState, pipe: Connection, rehearsal: Rehearsal
    ) -> None:
        self._pipe = pipe
        self._quits_at = float("inf")  # by the monotonic clock
        self._timeline = Timeline()
        self._guard: OverloadGuard | None = None
        self._resting: tuple[str, ...] = ()
        self._events = EventSender(pipe, lambda: self._worker.report.seconds)
        self._is_over_told = False
        self._later = Later()
        settings: Settings = shared.settings.latest() or Settings()
        if config.record_name:
            from realtime.soundfiles.file_names import refuse_unknown_fields

            refuse_unknown_fields(config.record_name)
        if config.record_folder is not None:
            from realtime.recording.control import refuse_missing

            refuse_missing(config.record_folder)
        plan = rehearsal.plan()
        models = load_models(config.models)

        def restorer_at(sample_rate: int) -> StreamRestorer:
            return warmed_restorer(
                sample_rate, plan.channels, settings, models, config.record, self._guarded
            )

        restorer = restorer_at(plan.sample_rate)
        self._streams, self._plan = rehearsal.opened()
        if self._plan.sample_rate != plan.sample_rate:
            restorer = restorer_at(self._plan.sample_rate)
        self._streams = self._made_steady(self._streams)
        self._worker = Worker(*self._streams, restorer, shared)
        self._watch_load()
        self._thread = threading.Thread(target=self._worker.run, name="worker", daemon=True)
        self._config, self._restorer = config, restorer
        self._recording: RecordingControl | None = None
        self._reconnector: Reconnector | None = None
        if config.record_folder is not None:  # from the first sample on
            self._complete(pause_s=0.0)
        while not (rehearsal.is_ready() or self._later.is_done):
            self._later.load_one()
        if (priming := rehearsal.hand_over()) is not None:
            self._worker.priming = priming
        if isinstance(self._streams.source, SteadySource):
            self._streams.source.begin()
        self._worker.report.publish(always=True)  # so that a started engine has figures
        self._thread.start()
        self._stderr = StderrCapture()
        self._announce()

    def _complete(self, pause_s: float = PAUSE_S) -> RecordingControl:
        """Have all that looks after the sound; what is not loaded yet is."""
        if self._recording is None:
            self._later.load_all(pause_s)
            self._recording = self._made_recording()
            self._reconnector = self._made_reconnector()
            gc.freeze()  # the collector, off until now, never walks through all that is loaded
            gc.enable()
        return self._recording

    def _made_recording(self) -> RecordingControl:
        from realtime.recording.control import RecordingControl  # heavy, see Later

        return RecordingControl(
            self._config,
            self._streams.source,
            self._restorer,
            self._worker,
            self._timeline,
            self._events,
            self._thread.is_alive,
        )

    def _made_steady(self, streams: OpenStreams) -> OpenStreams:
        """Put what outlives its devices in the devices' place."""
        plan, ends = self._plan, list[Any](streams)
        if plan.input_device is not None:
            ends[0] = SteadySource(ends[0], self._timeline)
        if plan.output_device is not None:
            rate, plays_file = plan.sample_rate, plan.file is not None
            ends[1] = SteadySink(ends[1], rate, sets_pace=plays_file)
        return OpenStreams(*ends)

    def _made_reconnector(self) -> Reconnector:
        from realtime.devices.reconnect import Reconnector  # heavy, see Later

        source, sink = self._streams
        return Reconnector(
            self._plan,
            source if isinstance(source, SteadySource) else None,
            sink if isinstance(sink, SteadySink) else None,
            tell_loss=lambda sentence, end: self._events.tell("error", sentence, about=end),
            tell_return=lambda sentence, end: self._events.tell("back", sentence, about=end),
        )

    def _guarded(self, chain: Chain, stream_rate: int) -> OverloadGuard:
        """Put a guard around the chain that will work on the sound."""
        per_sample = stream_rate / chain.sample_rate
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
            self._events.tell(
                "warning",
                f"{TOO_BUSY}: the untouched sound goes out until it keeps up",
                about="computer",
            )
        elif was_dry and not is_dry:
            dry_s = self._worker.report.seconds - self._dry_since
            self._events.tell(
                "back", f"the restoration keeps up again after {dry_s:.1f} s", about="computer"
            )

    def _listen_to_walls(self) -> None:
        """Hear how the record is cut, and say once what suits it better."""
        walls, report = self._worker.walls, self._worker.report
        if walls is None or self._recording is None or report.state != "running":
            return
        report.groove = self._recording.record.groove
        walls.listen()
        report.wall_kind = walls.kind
        if proposal := walls.proposal(report.groove):
            self._events.propose(proposal.groove, proposal.sentence)

    def quit(self) -> None:
        """Ask for the end, unless the parent asks first; called by the SIGTERM handler."""
        self._quits_at = min(self._quits_at, time.monotonic() + PARENT_FIRST_S)

    def _tell_of_rest(self) -> None:
        """Say which part of the chain began to rest, or works again."""
        if self._guard is None or self._guard.is_dry:
            return
        before, self._resting = self._resting, self._guard.resting
        if len(self._resting) > len(before):
            names = " and ".join(self._resting)
            sentence = f"{TOO_BUSY} in full: it goes on without the {names}"
            self._events.tell("warning", sentence, about="computer")
        elif len(self._resting) < len(before):
            self._events.tell("back", f"the {before[-1]} works again", about="computer")

    def run(self) -> None:
        """Serve until told to quit or the parent is gone, then end in good order."""
        parent = multiprocessing.parent_process()
        sentinels: list[Any] = [self._pipe, *([parent.sentinel] if parent else [])]
        while time.monotonic() < self._quits_at:
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
        recording = self._complete()
        commands: dict[str, Callable[..., Any]] = {
            "start_recording": self._start_recording,
            "stop_recording": recording.stop,
            "mark": recording.mark,
            "wait_for_needle": recording.arm,
            "stop_waiting": recording.disarm,
            "pause": self._pause,
            "seek": self._seek,
            "stop_at_run_out": recording.stop_at_run_out,
            "name_files": recording.name_files,
            "renew_record": recording.renew_record,
        }
        try:
            answer = commands[name](*arguments)
        except RestorationError as error:
            send(self._pipe, "failed", str(error))
        else:
            self._let_figures_show()
            send(self._pipe, "done", answer)
        return True

    def _start_recording(self, folder: Path, file_format: str) -> None:
        if (file := self._file()) is not None:
            file.paused = False
        self._complete().start(folder, file_format)

    def _pause(self, on: bool) -> None:
        self._movable_file().paused = on

    def _seek(self, seconds: float) -> None:
        self._movable_file().seek(seconds)

    def _file(self) -> FileInput | None:
        """Return the file that is played; None where a device is open."""
        source = self._streams.source
        if not source.paced_by_output:
            return None
        from realtime.devices.file_input import FileInput  # heavy: a device needs none of it

        return source if isinstance(source, FileInput) else None

    def _movable_file(self) -> FileInput:
        """Return the file that is played, unless a recording follows it."""
        if (file := self._file()) is None:
            raise RestorationError("a turntable can neither be paused nor sought; play a file")
        if self._complete().is_recording:
            raise RestorationError("the file is being recorded; end the recording first")
        return file

    def _let_figures_show(self) -> None:
        """Wait until whoever commanded something can see it in the telemetry as well."""
        report = self._worker.report
        wanted, until = report.published + 2, time.monotonic() + FIGURES_S
        while report.published < wanted and time.monotonic() < until:
            time.sleep(0.002)

    def _look_after(self) -> None:
        if not self._later.is_done:
            self._later.load_one()
        else:
            self._complete().look_after()
        for line in self._stderr.take():
            send(self._pipe, "library", line)
        self._tell_of_load()
        self._tell_of_rest()
        self._listen_to_walls()
        self._watch_streams()
        state = self._worker.report.state
        if state in ("finished", "failed") and not self._is_over_told:
            self._is_over_told = True
            if self._recording is not None and self._recording.is_recording:
                self._recording.stop()
            if state == "failed":
                print(self._worker.failure, flush=True)
                send(self._pipe, "trace", self._worker.failure)
                reason = self._worker.failure.strip().splitlines()[-1]
                self._events.tell("error", f"the restoration failed: {reason}", about="computer")
            else:
                self._events.tell("finished", f"{self._plan.input_name} has been played to its end")

    def _watch_streams(self) -> None:
        report, reconnector = self._worker.report, self._reconnector
        if report.state != "running" or reconnector is None:
            return
        source, sink = self._streams
        reconnector.look(report.input_age_s, report.output_age_s)
        ends: tuple[tuple[About, Any, float], ...] = (
            ("input", source, report.input_age_s),
            ("output", sink, report.output_age_s),
        )
        for kind, end, age_s in ends:
            alive = end.is_alive()
            self._events.fault(
                f"{kind} ended",
                not alive and not reconnector.is_fetched_back(kind),
                f"{kind} {end.name!r} has ended: device unplugged or sound server stopped; "
                + WHEN_LOST[kind],
                about=kind,
            )
            slow = max(SILENT_DEVICE_S, 4 * end.burst / source.sample_rate)
            self._events.fault(
                f"{kind} hangs",
                alive and age_s > slow and not reconnector.is_unsettled(kind),
                f"{kind} {end.name!r} has not moved for {age_s:.1f} s: the sound server hangs",
                about=kind,
            )

    def _announce(self) -> None:
        source, sink = self._streams
        for remark in self._plan.remarks:
            self._events.tell("warning", remark)
        kind = "stereo" if source.channels == 2 else "mono"
        self._events.tell(
            "started", f"{source.name} to {sink.name}, {source.sample_rate} Hz {kind}"
        )

    def _end(self) -> None:
        if self._reconnector is not None:
            self._reconnector.end()
        self._worker.request_stop()
        self._thread.join(CLOSE_S)
        if self._recording is not None and self._recording.is_recording:
            self._recording.stop()
        closing = threading.Thread(target=_close, args=self._streams, daemon=True)
        closing.start()
        closing.join(CLOSE_S)


def _close(*ends: Any) -> None:
    for end in ends:
        end.close()
