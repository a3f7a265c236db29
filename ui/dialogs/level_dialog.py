"""The level assistant: the loudest part is played, and it says what to do about the gain.

GUI thread; it only looks at the levels.
"""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from realtime.telemetry import SILENCE_DBFS, Telemetry
from ui.widgets.language import figure, tr
from ui.widgets.panel import Text
from ui.widgets.theme import font

WANTED_DBFS = -6.0  # what the loudest click may reach: room for a louder one
NEAR_DB = 3.0  # as good as it needs to be
HEARD_DBFS = -60.0  # below, nothing has been played
CLIPPED_DBFS = -0.1


class LevelDialog(QDialog):
    """Holds the highest peak, and proposes the gain of the interface."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Set the level"))
        self.setMinimumWidth(420)
        self._highest = SILENCE_DBFS
        self.peak = Text("−∞", "", font(32, weight=600))
        self.peak.setAccessibleName(tr("Highest peak"))
        self.advice = Text(tr("Play the loudest part of the record."), "muted")
        self.advice.setWordWrap(True)
        again = QPushButton(tr("Listen again"))
        again.setAutoDefault(False)
        again.setAccessibleName(tr("Listen again"))
        again.clicked.connect(self.restart)
        close = QPushButton(tr("Close"))
        close.setAccessibleName(tr("Close the level assistant"))
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(again)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addWidget(self.peak)
        column.addWidget(self.advice)
        column.addStretch(1)
        column.addLayout(foot)

    def listen(self) -> None:
        """Begin, in front."""
        self.restart()
        self.show()
        self.raise_()
        self.activateWindow()

    def restart(self) -> None:
        """Forget what was loudest."""
        self._highest = SILENCE_DBFS

    def refresh(self, telemetry: Telemetry) -> None:
        """Look at the newest levels."""
        if not self.isVisible():
            return
        self._highest = max(self._highest, *telemetry.peak_in, SILENCE_DBFS)
        heard = self._highest > HEARD_DBFS
        self.peak.say(
            figure("{peak:.1f} dBFS", peak=self._highest).replace("-", "−") if heard else "−∞"
        )
        self.advice.say(*advice_for(self._highest))


def advice_for(peak_dbfs: float) -> tuple[str, str]:
    """Return what to do about the gain of the interface, and the role of the colour for it."""
    if peak_dbfs <= HEARD_DBFS:
        return tr("Play the loudest part of the record."), "muted"
    if peak_dbfs >= CLIPPED_DBFS:
        return (
            tr("It is overdriven. Turn the gain of the interface down by 12 dB and listen again."),
            "bad",
        )
    change = WANTED_DBFS - peak_dbfs
    if abs(change) <= NEAR_DB:
        return tr("The level is right; leave the gain as it is."), "good"
    if change > 0:
        return tr("Turn the gain of the interface up by {db:.0f} dB.", db=change), "warn"
    return tr("Turn the gain of the interface down by {db:.0f} dB.", db=-change), "warn"
