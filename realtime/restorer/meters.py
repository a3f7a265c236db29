"""Figures counted hop by hop: processing load, impulses by length, levels. Worker only."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.chain import Impulse
from realtime.telemetry import SILENCE_DBFS

F32 = NDArray[np.float32]

CRACKLE_MS, CLICK_MS = 0.4, 3.0  # the longest of each class
DAMAGED = 0.5  # of the mask, from which a sample counts as damaged
RATE_SPAN_S, PEAK_SPAN_S, RMS_SPAN_S = 3.0, 0.1, 0.3


class LoadHistogram:
    """Percentiles of the load over the whole run, in steps of 0.2 % of the hop's time."""

    _STEP, _BINS = 0.002, 2000

    def __init__(self) -> None:
        self._counts = np.zeros(self._BINS, np.int64)
        self.hops, self.last, self.highest = 0, 0.0, 0.0

    def add(self, load: float) -> None:
        """Count one hop; ``load`` is its processing time over its audio time."""
        self._counts[min(int(load / self._STEP), self._BINS - 1)] += 1
        self.hops += 1
        self.last, self.highest = load, max(self.highest, load)

    def percentile(self, share: float) -> float:
        """The load that ``share`` (0..1) of all hops stay below; 0 before the first."""
        if not self.hops:
            return 0.0
        bin_ = int(np.searchsorted(np.cumsum(self._counts), share * self.hops))
        return min((bin_ + 1) * self._STEP, self.highest)


class ImpulseCounter:
    """Counts impulses as a listener would: one that is on both walls of the groove counts once.

    Attributes
    ----------
    crackle, clicks, pops : int
        Up to 0.4 ms, up to 3 ms, longer.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._classes = [0, 0, 0]
        # Of the last event, samples. What a stream begins with may start before its first one.
        self._start = self._end = -(2**62)
        self._recent: deque[tuple[float, int]] = deque()  # (audio time, impulses)
        self._in_recent = 0  # impulses altogether

    @property
    def crackle(self) -> int:
        """Events of at most 0.4 ms."""
        return self._classes[0]

    @property
    def clicks(self) -> int:
        """Longer events of at most 3 ms."""
        return self._classes[1]

    @property
    def pops(self) -> int:
        """Events longer than that."""
        return self._classes[2]

    @property
    def total(self) -> int:
        """All events."""
        return sum(self._classes)

    def add(self, impulses: Sequence[Impulse], seconds: float) -> list[int]:
        """Count what one hop found; return the first sample of every event that is new.

        ``seconds`` is the audio time at the hop's end.
        """
        starts = [
            impulse.start
            for impulse in sorted(impulses)
            if self._is_new(impulse.start, impulse.start + impulse.length)
        ]
        self._recent.append((seconds, len(starts)))
        self._in_recent += len(starts)
        while self._recent[0][0] < seconds - RATE_SPAN_S:
            self._in_recent -= self._recent.popleft()[1]
        return starts

    def rate(self) -> float:
        """Impulses per second over the last three seconds (of those there were)."""
        if not self._recent:
            return 0.0
        span = min(max(self._recent[-1][0], 0.5), RATE_SPAN_S)
        return self._in_recent / span

    def _is_new(self, start: int, end: int) -> bool:
        """Count an event, or make the last one longer if this is its other wall."""
        is_new = not (start < self._end and end > self._start)
        if not is_new:
            self._classes[self._class(self._end - self._start)] -= 1
            start, end = min(start, self._start), max(end, self._end)
        self._start, self._end = start, end
        self._classes[self._class(end - start)] += 1
        return is_new

    def _class(self, length: int) -> int:
        ms = length * 1000.0 / self._rate
        return 0 if ms <= CRACKLE_MS else 1 if ms <= CLICK_MS else 2


def damaged_samples(mask: F32) -> tuple[int, ...]:
    """Count per channel the samples of ``[channels, n]`` that are damaged rather than not."""
    return tuple(int(count) for count in np.count_nonzero(mask > DAMAGED, axis=1))


class DamageMeter:
    """The share of the last seconds in which each wall is damaged."""

    def __init__(self, sample_rate: int, block: int) -> None:
        most = max(round(RATE_SPAN_S * sample_rate / block), 1)
        self._recent: deque[tuple[int, tuple[int, ...]]] = deque(maxlen=most)

    def add(self, mask: F32) -> None:
        """Take in one block, float32 ``[channels, n]``."""
        if mask.shape[1]:
            self._recent.append((mask.shape[1], damaged_samples(mask)))

    def shares(self) -> tuple[float, ...]:
        """Return 0..1 per channel; nothing before the first block."""
        if not self._recent:
            return ()
        total = sum(n for n, _ in self._recent)
        counts = zip(*(counted for _, counted in self._recent), strict=True)
        return tuple(round(sum(count) / total, 5) for count in counts)


class LevelMeter:
    """Peak and RMS per channel over the last moments, and how many samples hit full scale."""

    def __init__(self, sample_rate: int, block: int) -> None:
        per_second = sample_rate / block
        self._peaks: deque[F32] = deque(maxlen=max(round(PEAK_SPAN_S * per_second), 1))
        self._powers: deque[F32] = deque(maxlen=max(round(RMS_SPAN_S * per_second), 1))
        self.clipped = 0

    def add(self, block: F32) -> None:
        """Take in float32 ``[channels, n]``; samples that are no number count as silence."""
        if not block.shape[1]:
            return
        if not np.isfinite(block).all():
            block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        size = np.abs(block)
        peak = size.max(axis=1)
        if peak.max() >= 1.0:
            self.clipped += int(np.count_nonzero(size >= 1.0))
        self._peaks.append(peak)
        self._powers.append(np.einsum("cn,cn->c", block, block) / np.float32(block.shape[1]))

    def peak_dbfs(self) -> tuple[float, ...]:
        """The highest sample of the last 0.1 s."""
        return _dbfs(np.max(self._peaks, axis=0)) if self._peaks else ()

    def rms_dbfs(self) -> tuple[float, ...]:
        """RMS of the last 0.3 s; a full-scale sine reads -3."""
        return _dbfs(np.sqrt(np.mean(self._powers, axis=0))) if self._powers else ()


def _dbfs(amplitudes: F32) -> tuple[float, ...]:
    floor = 10.0 ** (SILENCE_DBFS / 20.0)
    return tuple(round(float(20.0 * np.log10(max(a, floor))), 2) for a in amplitudes)
