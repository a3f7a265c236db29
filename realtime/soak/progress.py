"""How far a soak is, and what went wrong so far, while it still runs."""

from tqdm import tqdm

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
        self._bar = tqdm(
            total=round(self._hours, 4),
            unit="h",
            desc="soak",
            mininterval=EVERY_S,
            bar_format="{desc}: {n:.2f} of {total:.2f} h of sound |{bar}| {elapsed} {postfix}",
        )

    def show(self, audio_s: float, xruns: int = 0) -> None:
        """Draw how far it is; ``xruns`` are those of all devices up to now."""
        at = f"{audio_s:.0f} s"
        if xruns > self._xruns:
            self._bar.write(f"{at}: {xruns - self._xruns} more xruns", file=self._bar.fp)
            self._xruns = xruns
        for complaint in self._report.complaints[self._told :]:
            self._bar.write(f"{at}: {complaint}", file=self._bar.fp)
        self._told = len(self._report.complaints)
        self._bar.set_postfix_str(f"{self._report.sides} sides", refresh=False)
        self._bar.update(min(audio_s / 3600, self._hours) - self._bar.n)

    def close(self) -> None:
        """Leave the bar where it is."""
        self._bar.close()
