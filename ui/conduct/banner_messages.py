"""From what the engine reports to a sentence in the banner, with a button. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from realtime.telemetry import EngineEvent, Telemetry
from ui.conduct.banner_buttons import LABELS, NextStep, after_event
from ui.conduct.recordings import Recordings
from ui.panels.banner import Banner, Kind, Remedy

UNSPOKEN = ("started", "recording_started")  # seen elsewhere in the window
KINDS: dict[str, Kind] = {"error": "error", "warning": "warning"}


class BannerMessages(QObject):
    """Speaks through one banner.

    Parameters
    ----------
    acts
        How each next step is taken.
    """

    def __init__(
        self, banner: Banner, recordings: Recordings, acts: dict[NextStep, Callable[[], None]]
    ) -> None:
        super().__init__(banner)
        self._banner, self._recordings, self._acts = banner, recordings, acts

    def tell(self, kind: Kind, sentence: str, step: NextStep = "none") -> None:
        """Show a sentence with a button for the next step."""
        act = self._acts.get(step)
        self._banner.tell(kind, sentence, Remedy(LABELS[step], act) if act else None)

    def hear(self, event: EngineEvent, telemetry: Telemetry) -> None:
        """Pass on what the person should know."""
        if event.kind in UNSPOKEN:
            return
        if event.kind == "back":  # what was said of the trouble no longer holds
            self._banner.dismiss()
        if event.kind != "recording_stopped":
            self.tell(KINDS.get(event.kind, "info"), event.message, after_event(event, telemetry))
        elif event.report.error:
            self.tell("error", self._recordings.sentence(event.report), "folder")
        else:
            self.tell("info", self._recordings.sentence(event.report), "show_files")

    def forget(self) -> None:
        """Take away what was said of another stream; a preset that failed has no button."""
        if self._banner.remedy is not None:
            self._banner.dismiss()
