"""Lets an excerpt be heard in a loop, before or after a repair, at the output in use. GUI thread.

The sound is made by a process of its own (``realtime.devices.excerpt_player``).
"""

import json
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from ui.state.child_process import ended, started

END_MS = 1000  # for the process to close its device


class ExcerptPlayer(QObject):
    """One loop at a time.

    Signals
    -------
    failed : str
        Why nothing can be heard.

    Parameters
    ----------
    output : str, optional
        The device's name; the default one if not given.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject, output: str | None) -> None:
        super().__init__(parent)
        self._output = output
        self._process: QProcess | None = None

    def play(self, before: Path, after: Path, role: int) -> None:
        """Hear these two in turn from now on, beginning with ``role``: 0 before, 1 after."""
        self._send({"play": [str(before), str(after)], "role": role})

    def turn_to(self, role: int) -> None:
        """Hear the other one at the same place."""
        self._send({"role": role})

    def pause(self) -> None:
        """Be silent."""
        if self._process is not None:
            self._send({})

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            ended(process, END_MS)

    def _send(self, order: dict[str, object]) -> None:
        if self._process is None:
            player = "realtime.devices.excerpt_player"
            self._process = started(self, self._read, player, self._output or "")
        self._process.write(f"{json.dumps(order)}\n".encode())

    def _read(self) -> None:
        process = self._process
        if process is None or not process.canReadLine():
            return
        said = bytes(process.readLine().data()).decode("utf-8", "replace")
        self._process = None
        process.deleteLater()
        self.failed.emit(str(json.loads(said).get("error", "")))
