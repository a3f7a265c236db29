"""The tables of real clicks under real hiss: what each system gains, and what else it touches."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.benchmarks.clips import snr_db
from training.benchmarks.real_click_cases import CLICK_SNR_DB, Case
from training.benchmarks.restorers import Restore
from training.judging.metrics import detection_scores, stretches
from training.signals.interpolation import interpolate_marked

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

BLOCK_S = 0.01
ORACLE_ORDERS = (64, 160)
SMALLEST_LOG = 1e-30
UNDAMAGED_EVERY = 4  # cases: cuts, hiss and levels come by in turn


class RealRow(NamedTuple):
    """One system's figures, one entry per case.

    ``gain`` and ``block_gain`` in dB, over everything and over 10 ms blocks with clicks;
    ``outside`` is the share of the change that lies outside damaged samples; ``f1`` by clicks;
    ``false_repairs`` per second where nothing is damaged.
    """

    name: str
    gain: list[float]
    block_gain: list[float]
    outside: list[float]
    f1: list[float]
    false_repairs: list[float]


def measure_real(name: str, restore: Restore, cases: Sequence[Case]) -> RealRow:
    """Figures of one system over all cases."""
    row = RealRow(name, [], [], [], [], [])
    for number, case in enumerate(cases):
        restored, found = restore(case.worn, case.sample_rate)
        _add(row, case, restored)
        if found is None:
            continue
        row.f1.append(detection_scores(found, case.mask, case.sample_rate).f1)
        if number % UNDAMAGED_EVERY == 0:
            false = restore(case.truth, case.sample_rate)[1]
            count = 0 if false is None else len(stretches(false))
            row.false_repairs.append(count * case.sample_rate / len(case.truth))
    return row


def measure_oracle(order: int, cases: Sequence[Case]) -> RealRow:
    """What interpolation gains that is told where the clicks are."""
    row = RealRow(f"true mask, AR {order}", [], [], [], [], [])
    for case in cases:
        done = interpolate_marked(case.worn.astype(np.float64), stretches(case.mask), order)
        _add(row, case, done.astype(np.float32))
    return row


def _add(row: RealRow, case: Case, restored: F32) -> None:
    row.gain.append(snr_db(case.truth, restored) - snr_db(case.truth, case.worn))
    errors = [(signal - case.truth).astype(np.float64) ** 2 for signal in (case.worn, restored)]
    blocks = with_clicks(case.mask, case.sample_rate)
    before, after = (float(np.sum(error[blocks])) + SMALLEST_LOG for error in errors)
    row.block_gain.append(10 * float(np.log10(before / after)))
    change = (restored - case.worn).astype(np.float64) ** 2
    total = float(np.sum(change))
    row.outside.append(float(np.sum(change[~case.mask])) / total if total else 0.0)


def with_clicks(mask: Mask, sample_rate: int) -> Mask:
    """The mask widened to whole 10 ms blocks."""
    size = round(BLOCK_S * sample_rate)
    padded = np.pad(mask, (0, -len(mask) % size)).reshape(-1, size)
    return np.asarray(np.repeat(padded.any(axis=1), size)[: len(mask)])


def print_real_head(cases: Sequence[Case], hiss_db: Sequence[float]) -> None:
    """Head of one table."""
    hiss = "/".join(f"{db:g}" for db in hiss_db)
    damaged = np.mean([len(stretches(c.mask)) * c.sample_rate / len(c.mask) for c in cases])
    print(f"\nReal clicks under real hiss, {hiss} dB below the music; {len(cases)} records")
    print(
        f"{damaged:.0f} clicks a second, {CLICK_SNR_DB:g} dB below the rest; gain in dB: in all, "
        "as raw transfer,\nas finished, worst, in 10 ms blocks with clicks; false repairs"
    )
    heads = ("gain", "raw", "finished", "worst", "blocks", "outside", "F1", "false/s")
    print(f"{'system':36}" + "".join(f"{head:>9}" for head in heads))


def print_real_row(row: RealRow, cases: Sequence[Case]) -> None:
    """One line of the table."""
    gain = np.array(row.gain)
    raw = np.array([case.is_raw for case in cases])
    groups = (gain, gain[raw], gain[~raw])
    text = "".join(f"{np.mean(g):+9.1f}" if len(g) else f"{'-':>9}" for g in groups)
    text += f"{np.min(gain):+9.1f}{np.mean(row.block_gain):+9.1f}{100 * np.mean(row.outside):8.1f}%"
    if row.f1:
        text += f"{np.mean(row.f1):9.3f}{np.mean(row.false_repairs):9.2f}"
    print(f"{row.name:36}{text}", flush=True)


def plot_real(tables: dict[str, list[RealRow]], path: Path) -> None:
    """Draw gain against the share of the change that hits undamaged samples."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(tables), 4.4), layout="constrained")
    grid = figure.subplots(1, len(tables), squeeze=False)[0]
    for axes, (title, rows) in zip(grid, tables.items(), strict=True):
        for row in rows:
            outside = 100 * float(np.mean(row.outside)) + 0.05
            marker = "x" if row.name.startswith("true") else "o"
            axes.plot(outside, np.mean(row.gain), marker, label=row.name)
        axes.set(
            title=title,
            xscale="log",
            ylabel="SNR gain, dB",
            xlabel="change outside damaged samples, %",
        )
        axes.grid(alpha=0.3)
    grid[-1].legend(fontsize=7)
    figure.savefig(path, dpi=110)
