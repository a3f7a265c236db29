"""How long the disk will last, said before it is full. Control thread."""

from pathlib import Path

from realtime.soundfiles.sample_formats import PCM_BITS

WARN_AT_MINUTES = (10, 5, 2, 1)
RESERVE_S = 3.0  # of sound: kept free, so that both files can be closed at one sample
RESERVE_BYTES = 1_500_000  # for sidecar and header
MEASURED_S = 20.0  # of recording, until its own size tells more than the worst case
_24_BITS = PCM_BITS["PCM_24"] // 8
BYTES_PER_SAMPLE = {"wav": 4, "bwf": _24_BITS, "flac": _24_BITS}


class DiskSpace:
    """Of one recording.

    Parameters
    ----------
    folder : Path
    sample_rate, channels : int
    file_format : "wav", "bwf" or "flac"
    files : tuple of Path
        Both; how fast they grow is what counts, after a while.
    """

    def __init__(
        self,
        folder: Path,
        sample_rate: int,
        channels: int,
        file_format: str,
        files: tuple[Path, Path],
    ) -> None:
        self._folder, self._files = folder, files
        self._worst = 2 * sample_rate * channels * BYTES_PER_SAMPLE[file_format]
        self._warned = len(WARN_AT_MINUTES) * [False]

    def warning(self, free_bytes: int, recorded_s: float) -> str:
        """Return a sentence with the minutes that are left, once for each few; mostly nothing."""
        minutes = self._seconds_left(free_bytes, recorded_s) / 60
        due = [at for at, warned in zip(WARN_AT_MINUTES, self._warned, strict=True) if not warned]
        reached = [at for at in due if minutes < at]
        if not reached:
            return ""
        self._warned = [warned or minutes < at for at, warned in self._by_minutes()]
        left = f"about {minutes:.0f} minutes" if minutes >= 1.5 else "about a minute"
        if minutes < 0.75:
            left = f"about {60 * minutes:.0f} seconds"
        return f"the disk of {self._folder} has room for {left} more"

    def is_full(self, free_bytes: int) -> bool:
        """True when it is time to close both files while there is room for it."""
        return free_bytes < RESERVE_BYTES + RESERVE_S * self._worst

    def _by_minutes(self) -> list[tuple[int, bool]]:
        return list(zip(WARN_AT_MINUTES, self._warned, strict=True))

    def _seconds_left(self, free_bytes: int, recorded_s: float) -> float:
        usable = max(0.0, free_bytes - RESERVE_BYTES - RESERVE_S * self._worst)
        return usable / self._bytes_per_s(recorded_s)

    def _bytes_per_s(self, recorded_s: float) -> float:
        if recorded_s < MEASURED_S:
            return float(self._worst)
        try:
            grown = sum(path.stat().st_size for path in self._files)
        except OSError:  # the recorder will say so
            return float(self._worst)
        return max(grown / recorded_s, 1.0)
