"""From what the engine reports to a line in the list of news, with a button. GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realtime.telemetry import EngineEvent, Telemetry
from ui.conduct.banner_buttons import LABELS, NextStep, after_event
from ui.conduct.recordings import Recordings
from ui.panels.banner import Banner, Remedy, as_sentence
from ui.panels.news_list import NewsList
from ui.state.news import Kind, News, NewsLog, time_text
from ui.widgets.language import tr
from ui.widgets.told import told

UNSPOKEN = ("started", "recording_started")  # seen elsewhere in the window
KINDS: dict[str, Kind] = {"error": "error", "warning": "warning"}


class BannerMessages(QObject):
    """Keeps the list, and shows its newest in the banner.

    Parameters
    ----------
    telemetry : callable
        Gives the latest figures, for the time.
    acts
        How each next step is taken.
    """

    def __init__(
        self,
        banner: Banner,
        recordings: Recordings,
        telemetry: Callable[[], Telemetry],
        acts: dict[NextStep, Callable[[], None]],
        window: QWidget,
    ) -> None:
        super().__init__(banner)
        self.log = NewsLog()
        self.list = NewsList(window, self._take)
        self._banner, self._recordings, self._acts = banner, recordings, acts
        self._telemetry = telemetry
        self._said = ""  # what the banner shows, as it was said
        banner.list_pressed.connect(self.show_list)

    def tell(
        self, kind: Kind, sentence: str, step: NextStep = "none", time: str | None = None
    ) -> None:
        """Show a sentence with a button for the next step."""
        time = time_text(self._telemetry()) if time is None else time
        self._said = sentence
        sentence = as_sentence(told(sentence))
        self.log.add(News(time, kind, sentence, step))
        act = self._acts.get(step)
        self._banner.tell(kind, sentence, Remedy(tr(LABELS[step]), act) if act else None, time)

    def hear(self, event: EngineEvent, telemetry: Telemetry) -> None:
        """Pass on what the person should know."""
        if event.kind in UNSPOKEN:
            if event.kind == "started":
                self._forget_start()
            return
        time = time_text(telemetry, event.seconds)
        if event.kind != "recording_stopped":
            kind, step = KINDS.get(event.kind, "info"), after_event(event, telemetry)
            self.tell(kind, event.message, step, time)
        elif event.report.error:
            self.tell("error", self._recordings.sentence(event.report), "folder", time)
        else:
            self.tell("info", self._recordings.sentence(event.report), "show_files", time)

    def forget(self) -> None:
        """Take away what was said of another stream; it stays in the list."""
        if self._banner.remedy is not None:
            self._banner.dismiss()

    def show_list(self) -> None:
        """Open the list below the banner."""
        labels = {str(step): tr(label) for step, label in LABELS.items() if step in self._acts}
        self.list.fill(self.log.latest(), labels)
        at = self._banner if self._banner.isVisible() else self._banner.parentWidget()
        if at is not None:
            self.list.open_below(at)

    def _forget_start(self) -> None:
        """What was said of a sound that had not begun is no longer true."""
        if "still starting" in self._said:
            self._banner.dismiss()

    def _take(self, step: str) -> None:
        for name, act in self._acts.items():
            if name == step:
                act()
