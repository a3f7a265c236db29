"""A number to turn: its name and figure above a slider, in the unit that is shown. GUI thread."""

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QWidget,
)

from ui.widgets.panel import Text
from ui.widgets.theme import font

PAUSE_S = 1.0  # steps by key or wheel with less between them are one gesture


class Gestures:
    """Numbers what a person does at one control: a drag, or some steps one soon after another."""

    def __init__(self) -> None:
        self._number, self._last_s = 0, 0.0

    def begin(self) -> None:
        """Something new begins, however soon."""
        self._number += 1

    def step(self) -> int:
        """Return the number of the gesture that a step now belongs to."""
        now_s = time.monotonic()
        if now_s - self._last_s > PAUSE_S:
            self.begin()
        return self.stay()

    def stay(self) -> int:
        """Return the number of the gesture that goes on, however long it has rested."""
        self._last_s = time.monotonic()
        return self._number


class JumpSlider(QSlider):
    """A slider that goes where it is clicked, and back to its default on a double click."""

    reset = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMinimumWidth(60)
        self.gestures = Gestures()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Jump to the click, and take the handle along from there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.gestures.begin()
            self.gestures.stay()
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength)
            x, room = round(event.position().x()) - handle // 2, self.width() - handle
            self.setValue(
                QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, max(room, 1))
            )
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Go back to the default."""
        self.reset.emit()


class Number(QDoubleSpinBox):
    """The figure beside a slider: typed, stepped with the arrow keys, no arrows to click."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(font(12, weight=600))
        self.lineEdit().setAcceptDrops(False)  # a preset dropped here is for the window
        # What is taken is no longer the field's own to undo, but the window's.
        self.editingFinished.connect(lambda: self.lineEdit().setModified(False))

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        """Take a comma for a point and a point for a comma, whatever the desktop's country says."""
        state, text, at = super().validate(self._in_own_way(text), at)
        return state, text, at

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Read 6.5 and 6,5 alike."""
        return super().valueFromText(self._in_own_way(text))

    def _in_own_way(self, text: str) -> str:
        own = self.locale().decimalPoint()
        return text.replace("," if own == "." else ".", own)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Ignore a wheel that only passes over."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class NumberControl(QWidget):
    """Name and figure above a slider. Works in the unit shown: percent, ms, dB."""

    turned = Signal(float)  # only when a person turns it
    reset = Signal()

    def __init__(self, name: str, low: float, high: float, step: float, suffix: str) -> None:
        super().__init__()
        self._step = step
        self.label, self.number, self.slider = Text(name), Number(), JumpSlider()
        self.number.setRange(low, high)
        self.number.setSingleStep(step)
        self.number.setDecimals(0 if step >= 1 else 1)
        self.number.setSuffix(suffix)
        self.number.setFixedWidth(78)
        self.slider.setRange(round(low / step), round(high / step))
        self.slider.setPageStep(max(1, (self.slider.maximum() - self.slider.minimum()) // 10))
        for widget in (self.number, self.slider):
            widget.setAccessibleName(name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.number, 0, 1)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.slider.reset.connect(self.reset)
        # A field being typed in keeps every letter; once it is done, keys are commands again.
        self.number.lineEdit().returnPressed.connect(self.slider.setFocus)

    def show_value(self, value: float) -> None:
        """Show a value without telling anybody."""
        for widget in (self.slider, self.number):
            widget.blockSignals(True)
        self.number.setValue(value)
        self.slider.setValue(round(value / self._step))
        for widget in (self.slider, self.number):
            widget.blockSignals(False)

    def value(self) -> float:
        """The figure shown."""
        return self.number.value()

    @property
    def gesture(self) -> int:
        """The gesture that a turn now belongs to: a drag, however long, or some quick steps."""
        gestures = self.slider.gestures
        return gestures.stay() if self.slider.isSliderDown() else gestures.step()

    def written(self, value: float) -> str:
        """A figure with its unit, as it stands above the slider."""
        return f"{self.number.textFromValue(value)}{self.number.suffix()}"

    def explain(self, tip: str) -> None:
        """Give the whole control one tooltip."""
        for widget in (self, self.label, self.number, self.slider):
            widget.setToolTip(tip)
        self.slider.setAccessibleDescription(tip)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """A double click on the name resets too."""
        self.reset.emit()

    def _slid(self, position: int) -> None:
        self.show_value(position * self._step)
        self.turned.emit(self.number.value())

    def _typed(self, value: float) -> None:
        self.show_value(value)
        self.turned.emit(value)
