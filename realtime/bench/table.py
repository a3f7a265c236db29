"""The benchmark's figures as a table for the terminal."""

from typing import NamedTuple


class Row(NamedTuple):
    """One figure: its key, what it is, its unit, its bar; and its rival's key, if there is one."""

    key: str
    meaning: str
    unit: str
    bar: str = ""
    rival: str = ""


ROWS = (
    Row("latency_ms", "latency of the chain, 44.1 kHz, declared", "ms", "<= 60"),
    Row("proven_latency_ms", "  the same, of an impulse", "ms"),
    Row("loopback_ms", "input device to output device", "ms", "<= 120"),
    Row("analytical_load_p50", "load of a hop, stereo 48 kHz, no networks, median", ""),
    Row("analytical_load_p99", "  99th percentile", "", "<= 0.5"),
    Row("load_p50", "load of a hop with both networks, median", "", "<= 0.35"),
    Row("load_p99", "  99th percentile", "", "<= 0.6"),
    Row("processor_load_p99", "  the same, in processor time", ""),
    Row("live_load_p99", "  the same, in the live engine", ""),
    Row(
        "restore_x",
        "restoring a stereo 44.1 kHz file, no networks",
        "x",
        ">= 15",
        "rival_restore_x",
    ),
    Row("full_restore_x", "  with both networks", "x"),
    Row("rival_restore_x", "  ffmpeg adeclick", "x"),
    Row("first_sound_s", "shellac live to first sound", "s", "<= 3"),
    Row("import_s", "  of it: import numpy, sounddevice in a bare Python", "s"),
    Row("after_import_s", "  beyond that", "s", "<= 1.2"),
    Row("seconds", "length of the live runs", "s"),
    Row("xruns", "xruns, other core idle", "", "0"),
    Row("lost_samples", "lost samples, other core idle", "", "0"),
    Row("raw_lost_samples", "  of them in the raw file", ""),
    Row("drift_corrections", "single samples slipped for the clocks", ""),
    Row("stall_ms", "longest stall of the machine itself", "ms"),
    Row("busy_xruns", "xruns, other core busy", ""),
    Row("busy_lost_samples", "lost samples, other core busy", "", "rival", "baseline_lost_samples"),
    Row("busy_raw_lost_samples", "  of them in the raw file", ""),
    Row("busy_stall_ms", "longest stall of the machine itself", "ms"),
    Row("baseline_lost_samples", "  bare rtmixer pass-through", ""),
    Row("baseline_stall_ms", "longest stall of the machine itself", "ms"),
)


def table(figures: dict[str, float]) -> str:
    """One line per figure: what it is, value, bar, ratio to the rival."""
    lines = [f"{'':<48} {'value':>12} {'bar':>8}  ratio to rival"]
    for row in ROWS:
        if row.key not in figures:
            continue
        value = f"{_number(figures[row.key])} {row.unit}".rstrip()
        ratio = _ratio(figures[row.key], figures[row.rival]) if row.rival in figures else ""
        lines.append(f"{row.meaning:<48} {value:>12} {row.bar:>8}  {ratio}".rstrip())
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"


def _ratio(value: float, rival: float) -> str:
    if rival:
        return f"{value / rival:.2f}"
    return "1.00 (both 0)" if not value else "rival 0"
