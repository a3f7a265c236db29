"""One widget for each field of a record, made from what the field says of itself. GUI thread."""

from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from model.curve_table import CUSTOM, named_curves
from model.record import LONGEST_TEXT, RecordSettings
from model.rumble import LOWEST_HZ
from ui.controls import Choice, Switch
from ui.numbercontrol import Number

NAMES = {
    "groove": "Groove",
    "wall_offset_us": "Right wall late by",
    "wall_balance_db": "Right wall raised by",
    "undo_riaa": "Undo RIAA of the phono stage",
    "curve": "Playback curve",
    "turnover_hz": "Turnover",
    "rolloff_db": "Roll-off at 10 kHz",
    "bass_shelf_hz": "Bass shelf",
    "gain_db": "Gain after it",
    "rumble_hz": "Rumble filter",
    "rumble_slope_db": "Its slope",
    "hum": "Hum",
    "hum_harmonics": "Its harmonics",
    "played_rpm": "Played at",
    "true_rpm": "True speed",
    "title": "Title",
    "performer": "Performer",
    "label": "Label",
    "catalogue": "Catalogue no.",
    "matrix": "Matrix and take",
    "side": "Side",
    "year": "Year",
    "region": "Made in",
    "stylus": "Stylus",
    "notes": "Notes",
}
GROOVE_NAMES = {
    "stereo": "Stereo, as it comes",
    "lateral": "Lateral: L+R",
    "vertical": "Vertical: L−R",
    "left": "Left wall alone",
    "right": "Right wall alone",
    "best": "Best wall",
    "best_vertical": "Best wall, vertical",
}
REGION_NAMES = {"": "unknown", "us": "America", "uk": "Britain", "europe": "Europe"}
STEPS = {"wall_offset_us": 1.0, "wall_balance_db": 0.1, "played_rpm": 0.01, "true_rpm": 0.01}
DIGITS = {"wall_offset_us": 1, "wall_balance_db": 1, "played_rpm": 2, "true_rpm": 2}
NUMBER_PX = 110
LONGEST_OPTION = 40  # characters
OFF = {"rumble_hz": "off", "turnover_hz": "none", "bass_shelf_hz": "none", "year": "unknown"}


def record_fields() -> dict[str, Field[Any]]:
    """Return the fields by name."""
    return {spec.name: spec for spec in fields(RecordSettings)}


class RecordField:
    """A widget bound to one field.

    Parameters
    ----------
    spec : Field
    take : callable
        Gets the name and the value that the person chose.

    Attributes
    ----------
    widget : QWidget
    """

    def __init__(self, spec: Field[Any], take: Callable[[str, Any], None]) -> None:
        self.name, self._spec = spec.name, spec
        self._showing = False
        self._take = take
        self.widget = self._made()
        self.widget.setAccessibleName(NAMES[self.name])
        self.widget.setToolTip(spec.metadata["help"])

    def show(self, value: Any) -> None:
        """Show a value without telling anybody."""
        widget, self._showing = self.widget, True
        if isinstance(widget, Choice):
            widget.setCurrentIndex(widget.findData(value))
        elif isinstance(widget, Switch):
            widget.setChecked(value)
        elif isinstance(widget, Number):
            widget.setValue(value)
        elif isinstance(widget, QLineEdit) and widget.text() != value:
            widget.setText(value)
        self._showing = False

    def _made(self) -> QWidget:
        if "options" in self._spec.metadata:
            return self._choice()
        if isinstance(self._spec.default, bool):
            switch = Switch(NAMES[self.name])
            switch.toggled.connect(lambda on: self._tell(bool(on)))
            return switch
        if isinstance(self._spec.default, str):
            line = QLineEdit()
            line.setProperty("role", "field")
            line.setMaxLength(LONGEST_TEXT)
            line.editingFinished.connect(lambda: self._tell(line.text().strip()))
            return line
        return self._number()

    def _choice(self) -> Choice:
        choice = Choice()
        for value in self._spec.metadata["options"]:
            choice.addItem(_label_of(self.name, value), value)
        choice.setMinimumContentsLength(LONGEST_OPTION if self.name == "curve" else 18)
        choice.currentIndexChanged.connect(lambda _: self._tell(choice.currentData()))
        return choice

    def _number(self) -> Number:
        limits, number = self._spec.metadata, Number()
        whole = isinstance(self._spec.default, int)
        number.setDecimals(0 if whole else DIGITS.get(self.name, 1))
        number.setRange(limits["low"], limits["high"])
        number.setSingleStep(STEPS.get(self.name, 1.0))
        unit = limits["unit"] if limits["unit"] != "harmonics" else ""
        number.setSuffix(f" {unit}" if unit else "")
        if off := OFF.get(self.name):
            number.setSpecialValueText(off)
        number.setFixedWidth(NUMBER_PX)
        number.setProperty("role", "field")
        number.valueChanged.connect(lambda value: self._tell(self._stepped(value)))
        return number

    def _stepped(self, value: float) -> float | int:
        if self.name == "rumble_hz" and 0 < value < LOWEST_HZ:
            # From off the arrow leads to the lowest corner, and from there back to off.
            value = LOWEST_HZ if value < LOWEST_HZ / 2 else 0.0
            self.show(value)
        if isinstance(self._spec.default, int):
            return round(value)
        return round(value, 6)

    def _tell(self, value: Any) -> None:
        if not self._showing:
            self._take(self.name, value)


def _label_of(name: str, value: Any) -> str:
    if name == "groove":
        return GROOVE_NAMES[value]
    if name == "region":
        return REGION_NAMES[value]
    if name == "rumble_slope_db":
        return f"{value} dB per octave"
    if name == "curve":
        if value == CUSTOM:
            return "Custom"
        title = named_curves()[value].title
        return title[:1].upper() + title[1:]
    return str(value)
