"""The short list of what happened, each with its time and its button. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.state.news import News
from ui.widgets.language import tr
from ui.widgets.panel import Text
from ui.widgets.theme import font

WIDTH, HEIGHT = 560, 320  # px
ROLES = {"info": "muted", "warning": "warn", "error": "bad"}
SIGNS = {"info": "·", "warning": "◆", "error": "▲"}


class NewsList(QFrame):
    """Opens below the line with the newest; closes with a click elsewhere.

    Parameters
    ----------
    act : callable
        Takes the step of one of the news; returns the label of its button for the other use.
    """

    def __init__(self, parent: QWidget, act: Callable[[str], None]) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "panel")
        self.setAccessibleName(tr("What happened"))
        self._act = act
        self.rows: list[tuple[str, str, str]] = []  # time, sentence, label
        self._column = QVBoxLayout()
        self._column.setContentsMargins(10, 8, 10, 8)
        self._column.setSpacing(6)
        inner = QWidget()
        inner.setLayout(self._column)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(area)

    def fill(self, news: list[News], labels: dict[str, str]) -> None:
        """Show these, newest first; ``labels`` are those of the steps that can be taken now."""
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        self.rows = []
        if not news:
            self._column.addWidget(Text(tr("Nothing has happened yet"), "muted"))
        for one in news:
            self._column.addWidget(self._row(one, labels.get(one.step, "")))
        self._column.addStretch(1)

    def open_below(self, widget: QWidget) -> None:
        """Show the list under something, within the window."""
        window = widget.window()
        width = min(WIDTH, window.width() - 40)
        self.resize(width, min(HEIGHT, window.height() - 120))
        corner = widget.mapToGlobal(widget.rect().bottomRight())
        corner.setX(max(corner.x() - width, window.mapToGlobal(window.rect().topLeft()).x() + 20))
        self.move(corner)
        self.show()

    def _row(self, news: News, label: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        time = Text(f"{SIGNS[news.kind]} {news.time}", ROLES[news.kind], font(12, weight=600))
        time.setFixedWidth(72)
        row.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        sentence = Text(news.sentence)
        sentence.setWordWrap(True)
        row.addWidget(sentence, 1)
        if label:
            button = QPushButton(label)
            button.setProperty("role", "small")
            button.setAccessibleName(label)
            button.clicked.connect(lambda _=False, step=news.step: self._take(step))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.rows.append((news.time, news.sentence, label))
        return line

    def _take(self, step: str) -> None:
        self.close()
        self._act(step)
