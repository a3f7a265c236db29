"""The table of made clicks over clean music: gain against transparency, setting by setting."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.benchmarks.clips import Clip, snr_db
from training.benchmarks.restorers import Restore
from training.judging.metrics import detection_scores, stretches

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

SNR_DB = 6.0
RATES_PER_S = (20, 200)
LENGTHS_MS = (0.1, 1.5)
SPACING_S = 0.0005  # least distance between two clicks
STRENGTHS = (  # sensitivity, protection; the third is the default preset's, the fifth heavy's
    (0.2, 0.8),
    (0.35, 0.7),
    (0.5, 0.5),
    (0.6, 0.35),
    (0.75, 0.4),
    (0.8, 0.1),
    (0.95, 0.0),
)
OURS, ALONE = "shellac", " analytical"


class MadeRow(NamedTuple):
    """One setting's figures, one entry per clip: dB; ``f1`` by clicks; repairs of clean clips/s.

    ``f1`` and ``false_repairs`` are empty for systems that do not tell what they found.
    """

    name: str
    transparency: list[float]
    gain: dict[int, list[float]]
    f1: dict[int, list[float]]
    false_repairs: list[float]


def made_clicks(n: int, sample_rate: int, rate_per_s: float, seed: int) -> NDArray[np.float64]:
    """Decaying noise bursts, 0.1 to 1.5 ms, log-normal heights, apart from each other."""
    rng = np.random.default_rng(seed)
    clicks, taken = np.zeros(n), np.zeros(n, bool)
    spacing = int(SPACING_S * sample_rate)
    shortest, longest = np.log(LENGTHS_MS)
    for _ in range(rng.poisson(rate_per_s * n / sample_rate)):
        length = max(3, int(sample_rate * 1e-3 * np.exp(rng.uniform(shortest, longest))))
        start = int(rng.integers(0, n - length))
        burst = rng.standard_normal(length) * np.exp(-4 * np.arange(length) / length)
        height = np.exp(0.5 * rng.standard_normal())
        if not taken[max(0, start - spacing) : start + length + spacing].any():
            clicks[start : start + length] += height * burst
            taken[start : start + length] = True
    return clicks


def degrade(clip: Clip, rate_per_s: float, seed: int) -> tuple[F32, Mask]:
    """Add made clicks at ``SNR_DB``; also return where they are."""
    clicks = made_clicks(len(clip.signal), clip.sample_rate, rate_per_s, seed)
    power = float(np.sum(clip.signal.astype(np.float64) ** 2))
    gain = np.sqrt(power / np.sum(clicks**2) / 10 ** (SNR_DB / 10))
    return np.asarray(clip.signal + gain * clicks, np.float32), clicks != 0


def measure_made(name: str, restore: Restore, clips: Sequence[Clip]) -> MadeRow:
    """Figures of one setting over all clips."""
    none: dict[int, list[float]] = {rate: [] for rate in RATES_PER_S}
    row = MadeRow(name, [], none, {rate: [] for rate in RATES_PER_S}, [])
    for seed, clip in enumerate(clips):
        untouched, found = restore(clip.signal, clip.sample_rate)
        row.transparency.append(snr_db(clip.signal, untouched))
        if found is not None:
            seconds = len(clip.signal) / clip.sample_rate
            row.false_repairs.append(len(stretches(found)) / seconds)
        for rate, gains in row.gain.items():
            worn, truth = degrade(clip, rate, seed)
            restored, found = restore(worn, clip.sample_rate)
            gains.append(snr_db(clip.signal, restored) - snr_db(clip.signal, worn))
            if found is not None:
                row.f1[rate].append(detection_scores(found, truth, clip.sample_rate).f1)
    return row


def print_made_head(n_clips: int) -> None:
    """Heads of the table."""
    columns = [f"gain {rate}/s" for rate in RATES_PER_S] + [f"F1 {rate}/s" for rate in RATES_PER_S]
    heads = "".join(f"{text:>10}" for text in [*columns, "false/s", "worst"])
    print(f"\nMade clicks over clean music, {SNR_DB:g} dB SNR; {n_clips} clips")
    print("transparency and gain in dB; repairs of clean clips per second")
    print(f"{'setting':36}{'median':>8}{'worst':>8}{heads}")


def print_made_row(row: MadeRow) -> None:
    """One line of the table."""
    text = f"{row.name:36}{np.median(row.transparency):8.1f}{min(row.transparency):8.1f}"
    text += "".join(f"{np.mean(gains):+10.1f}" for gains in row.gain.values())
    if row.false_repairs:
        text += "".join(f"{np.mean(f1):10.3f}" for f1 in row.f1.values())
        text += f"{np.mean(row.false_repairs):10.2f}{max(row.false_repairs):10.2f}"
    print(text, flush=True)


def plot_made(rows: Sequence[MadeRow], path: Path) -> None:
    """Draw gain against transparency, ours as a curve, the rivals as points."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, rate in zip(figure.subplots(1, 2, sharey=True), RATES_PER_S, strict=True):
        for mode, label in ((f"{OURS} s", "Shellac"), (f"{OURS}{ALONE}", "Shellac, analytical")):
            ours = [row for row in rows if row.name.startswith(mode)]
            worst = [min(row.transparency) for row in ours]
            axes.plot(worst, [np.mean(row.gain[rate]) for row in ours], "o-", label=label)
        for row in rows:
            if not row.name.startswith(OURS):
                axes.plot(min(row.transparency), np.mean(row.gain[rate]), "s", label=row.name)
        axes.set(
            title=f"{rate} clicks a second, {SNR_DB:.0f} dB SNR in",
            xlabel="transparency of the worst clip, dB",
            ylabel="SNR gain, dB",
        )
        axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)
