"""Whatever was turned, chosen or marked is undone and done again, and the menu says what."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, click, press, window_on

from realtime.config import StreamConfig
from ui.conduct.take_guard import TakeGuard
from ui.widgets.number_control import JumpSlider
from ui.window import MainWindow

SIDE = Path("side_restored.flac")


@contextmanager
def opened(qtbot: QtBot, folder: Path) -> Iterator[MainWindow]:
    """A window whose keys work: it has to be the active one."""
    with window_on(qtbot, folder, CommandedEngine) as window:
        qtbot.waitUntil(window.isActiveWindow, timeout=30_000)
        yield window


def undo(window: MainWindow) -> None:
    press(window.desk, Qt.Key.Key_Z, ctrl=True)


def redo(window: MainWindow) -> None:
    window.desk.setFocus()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.desk, Qt.Key.Key_Z, held)


def drag(slider: JumpSlider, *shares: float) -> None:
    """Press at the first place, pass the others, let go at the last."""
    places = [QPoint(round(share * slider.width()), slider.height() // 2) for share in shares]
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(slider, left, none, places[0])
    for place in places:
        QTest.mouseMove(slider, place)
    QTest.mouseRelease(slider, left, none, places[-1])


def test_a_drag_is_one_step_however_many_values_it_passes(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        slider = window.desk.suppression.sensitivity.slider
        before, seen = window.binder.settings, set[float]()
        window.binder.changed.connect(lambda settings: seen.add(settings.sensitivity))
        drag(slider, 0.2, 0.3, 0.6, 0.9)
        after = window.binder.settings
        assert len(seen) > 2
        drag(slider, 0.1, 0.4)  # at once, and still a step of its own
        undo(window)
        assert window.binder.settings == after
        undo(window)
        assert window.binder.settings == before and not window.undoing.undo.isEnabled()
        redo(window)
        assert window.binder.settings == after


def test_a_drag_that_ends_where_it_began_is_no_step(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        window.binder.set("depth", 0.5, "a drag")
        window.binder.set("depth", 0.2, "another")
        window.binder.set("depth", 0.9, "another")
        window.binder.set("depth", 0.5, "another")
        undo(window)
        assert not window.undoing.undo.isEnabled()


def test_the_menu_says_what_would_be_undone(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        edit = window.undoing.undo
        assert edit.text() == "&Undo" and not edit.isEnabled()
        window.binder.set("hiss_reduction_db", 12.0)
        window.binder.set("hiss_reduction_db", 8.0)
        assert edit.text() == "&Undo: Hiss reduction 12.0 dB → 8.0 dB"
        undo(window)
        assert window.undoing.redo.text() == "&Redo: Hiss reduction 12.0 dB → 8.0 dB"
        assert "12.0 dB" in edit.text()
        window.binder.set("repair", "attenuate")
        assert edit.text() == "&Undo: Repair Rebuild → Turn down"
        assert not window.undoing.redo.isEnabled()  # something else was done instead


def test_a_preset_and_what_was_turned_before_it_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        presets = window.desk.presets
        window.binder.set("depth", 0.33)
        turned = window.binder.settings
        presets.load_remembered("heavy")
        assert window.undoing.undo.text() == "&Undo: Preset Default → Heavy"
        undo(window)
        assert window.binder.settings == turned
        assert presets.choice.currentText() == "Default" and presets.mark.text() == "● changed"
        redo(window)
        assert presets.choice.currentText() == "Heavy" and presets.mark.text() == ""
        undo(window)
        presets.revert()
        assert window.undoing.undo.text() == "&Undo: back to the preset Default"
        undo(window)
        assert window.binder.settings == turned


def test_what_is_listened_to_is_no_step(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        window.binder.set("depth", 0.33)
        window.desk.monitor.toggle("dry")
        undo(window)
        assert window.binder.settings.monitor == "dry"
        assert not window.undoing.undo.isEnabled()


def test_groove_curve_and_label_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None
        before = window.session.record
        dialog._take("curve", "columbia_78")
        assert window.undoing.undo.text().startswith("&Undo: Playback curve ")
        dialog._take("groove", "lateral")
        dialog._take("title", "Stardust")
        assert window.undoing.undo.text() == "&Undo: Title – → Stardust"
        for _ in range(3):
            undo(window)
        assert window.session.record == before == dialog.record == window.memory.record
        for _ in range(3):
            redo(window)
        assert window.session.record.title == "Stardust"
        assert dialog.fields["groove"].widget.accessibleName() == "Groove"
        assert window.memory.record.curve == "columbia_78"


def test_a_field_takes_back_its_own_letters_first(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        window.binder.set("depth", 0.33)
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None
        title = dialog.fields["title"].widget
        assert isinstance(title, QLineEdit)
        title.setFocus()
        QTest.keyClicks(title, "Star")
        press(title, Qt.Key.Key_Z, ctrl=True)
        assert title.text() == "" and window.binder.settings.depth == 0.33
        QTest.keyClicks(title, "Dust")
        QTest.keyClick(title, Qt.Key.Key_Return)
        assert window.session.record.title == "Dust"
        press(title, Qt.Key.Key_Z, ctrl=True)
        assert window.session.record.title == "" == title.text()


def test_undo_ends_no_recording_unasked(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def keep(_: TakeGuard, deed: str) -> bool:
        asked.append(deed)
        return False

    with opened(qtbot, tmp_path) as window:
        window.clock.start()
        window.record_holder.use_groove("best")
        window.opener.open(StreamConfig("USB Turntable"), remember=False)
        qtbot.waitUntil(lambda: window.session.telemetry().state == "running", timeout=30_000)
        click(window.desk.transport.button)
        qtbot.waitUntil(lambda: window.session.recording, timeout=30_000)
        monkeypatch.setattr(TakeGuard, "allows", keep)
        undo(window)
        assert len(asked) == 1 and window.session.record.groove == "best"
        assert window.undoing.undo.text().startswith("&Undo: Groove")  # it can be tried again
        monkeypatch.undo()
        window.session.stop_recording()
        qtbot.waitUntil(lambda: not window.session.recording, timeout=30_000)


def test_marks_of_repairs_stand_in_the_same_list(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as window:
        window.marks.toggle(SIDE, 3)
        window.binder.set("depth", 0.33)
        window.marks.toggle(SIDE, 17)
        assert window.undoing.undo.text() == "&Undo: raw sound for repair 17 of side_restored.flac"
        undo(window)
        undo(window)
        assert window.marks.undone(SIDE) == {3} and window.binder.settings.depth != 0.33
        undo(window)
        assert not window.marks.undone(SIDE)
        redo(window)
        assert window.marks.undone(SIDE) == {3}
