"""The record's place beside the pictures; a window that is too narrow folds it away. GUI thread."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QPushButton, QWidget

from ui.dialogs.record_dialog import RecordDialog
from ui.widgets.language import tr
from ui.widgets.panel import Text

ROOM_PX = 1280  # of the window: the pictures and controls fold, but keep theirs
LEAST_PX, MOST_PX = 338, 440  # of the panel, by what the window has beyond its own need


class RecordDock(QDockWidget):
    """Holds the record's panel, or lets it stand as a window of its own.

    Signals
    -------
    close_pressed
        It shall go.
    """

    close_pressed = Signal()

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(tr("The record"), window)
        self.setObjectName("record")
        self.setAllowedAreas(
            Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
        )
        feature = QDockWidget.DockWidgetFeature
        self.setFeatures(feature.DockWidgetClosable | feature.DockWidgetMovable)
        self.setTitleBarWidget(self._title_bar())
        self._window = window
        self._is_folded = False  # for want of room, not because it was closed
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self)
        window.installEventFilter(self)
        self.hide()

    def _title_bar(self) -> QWidget:
        """The name, and a button to close that can be hit; the dock is moved by the rest of it."""
        bar = QWidget()
        close = QPushButton("✕")
        close.setProperty("role", "flat")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.setToolTip(tr("Close (Ctrl+G)"))
        close.setAccessibleName(tr("Close the record's panel"))
        close.clicked.connect(self.close_pressed)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 6, 2)
        row.addWidget(Text(tr("The record"), "muted"), 1)
        row.addWidget(close)
        return bar

    def has_room(self) -> bool:
        """Whether the window is wide enough for it beside the pictures."""
        return self._window.width() >= ROOM_PX

    def take(self, panel: RecordDialog) -> None:
        """Show the panel here, in one column."""
        panel.setWindowFlags(Qt.WindowType.Widget)
        panel.stand(docked=True)
        self.setWidget(panel)
        panel.show()
        self.show()
        self.fit()

    def stand_alone(self, panel: RecordDialog) -> None:
        """Show the panel as a window, in two columns."""
        if self._is_folded or self.widget() is panel:
            self._is_folded = False
            panel.setParent(self._window, Qt.WindowType.Dialog)
        panel.stand(docked=False)
        panel.show()
        panel.raise_()
        panel.activateWindow()

    def fit(self) -> None:
        """Fold where there is no room, come back where there is again, and be as wide as can be."""
        beside = self._window.width() - (ROOM_PX - LEAST_PX)
        self.setFixedWidth(min(max(beside, LEAST_PX), MOST_PX))
        if self.isVisible() and not self.has_room():
            self._is_folded = True
            self.hide()
        elif self._is_folded and self.has_room():
            self._is_folded = False
            self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the window's width."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.fit()
        return False
