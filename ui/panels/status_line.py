"""The line at the foot of the window: latency, load, xruns, and who detects. GUI thread."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from realtime.telemetry import Telemetry
from ui.panels.checkpoint_chooser import CheckpointChooser
from ui.widgets.panel import Text, caption
from ui.widgets.theme import font

HIGH_LOAD, FULL_LOAD = 0.5, 0.9  # share of a hop's time, of 99 in 100 hops


class StatusLine(QWidget):
    """Figures of the engine, each with its name in front."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        self._row = row
        self.latency = self._figure("latency", "Declared delay of the chain, added to the devices'")
        self.load = self._figure("load", "Processing time over audio time: median, and 99 of 100")
        self.xruns = self._figure("xruns", "Device blocks that came too late, in and out")
        self.lost = self._figure("lost", "Input samples that never reached the restoration")
        self.priority = self._figure("priority", "Whether the system lets the sound go first")
        row.addStretch(1)
        self.checkpoint = CheckpointChooser()
        row.addWidget(caption("checkpoint"))
        row.addWidget(self.checkpoint)

    def refresh(self, t: Telemetry) -> None:
        """Show the newest figures."""
        self.latency.say(f"{t.latency_ms:.1f} ms" if t.latency_ms else "–")
        load_role = "bad" if t.load_p99 > FULL_LOAD else "warn" if t.load_p99 > HIGH_LOAD else ""
        self.load.say(f"{100 * t.load_p50:.0f} %, p99 {100 * t.load_p99:.0f} %", load_role)
        xruns = t.xruns_in + t.xruns_out
        self.xruns.say(f"{xruns:,}", "warn" if xruns else "")
        self.lost.say(f"{t.lost_samples:,}", "bad" if t.lost_samples else "")
        self.priority.say("real-time" if t.realtime_priority else "ordinary")
        self.checkpoint.show_names(t.detector_name or "analytical", t.denoiser_name or "none")

    def _figure(self, name: str, tip: str) -> Text:
        figure = Text("–", "", font(12, weight=500))
        label = caption(name)
        for widget in (label, figure):
            widget.setToolTip(tip)
        figure.setAccessibleName(name)
        self._row.addWidget(label)
        self._row.addWidget(figure)
        self._row.addSpacing(16)
        return figure
