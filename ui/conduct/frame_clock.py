"""The beat of the window: thirty times a second it looks at the engine and lets the views follow.

Also measures itself, so that the benchmark can say what a frame costs. GUI thread.
"""

import time
from collections import deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from realtime.telemetry import Telemetry
from ui.state.history import History
from ui.state.session import Session

FRAME_MS = 33


class FrameClock(QObject):
    """Polls telemetry and display, then says ``beat``.

    Signals
    -------
    beat : Telemetry, float
        The latest figures, and seconds since the beat before.
    """

    beat = Signal(object, float)

    def __init__(self, session: Session, history: History) -> None:
        super().__init__()
        self.took_s: deque[float] = deque(maxlen=36_000)  # of each beat, for the benchmark
        self.intervals_s: deque[float] = deque(maxlen=36_000)
        self._session, self._history = session, history
        self._last_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Begin to beat."""
        self._timer.start(FRAME_MS)

    def stop(self) -> None:
        """Fall silent."""
        self._timer.stop()

    def tick(self) -> None:
        """One beat."""
        began = time.monotonic()
        elapsed, self._last_s = began - self._last_s, began
        telemetry: Telemetry = self._session.telemetry()
        chunk = self._session.display(self._history.end)
        if chunk is not None and chunk.sample_rate:
            self._history.append(chunk)
        self.beat.emit(telemetry, elapsed)
        self.took_s.append(time.monotonic() - began)
        self.intervals_s.append(elapsed)
