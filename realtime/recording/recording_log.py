"""What happened while a side was recorded, in samples of its files. Worker writes, control reads
when the recording is over."""

from collections.abc import Sequence

from model.chain import Impulse
from realtime.archive.repairs import WALLS, RepairsFile
from realtime.archive.sidecar import SettingsFrom
from realtime.recording.noted import Noted
from realtime.restorer.meters import ImpulseCounter

MOST_CHANGES = 10_000  # of the settings; a slider that is moved all the time ends somewhere


class RecordingLog:
    """Settings over time, impulses, and what the device lost.

    Parameters
    ----------
    sample_rate : int
    latency : int
        By which the restored sound is late: what is set now acts on sound that much older.

    Attributes
    ----------
    settings : list of SettingsFrom
    xruns : list of dict
        ``sample`` and ``lost``, how many samples of the input are missing there.
    began_at : int
        Where in the stream the recording's first sample stands.
    repairs : RepairsFile or None
        Where each repair is written down; control thread sets it once.
    """

    def __init__(self, sample_rate: int, latency: int) -> None:
        self.settings: list[SettingsFrom] = []
        self.xruns: list[dict[str, int]] = []
        self.began_at = 0
        self.repairs: RepairsFile | None = None
        self._impulses = ImpulseCounter(sample_rate)
        self._rate, self._latency = sample_rate, latency
        self._damaged: tuple[int, ...] = ()
        self._lost = -1  # samples that the device had lost at the last look

    def add(self, sample: int, noted: Noted) -> None:
        """Take in one block, which is from ``sample`` of the raw file."""
        settings, impulses, lost_samples, position, damaged = noted
        self._damaged = _sums(self._damaged, damaged)
        self.began_at = position - sample
        is_new = not self.settings or self.settings[-1].settings != settings
        if is_new and len(self.settings) < MOST_CHANGES:
            self.settings.append(SettingsFrom(max(0, sample - self._latency), settings))
        if 0 <= self._lost < lost_samples:
            self.xruns.append({"sample": sample, "lost": lost_samples - self._lost})
        self._lost = lost_samples
        self._impulses.add(impulses, sample / self._rate)
        self.add_repairs(impulses)

    def add_repairs(self, impulses: Sequence[Impulse]) -> None:
        """Take in what was found when no more raw sound belonged to the recording."""
        if self.repairs is not None:
            self.repairs.add(impulses, self.began_at)

    def wall_damage(self, samples: int) -> dict[str, float]:
        """Return the share of so many samples in which each wall is damaged."""
        if len(self._damaged) != len(WALLS) or not samples:
            return {}
        shares = (round(min(count / samples, 1.0), 5) for count in self._damaged)
        return dict(zip(WALLS, shares, strict=True))

    def impulses(self, samples: int) -> dict[str, float]:
        """Return the counts for a recording of so many samples."""
        counted, seconds = self._impulses, samples / self._rate
        return {
            "total": counted.total,
            "crackle": counted.crackle,
            "clicks": counted.clicks,
            "pops": counted.pops,
            "per_second": round(counted.total / seconds, 3) if samples else 0.0,
        }


def _sums(before: tuple[int, ...], now: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(before, now, strict=True)) if before and now else now
