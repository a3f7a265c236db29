"""The benchmark's run with a window: opened on virtual devices, watched, closed. GUI thread."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSettings, QTimer

from model.errors import RestorationError
from realtime.bench.endurance import (
    Endurance,
    headphones,
    judge,
    probed,
    write_unique_record,
)
from realtime.bench.sound import FORMAT, busy_core
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.recording.recorder import RecordingReport
from realtime.telemetry import Telemetry
from ui.app import application
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.window import MainWindow

SETTLE_S = 1.5  # until caches are warm and fonts are loaded
LOOK_MS = 100
PATIENCE_S = 60.0  # beyond the length of the run


class Watch(QObject):
    """Times every frame: the look at the engine, and the painting that follows from it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._clock = window.clock
        self._clock.took_s.clear()
        self._clock.intervals_s.clear()
        self._frames_s: list[float] = []
        self._cpu_s, self._wall_s = time.process_time(), time.monotonic()
        window.installEventFilter(self)

    def figures(self) -> dict[str, float]:
        """Frame times, intervals, frames per second and processor share since the beginning."""
        wall_s = time.monotonic() - self._wall_s
        frames_ms, intervals_ms = (
            1000 * np.array(times) for times in (self._frames_s, self._clock.intervals_s)
        )
        return {
            "frame_p50_ms": float(np.percentile(frames_ms, 50)),
            "frame_p95_ms": float(np.percentile(frames_ms, 95)),
            "interval_p50_ms": float(np.percentile(intervals_ms, 50)),
            "interval_p95_ms": float(np.percentile(intervals_ms, 95)),
            "frames_per_s": len(frames_ms) / wall_s,
            "cpu_share": (time.process_time() - self._cpu_s) / wall_s,
        }

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802
        """Note when painting begins; a timer without delay fires as soon as it is through."""
        if event.type() == QEvent.Type.UpdateRequest and self._clock.took_s:
            began, looked_s = time.monotonic(), self._clock.took_s[-1]
            QTimer.singleShot(0, lambda: self._frames_s.append(looked_s + time.monotonic() - began))
        return False


class Run:
    """One playing of a record beside the window, step by step on a timer."""

    def __init__(self, folder: Path, window: MainWindow, seconds: float) -> None:
        self.folder, self.window = folder, window
        self.figures: dict[str, float] = {}
        self.report: RecordingReport | None = None
        self.telemetry = Telemetry()
        self.failure = ""
        self._watch: Watch | None = None
        self._player: subprocess.Popen[bytes] | None = None
        window.session.open_failed.connect(lambda _, message: self._end(message))
        window.session.opened.connect(lambda _: self._after(SETTLE_S, self._play))
        window.session.recorded.connect(self._recorded)
        window.session.record_failed.connect(self._end)
        self._after(seconds + PATIENCE_S, lambda: self._end("the run did not come to its end"))

    def _play(self) -> None:
        command = ["pacat", "--device=turntable", *FORMAT, str(self.folder / "played")]
        self._player = subprocess.Popen(command)
        self._watch = Watch(self.window)
        self._look()

    def _look(self) -> None:
        if self._player is not None and self._player.poll() is None:
            self._after(LOOK_MS / 1000, self._look)
            return
        if self._watch is not None:
            self.figures = self._watch.figures()
        self._after(0.5, self.window.session.stop_recording)

    def _recorded(self, report: RecordingReport) -> None:
        self.report, self.telemetry = report, self.window.session.telemetry()
        self._end("")

    def _end(self, failure: str) -> None:
        self.failure = failure
        self.window.close_unasked()

    def _after(self, seconds: float, act: Callable[[], object]) -> None:
        QTimer.singleShot(round(1000 * seconds), act)


class Outcome(NamedTuple):
    """The window's own figures, what became of the sound, and how still the machine stood."""

    figures: dict[str, float]
    sound: Endurance
    stall_s: float


def run_with_window(seconds: float, width: int, height: int, *, busy: bool) -> Outcome:
    """Play a record for that long with the window open and scrolling.

    Raises
    ------
    RestorationError
        The engine could not be started or did not record.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application()
    with tempfile.TemporaryDirectory(prefix="shellac_bench_") as name:
        folder = Path(name)
        played = write_unique_record(folder / "played", seconds)
        memory = Memory(QSettings(str(folder / "memory.ini"), QSettings.Format.IniFormat))
        window = MainWindow(Session(Engine), memory, PresetStore(folder / "presets"))
        window.resize(width, height)
        window.show()
        with (
            headphones(folder / "heard"),
            busy_core() if busy else nullcontext(),
            probed() as stall,
        ):
            run = Run(folder, window, seconds)
            window.clock.start()
            config = StreamConfig(
                "turntable", "headphones", record_folder=folder, record_format="wav"
            )
            window.opener.open(config, remember=False)
            app.exec()
        if run.failure or run.report is None:
            raise RestorationError(run.failure or "the window was closed before the end")
        sound = judge(played, run.report, run.telemetry, folder / "heard")
        return Outcome(run.figures, sound, stall[0])
