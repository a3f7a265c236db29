"""What the tests of the window share: a window of one's own, an engine to watch, one to command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from model.errors import RestorationError
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.recording.recorder import RecordingReport
from realtime.telemetry import DisplayChunk, EngineEvent, Telemetry
from ui.state.preset_store import PresetStore
from ui.state.remembered import Memory
from ui.state.session import Session
from ui.widgets.controls import Choice
from ui.widgets.panel import Elided, Text
from ui.window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

RATE = 44_100
CLICK_EVERY_S = 0.1
START_MS = 90_000  # a busy machine takes its time to spawn an engine


class WatchedEngine(Engine):
    """The real engine, which also keeps every settings value it was given."""

    def __init__(self, config: StreamConfig, settings: Settings) -> None:
        super().__init__(config, settings)
        self.posted = [settings]

    def post(self, settings: Settings) -> None:
        self.posted.append(settings)
        super().post(settings)


class CommandedEngine(Engine):
    """No sound, no process: says what a test tells it to say."""

    refuses = ""  # why it does not start
    opened: list["CommandedEngine"]

    def __init__(self, config: StreamConfig, settings: Settings) -> None:
        self.config, self.settings, self.now = config, settings, Telemetry()
        self.happened: list[EngineEvent] = []
        self.stopped = False
        type(self).opened.append(self)

    def start(self) -> None:
        if self.refuses and self.config.input != "demo":
            raise RestorationError(self.refuses)
        self.now = Telemetry(state="running", sample_rate=RATE, channels=2)

    def post(self, settings: Settings) -> None:
        self.settings = settings

    def telemetry(self) -> Telemetry:
        return self.now

    def display(self, since: int = 0) -> DisplayChunk:
        nothing = np.zeros((2, 0), np.float32)
        return DisplayChunk(since, RATE, nothing, nothing, nothing, nothing, nothing)

    def events(self) -> list[EngineEvent]:
        happened, self.happened = self.happened, []
        return happened

    def wait_for_needle(self, folder: Path, file_format: str = "flac") -> None:
        self.happened.append(EngineEvent("waiting", "waiting for the needle", about="needle"))

    def stop_waiting(self) -> None:
        pass

    def stop_at_run_out(self, on: bool) -> None:
        self.config = replace(self.config, stop_at_run_out=on)

    def name_files(self, template: str) -> None:
        self.config = replace(self.config, record_name=template)

    def pause(self, on: bool) -> None:
        self.now = replace(self.now, paused=on)

    def seek(self, seconds: float) -> None:
        if self.now.recording:
            raise RestorationError("the file is being recorded; end the recording first")
        self.now = replace(self.now, file_s=seconds)

    def mark(self, text: str = "") -> float:
        self.happened.append(EngineEvent("marked", "marker 1 at 0:01", 1.0))
        return 1.0

    def start_recording(self, folder: Path, file_format: str = "flac") -> None:
        raw, restored = folder / "side_raw.flac", folder / "side_restored.flac"
        self.now = replace(self.now, recording=True, raw_path=str(raw), restored_path=str(restored))

    def stop_recording(self) -> RecordingReport:
        report = RecordingReport(
            Path(self.now.raw_path), Path(self.now.restored_path), RATE, 2, 90 * RATE
        )
        self.now = replace(self.now, recording=False)
        self.happened.append(EngineEvent("recording_stopped", "recorded", 90.0, report))
        return report

    def recording_fails(self, reason: str) -> None:
        """What the engine's own look at its recorder does."""
        self.stop_recording()
        event = self.happened.pop()
        self.happened.append(replace(event, report=replace(event.report, error=reason)))

    def stop(self) -> None:
        self.stopped = True


@contextmanager
def window_on(
    qtbot: QtBot,
    folder: Path,
    engine: type[WatchedEngine | CommandedEngine],
    *,
    focused: bool = True,
) -> Iterator[MainWindow]:
    """A window with a memory, presets and recordings of its own, closed at the end."""
    if engine is CommandedEngine:
        CommandedEngine.opened, CommandedEngine.refuses = [], ""
    memory = Memory(QSettings(str(folder / "memory.ini"), QSettings.Format.IniFormat))
    memory.theme, memory.record_folder = "dark", folder / "recordings"
    window = MainWindow(Session(engine), memory, PresetStore(folder / "presets"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    if focused:
        window.setFocus()
    try:
        yield window
    finally:
        window.close_unasked()


def figures(**values: Any) -> Telemetry:
    """Telemetry with some figures, the others at rest."""
    return Telemetry(**values)


def press(widget: QWidget, key: Qt.Key, *, ctrl: bool = False) -> None:
    """Press a key while a widget has the focus."""
    widget.setFocus()
    held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(widget, key, held)


def click(widget: QWidget, at: QPoint | None = None, *, twice: bool = False) -> None:
    """Click or double-click with the left button, in the middle if nothing else is said."""
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    where = at or widget.rect().center()
    if twice:
        QTest.mouseDClick(widget, button, none, where)
    else:
        QTest.mouseClick(widget, button, none, where)


def cut_off(window: QWidget) -> list[str]:
    """Texts of labels, buttons and lists that have less room than they need."""
    labels = [label for label in window.findChildren(Text) if not isinstance(label, Elided)]
    needs: list[tuple[QWidget, str, int]] = [
        (label, label.text(), label.fontMetrics().horizontalAdvance(label.text()))
        for label in labels
        if not label.wordWrap()
    ]
    needs += [(b, b.text(), b.sizeHint().width()) for b in window.findChildren(QPushButton)]
    for choice in window.findChildren(Choice):
        text = choice.currentText()
        needs.append((choice, text, choice.fontMetrics().horizontalAdvance(text) + 28))
    narrow = [text for widget, text, px in needs if widget.isVisible() and px > widget.width() + 1]
    low = [
        label.text()
        for label in labels
        if label.isVisible() and label.fontMetrics().height() > label.height() + 1
    ]
    return narrow + low


def second_of_silence() -> DisplayChunk:
    """What the engine shows of a second without sound."""
    return DisplayChunk(0, RATE, *np.zeros((5, 2, RATE), np.float32))


def engine_of(window: MainWindow) -> WatchedEngine:
    """The real engine that the window holds."""
    engine = window.session._engine
    assert isinstance(engine, WatchedEngine)
    return engine


def clicking_record(path: Path, seconds: float) -> Path:
    """Write a stereo file: a soft chord under noise, with a loud click every tenth of a second."""
    rng = np.random.default_rng(78)
    t = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6)) / 20
    sound = np.stack([chord, chord]) + 0.001 * rng.standard_normal((2, t.size))
    for start in range(RATE // 10, t.size - 100, round(CLICK_EVERY_S * RATE)):
        sound[:, start : start + 12] += 0.5 * rng.choice([-1, 1], 12)
    soundfile.write(path, sound.T.astype(np.float32), RATE, subtype="PCM_24")
    return path
