"""How far a soak is, and what went wrong so far, while it still runs."""

import time

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from realtime.soak.report import SoakReport

EVERY_S = 5.0  # between two drawings of the bar


class Progress:
    """A bar of sound on stderr; every fault is a line above it, as soon as it is noticed.

    Parameters
    ----------
    audio_s : float
        Of sound in all.
    report : SoakReport
        Whose complaints are told.
    """

    def __init__(self, audio_s: float, report: SoakReport) -> None:
        self._hours, self._report = audio_s / 3600, report
        self._told = self._xruns = 0
        self._drawn_at = float("-inf")
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, console=self._console, auto_refresh=False)  # without a thread
        self._task = self._bar.add_task("soak", total=self._hours)

    def show(self, audio_s: float, xruns: int = 0) -> None:
        """Draw how far it is; ``xruns`` are those of all devices up to now."""
        if xruns > self._xruns:
            self._say(audio_s, f"{xruns - self._xruns} more xruns")
            self._xruns = xruns
        for complaint in self._report.complaints[self._told :]:
            self._say(audio_s, complaint)
        self._told = len(self._report.complaints)
        if (now := time.monotonic()) - self._drawn_at < EVERY_S:
            return
        self._drawn_at = now
        self._bar.start()
        hours = min(audio_s / 3600, self._hours)
        told = f"{hours:.2f} of {self._hours:.2f} h of sound, {self._report.sides} sides"
        self._bar.update(self._task, completed=hours, description=told, refresh=True)

    def close(self) -> None:
        """Leave the bar where it is, and give the terminal its cursor back."""
        self._bar.stop()

    def _say(self, audio_s: float, what: str) -> None:
        self._console.print(f"{audio_s:.0f} s: {what}", markup=False, highlight=False)
