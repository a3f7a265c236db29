"""The bricks of the layout: a titled panel, captions, and labels that repaint only on change."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.theme import caption_font, font

MARGIN = 12  # px, inside a panel
GAP = 8  # px, between panels


class Text(QLabel):
    """A label that touches Qt only when its text, role or tooltip is really another one."""

    def __init__(self, text: str = "", role: str = "", text_font: QFont | None = None) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(text_font or font(12))
        self._role = ""
        self.say(text, role)

    def say(self, text: str, role: str | None = None) -> None:
        """Show ``text``; ``role`` is a colour: muted, faint, good, warn, bad, or ordinary ("")."""
        if text != self.text():
            self.setText(text)
        if role is not None and role != self._role:
            self._role = role
            self.setProperty("role", role)
            self.style().polish(self)


class Elided(Text):
    """A text that gives way: shortened in its middle to the room there is, whole in the tooltip."""

    def __init__(self, role: str = "", text_font: QFont | None = None) -> None:
        super().__init__("", role, text_font)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str, role: str | None = None) -> None:
        """Show as much of ``text`` as fits."""
        self._whole = text
        metrics = QFontMetrics(self.font())
        super().say(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.width()), role)
        if self.toolTip() != text:
            self.setToolTip(text)
            self.setAccessibleName(text)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002, N802
        """Fit the text to the new width."""
        self.say(self._whole)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Any width will do."""
        return QSize(20, super().minimumSizeHint().height())


class OneLine(Elided):
    """A sentence of which as much is painted as fits into one line; the whole in the tooltip."""

    def say(self, text: str, role: str | None = None) -> None:
        """Show the beginning of ``text``, all of it where there is room."""
        Text.say(self, text, role)
        if self.toolTip() != text:
            self.setToolTip(text)
            self.setAccessibleName(text)

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Nothing to fit: what is painted fits itself."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the line."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        across = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | across, shown)


class Panel(QFrame):
    """A framed group: its name in small capitals at the top left, room for controls at the right.

    Attributes
    ----------
    header, body : QBoxLayout
        Beside the name, and below it.
    """

    def __init__(
        self, title: str, margin: int = MARGIN, *, titled: bool = True, foot: int | None = None
    ) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, 9, margin, margin - 2 if foot is None else foot)
        column.setSpacing(7)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.title = caption(title)
        if titled:
            self.header.addWidget(self.title)
            self.header.addStretch(1)
            column.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(6)
        column.addLayout(self.body, 1)


class Legend(QWidget):
    """A dot of a colour and what the colour means."""

    def __init__(self, text: str = "", tip: str = "") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self._dot, self._text = Text("●", "", font(12)), Text(text, "muted", font(12))
        row.addWidget(self._dot)
        row.addWidget(self._text)
        self.setToolTip(tip)
        self.setAccessibleName(text)

    def colour(self, name: str) -> None:
        """Give the dot its colour."""
        self._dot.setStyleSheet(f"color: {name}")

    def say(self, text: str) -> None:
        """Say something else."""
        self._text.say(text)


def caption(text: str) -> Text:
    """A name in small tracked capitals."""
    return Text(text, "muted", caption_font())


def breathing_space(most_px: int = 22) -> QSpacerItem:
    """Room that a high window has and a low one gives up."""
    return QSpacerItem(0, most_px, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)


def vertical_line() -> QWidget:
    """A thin divider."""
    line = QFrame()
    line.setProperty("role", "line")
    line.setFixedWidth(1)
    return line
