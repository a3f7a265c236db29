"""The record in the window, as a person fills it in: what the engine gets, and what is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot
from window_tools import CommandedEngine, click, cut_off, press, window_on

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.groove.record_file import load_record, save_record
from ui.conduct.record_holder import STAYS
from ui.dialogs.record_dialog import RecordDialog
from ui.widgets.controls import Choice, Switch
from ui.widgets.number_control import Number
from ui.window import MainWindow


class RecordEngine(CommandedEngine):
    """Keeps every record it was given."""

    renewed: list[RecordSettings]
    complaint = ""

    def renew_record(self, record: RecordSettings) -> None:
        if self.complaint:
            raise RestorationError(self.complaint)
        self.config = replace(self.config, record=record)
        RecordEngine.renewed.append(record)


@pytest.fixture
def dialog(qtbot: QtBot) -> RecordDialog:
    made = RecordDialog(RecordSettings())
    qtbot.addWidget(made)
    made.show()
    return made


def choose(dialog: RecordDialog, name: str, value: object) -> None:
    widget = dialog.fields[name].widget
    assert isinstance(widget, Choice)
    widget.setCurrentIndex(widget.findData(value))


def test_every_field_of_a_record_can_be_filled_in(dialog: RecordDialog) -> None:
    assert dialog.fields.keys() == {spec.name for spec in fields(RecordSettings)}
    heard: list[RecordSettings] = []
    dialog.changed.connect(heard.append)
    for name, field in dialog.fields.items():
        widget, before = field.widget, getattr(dialog.record, name)
        if isinstance(widget, Choice):
            widget.setCurrentIndex(widget.count() - 2)
        elif isinstance(widget, Switch):
            widget.click()
        elif isinstance(widget, Number):
            widget.setValue(20.0 if name != "year" else 1931)
        elif isinstance(widget, QLineEdit):
            widget.setText("0:00.5-0:02" if name == "hiss_at" else f"some {name}")
            press(widget, Qt.Key.Key_Return)
        assert getattr(dialog.record, name) != before, name
        assert heard[-1] == dialog.record
    assert heard[-1].matrix == "some matrix"


def test_custom_corners_are_open_only_for_a_custom_curve(dialog: RecordDialog) -> None:
    turnover = dialog.fields["turnover_hz"].widget
    assert not turnover.isEnabled()
    choose(dialog, "curve", "custom")
    assert turnover.isEnabled()
    assert isinstance(turnover, Number)
    turnover.setValue(300.0)
    shelf = dialog.fields["bass_shelf_hz"].widget
    assert isinstance(shelf, Number)
    shelf.setValue(400.0)
    assert dialog.record.bass_shelf_hz == 0.0
    assert shelf.value() == 0.0
    assert "must lie below" in dialog.remark.text()


def test_rumble_goes_from_off_to_its_lowest_corner_and_back(dialog: RecordDialog) -> None:
    rumble = dialog.fields["rumble_hz"].widget
    assert isinstance(rumble, Number)
    assert rumble.text() == "off"
    rumble.stepUp()
    assert dialog.record.rumble_hz == 15.0
    rumble.stepDown()
    assert dialog.record.rumble_hz == 0.0


def test_label_and_year_suggest_a_curve_with_its_source(dialog: RecordDialog) -> None:
    click(dialog.suggest)
    assert "no curve is known" in dialog.remark.text()
    dialog.load(RecordSettings(label="Columbia", year=1944, region="us"))
    click(dialog.suggest)
    assert dialog.record.curve == "columbia_78"
    assert "Leister" in dialog.remark.text()
    curve = dialog.fields["curve"].widget
    assert isinstance(curve, Choice)
    assert curve.currentData() == "columbia_78"


def test_record_is_saved_and_opened_again(dialog: RecordDialog, tmp_path: Path) -> None:
    wanted = RecordSettings(title="Vesti la giubba", curve="bsi_78", groove="lateral")
    save_record(tmp_path / "side.yaml", wanted)
    dialog.open_file(tmp_path / "side.yaml")
    assert dialog.record == wanted
    dialog.save_file(tmp_path / "again")
    assert load_record(tmp_path / "again.yaml") == wanted
    (tmp_path / "bad.yaml").write_text("curve: disco\n")
    dialog.open_file(tmp_path / "bad.yaml")
    assert "line 1: curve is 'disco'" in dialog.remark.text()
    assert dialog.record == wanted


def test_nothing_in_the_dialog_is_cut_off(dialog: RecordDialog) -> None:
    dialog.load(RecordSettings(groove="best_vertical", curve="westrex", true_rpm=199.99))
    assert cut_off(dialog) == []
    assert all(button.toolTip() for button in dialog.findChildren(QPushButton))


def test_window_hands_the_record_to_the_engine_and_to_the_next_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    RecordEngine.renewed, RecordEngine.opened = [], []
    with window_on(qtbot, tmp_path, RecordEngine) as window:
        window.open_first(demo=True)
        qtbot.waitUntil(lambda: bool(RecordEngine.opened) and not window.session.opening)
        click(window.desk.header.record)
        dialog = window.record_holder.dialog
        assert dialog is not None
        choose(dialog, "groove", "left")
        qtbot.waitUntil(lambda: len(RecordEngine.renewed) == 1)
        assert RecordEngine.renewed[0].groove == "left"
        assert window.desk.header.record.text() == "Groove: left…"
        choose(dialog, "groove", "best")  # another delay: another engine
        qtbot.waitUntil(lambda: len(RecordEngine.opened) == 2)
        assert RecordEngine.opened[1].config.record.groove == "best"
        qtbot.waitUntil(lambda: not window.session.opening)
        window.opener.demo()
        qtbot.waitUntil(lambda: len(RecordEngine.opened) == 3)
        assert RecordEngine.opened[2].config.record.groove == "best"


def test_running_recording_is_not_ended_by_another_delay_unasked(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def keeps(_: object, deed: str, __: str) -> bool:
        asked.append(deed)
        return False

    monkeypatch.setattr("ui.conduct.take_guard.agrees_to_end", keeps)
    RecordEngine.renewed, RecordEngine.opened = [], []
    with window_on(qtbot, tmp_path, RecordEngine) as window:
        window.open_first(demo=True)
        qtbot.waitUntil(lambda: bool(RecordEngine.opened) and not window.session.opening)
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None
        engine = RecordEngine.opened[0]
        engine.start_recording(tmp_path)
        choose(dialog, "groove", "best")
        assert asked == ["Change the delay of the groove"]
        assert dialog.remark.text() == STAYS
        assert dialog.record.groove == "stereo"
        assert not engine.stopped
        engine.stop_recording()


@pytest.mark.parametrize("size", [(960, 560), (1280, 720)])
def test_header_has_room_for_the_longest_groove(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with window_on(qtbot, tmp_path, RecordEngine) as window:
        window.resize(*size)
        window.desk.header.show_record("best vertical", "curve bsi 78", "")
        qtbot.wait(50)
        assert cut_off(window) == []


def write(dialog: RecordDialog, template: str) -> None:
    """Type a template over the old one, and leave the field."""
    line = dialog.name.choice.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, template)
    press(line, Qt.Key.Key_Return)


def test_template_shows_the_name_it_gives_and_says_what_it_cannot(dialog: RecordDialog) -> None:
    heard: list[str] = []
    dialog.named.connect(heard.append)
    dialog.load(RecordSettings(performer="Caruso", title="Vesti", side="A"))
    write(dialog, "{performer} - {title} {side}")
    assert dialog.name.preview.text() == "Caruso - Vesti A_raw, Caruso - Vesti A_restored"
    assert heard == ["{performer} - {title} {side}"]
    write(dialog, "{artist}")
    assert "knows no {artist}" in dialog.name.preview.text()
    assert heard == ["{performer} - {title} {side}"]
    write(dialog, "{matrix}")  # not known yet; the engine takes date and time until it is
    assert "gives no name" in dialog.name.preview.text()
    assert heard[-1] == "{matrix}"


def test_record_that_is_turned_over_keeps_what_both_sides_share(dialog: RecordDialog) -> None:
    first = RecordSettings(performer="Caruso", title="Vesti", label="Victor", side="A", matrix="C1")
    dialog.load(first)
    click(dialog.turn_over)
    assert dialog.record == RecordSettings(performer="Caruso", label="Victor", side="B")
    assert RecordSettings(side="2").turned_over().side == "1"
    assert RecordSettings(side="b").turned_over().side == "a"
    assert RecordSettings(side="single").turned_over().side == ""


@contextmanager
def open_window(qtbot: QtBot, folder: Path) -> Iterator[MainWindow]:
    """A window on an engine that keeps what it was given."""
    opened = len(RecordEngine.opened)
    with window_on(qtbot, folder, RecordEngine) as window:
        window.open_first(demo=True)
        qtbot.waitUntil(lambda: len(RecordEngine.opened) > opened and not window.session.opening)
        yield window


def test_window_remembers_the_template_and_names_the_files_by_it(
    qtbot: QtBot, tmp_path: Path
) -> None:
    RecordEngine.renewed, RecordEngine.opened = [], []
    with open_window(qtbot, tmp_path) as window:
        window.record_holder.show()
        dialog = window.record_holder.dialog
        assert dialog is not None
        dialog._change(RecordSettings(performer="Caruso", side="A"))
        write(dialog, "{performer} {side}")
        engine = RecordEngine.opened[-1]
        qtbot.waitUntil(lambda: engine.config.record_name == "{performer} {side}")
        assert window.desk.transport.next_name == "Caruso A"
    with open_window(qtbot, tmp_path) as window:  # the next day
        assert RecordEngine.opened[-1].config.record_name == "{performer} {side}"
        assert window.desk.transport.next_name == "Caruso A"


def test_window_remembers_whether_sides_end_in_the_run_out(qtbot: QtBot, tmp_path: Path) -> None:
    RecordEngine.renewed, RecordEngine.opened = [], []
    with open_window(qtbot, tmp_path) as window:
        engine, button = RecordEngine.opened[-1], window.desk.transport.run_out
        assert not button.isChecked() and not engine.config.stop_at_run_out
        click(button)
        qtbot.waitUntil(lambda: engine.config.stop_at_run_out)
    with open_window(qtbot, tmp_path) as window:
        assert RecordEngine.opened[-1].config.stop_at_run_out
        assert window.desk.transport.run_out.isChecked()


def test_named_curve_shows_its_corners_and_its_graph_and_custom_begins_there(
    dialog: RecordDialog,
) -> None:
    def shown(name: str) -> float:
        widget = dialog.fields[name].widget
        assert isinstance(widget, Number)
        return widget.value()

    assert not dialog.graph.gains_db.any()
    choose(dialog, "curve", "riaa")
    assert [shown(name) for name in ("turnover_hz", "rolloff_db", "bass_shelf_hz")] == [
        *(500.5, 13.7, 50.0),
    ]
    assert dialog.record.turnover_hz == 0.0
    gain_at = dict(zip(dialog.graph.frequencies, dialog.graph.gains_db, strict=True))
    nearest = min(gain_at, key=lambda hz: abs(hz - 10_000.0))
    assert gain_at[nearest] == pytest.approx(-13.7, abs=0.4)
    assert dialog.graph.gains_db[0] == pytest.approx(19.3, abs=0.1)
    choose(dialog, "curve", "custom")
    assert (dialog.record.turnover_hz, dialog.record.rolloff_db) == (500.5, 13.7)


def test_every_field_can_be_reached_on_a_low_screen(dialog: RecordDialog) -> None:
    dialog.resize(dialog.width(), 500)
    for name in ("operator", "gain_db"):
        widget = dialog.fields[name].widget
        area = dialog.findChild(QScrollArea)
        assert area is not None
        area.ensureWidgetVisible(widget)
        middle = widget.mapTo(dialog, widget.rect().center())
        assert dialog.rect().contains(middle) and widget.visibleRegion().contains(
            widget.rect().center()
        )
