"""One widget for each field of a record, made from what the field says of itself. GUI thread."""

from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

from PySide6.QtWidgets import QLineEdit, QWidget

from model.groove.record import LONGEST_TEXT, RecordSettings
from model.groove.rumble import LOWEST_HZ
from ui.dialogs.record_names import DIGITS, NAMES, OFF, STEPS, UNITS, label_of
from ui.widgets.controls import Choice, Switch
from ui.widgets.language import tr
from ui.widgets.number_control import Number

NUMBER_PX = 110
LONGEST_OPTION = 40  # characters


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
        self.widget.setAccessibleName(tr(NAMES[self.name]))
        self.widget.setToolTip(tr(spec.metadata["help"]))

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
            switch = Switch(tr(NAMES[self.name]))
            switch.toggled.connect(lambda on: self._tell(bool(on)))
            return switch
        if isinstance(self._spec.default, str):
            line = QLineEdit()
            line.setProperty("role", "field")
            line.setMaxLength(LONGEST_TEXT)
            line.editingFinished.connect(lambda: self._tell(line.text().strip()))
            line.editingFinished.connect(lambda: line.setModified(False))
            return line
        return self._number()

    def _choice(self) -> Choice:
        choice = Choice()
        for value in self._spec.metadata["options"]:
            choice.addItem(label_of(self.name, value), value)
        choice.setMinimumContentsLength(LONGEST_OPTION if self.name == "curve" else 18)
        choice.currentTextChanged.connect(
            lambda text: choice.setToolTip(f"{text}\n{tr(self._spec.metadata['help'])}")
        )
        choice.currentIndexChanged.connect(lambda _: self._tell(choice.currentData()))
        return choice

    def _number(self) -> Number:
        limits, number = self._spec.metadata, Number()
        whole = isinstance(self._spec.default, int)
        number.setDecimals(0 if whole else DIGITS.get(self.name, 1))
        number.setRange(limits["low"], limits["high"])
        number.setSingleStep(STEPS.get(self.name, 1.0))
        unit = (
            tr(UNITS.get(limits["unit"], limits["unit"])) if limits["unit"] != "harmonics" else ""
        )
        number.setSuffix(f" {unit}" if unit else "")
        if off := OFF.get(self.name):
            number.setSpecialValueText(tr(off))
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
