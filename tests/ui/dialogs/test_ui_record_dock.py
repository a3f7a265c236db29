"""The record's panel beside the pictures, and the walls measured from there."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from window_tools import RATE, CommandedEngine, click, cut_off, window_on

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.config import StreamConfig
from realtime.telemetry import DisplayChunk
from ui.conduct.wall_measure import measuring
from ui.dialogs.record_dock import RecordDock
from ui.state.history import History
from ui.window import MainWindow

LATE = 3  # samples


def dock_of(window: MainWindow) -> RecordDock:
    """Return the place for the record's panel."""
    dock = window.findChild(RecordDock)
    assert isinstance(dock, RecordDock)
    return dock


def lateral_history(seconds: float = 8.0) -> History:
    """Return music on both walls, the right one late and 1 dB softer."""
    rng = np.random.default_rng(3)
    noise = np.convolve(rng.standard_normal(round(seconds * RATE)), np.ones(12) / 12, "same")
    right = 10 ** (-1 / 20) * np.concatenate([np.zeros(LATE), noise[:-LATE]])
    dry = (0.2 * np.stack([noise, right])).astype(np.float32)
    history, nothing = History(), np.zeros_like(dry)
    history.append(DisplayChunk(0, RATE, dry, dry, nothing, nothing, nothing))
    return history


def test_the_panel_is_docked_where_there_is_room_and_folds_where_there_is_none(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        dock = dock_of(window)
        window.resize(1280, 720)
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None and dock.isVisible() and dock.widget() is dialog
        qtbot.waitUntil(lambda: window.desk.width() < 960, timeout=10_000)
        assert (window.width(), window.height()) == (1280, 720)
        qtbot.waitUntil(lambda: cut_off(window.desk) == [], timeout=10_000)
        inner = dialog._inner
        assert inner.minimumSizeHint().width() <= dialog._area.width()
        window.resize(960, 560)
        qtbot.waitUntil(lambda: not dock.isVisible(), timeout=10_000)
        assert window.width() == 960
        window.resize(1280, 720)
        qtbot.waitUntil(dock.isVisible, timeout=10_000)
        (close,) = dock.titleBarWidget().findChildren(QPushButton)
        click(close)
        assert not dock.isVisible()
        assert window.memory.view("record", "docked", ("docked", "closed")) == "closed"


def test_a_narrow_window_has_it_as_a_window_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.resize(1280, 720)
        window.record_holder.show()
        window.resize(960, 560)
        qtbot.waitUntil(lambda: not dock_of(window).isVisible(), timeout=10_000)
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None and dialog.isVisible() and dialog.isWindow()
        window.resize(1280, 720)
        assert not dock_of(window).isVisible()


def test_walls_are_measured_from_what_was_heard() -> None:
    config = StreamConfig("a turntable")
    record, correlation = measuring(config, RecordSettings(), lateral_history())()
    assert record.wall_offset_us == pytest.approx(1e6 * LATE / RATE, abs=1.0)
    assert record.wall_balance_db == pytest.approx(1.0, abs=0.1)
    assert correlation > 0.95


def test_walls_that_are_corrected_already_are_not_measured_twice() -> None:
    config = StreamConfig("a turntable")
    with pytest.raises(RestorationError, match="no longer as they came"):
        measuring(config, RecordSettings(groove="lateral"), lateral_history())()
    with pytest.raises(RestorationError, match="too little has been heard"):
        measuring(config, RecordSettings(), lateral_history(2.0))()
