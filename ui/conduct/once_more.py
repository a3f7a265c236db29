"""A finished side restored once more with what is set now, in the background. GUI thread.

The untouched file is read, the result lies beside the former one, and neither is written over.
"""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from model.settings import Settings
from realtime.batch.restore_again import request_of
from ui.conduct.finished_side import FinishedSide
from ui.panels.side_card import SideCard
from ui.state.child_process import ended, started
from ui.state.session import Session
from ui.widgets.language import tr
from ui.widgets.told import told

END_MS = 5000  # for the process to take its unfinished file away


class OnceMore(QObject):
    """Joins the card's button to the process that restores.

    Signals
    -------
    done : str
        Which file there is now, in one sentence.
    failed : str
        Why there is none.
    """

    done = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        session: Session,
        side: FinishedSide,
        card: SideCard,
        settings: Callable[[], Settings],
    ) -> None:
        super().__init__(card)
        self._session, self._side, self._card, self._settings = session, side, card, settings
        self._process: QProcess | None = None
        self.target: Path | None = None
        card.again_pressed.connect(self.toggle)

    def toggle(self) -> None:
        """Begin, or call off what has begun."""
        if self._process is not None:
            self.call_off()
        elif self._side.raw is not None:
            self._begin(self._side.raw)

    def call_off(self) -> None:
        """Want it no more; what was there before stays."""
        process, self._process = self._process, None
        if process is not None:
            ended(process, END_MS)
            self._card.show_again(None)

    def _begin(self, raw: Path) -> None:
        self.target = free_name(raw)
        config = self._session.config
        models = config.models if config else ()
        order = request_of(raw, self.target, self._settings(), self._session.record, models)
        process = self._process = started(self, self._read, "realtime.batch.restore_again")
        process.finished.connect(self._ended)
        process.write(f"{order}\n".encode())
        self._card.show_again(0)

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            said = json.loads(bytes(self._process.readLine().data()).decode("utf-8", "replace"))
            if "percent" in said:
                self._card.show_again(int(said["percent"]))
            elif "error" in said:
                self._end()
                self.failed.emit(told(str(said["error"])))
            elif self.target is not None:
                self._end()
                self.done.emit(
                    tr(
                        "{name} is made with what is set now: {n:,} impulses repaired; "
                        "the former one stays",
                        name=self.target.name,
                        n=int(said["impulses"]),
                    )
                )

    def _ended(self) -> None:
        self._read()
        if self._process is not None:
            self._end()
            self.failed.emit(tr("the side was not restored: its process ended; try again"))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.closeWriteChannel()
            process.deleteLater()
        self._card.show_again(None)


def free_name(raw: Path) -> Path:
    """Return a name beside a side that nothing has yet."""
    stem = f"{raw.stem.removesuffix('_raw')}_restored"
    names = (raw.with_name(f"{stem}_{n}{raw.suffix}") for n in range(2, 10_000))
    return next(name for name in names if not name.exists())
