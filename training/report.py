"""Puts statistics into words, tables and JSON. Any thread."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import RestorationError
from model.flat_yaml import write_text_atomically
from training.periodicity import CLEAR, Periodicity
from training.statistics import BANDS_HZ, RecordStatistics

COLUMNS = {
    "per_second": "impulses/s",
    "mean_amplitude": "mean amp",
    "max_amplitude": "max amp",
    "mean_interval": "interval s",
    "high_emphasis": "> 2 kHz",
    "mid_emphasis": "0.5-2 kHz",
    "median_duration_ms": "length ms",
    "positive_share": "upwards",
    "noise_level_db": "noise dBFS",
    "noise_kurtosis": "crackle",
    "swish_depth": "swish",
}


def describe(statistics: RecordStatistics) -> str:
    """Return the statistics of one recording as lines for a terminal."""
    s = statistics
    lines = [
        "Impulses:",
        f"  Total:           {s.total}",
        f"  Per second:      {s.per_second:.2f}",
        f"  Mean amplitude:  {s.mean_amplitude:.6f}",
        f"  Max amplitude:   {s.max_amplitude:.6f}",
        f"  Mean interval:   {s.mean_interval:.3f} s (spread {s.interval_spread:.2f}; 1 is random)",
        f"  Upwards:         {100 * s.positive_share:.0f} %",
        f"  Duration:        {s.median_duration_ms:.2f} ms, nine in ten below "
        f"{s.long_duration_ms:.2f} ms",
        "Impulses against programme:",
        f"  High-frequency emphasis (> 2 kHz):   {s.high_emphasis:.2f}x",
        f"  Mid-frequency emphasis (0.5-2 kHz):  {s.mid_emphasis:.2f}x",
        "Revolutions (1 is chance):",
        f"  Impulses:  {_turns(s.impulse_periodicity)}",
        f"  Noise:     {_turns(s.noise_periodicity)}",
        "Surface noise:",
        f"  Level:     {s.noise_level_db:.1f} dBFS, {100 * s.noise_level:.2f} % of the peak",
        f"  Spectrum:  {_bands(s.noise_bands_db)}",
        f"  Swish:     {100 * s.swish_depth:.0f} %; crackle (kurtosis) {s.noise_kurtosis:.2f}",
        f"  Music and noise end at {s.upper_limit_hz:.0f} Hz",
        *_above_the_music(s),
    ]
    return "\n".join(lines)


def table(named: Sequence[tuple[str, RecordStatistics]]) -> str:
    """Return a Markdown table with one recording per row, and their averages."""
    rows = [("recording", *COLUMNS.values()), ("---", *["---:"] * len(COLUMNS))]
    for name, statistics in named:
        rows.append((name, *(_number(getattr(statistics, key)) for key in COLUMNS)))
    if len(named) > 1:
        averages = average_statistics([statistics for _, statistics in named])
        rows.append(("**average**", *(_number(averages[key]) for key in COLUMNS)))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def average_statistics(several: Sequence[RecordStatistics]) -> dict[str, float]:
    """Return the mean of every plain number, recordings without it left out."""
    averages = {}
    for spec in fields(RecordStatistics):
        values = [getattr(statistics, spec.name) for statistics in several]
        if isinstance(values[0], int | float):
            averages[spec.name] = mean_of(values)
    return averages


def mean_of(values: Sequence[float]) -> float:
    """Return the mean of the finite values; nan if there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return float(np.mean(finite)) if finite else float("nan")


def save_json(path: Path, content: dict[str, Any]) -> None:
    """Write plain values; what is not a number becomes null."""
    try:
        write_text_atomically(path, json.dumps(_plain(content), indent=2) + "\n")
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}") from None


def as_dict(statistics: RecordStatistics) -> dict[str, Any]:
    """Return the statistics as a plain dictionary."""
    return asdict(statistics)


def _plain(value: Any) -> Any:
    if isinstance(value, Periodicity):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {
            f"{key:g}" if isinstance(key, float) else key: _plain(v) for key, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def _above_the_music(s: RecordStatistics) -> list[str]:
    if math.isnan(s.band_clicks_per_s):
        return ["Above the music: no band of its own, or too short to tell"]
    return [
        f"Above the music, from {s.music_end_hz:.0f} Hz:",
        f"  Clicks:    {s.band_clicks_per_s:.1f} per second; kurtosis {s.band_kurtosis:.1f}",
    ]


def _turns(periodicity: Periodicity) -> str:
    at = ", ".join(f"{rpm:.2f} rpm {_number(value)}" for rpm, value in periodicity.at_rpm.items())
    if math.isnan(periodicity.best_strength):
        return "too few or too short to tell"
    rpm, strength = periodicity.strongest
    verdict = "a clear period" if strength > CLEAR else "no clear period"
    return (
        f"{at}; strongest: {rpm:.2f} rpm ({60 / rpm:.3f} s) {strength:.1f}, {verdict}"
        f" ({CLEAR:g} or more is no accident)"
    )


def _bands(levels: tuple[float, ...]) -> str:
    pairs = zip(BANDS_HZ[1:], levels, strict=True)
    return ", ".join(f"to {high} Hz {level:.0f} dB" for high, level in pairs if level == level)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.4f}" if abs(value) < 0.1 else f"{value:.2f}"
