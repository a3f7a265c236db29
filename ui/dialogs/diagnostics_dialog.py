"""Everything that only somebody who looks for a fault wants to see: figures, networks, the doctor.

GUI thread; the doctor examines on the thread for files.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from model.errors import RestorationError
from realtime.logbook import log_path, versions_line
from realtime.telemetry import Telemetry
from realtime.upkeep.doctor import Finding, examine
from ui.dialogs.checkpoint_chooser import CheckpointChooser
from ui.panels.banner import as_sentence
from ui.state.condition import HIGH_LOAD
from ui.state.session import Session
from ui.widgets.language import figure, later, tr
from ui.widgets.panel import Elided, Text
from ui.widgets.theme import font
from ui.widgets.told import told

FULL_LOAD = 0.9  # share of a hop's time, of 99 in 100 hops
SIGNS = {"ok": "✓", "note": "•", "WRONG": "✗"}
FIGURES = {
    "latency": (later("Latency"), later("Declared delay of the chain, added to the devices'")),
    "load": (
        later("Load, median and p99"),
        later("Processing time over audio time: median, and 99 of 100"),
    ),
    "xruns": (later("Xruns"), later("Device blocks that came too late, in and out")),
    "lost": (later("Lost samples"), later("Input samples that never reached the restoration")),
    "drift": (
        later("Drift corrections"),
        later("Single samples slipped because two clocks differ"),
    ),
    "walls": (
        later("Walls"),
        later("What both walls of the groove have in common, and which groove that is"),
    ),
    "priority": (later("Priority"), later("Whether the system lets the sound go first")),
}


class DiagnosticsDialog(QDialog):
    """Figures of the engine, the networks in use, and what the doctor finds."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Diagnostics"))
        self.setMinimumWidth(560)
        self._session = session
        self.checkpoint = CheckpointChooser()
        self.figures = {name: Text("–", "", font(12, weight=500)) for name in FIGURES}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        for row, (name, (label, tip)) in enumerate(FIGURES.items()):
            said, figure = Text(tr(label), "muted"), self.figures[name]
            figure.setAccessibleName(tr(label))
            for widget in (said, figure):
                widget.setToolTip(tr(tip))
            grid.addWidget(said, row, 0)
            grid.addWidget(figure, row, 1)
        grid.setColumnStretch(1, 1)
        networks = QHBoxLayout()
        networks.addWidget(Text(tr("Networks"), "muted"))
        networks.addWidget(self.checkpoint, 1)
        self.log = Elided("muted")
        self.log.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setAccessibleName(tr("What the doctor finds"))
        self.report.setMinimumHeight(140)
        self.report.setTabChangesFocus(True)
        self.examine_button = QPushButton(tr("Examine this installation"))
        self.examine_button.setAccessibleName(tr("Examine this installation"))
        self.examine_button.clicked.connect(self.examine)
        close = QPushButton(tr("Close"))
        close.setAccessibleName(tr("Close the diagnostics"))
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(self.examine_button)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for part in (grid, networks):
            column.addLayout(part)
        column.addWidget(self.log)
        column.addWidget(self.report, 1)
        column.addLayout(foot)

    def show_log(self) -> None:
        """Say where the log lies and what is installed, and come to the front."""
        self.log.say(tr("Log: {path}", path=log_path() or tr("none is kept")))
        if not self.report.toPlainText():
            self.report.setPlainText(versions_line())
        self.show()
        self.raise_()
        self.activateWindow()

    def refresh(self, t: Telemetry) -> None:
        """Show the newest figures."""
        self.checkpoint.show_names(t.detector_name or "analytical", t.denoiser_name or "none")
        if not self.isVisible():
            return
        say = {name: figure.say for name, figure in self.figures.items()}
        say["latency"](figure("{ms:.1f} ms", ms=t.latency_ms) if t.latency_ms else "–")
        role = "bad" if t.load_p99 > FULL_LOAD else "warn" if t.load_p99 > HIGH_LOAD else ""
        say["load"](f"{100 * t.load_p50:.0f} %, {100 * t.load_p99:.0f} %", role)
        xruns = t.xruns_in + t.xruns_out
        say["xruns"](figure("{n:,}", n=xruns), "warn" if xruns else "")
        say["lost"](figure("{n:,}", n=t.lost_samples), "bad" if t.lost_samples else "")
        say["drift"](figure("{n:,}", n=t.drift_corrections))
        sure = (
            tr(" (sure to {percent:.0f} %)", percent=100 * t.wall_confidence)
            if t.wall_words
            else ""
        )
        say["walls"](f"{told(t.wall_words)}{sure}" if t.wall_words else "–")
        say["priority"](tr("real-time") if t.realtime_priority else tr("ordinary"))

    def examine(self) -> None:
        """Ask the doctor; the sound goes on."""
        self.examine_button.setEnabled(False)
        self.report.setPlainText(tr("Examining; the last answer takes some seconds…"))

        def look() -> str:
            return "\n".join(lines_of(finding) for finding in examine())

        self._session.look_up(look, self._found)

    def _found(self, answer: str | RestorationError) -> None:
        self.examine_button.setEnabled(True)
        self.report.setPlainText(answer if isinstance(answer, str) else told(str(answer)))


def lines_of(finding: Finding) -> str:
    """One finding of the doctor in the window's language, and below it what helps."""
    first = f"{SIGNS[finding.state]} {as_sentence(told(finding.what))[:-1]}: {told(finding.told)}"
    return f"{first}\n    → {told(finding.remedy)}" if finding.remedy else first
