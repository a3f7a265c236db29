"""The side that was recorded last: its card, and what Play opens. GUI thread."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from model.errors import RestorationError
from realtime.archive.interface_errors import interface_errors, told
from realtime.archive.side_facts import SideFacts, side_facts
from realtime.recording.recorder import RecordingReport
from ui.panels.transport import Transport
from ui.state.session import Session
from ui.widgets.told import told as told_in_window


class FinishedSide(QObject):
    """Shows the card at once, and its figures when both files have been read.

    Signals
    -------
    spoiled : str
        What the interface did to the untouched file, in one line.

    Attributes
    ----------
    raw : Path or None
        The untouched file of that side.
    """

    spoiled = Signal(str)

    def __init__(self, session: Session, transport: Transport) -> None:
        super().__init__(transport)
        self.raw: Path | None = None
        self._session, self._transport = session, transport

    def show(self, report: RecordingReport) -> None:
        """Show what there is of a side that has just ended."""
        is_from_device = not self._session.plays_file
        raw, restored, rate = report.raw_path, report.restored_path, report.sample_rate
        self.raw = raw
        self._transport.show_ended(report.seconds, f"{raw.name}\n{restored.name}")

        def answered(answer: SideFacts | RestorationError) -> None:
            if raw != self.raw:
                return  # the next side has ended meanwhile
            if isinstance(answer, RestorationError):
                self._transport.card.show_unknown(told_in_window(str(answer)))
            else:
                self._transport.card.show_facts(answer)
                if is_from_device:
                    self._session.look_up(lambda: told(interface_errors(raw), rate), found)

        def found(answer: str | RestorationError) -> None:
            if answer and isinstance(answer, str):
                self.spoiled.emit(f"{raw.name}: {told_in_window(answer)}")

        self._session.look_up(lambda: side_facts(raw, restored), answered)
