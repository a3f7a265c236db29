"""What happened, newest first: a short list with the time of the recording. Plain data."""

from collections import deque
from datetime import datetime
from typing import Literal, NamedTuple

from realtime.telemetry import Telemetry
from realtime.units import clock

Kind = Literal["info", "warning", "error"]
MOST = 40


class News(NamedTuple):
    """One thing that happened.

    Attributes
    ----------
    time : str
        ``1:23`` of the recording, or the time of the day where none ran.
    kind : "info", "warning" or "error"
    sentence : str
    step : str
        The next sensible thing, see ``ui.conduct.banner_buttons``.
    """

    time: str
    kind: Kind
    sentence: str
    step: str


class NewsLog:
    """The last news of this window."""

    def __init__(self) -> None:
        self._news: deque[News] = deque(maxlen=MOST)

    def add(self, news: News) -> None:
        """Put something in front."""
        self._news.appendleft(news)

    def latest(self) -> list[News]:
        """Return what there is, newest first."""
        return list(self._news)


def time_text(telemetry: Telemetry, stream_s: float | None = None) -> str:
    """Return the recording's time at a moment of the stream; the clock's where none runs.

    The same time as the transport and a frozen picture show.
    """
    if not telemetry.recording:
        return datetime.now().strftime("%H:%M")
    if stream_s is None:
        return clock(telemetry.recorded_s)
    return clock(max(stream_s - telemetry.recording_began_s, 0.0))
