"""The side that was recorded last: its card, and what Play opens. GUI thread."""

from pathlib import Path

from PySide6.QtCore import QObject

from model.errors import RestorationError
from realtime.archive.side_facts import SideFacts, side_facts
from realtime.recording.recorder import RecordingReport
from ui.panels.transport import Transport
from ui.state.session import Session


class FinishedSide(QObject):
    """Shows the card at once, and its figures when both files have been read.

    Attributes
    ----------
    raw : Path or None
        The untouched file of that side.
    """

    def __init__(self, session: Session, transport: Transport) -> None:
        super().__init__(transport)
        self.raw: Path | None = None
        self._session, self._transport = session, transport

    def show(self, report: RecordingReport) -> None:
        """Show what there is of a side that has just ended."""
        raw, restored = report.raw_path, report.restored_path
        self.raw = raw
        self._transport.show_ended(report.seconds, f"{raw.name}\n{restored.name}")

        def answered(answer: SideFacts | RestorationError) -> None:
            if raw != self.raw:
                return  # the next side has ended meanwhile
            if isinstance(answer, RestorationError):
                self._transport.card.show_unknown(str(answer))
            else:
                self._transport.card.show_facts(answer)

        self._session.look_up(lambda: side_facts(raw, restored), answered)
