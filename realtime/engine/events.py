"""What the engine's child says to its parent: events, and each fault once. Control thread only."""

import contextlib
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from realtime.telemetry import About, EngineEvent, EventKind


class EventSender:
    """Sends sentences through the pipe.

    Parameters
    ----------
    pipe : Connection
    seconds : callable
        Gives the time of the stream, which each event bears.
    """

    def __init__(self, pipe: Connection, seconds: Callable[[], float]) -> None:
        self._pipe, self._seconds = pipe, seconds
        self._told: set[str] = set()  # faults already reported and not yet over

    def tell(self, kind: EventKind, message: str, report: Any = None, about: About = "") -> None:
        """Send one event."""
        send(self._pipe, "event", EngineEvent(kind, message, self._seconds(), report, about))

    def propose(self, groove: str, message: str) -> None:
        """Send that another groove suits the record better."""
        event = EngineEvent("proposal", message, self._seconds(), groove=groove)
        send(self._pipe, "event", event)

    def fault(
        self,
        name: str,
        present: bool,
        message: str,
        kind: EventKind = "error",
        about: About = "",
    ) -> None:
        """Tell of a fault once, and again only after it was over."""
        if present and name not in self._told:
            self._told.add(name)
            self.tell(kind, message, about=about)
        elif not present:
            self._told.discard(name)


def send(pipe: Connection, *message: Any) -> None:
    """Send, unless the parent is gone, which the control thread notices by itself."""
    with contextlib.suppress(OSError):
        pipe.send(message)
