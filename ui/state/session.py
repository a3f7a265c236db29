"""The window's hold on the engine: whatever may wait (open, record, stop) is done on a thread.

Results come back as signals on the GUI thread; telemetry, display and settings go straight
through, because those never wait.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.telemetry import DisplayChunk, EngineEvent, Telemetry
from ui.state.startup import is_record

FILES_NICE = 5
NOT_NOW = "best wall and wall offset change the delay: end the recording first"


class Session(QObject):
    """One engine at a time, opened and closed in the background.

    Signals
    -------
    opened : StreamConfig
        Sound flows.
    open_failed : StreamConfig, str
        With one sentence for the person.
    record_failed : str
        A recording could not begin or end.
    recorded : RecordingReport
        Both files are closed.
    record_renewed : str
        The record is played so, or why not: one sentence, empty when it is.
    refused : str
        A file could not be paused or sought, and why.
    answered : Callable, object
        What ``ask`` was given, with its answer; connected inside.
    """

    opened = Signal(object)
    open_failed = Signal(object, str)
    record_failed = Signal(str)
    recorded = Signal(object)
    record_renewed = Signal(str)
    answered = Signal(object, object)
    refused = Signal(str)

    def __init__(self, make_engine: Callable[[StreamConfig, Settings], Engine] = Engine) -> None:
        super().__init__()
        self.record = RecordSettings()  # of every engine from now on
        self.record_name = ""  # template of the files, of every engine as well
        self.stop_at_run_out = False  # and whether sides end by themselves
        self.config: StreamConfig | None = None  # of the engine that runs or is being opened
        self.plays_file = False  # and whether that is a file or the demo record
        self._make_engine = make_engine
        self._engine: Engine | None = None  # GUI thread writes and reads
        self._closed = False
        self._opening = 0  # opens under way
        self._commands = 0  # recordings being started or ended
        self._settings = Settings()
        self._starts = 0  # of those: recordings being started
        self._pool = ThreadPoolExecutor(1, "engine-commands")  # in order, one at a time
        # What reads files keeps no command waiting, and takes no time from the sound.
        self._readers = ThreadPoolExecutor(1, "files", _step_back)
        self.answered.connect(lambda act, answer: act(answer))

    @property
    def opening(self) -> bool:
        """True while an engine is being started."""
        return self._opening > 0

    @property
    def commanding(self) -> bool:
        """True while a recording is being started or ended."""
        return self._commands > 0

    @property
    def recording(self) -> bool:
        """True while two files grow, or are just about to."""
        return self._starts > 0 or self.telemetry().recording

    def ask(self, question: Callable[[], Any], act: Callable[[Any], None]) -> None:
        """Answer a question that takes time on the thread, then act upon it here.

        The answer may be a ``RestorationError``, which is handed over, not raised.
        """

        self._submit(self._pool, question, act)

    def look_up(self, question: Callable[[], Any], act: Callable[[Any], None]) -> None:
        """Answer a question to files, as ``ask`` does; the engine's commands do not wait for it."""
        self._submit(self._readers, question, act)

    def _submit(
        self, pool: ThreadPoolExecutor, question: Callable[[], Any], act: Callable[[Any], None]
    ) -> None:
        def run() -> None:
            try:
                answer = question()
            except RestorationError as error:
                answer = error
            except OSError as error:  # no process or no memory left to be had
                answer = RestorationError(f"the computer refuses: {error.strerror or error}")
            self.answered.emit(act, answer)

        if not self._closed:
            _checked(pool.submit(run))

    def open(self, config: StreamConfig, settings: Settings) -> None:
        """End the present engine, finishing its recording, and start another one."""
        before, self._engine = self._engine, None
        config = replace(
            config,
            record=self.record,
            record_name=self.record_name,
            stop_at_run_out=self.stop_at_run_out,
        )
        self.config, self._settings = config, settings
        self.plays_file = is_record(config.input)
        self._opening += 1

        def start() -> Engine | RestorationError:
            if before is not None:
                before.stop()
            engine = self._make_engine(config, settings)
            engine.start()
            return engine

        self.ask(start, lambda answer: self._started(config, answer))

    def close(self) -> None:
        """End the engine and the thread; waits until a recording is safely closed."""
        self._closed = True
        for pool in (self._pool, self._readers):
            pool.shutdown(wait=True, cancel_futures=True)
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop()

    def post(self, settings: Settings) -> None:
        """Let settings apply from the next hop on."""
        self._settings = settings
        if self._engine is not None:
            self._engine.post(settings)

    def telemetry(self) -> Telemetry:
        """The latest figures; never waits."""
        if self._engine is None:
            return Telemetry(state="starting" if self.opening else "new")
        return self._engine.telemetry()

    def display(self, since: int) -> DisplayChunk | None:
        """What came out of the chain since an index; None without an engine."""
        return None if self._engine is None else self._engine.display(since)

    def events(self) -> list[EngineEvent]:
        """What happened since the last call."""
        return [] if self._engine is None else self._engine.events()

    def start_recording(self, folder: Path, file_format: str) -> None:
        """Begin both files; the folder is made if it is missing."""

        def begin(engine: Engine) -> None:
            _make(folder)
            engine.start_recording(folder, file_format)

        self._starts += 1

        def begun() -> None:
            self._starts -= 1

        self._command(begin, lambda _: None, begun)

    def wait_for_needle(self, folder: Path, file_format: str) -> None:
        """Record from each drop of the needle to its lift; the folder is made if it is missing."""

        def arm(engine: Engine) -> None:
            _make(folder)
            engine.wait_for_needle(folder, file_format)

        self._command(arm, lambda _: None)

    def stop_waiting(self) -> None:
        """Wait for no needle any more."""
        self._order(lambda engine: engine.stop_waiting())

    def stop_recording(self) -> None:
        """End both files at the same sample."""
        self._command(lambda engine: engine.stop_recording(), self.recorded.emit)

    def name_files(self, template: str) -> None:
        """Call the files by a template, from the next recording on."""
        self.record_name = template
        if self._engine is not None:
            self._order(lambda engine: engine.name_files(template))

    def end_at_run_out(self, on: bool) -> None:
        """End recordings by themselves in the run-out groove, or no longer."""
        self.stop_at_run_out = on
        if self._engine is not None:
            self._order(lambda engine: engine.stop_at_run_out(on))

    def pause(self, on: bool) -> None:
        """Let the file that is played stand still, or go on."""
        self._move(lambda engine: engine.pause(on))

    def seek(self, seconds: float) -> None:
        """Go on somewhere else in the file that is played."""
        self._move(lambda engine: engine.seek(seconds))

    def _move(self, order: Callable[[Engine], None]) -> None:
        engine = self._engine

        def done(answer: RestorationError | None) -> None:
            if answer is not None:
                self.refused.emit(str(answer))

        if engine is not None:
            self.ask(lambda: order(engine), done)

    def mark(self) -> None:
        """Set a marker at what is heard now."""
        self._order(lambda engine: engine.mark())

    def would_reopen(self, record: RecordSettings) -> bool:
        """Whether playing as another record means to open the sound anew."""
        if self._engine is None or self.config is None:
            return False
        return record.delays != self.config.record.delays

    def renew_record(self, record: RecordSettings, *, may_end_recording: bool = False) -> None:
        """Play as another record; where that needs another delay the sound is opened anew.

        Not while a recording runs, which that would end, unless the person lets it end.
        """
        before, self.record = self.record, record
        engine = self._engine
        if engine is None or self.config is None:
            self.record_renewed.emit("")
        elif record.delays == self.config.record.delays:
            self.ask(lambda: engine.renew_record(record), lambda answer: self._renewed(answer))
        elif engine.telemetry().recording and not may_end_recording:
            self.record = before
            self.record_renewed.emit(NOT_NOW)
        else:
            self.record_renewed.emit("")
            self.open(replace(self.config, record_folder=None), self._settings)

    def _renewed(self, answer: RestorationError | None) -> None:
        if self._engine is not None and self.config is not None:
            if answer is None:
                self.config = replace(self.config, record=self._engine.config.record)
            else:
                self.record = self.config.record
        self.record_renewed.emit("" if answer is None else str(answer))

    def _order(self, order: Callable[[Engine], Any]) -> None:
        """Do something that neither begins nor ends a recording: Record and Stop need not wait."""
        self._command(order, lambda _: None, is_recording=False)

    def _command(
        self,
        order: Callable[[Engine], Any],
        act: Callable[[Any], None],
        finally_: Callable[[], None] = lambda: None,
        *,
        is_recording: bool = True,
    ) -> None:
        engine = self._engine
        if engine is None:
            finally_()
            starting = "the sound is still starting; press again once it flows"
            nothing = "there is no sound to record yet; choose devices first"
            self.record_failed.emit(starting if self.opening else nothing)
            return
        self._commands += is_recording

        def done(answer: Any) -> None:
            self._commands -= is_recording
            finally_()
            if isinstance(answer, RestorationError):
                self.record_failed.emit(str(answer))
            else:
                act(answer)

        self.ask(lambda: order(engine), done)

    def _started(self, config: StreamConfig, answer: Engine | RestorationError) -> None:
        self._opening -= 1
        if isinstance(answer, RestorationError):
            self.open_failed.emit(config, str(answer))
            return
        if self._closed:  # it became ready while the window was being closed
            answer.stop()
            return
        self._engine = answer
        answer.post(self._settings)  # what was turned while it started
        self.opened.emit(config)
        if config.record_name != self.record_name:
            self.name_files(self.record_name)
        if config.stop_at_run_out != self.stop_at_run_out:
            self.end_at_run_out(self.stop_at_run_out)
        if config.record != self.record:
            self.renew_record(self.record)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise RestorationError(f"cannot record into {folder}: {reason}") from None


def _step_back() -> None:
    """Let the others go first; not by more, for the window waits while this thread has the lock."""
    with contextlib.suppress(OSError, AttributeError):  # Windows has none of it
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), FILES_NICE)


def _checked(future: Future[None]) -> None:
    """Let a bug on the thread be seen instead of vanishing in its future."""
    future.add_done_callback(lambda done: done.cancelled() or done.result())
