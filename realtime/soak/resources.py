"""What a process holds: memory, file descriptors, threads; and how fast that grows.

Looked at on the soak's own thread, at moments that are alike: memory while a side is recorded,
descriptors and threads between two sides.
"""

import gc
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from model.errors import RestorationError

MOST_LOOKS = 1200  # then every second one is forgotten
FEWEST_LOOKS = 8  # for a slope that means anything
SETTLING_SIDES = 2
WARM_UP_H = 1.0  # of sound, at most
LEAK_MB_PER_H = 1.0  # of sound
LEAK_MB = 8.0  # in all; below, it is the allocator's own to and fro
LEAK_HANDLES = 2
HANDLES = "num_handles" if sys.platform == "win32" else "num_fds"


class Look(NamedTuple):
    """Resident memory at one moment."""

    audio_h: float
    wall_h: float
    rss_mb: float


class Growth(NamedTuple):
    """Of one process since its warm-up."""

    name: str
    looks: int
    rss_mb: float  # at the end
    mb_per_audio_h: float  # Theil and Sen: the median of the slopes between all pairs of looks
    mb_per_wall_h: float
    low_mb_per_audio_h: float  # lower end of its 95 % interval
    grown_mb: float  # median of the last eighth over that of the first
    handles: tuple[int, int]  # descriptors after the warm-up and at the end
    threads: tuple[int, int]

    def complaints(self) -> list[str]:
        """Return one line for each thing that grows."""
        found = []
        if self.low_mb_per_audio_h > LEAK_MB_PER_H and self.grown_mb > LEAK_MB:
            found.append(f"{self.name}: memory grows by {self.mb_per_audio_h:.2f} MB an hour")
        for what, (before, after) in (("descriptors", self.handles), ("threads", self.threads)):
            if after > before + LEAK_HANDLES:
                found.append(f"{self.name}: {before} {what} became {after}")
        return found


class Resources:
    """The looks at one process.

    Parameters
    ----------
    name : str
    pid : int

    Raises
    ------
    RestorationError
        psutil is not installed.
    """

    def __init__(self, name: str, pid: int) -> None:
        try:
            import psutil
        except ImportError:
            raise RestorationError(
                "the soak needs psutil; install it with pip install '.[dev]'"
            ) from None
        self.name = name
        self._process = psutil.Process(pid)
        self._looks: list[Look] = []
        self._handles: list[tuple[int, int]] = []
        self._stride, self._asked = 1, 0
        self._settled_h = 0.0  # when the second side ended

    def look(self, audio_s: float, wall_s: float) -> None:
        """Note the memory, in the middle of a side."""
        self._asked += 1
        if self._asked % self._stride:
            return
        rss_mb = self._process.memory_info().rss / 2**20
        self._looks.append(Look(audio_s / 3600, wall_s / 3600, rss_mb))
        if len(self._looks) >= MOST_LOOKS:
            del self._looks[1::2]
            self._stride *= 2

    def count(self) -> None:
        """Note descriptors and threads, between two sides."""
        gc.collect()
        process = self._process
        handles: int = getattr(process, HANDLES)()
        self._handles.append((handles, process.num_threads()))
        if len(self._handles) == SETTLING_SIDES and self._looks:
            self._settled_h = self._looks[-1].audio_h

    def growth(self) -> Growth:
        """Return what has grown so far."""
        return growth_of(self.name, self._looks, self._handles, self._settled_h)


def growth_of(
    name: str,
    looks: Sequence[Look],
    handles: Sequence[tuple[int, int]],
    settled_h: float = 0.0,
) -> Growth:
    """Return what has grown since the warm-up: a fifth of the run, or an hour of sound.

    Parameters
    ----------
    name : str
    looks : sequence of Look
        At the memory.
    handles : sequence of (descriptors, threads)
        The first count is left out: not all that is loaded late had been loaded then.
    settled_h : float
        Hours of sound that the warm-up takes at least. A second recording's buffers are there
        before the first one's have been given back: from the third on memory is at its size.
    """
    warm_up_h = max(min(0.2 * looks[-1].audio_h, WARM_UP_H), settled_h) if looks else 0.0
    looks = [look for look in looks if look.audio_h >= warm_up_h]
    rss = np.array([look.rss_mb for look in looks])
    slope = low = of_wall = grown = 0.0
    if len(looks) >= FEWEST_LOOKS:
        audio_h, wall_h = (np.array([look[column] for look in looks]) for column in (0, 1))
        fit = stats.theilslopes(rss, audio_h)
        slope, low = float(fit.slope), float(fit.low_slope)
        of_wall = slope * float(np.ptp(audio_h) / max(np.ptp(wall_h), 1e-9))
        part = max(len(looks) // 8, 1)
        grown = float(np.median(rss[-part:]) - np.median(rss[:part]))
    counts = list(handles)[1:] or list(handles) or [(0, 0)]
    descriptors, threads = zip(counts[0], counts[-1], strict=True)
    last_mb = float(rss[-1]) if len(rss) else 0.0
    return Growth(*(name, len(looks), last_mb, slope, of_wall, low, grown), descriptors, threads)
