"""Stands before everything that would end a running recording: asks once. GUI thread."""

from PySide6.QtWidgets import QWidget

from realtime.units import clock
from ui.dialogs.keep_recording import agrees_to_end
from ui.state.session import Session


class TakeGuard:
    """Knows whether a recording runs, and asks before it ends.

    Parameters
    ----------
    session : Session
    window : QWidget
        The question stands in front of it.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window
        self._is_asking = False

    def allows(self, deed: str) -> bool:
        """Return whether ``deed`` may be done: no recording runs, or the person lets it end.

        While the question is open, whatever else would end the recording is turned down.
        """
        if not self._session.recording:
            return True
        if self._is_asking:
            return False
        self._is_asking = True
        try:
            return agrees_to_end(self._window, deed, clock(self._session.telemetry().recorded_s))
        finally:
            self._is_asking = False
