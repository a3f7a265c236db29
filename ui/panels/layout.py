"""How the window is divided: levels, pictures, controls, and the foot. GUI thread."""

from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from realtime.telemetry import Telemetry
from ui.panels.header import Header
from ui.panels.monitor_panel import MonitorPanel
from ui.panels.play_bar import PlayBar
from ui.panels.preset_bar import PresetBar
from ui.panels.spectrogram_panel import SpectrogramPanel
from ui.panels.status_line import StatusLine
from ui.panels.suppression_panel import SuppressionPanel
from ui.panels.transport import Transport
from ui.panels.waveform_panel import WaveformPanel
from ui.state.history import History
from ui.state.preset_store import PresetStore
from ui.views.impulse_meter import ImpulseMeter
from ui.views.levels import LevelsView
from ui.widgets.binder import Binder
from ui.widgets.language import tr
from ui.widgets.panel import GAP, Panel
from ui.widgets.theme import Theme

CONTROLS_PX = 300
NARROW_PX, LOW_PX, TIGHT_PX = 1150, 640, 740  # below, panels fold


class Folds(NamedTuple):
    """What a window has no room for: beside each other, below each other, and barely so."""

    narrow: bool
    low: bool
    tight: bool

    @staticmethod
    def at(width: int, height: int) -> "Folds":
        """Return what has to be left out in so many px."""
        return Folds(width < NARROW_PX, height < LOW_PX, height < TIGHT_PX)


class Desk(QWidget):
    """Every view and control in its place; knows nothing of the engine."""

    def __init__(self, binder: Binder, history: History, store: PresetStore) -> None:
        super().__init__()
        self._folded = Folds(narrow=False, low=False, tight=False)
        self.header = Header()
        self.levels = LevelsView()
        self.impulses = ImpulseMeter()
        self.waveform = WaveformPanel(history)
        self.spectrogram = SpectrogramPanel(history)
        self.presets = PresetBar(binder, store)
        self.suppression = SuppressionPanel(binder)
        self.transport = Transport()
        self.play_bar = PlayBar()
        self.monitor = MonitorPanel(binder)
        self.status = StatusLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 5)
        column.setSpacing(GAP)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addLayout(self._to_see(), 1)
        row.addWidget(self._to_turn())
        column.addWidget(self.header)
        column.addLayout(row, 1)
        column.addWidget(self.transport)
        column.addWidget(self.status)
        # Somewhere the focus must be: here it presses nothing, and a click beside everything
        # brings it back from a field.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fold what a small window has no room for."""
        super().resizeEvent(event)
        self.fold(Folds.at(self.width(), self.height()))

    def fold(self, folds: Folds) -> None:
        """Leave out what can be had otherwise, and show it again where there is room."""
        if folds == self._folded:
            return
        self._folded = folds
        for panel in (self.waveform, self.spectrogram, self.transport):
            panel.fold(folds.narrow)
        for other in (self.presets, self.impulses):
            other.fold(folds.low)
        self.monitor.fold(folds.tight)

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours everywhere that is painted by hand."""
        for view in (self.levels, self.impulses, self.waveform, self.spectrogram, self.transport):
            view.set_theme(theme)

    def refresh(
        self,
        telemetry: Telemetry,
        now_s: float,
        elapsed_s: float,
        *,
        bypass: bool,
        plays_file: bool = False,
    ) -> None:
        """Show the newest figures; the pictures follow by themselves."""
        self.header.refresh(telemetry, bypass=bypass, plays_file=plays_file)
        self.impulses.refresh(telemetry)
        self.waveform.refresh(telemetry)
        self.levels.refresh(telemetry, elapsed_s)
        self.transport.refresh(telemetry, now_s)
        self.play_bar.refresh(telemetry, now_s)
        self.suppression.checkpoints(telemetry.detector_name, telemetry.denoiser_name)

    def restart(self) -> None:
        """Begin anew with another stream."""
        self.levels.restart()
        self.impulses.restart()
        self.waveform.view.restart()
        self.spectrogram.view.restart()

    def _to_see(self) -> QVBoxLayout:
        levels = Panel(tr("Levels"), margin=9)
        levels.body.addWidget(self.levels, 1)
        pictures = QVBoxLayout()
        pictures.setSpacing(GAP)
        pictures.addWidget(self.impulses, 24)
        pictures.addWidget(self.waveform, 36)
        pictures.addWidget(self.spectrogram, 44)
        beside = QHBoxLayout()
        beside.setSpacing(GAP)
        beside.addWidget(levels)
        beside.addLayout(pictures, 1)
        column = QVBoxLayout()
        column.setSpacing(GAP)
        column.addLayout(beside, 1)
        column.addWidget(self.play_bar)
        return column

    def _to_turn(self) -> QScrollArea:
        """The controls; where the window is too low for them, they scroll."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.presets)
        column.addWidget(self.suppression, 1)
        column.addWidget(self.monitor)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(CONTROLS_PX)
        area.setMinimumHeight(120)
        return area
