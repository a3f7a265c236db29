"""The top of the window: the name, what is connected to what, and whether sound flows. GUI thread.

A banner takes the middle's place while there is something to say, so that nothing below moves.
"""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from realtime.config import DEMO_INPUT
from realtime.telemetry import Telemetry
from ui.panels.banner import Banner
from ui.widgets.language import figure, later, tr
from ui.widgets.panel import Elided, Text
from ui.widgets.theme import font

STATES = {
    "new": (later("not open"), "faint"),
    "starting": (later("starting"), "warn"),
    "running": (later("live"), "good"),  # or "file", where no turntable plays
    "finished": (later("ended"), "muted"),
    "stopped": (later("stopped"), "muted"),
    "failed": (later("failed"), "bad"),
}
STILL_S = 1.0  # without a sign of life; the engine says so with a sentence of its own


class Header(QWidget):
    """Name, connection or banner, state.

    Signals
    -------
    devices_pressed
        Choose devices.
    record_pressed
        Say what record it is and how it is played.
    """

    devices_pressed = Signal()
    record_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(38)
        self.banner = Banner()
        self.route = Elided("muted", font(12))
        self.state = Text("", "faint", font(12, weight=600))
        self.state.setAccessibleName(tr("State of the sound"))
        self.bypassed = Text("", "warn", font(12, weight=700, tracking_px=0.6))
        self.news = QPushButton("▾")
        self.news.setProperty("role", "flat")
        self.news.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.news.setToolTip(tr("What happened (Ctrl+J)"))
        self.news.setAccessibleName(tr("What happened"))
        self.news.clicked.connect(self.banner.list_pressed)
        devices = QPushButton(tr("Devices…"))
        devices.setToolTip(tr("Choose input, output, sample rate and channels (Ctrl+D)"))
        devices.setAccessibleName(tr("Choose devices"))
        devices.clicked.connect(self.devices_pressed)
        devices.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.record = QPushButton(tr("Record…"))
        self.record.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.record.setAccessibleName(tr("Groove, curve, speed and label of the record"))
        self.record.clicked.connect(self.record_pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(Text("Shellac", "", font(19, weight=700)))
        row.addWidget(self.route, 1)
        row.addWidget(self.banner, 1)
        self.banner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        row.addWidget(self.news)
        row.addWidget(self.bypassed)
        row.addWidget(self.state)
        row.addWidget(self.record)
        row.addWidget(devices)

    def show_record(self, groove: str, treated: str, named: str) -> None:
        """Show how the record is played; the whole of it in the tooltip."""
        self.record.setText(tr("Groove: {groove}…", groove=groove))
        lines = (named, treated, tr("Groove, curve, speed and label (Ctrl+G)"))
        self.record.setToolTip("\n".join(filter(None, lines)))

    def refresh(self, telemetry: Telemetry, *, bypass: bool, plays_file: bool = False) -> None:
        """Show who is connected and how it stands."""
        text, role = state_text(telemetry, plays_file=plays_file)
        self.state.say(f"● {tr(text)}", role)
        self.bypassed.say(tr("BYPASS") if bypass else "")
        self.route.setVisible(self.banner.isHidden())
        self.news.setVisible(self.banner.isHidden())
        self.route.say(route_text(telemetry), "muted")


def state_text(telemetry: Telemetry, *, plays_file: bool = False) -> tuple[str, str]:
    """How the sound stands, and the role of the colour for it."""
    if telemetry.state == "running" and telemetry.input_age_s > STILL_S:
        return later("no input"), "bad"
    if telemetry.state == "running" and telemetry.output_age_s > STILL_S:
        return later("no output"), "bad"
    if telemetry.state == "running" and telemetry.overloaded:
        return later("too busy: dry"), "bad"
    if telemetry.state == "running" and plays_file:
        return later("file"), "good"
    return STATES[telemetry.state]


def route_text(telemetry: Telemetry) -> str:
    """Input, output, rate and channels in one line."""
    if not telemetry.sample_rate:
        return ""
    kind = tr("stereo") if telemetry.channels == 2 else tr("mono")
    rate = figure("{khz:g} kHz {kind}", khz=telemetry.sample_rate / 1000, kind=kind)
    return f"{_plain(telemetry.input_name)}  →  {_plain(telemetry.output_name)}   ·   {rate}"


def _plain(name: str) -> str:
    if name in (DEMO_INPUT, "worn_record.flac"):
        return tr("demo record")
    return tr("no output") if name == "none" else Path(name).name if Path(name).is_file() else name
