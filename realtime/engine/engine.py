"""The engine as the window and the command line see it. Runs in the parent, in any one thread.

The sound itself lives in a spawned child process (``realtime.engine.process``): settings go there
and telemetry comes back through shared memory, commands and events through a pipe.
"""

import contextlib
import queue
import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.child import engine_child
from realtime.engine.engine_log import EngineLog, log
from realtime.telemetry import DisplayChunk, EngineEvent, State, Telemetry

START_TIMEOUT_S = 60.0  # a busy computer takes its time to load networks
STOP_TIMEOUT_S = 1.0  # from the request to the moment the child is ended by force
RECORDING_TIMEOUT_S = 20.0  # a slow disk may have ten seconds of sound still to write


class Engine:
    """A record in, restored sound out, both recorded, in a process of its own.

    Parameters
    ----------
    config : StreamConfig
        Devices, rate, block, recording from the first sample.
    settings : Settings
        What applies from the first hop on.

    Notes
    -----
    Usable as a context manager: ``with Engine(config, settings) as engine`` starts and stops it.
    """

    def __init__(self, config: StreamConfig, settings: Settings | None = None) -> None:
        self.config = config
        self._child = engine_child()
        self._shared, self._pipe = self._child.shared, self._child.pipe
        self._process = self._child.process
        self._is_begun = False
        self._posted = settings or Settings()  # caller writes, the log's thread reads
        self._shared.settings.publish(self._posted)
        self._replies: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._events: deque[EngineEvent] = deque(maxlen=1000)  # listener appends, caller takes
        self._commanding = threading.Lock()  # one command and its reply at a time
        self._listening = threading.Thread(target=self._listen, name="engine-events", daemon=True)
        self._stopping = False
        self._failed = False
        self._log = EngineLog(config, lambda: self._posted, self.telemetry)

    def __enter__(self) -> "Engine":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Spawn the engine and return once sound flows.

        Raises
        ------
        RestorationError
            With one line for the person: no PortAudio, unknown device (near names listed), refused
            rate, unreadable file, recording folder missing.
        """
        self._is_begun = True
        self._child.carry(self.config)
        self._listening.start()
        try:
            self._reply(START_TIMEOUT_S)
        except RestorationError:
            self._failed = True
            self.stop()
            raise
        self._log.begin()

    def post(self, settings: Settings) -> None:
        """Let ``settings`` apply from the next hop on; changes neither click nor shift time."""
        self._posted = settings
        self._shared.settings.publish(settings)

    def telemetry(self) -> Telemetry:
        """The engine's latest figures; never waits."""
        if not self._is_begun:
            return Telemetry()
        latest = self._shared.telemetry.latest() or (Telemetry(state="starting"), time.monotonic())
        telemetry: Telemetry = replace(latest[0], worker_age_s=time.monotonic() - latest[1])
        if self._failed:
            return replace(telemetry, state="failed", recording=False)
        if not self._process.is_alive():  # and records nothing, whatever its last word was
            state: State = "stopped" if self._stopping else "failed"
            return replace(telemetry, state=state, recording=False)
        return telemetry

    def display(self, since: int = 0) -> DisplayChunk:
        """What came out of the chain from display index ``since`` on, at most the last 12 s."""
        return self._shared.display.read(since)

    def events(self) -> list[EngineEvent]:
        """What happened since the last call, oldest first."""
        taken = []
        while self._events:
            taken.append(self._events.popleft())
        return taken

    def start_recording(self, folder: Path, file_format: str = "flac") -> None:
        """Write raw and restored sound from the next block on; the paths are in the telemetry.

        Raises
        ------
        RestorationError
            Folder missing or read-only, already recording, or the engine is not running.
        """
        self._command("start_recording", Path(folder), file_format)

    def stop_recording(self) -> Any:
        """End both files at the same sample and return their ``RecordingReport``.

        Raises
        ------
        RestorationError
            Nothing is being recorded, or the engine is not running.
        """
        return self._command("stop_recording")

    def wait_for_needle(self, folder: Path, file_format: str = "flac") -> None:
        """Record each side from the needle's drop to its lift, until ``stop_waiting``.

        Raises
        ------
        RestorationError
            Folder missing, already recording, or the engine is not running.
        """
        self._command("wait_for_needle", Path(folder), file_format)

    def stop_waiting(self) -> None:
        """Wait for no needle any more; a recording that runs goes on until it is stopped."""
        self._command("stop_waiting")

    def stop_at_run_out(self, on: bool) -> None:
        """End recordings by themselves once the needle is in the run-out groove, or no longer.

        Also the one that runs, once ten turns of that groove have been heard.

        Raises
        ------
        RestorationError
            The engine is not running.
        """
        self._command("stop_at_run_out", on)
        self.config = replace(self.config, stop_at_run_out=on)

    def name_files(self, template: str) -> None:
        """Call the files of the next recordings by a template; empty for date and time.

        Raises
        ------
        RestorationError
            It holds a field that is not known, or the engine is not running.
        """
        self._command("name_files", template)
        self.config = replace(self.config, record_name=template)

    def renew_record(self, record: RecordSettings) -> None:
        """Let another groove, curve or label apply; changes neither click nor shift time.

        Raises
        ------
        RestorationError
            It needs another delay or both walls (open the engine anew with it), or the engine is
            not running.
        """
        self._command("renew_record", record)
        self.config = replace(self.config, record=record)

    def mark(self, text: str = "") -> float:
        """Set a marker at what is heard now; returns where in the recording that is, in seconds.

        Raises
        ------
        RestorationError
            Nothing is being recorded, or the engine is not running.
        """
        seconds: float = self._command("mark", text)
        return seconds

    def pause(self, on: bool) -> None:
        """Let the file that is played stand still, or go on; what is heard fades.

        Raises
        ------
        RestorationError
            A device is open, the file is being recorded, or the engine is not running.
        """
        self._command("pause", on)

    def seek(self, seconds: float) -> None:
        """Go on somewhere else in the file that is played; raises as :meth:`pause` does."""
        self._command("seek", seconds)

    def stop(self) -> None:
        """End the sound; a running recording is finished first. Never hangs, may be repeated."""
        if self._stopping or not self._is_begun:
            return
        if not self._process.is_alive():  # it ended unasked: that is told first
            self._listening.join(RECORDING_TIMEOUT_S)
        self._stopping = True
        recording, raw = self.telemetry().recording, self.telemetry().raw_path
        with contextlib.suppress(OSError):  # it may be gone already
            self._pipe.send(("quit",))
        self._process.join(RECORDING_TIMEOUT_S if recording else STOP_TIMEOUT_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
            if recording:
                self._finish_recording(Path(raw))
        if self._failed:  # it may be finishing what a dead engine left
            self._listening.join(RECORDING_TIMEOUT_S)
        self._log.end(self.telemetry())

    def _command(self, *command: Any) -> Any:
        with self._commanding:
            if not self._process.is_alive():
                raise RestorationError("the engine is not running; start it again")
            self._pipe.send(command)
            return self._reply(RECORDING_TIMEOUT_S)

    def _reply(self, timeout_s: float) -> Any:
        try:
            succeeded, value = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            raise RestorationError(
                f"the engine did not answer within {timeout_s:g} s; stop it and start it again"
            ) from None
        if not succeeded:
            raise RestorationError(value)
        return value

    def _listen(self) -> None:
        """Sort what the child sends until its end of the pipe closes; own thread."""
        while True:
            try:
                kind, *content = self._pipe.recv()
            except (EOFError, OSError):
                break
            if kind == "event":
                self._events.append(content[0])
                self._log.note(content[0])
            elif kind == "trace":
                log.error("in the engine's process:\n%s", content[0])
            elif kind == "library":
                log.info("a library says: %s", content[0])
            else:
                self._replies.put((kind == "done", content[0]))
        self._child_ended()

    def _child_ended(self) -> None:
        self._process.join(STOP_TIMEOUT_S)
        if self._stopping or self._failed:
            return
        last = self._shared.telemetry.latest()
        raw = last[0].raw_path if last and last[0].recording else ""
        self._failed = True
        message = (
            f"the engine stopped unexpectedly (exit code {self._process.exitcode}); "
            "what was recorded so far is on disk, start it again"
        )
        self._events.append(EngineEvent("error", message))
        self._log.note(EngineEvent("error", message))
        self._replies.put((False, message))
        if raw:
            self._finish_recording(Path(raw))

    def _finish_recording(self, raw: Path) -> None:
        """Make a finished recording of what a dead engine left; on the listening thread."""
        from realtime.recording.recover import recover_of

        outcome = recover_of(raw)
        if outcome is None:
            return
        said = f"{outcome.what} {raw.parent / outcome.name}: {outcome.sentence}"
        message = f"the engine stopped unexpectedly; {said}; start it again"
        self._events.append(EngineEvent("error", message))
        self._log.note(EngineEvent("error", message))
