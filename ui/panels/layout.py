"""How the window is divided: levels, pictures, controls, and the foot. GUI thread."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from realtime.telemetry import Telemetry
from ui.panels.header import Header
from ui.panels.monitor_panel import MonitorPanel
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
from ui.widgets.panel import GAP, Panel
from ui.widgets.theme import Theme

CONTROLS_PX = 300


class Desk(QWidget):
    """Every view and control in its place; knows nothing of the engine."""

    def __init__(self, binder: Binder, history: History, store: PresetStore) -> None:
        super().__init__()
        self.header = Header()
        self.levels = LevelsView()
        self.impulses = ImpulseMeter()
        self.waveform = WaveformPanel(history)
        self.spectrogram = SpectrogramPanel(history)
        self.presets = PresetBar(binder, store)
        self.suppression = SuppressionPanel(binder)
        self.transport = Transport()
        self.monitor = MonitorPanel(binder)
        self.status = StatusLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 5)
        column.setSpacing(GAP)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addLayout(self._to_see(), 1)
        row.addLayout(self._to_turn())
        column.addWidget(self.header)
        column.addLayout(row, 1)
        column.addWidget(self.status)

    def set_theme(self, theme: Theme) -> None:
        """Take over other colours everywhere that is painted by hand."""
        for view in (self.levels, self.impulses, self.waveform, self.spectrogram, self.transport):
            view.set_theme(theme)

    def refresh(
        self, telemetry: Telemetry, now_s: float, elapsed_s: float, *, bypass: bool
    ) -> None:
        """Show the newest figures; the pictures follow by themselves."""
        self.header.refresh(telemetry, bypass=bypass)
        self.impulses.refresh(telemetry)
        self.levels.refresh(telemetry, elapsed_s)
        self.transport.refresh(telemetry, now_s)
        self.status.refresh(telemetry)
        self.suppression.checkpoints(telemetry.detector_name, telemetry.denoiser_name)

    def restart(self) -> None:
        """Begin anew with another stream."""
        self.levels.restart()
        self.impulses.restart()
        self.waveform.view.restart()
        self.spectrogram.view.restart()

    def _to_see(self) -> QVBoxLayout:
        levels = Panel("Levels", margin=9)
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
        column.addWidget(self.transport)
        return column

    def _to_turn(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(GAP)
        column.addWidget(self.presets)
        column.addWidget(self.suppression, 1)
        column.addWidget(self.monitor)
        for panel in (self.presets, self.suppression, self.monitor):
            panel.setFixedWidth(CONTROLS_PX)
        return column
