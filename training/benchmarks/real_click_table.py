"""Real records before and after: clicks that are left, music that changed. Any thread."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import stft

from training.benchmarks.restorers import Restore
from training.judging.remaining_clicks import SIGMAS, Remaining, count_remaining
from training.signals.audio_files import load_audio

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

HIGHEST_RATE = 44_100  # Hz; above it the transfer is brought down
MUSIC_HZ = (100.0, 4000.0)
N_FFT = 2048
SHOWN = SIGMAS.index(8)
FLOOR = 1e-20


class Outcome(NamedTuple):
    """What one system did to one record; ``change_db`` and ``coherence`` of 0.1 to 4 kHz."""

    remaining: Remaining
    change_db: float
    coherence: float
    removed: F32
    restored: F32


class RealRecord(NamedTuple):
    """One record with what every system made of it."""

    name: str
    audio: F32
    sample_rate: int
    before: Remaining
    outcomes: dict[str, Outcome]


def measure_record(path: Path, seconds: float, systems: Mapping[str, Restore]) -> RealRecord:
    """Restore the beginning of one record with every system, mono, at its own rate."""
    audio, rate = load_audio(path)
    mono = audio.mean(axis=0)
    if rate > HIGHEST_RATE:
        # A soft filter folds clicks from above back to where nobody hears and the yardstick counts.
        mono, rate = soxr.resample(mono, rate, HIGHEST_RATE, quality="VHQ"), HIGHEST_RATE
    mono = np.ascontiguousarray(mono[: round(seconds * rate)], np.float32)
    before = count_remaining(mono.astype(np.float64), rate)
    outcomes = {
        name: _outcome(mono, restore(mono, rate)[0], rate) for name, restore in systems.items()
    }
    return RealRecord(path.stem, mono, rate, before, outcomes)


def _outcome(before: F32, after: F32, rate: int) -> Outcome:
    removed = before - after
    change = _music_db(after, rate) - _music_db(before, rate)
    remaining = count_remaining(after.astype(np.float64), rate)
    return Outcome(remaining, change, coherence_below(removed, after, rate), removed, after)


def _music_db(signal: F32, rate: int) -> float:
    power = np.abs(np.fft.rfft(signal.astype(np.float64))) ** 2
    frequency = np.fft.rfftfreq(len(signal), 1 / rate)
    band = (frequency >= MUSIC_HZ[0]) & (frequency < MUSIC_HZ[1])
    return float(10 * np.log10(power[band].sum() + FLOOR))


def coherence_below(removed: F32, restored: F32, rate: int) -> float:
    """Coherence of the removed with the restored sound, 0.1 to 4 kHz, weighted by what was removed.

    0 if nothing was removed there: no music can have been among it.
    """
    size = min(N_FFT, len(removed))
    frequency, _, first = stft(removed.astype(np.float64), rate, nperseg=size, boundary=None)
    second = stft(restored.astype(np.float64), rate, nperseg=size, boundary=None)[2]
    band = (frequency >= MUSIC_HZ[0]) & (frequency < MUSIC_HZ[1])
    first, second = first[band], second[band]
    powers = [np.sum(np.abs(values) ** 2, axis=1) for values in (first, second)]
    if powers[0].sum() < FLOOR:
        return 0.0
    cross = np.abs(np.sum(first * np.conj(second), axis=1)) ** 2
    alike = cross / (powers[0] * powers[1] + FLOOR**2)
    return float(np.average(alike, weights=powers[0]))


def click_table(records: Sequence[RealRecord]) -> str:
    """Markdown: events above 8 sigma a second before and after each system; the music's change."""
    systems = list(records[0].outcomes)
    heads = ["record", "Hz", "s", "before", *systems]
    lines = [f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for record in records:
        count = record.before.per_s[SHOWN]
        cells = [
            record.name,
            str(record.sample_rate),
            f"{len(record.audio) / record.sample_rate:.1f}",
        ]
        cells.append(f"{count:.1f} ({record.before.kurtosis:.0f})")
        cells += [_cell(outcome) for outcome in record.outcomes.values()]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(outcome: Outcome) -> str:
    left = outcome.remaining
    return (
        f"{left.per_s[SHOWN]:.1f} ({left.kurtosis:.0f}); {outcome.change_db:+.2f} dB, "
        f"{outcome.coherence:.2f}"
    )


def save_spectrograms(folder: Path, record: RealRecord) -> Path:
    """Draw before, after and removed of every system, one picture per record."""
    from matplotlib.figure import Figure

    count = 1 + len(record.outcomes)
    figure = Figure(figsize=(14, 2.6 * count), layout="constrained")
    grid = figure.subplots(count, 2, squeeze=False, sharex=True)
    level = _decibels(record.audio, record.sample_rate)
    top = float(np.max(level))
    shown = {"vmin": top - 80, "vmax": top, "aspect": "auto", "origin": "lower"}
    seconds, nyquist = len(record.audio) / record.sample_rate, record.sample_rate / 2000
    extent = (0.0, seconds, 0.0, nyquist)
    grid[0, 0].imshow(level, extent=extent, **shown)
    grid[0, 0].set_title(f"{record.name}: before")
    grid[0, 1].axis("off")
    for row, (name, outcome) in zip(grid[1:], record.outcomes.items(), strict=True):
        for axes, signal, what in (
            (row[0], outcome.restored, "after"),
            (row[1], outcome.removed, "removed by"),
        ):
            axes.imshow(_decibels(signal, record.sample_rate), extent=extent, **shown)
            axes.set_title(f"{what} {name}")
    path = folder / f"{record.name}.png"
    figure.savefig(path, dpi=80)
    return path


def _decibels(signal: F32, rate: int) -> F64:
    size = min(512, len(signal))
    power = np.abs(stft(signal.astype(np.float64), rate, nperseg=size, boundary=None)[2]) ** 2
    return np.asarray(10 * np.log10(power + FLOOR))
