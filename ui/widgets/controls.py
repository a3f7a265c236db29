"""The controls a person chooses with: list, row of alternatives, switch. GUI thread."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ui.widgets.language import tr
from ui.widgets.theme import font

TEXT_MARGIN_PX = 4  # of a box's text, on both sides together


class Choice(QComboBox):
    """A combo box with a chevron of its own; the wheel passes it by unless it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw the box with as much of its text as fits, then the chevron."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        text, room = self.currentText(), field.width() - TEXT_MARGIN_PX
        option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if not self.isEditable():
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.6))
        x, y = self.width() - 14.0, self.height() / 2 - 1.5
        painter.drawPolyline(QPolygonF([QPointF(x - 4, y), QPointF(x, y + 4), QPointF(x + 4, y)]))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Ignore a wheel that only passes over."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Option(NamedTuple):
    """One alternative of a :class:`Segments` row."""

    value: str
    label: str
    tip: str = ""
    tone: str = ""  # the colour it lights up in


class Segments(QWidget):
    """Alternatives side by side, one of which holds."""

    chosen = Signal(str)  # only when a person chooses

    def __init__(self, name: str, options: Sequence[Option], *, quiet: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        last = len(options) - 1
        for i, option in enumerate(options):
            button = QPushButton(tr(option.label))
            button.setCheckable(True)
            button.setAutoExclusive(True)  # what tells a screen reader that it is a radio button
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFont(font(12, weight=500))
            button.setProperty("segment", "first" if i == 0 else "last" if i == last else "middle")
            button.setProperty("tone", option.tone)
            button.setProperty("quiet", "true" if quiet else "false")
            button.setToolTip(tr(option.tip))
            button.setAccessibleName(f"{name}: {tr(option.label)}")
            button.clicked.connect(lambda _=False, value=option.value: self.chosen.emit(value))
            self._group.addButton(button)
            self._buttons[option.value] = button
            row.addWidget(button)
        self.show_value(options[0].value)

    def show_value(self, value: str) -> None:
        """Light up one alternative without telling anybody."""
        self._buttons[value].setChecked(True)

    def value(self) -> str:
        """The alternative that holds."""
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def button(self, value: str) -> QPushButton:
        """One of the alternatives."""
        return self._buttons[value]


class Switch(QCheckBox):
    """A check box drawn as a switch that slides."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for the label and the switch."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 40, 20)

    def hitButton(self, at: QPoint) -> bool:  # noqa: N802
        """Anywhere will do."""
        return self.rect().contains(at)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw label, groove and knob."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self.palette()
        groove = QRectF(self.width() - 31.5, self.height() / 2 - 8, 30, 16)
        painter.setPen(colours.color(QPalette.ColorRole.WindowText))
        text = QRectF(0, 0, groove.left() - 8, self.height())
        painter.drawText(
            text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        on = QPalette.ColorRole.Highlight if self.isChecked() else QPalette.ColorRole.Midlight
        focused = self.hasFocus() and QPalette.ColorRole.WindowText
        painter.setPen(QPen(colours.color(focused), 1.2) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(on))
        painter.drawRoundedRect(groove, 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.color(QPalette.ColorRole.BrightText))
        x = groove.right() - 8 if self.isChecked() else groove.left() + 8
        painter.drawEllipse(QPointF(x, groove.center().y()), 5.5, 5.5)
