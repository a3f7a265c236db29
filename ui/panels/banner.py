"""The newest news in one line, with its time and a button for the next sensible thing.

GUI thread.
"""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from ui.state.news import Kind
from ui.widgets.language import tr
from ui.widgets.panel import OneLine, Text
from ui.widgets.theme import font


class Remedy(NamedTuple):
    """A button's label and what it does."""

    label: str
    act: Callable[[], None]


class Banner(QFrame):
    """Shows the newest; what was said before stands in the list.

    Signals
    -------
    list_pressed
        Show what was said before.
    """

    list_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.kind: Kind = "info"
        self.remedy: Remedy | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 4, 3)
        row.setSpacing(10)
        self.time = Text("", "muted", font(12, weight=600))
        self.sentence = OneLine("", font(12, weight=500))
        self.button = QPushButton()
        self.button.setAccessibleName(tr("What to do about it"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._act)
        self.more = QPushButton("▾")
        self.more.setProperty("role", "flat")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setAccessibleName(tr("What happened before"))
        self.more.setToolTip(tr("What happened before (Ctrl+J)"))
        self.more.clicked.connect(self.list_pressed)
        close = QPushButton("✕")
        close.setProperty("role", "flat")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.setAccessibleName(tr("Dismiss this message"))
        close.setToolTip(tr("Dismiss"))
        close.clicked.connect(self.dismiss)
        row.addWidget(self.time)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
        row.addWidget(self.more)
        row.addWidget(close)
        self.hide()

    def tell(self, kind: Kind, sentence: str, remedy: Remedy | None = None, time: str = "") -> None:
        """Show a sentence and a button for what to do about it."""
        self.time.say(time)
        self.time.setVisible(bool(time))
        self.kind, self.remedy = kind, remedy
        self.sentence.say(as_sentence(sentence))
        self.setAccessibleName(f"{kind}: {self.sentence.text()}")
        self.button.setVisible(remedy is not None)
        if remedy is not None:
            self.button.setText(remedy.label)
            self.button.setAccessibleName(remedy.label)
        self.setProperty("kind", kind)
        self.style().polish(self)
        self.show()

    def dismiss(self) -> None:
        """Take the message away."""
        self.hide()

    def _act(self) -> None:
        remedy = self.remedy
        self.dismiss()
        if remedy is not None:
            remedy.act()


def as_sentence(message: str) -> str:
    """A capital in front, unless a file's name stands there, and a full stop behind."""
    message = " ".join(message.split())
    if not message:
        return ""
    closed = message if message[-1] in ".!?" else f"{message}."
    is_name = any(sign in message.split()[0].rstrip(".") for sign in "./_")
    return closed if is_name else closed[0].upper() + closed[1:]
