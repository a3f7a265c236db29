"""The record in the window: groove, curve, speed and what stands on the label. GUI thread.

It stays open while the record plays, because a curve is found by ear: docked beside the pictures
in one column, or beside the window in two.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from model.errors import RestorationError
from model.groove.curve_table import CUSTOM, named_curves, suggested_curves
from model.groove.record import RecordSettings
from model.groove.record_file import load_record, save_record
from model.groove.time_constants import knobs_of
from ui.dialogs.curve_graph import CurveGraph
from ui.dialogs.name_template import NameTemplate
from ui.dialogs.record_fields import LONGEST_OPTION, RecordField, record_fields
from ui.dialogs.record_names import NAMES
from ui.widgets.controls import Choice
from ui.widgets.language import later, tr
from ui.widgets.number_control import Number
from ui.widgets.panel import GAP, Panel, Text
from ui.widgets.theme import font
from ui.widgets.told import told

FILES = later("Record (*.yaml *.yml)")
GROOVE = (
    *("groove", "wall_offset_us", "wall_balance_db", "rumble_hz", "rumble_slope_db"),
    *("hum", "hum_harmonics", "played_rpm", "true_rpm", "hiss_at"),
)
CURVE = ("undo_riaa", "curve", "turnover_hz", "rolloff_db", "bass_shelf_hz", "gain_db")
LABEL = (
    *("title", "performer", "label", "catalogue", "matrix", "side", "year", "region"),
    "notes",
)
TRANSFER = ("stylus", "cartridge", "preamplifier", "converter", "operator")
SCROLL_BAR_PX, FRAME_PX = 8, 34
SHORTER_OPTION = 8  # characters
CORNERS = ("turnover_hz", "rolloff_db", "bass_shelf_hz")


class RecordDialog(QDialog):
    """All of one record.

    Signals
    -------
    changed : RecordSettings
        The person wants it so.
    named : str
        Files are to be called by this template.
    measure_pressed
        The walls are to be measured.
    """

    changed = Signal(object)
    named = Signal(str)
    measure_pressed = Signal()

    def __init__(
        self, record: RecordSettings, parent: QWidget | None = None, template: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("The record"))
        self.graph = CurveGraph()
        self.name = NameTemplate(template)
        self.name.chosen.connect(self.named)
        self.record = record
        specs = record_fields()
        self.fields = {name: RecordField(specs[name], self._take) for name in NAMES}
        self.remark = Text("", "muted", font(12))
        self.remark.setWordWrap(True)
        self.suggest = _button(
            tr("Suggest a curve"), tr("By label, year and origin"), self._suggest
        )
        self.measure = _button(
            tr("Measure walls"),
            tr("Find out how late and how loud the right wall is, from the music"),
            self.measure_pressed.emit,
        )
        self.turn_over = _button(
            tr("Turn the record over"),
            tr("The other side of the same record: title, matrix and notes are emptied"),
            self._turn_over,
        )
        self._lay_out()
        self.load(record)

    def load(self, record: RecordSettings) -> None:
        """Show another record, without telling anybody."""
        self.record = record
        for name, field in self.fields.items():
            field.show(getattr(record, name))
        self.name.show_record(record)
        self.graph.show_record(record)
        knobs = knobs_of(record.constants())
        for name in CORNERS:
            self.fields[name].widget.setEnabled(record.curve == CUSTOM)
            if record.curve != CUSTOM:  # what the named curve has there
                self.fields[name].show(round(getattr(knobs, name), 1))

    def reject(self) -> None:
        """Close with Escape, unless it is a part of the window."""
        if not self._is_docked:
            super().reject()

    def say(self, text: str, role: str = "muted") -> None:
        """Say something about the last choice."""
        self.remark.say(text, role)

    def open_file(self, path: Path) -> None:
        """Take over a record's file."""
        try:
            record = load_record(path)
        except RestorationError as error:
            self.say(told(str(error)), "bad")
            return
        self._change(record, tr("{name} is loaded", name=path.name))

    def save_file(self, path: Path) -> None:
        """Write the record down."""
        path = path if path.suffix else path.with_suffix(".yaml")
        try:
            save_record(path, self.record)
        except RestorationError as error:
            self.say(told(str(error)), "bad")
            return
        self.say(tr("saved as {name}", name=path.name))

    def _take(self, name: str, value: Any) -> None:
        values = {name: value}
        if name == "curve" and value == CUSTOM and not any(self._corners()):
            values |= {
                corner: round(knob, 1)  # begins as what was heard before
                for corner, knob in knobs_of(self.record.constants())._asdict().items()
            }
        try:
            self._change(replace(self.record, **values))
        except (ValueError, TypeError) as error:
            self.say(told(str(error)), "bad")
            self.fields[name].show(getattr(self.record, name))

    def _corners(self) -> list[float]:
        return [getattr(self.record, name) for name in CORNERS]

    def _change(self, record: RecordSettings, remark: str = "") -> None:
        self.load(record)
        self.say(remark)
        self.changed.emit(record)

    def _suggest(self) -> None:
        record = self.record
        found = suggested_curves(record.label, record.year or None, record.region)
        if not found:
            self.say(tr("no curve is known for this label and year; fill in more of them"), "warn")
            return
        first = found[0]
        where = " ".join(filter(None, (first.label or tr("any label"), first.region, first.mark)))
        others = {tr(named_curves()[line.curve].title) for line in found[1:4]} - {
            tr(named_curves()[first.curve].title)
        }
        also = tr("; also {names}", names=", ".join(sorted(others))) if others else ""
        self._change(replace(record, curve=first.curve), f"{where} [{first.source}]{also}")

    def _turn_over(self) -> None:
        self._change(
            self.record.turned_over(), tr("title, matrix and notes are those of a new side")
        )

    def _ask_open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Open a record"), "", tr(FILES))
        if name:
            self.open_file(Path(name))

    def _ask_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the record"), "", tr(FILES))
        if name:
            self.save_file(Path(name))

    def _lay_out(self) -> None:
        groove, curve, label, transfer = (
            self._panel(tr("Groove and speed"), GROOVE),
            self._panel(tr("Playback curve"), CURVE),
            self._panel(tr("On the label"), LABEL),
            self._panel(tr("Transfer"), TRANSFER),
        )
        groove.body.addWidget(self.measure)
        curve.body.addWidget(self.suggest)
        curve.body.addWidget(self.graph, 1)
        label.body.addWidget(self.turn_over)
        named = Panel(tr("Name of the files"))
        named.body.addWidget(self.name)
        left, right = QVBoxLayout(), QVBoxLayout()
        for side, parts in ((left, (groove, curve)), (right, (label, transfer, named))):
            side.setSpacing(GAP)
            for part in parts:
                side.addWidget(part, 1 if part is curve else 0)
        right.addStretch(1)
        inner = QWidget()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(GAP)
        self._columns.addLayout(left)
        self._columns.addLayout(right, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.remark, 1)
        foot.addWidget(_button(tr("Open…"), tr("Take over a record's YAML file"), self._ask_open))
        foot.addWidget(
            _button(tr("Save…"), tr("Write all of this into a YAML file"), self._ask_save)
        )
        self._close = _button(tr("Close"), tr("The record stays as it is"), self.close)
        foot.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 10)
        column.setSpacing(GAP)
        self._area = area = QScrollArea()  # where the screen is too low for all of it
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(area, 1)
        column.addLayout(foot)
        self._inner, self._foot = inner, foot
        self.stand(docked=False)

    def stand(self, *, docked: bool) -> None:
        """Lay everything out in one column to be docked, or in two as a window of its own."""
        way = QBoxLayout.Direction
        self._columns.setDirection(way.TopToBottom if docked else way.LeftToRight)
        self._is_docked = docked
        self._close.setVisible(not docked)
        longest = SHORTER_OPTION if docked else LONGEST_OPTION
        for field in self.fields.values():
            if isinstance(field.widget, Choice):
                field.widget.setMinimumContentsLength(
                    longest if field.name == "curve" or docked else 18
                )
        inner, foot, area = self._inner, self._foot, self._area
        for widget in inner.findChildren(QWidget):
            widget.updateGeometry()
        for part in (*inner.findChildren(Panel), inner):
            if (layout := part.layout()) is not None:
                layout.invalidate()
                layout.activate()
        area.setMinimumWidth(inner.minimumSizeHint().width() + SCROLL_BAR_PX)
        if docked:
            return
        screen = self.screen().availableGeometry().height()
        wanted = inner.sizeHint().height() + foot.sizeHint().height() + FRAME_PX
        self.resize(area.minimumWidth() + FRAME_PX, min(wanted, screen))

    def _panel(self, title: str, names: tuple[str, ...]) -> Panel:
        panel, grid = Panel(title), QGridLayout()
        grid.setVerticalSpacing(5)
        grid.setHorizontalSpacing(12)
        for row, name in enumerate(names):
            widget = self.fields[name].widget
            if name == "undo_riaa":  # it has its name in itself
                grid.addWidget(widget, row, 0, 1, 2)
                continue
            text = Text(tr(NAMES[name]), "muted")
            text.setBuddy(widget)
            grid.addWidget(text, row, 0)
            if isinstance(widget, Number):
                grid.addWidget(widget, row, 1, Qt.AlignmentFlag.AlignRight)
            else:
                grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(names), 1)
        panel.body.addLayout(grid)
        return panel


def _button(label: str, tip: str, act: Any) -> QPushButton:
    button = QPushButton(label)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _=False: act())
    return button
