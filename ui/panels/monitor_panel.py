"""What the headphones play: restored, original or removed, and how loud. GUI thread."""

from PySide6.QtWidgets import QSizePolicy

from ui.widgets.binder import Binder, field_of
from ui.widgets.controls import Option, Segments
from ui.widgets.language import later, tr
from ui.widgets.panel import Panel

CHOICES = (
    Option("restored", later("Restored"), later("What is being recorded as restored")),
    Option(
        "dry",
        later("Original"),
        later("The record as it came in, at the same moment (B)"),
        "before",
    ),
    Option(
        "removed",
        later("Removed"),
        later("Only what is taken out: no music should be in it (R)"),
        "removed",
    ),
)


class MonitorPanel(Panel):
    """Listening, which the recording never notices."""

    def __init__(self, binder: Binder) -> None:
        super().__init__(tr("Monitor"))
        self._binder = binder
        self.choice = Segments(tr("Monitor"), CHOICES)
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        binder.follow("monitor", self.choice)
        self.volume = binder.number("monitor_gain_db", tr("Volume"))
        self.body.addWidget(self.choice)
        self.body.addWidget(self.volume)

    def fold(self, low: bool) -> None:
        """Leave out the name where there is no room below."""
        self.title.setVisible(not low)

    def toggle(self, choice: str) -> None:
        """Listen to ``choice``, or back to the restored sound if that is on already."""
        now = self._binder.settings.monitor
        self._binder.set("monitor", "restored" if now == choice else choice)

    def turn_volume(self, by_db: float) -> None:
        """Louder or softer."""
        spec = field_of("monitor_gain_db").metadata
        gain = self._binder.settings.monitor_gain_db + by_db
        self._binder.set("monitor_gain_db", min(max(gain, spec["low"]), spec["high"]))
