"""A file in the window: it shows its length, pauses, and goes where it is wanted."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_tools import (
    START_MS,
    CommandedEngine,
    WatchedEngine,
    click,
    clicking_record,
    cut_off,
    press,
    window_on,
)

from realtime.config import StreamConfig


def test_a_person_pauses_a_side_and_goes_to_a_place_in_it(qtbot: QtBot, tmp_path: Path) -> None:
    side = clicking_record(tmp_path / "side.wav", 30.0)
    with window_on(qtbot, tmp_path, WatchedEngine) as window:
        window.clock.start()
        window.opener.open(StreamConfig(str(side), "none"), remember=False)
        bar, figures = window.desk.play_bar, window.session.telemetry
        qtbot.waitUntil(lambda: bar.isVisible() and figures().file_s > 0.1, timeout=START_MS)
        assert bar.time.text().endswith("/ 0:30")
        click(bar.pause)
        qtbot.waitUntil(lambda: figures().paused and bar.pause.text() == "Play", timeout=START_MS)
        view = window.desk.waveform.view
        assert view.port.frozen
        at_s = figures().file_s
        bar.go(10.0)
        qtbot.waitUntil(lambda: figures().file_s > at_s + 9.0, timeout=START_MS)
        click(bar.pause)
        qtbot.waitUntil(lambda: not figures().paused, timeout=START_MS)
        assert not view.port.frozen
        press(bar.slider, Qt.Key.Key_Home)
        qtbot.waitUntil(lambda: figures().file_s < 8.0, timeout=START_MS)


def test_a_side_that_is_recorded_is_neither_paused_nor_sought(qtbot: QtBot, tmp_path: Path) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.clock.start()
        window.opener.demo()
        qtbot.waitUntil(lambda: bool(CommandedEngine.opened), timeout=START_MS)
        engine, bar = CommandedEngine.opened[0], window.desk.play_bar
        qtbot.waitUntil(lambda: engine.now.state == "running", timeout=START_MS)
        qtbot.wait(100)
        assert not bar.isVisible()  # a device has no length
        engine.now = replace(engine.now, file_length_s=754.0, file_s=60.0)
        qtbot.waitUntil(lambda: bar.time.text() == "1:00 / 12:34", timeout=START_MS)
        engine.now = replace(engine.now, recording=True)
        qtbot.waitUntil(lambda: not bar.isEnabled(), timeout=START_MS)
        bar.toggle()
        bar.go(10.0)
        window.session.seek(3.0)
        banner = window.desk.header.banner
        qtbot.waitUntil(lambda: "is being recorded" in banner.sentence.text(), timeout=START_MS)
        assert (engine.now.paused, engine.now.file_s) == (False, 60.0)
        engine.now = replace(engine.now, recording=False)


@pytest.mark.parametrize("size", [(960, 560), (1280, 720)])
def test_bar_takes_no_room_from_the_controls(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with window_on(qtbot, tmp_path, CommandedEngine) as window:
        window.resize(*size)
        before = window.desk.suppression.height()
        window.desk.play_bar.refresh(
            replace(window.session.telemetry(), state="running", file_length_s=754.0), 0.0
        )
        qtbot.waitUntil(window.desk.play_bar.isVisible)
        assert window.desk.suppression.height() == before
        assert cut_off(window) == []
