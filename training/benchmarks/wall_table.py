"""The tables of two-wall records, and their pictures. Any thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve, stft

from training.benchmarks.clips import Clip, snr_db
from training.benchmarks.wall_ways import Way, joint_sound
from training.dirt.two_walls import TwoWalls, WallWear, two_walls
from training.harvest.click_bank import ClickBank

F32 = NDArray[np.float32]

CUTS_HZ = (4000.0, 5000.0, 6500.0)  # where old recordings end, in turn
REAL_HISS_DB = (-11.0, -14.0, -18.0)
CUT_TAPS = 1023
MADE = {
    "hiss -30 dB, 20 clicks a second": WallWear(hiss_db=-30.0, clicks_per_s=20.0),
    "hiss -20 dB, 60 clicks a second": WallWear(hiss_db=-20.0, clicks_per_s=60.0),
}
REAL = "a disc's clicks on each wall, its hiss at -11 to -18 dB"
UNDAMAGED_HISS_DB = (-20.0, -30.0, -40.0, -60.0)


class WallRow(NamedTuple):
    """One way's gain in dB against the plain sum, one entry per record."""

    name: str
    gain: list[float]


def made_records(clips: Sequence[Clip], wear: WallWear, seeds: int) -> list[TwoWalls]:
    """Return every clip as so many made records."""
    return [
        two_walls(clip.signal, clip.sample_rate, wear, 100 * seed + number)
        for seed in range(seeds)
        for number, clip in enumerate(clips)
    ]


def real_records(clips: Sequence[Clip], bank: ClickBank, seeds: int) -> list[TwoWalls]:
    """Return every clip of the bank's rate, cut off as old music is, under a disc's clicks."""
    made = []
    for seed in range(seeds):
        for number, clip in enumerate(
            clip for clip in clips if clip.sample_rate == bank.sample_rate
        ):
            turn = (number + seed) % len(CUTS_HZ)
            taps = firwin(CUT_TAPS, CUTS_HZ[turn], fs=clip.sample_rate, window=("kaiser", 8.0))
            dull = oaconvolve(clip.signal, taps, mode="same").astype(np.float32)
            wear = WallWear(hiss_db=REAL_HISS_DB[turn])
            made.append(two_walls(dull, clip.sample_rate, wear, 100 * seed + number, bank))
    return made


def noisy_record(clip: Clip, noise: F32, level_db: float) -> TwoWalls:
    """Return a clip with stereo groove noise ``[2, T]`` of its rate on its walls, undamaged."""
    n = min(len(clip.signal), noise.shape[1])
    music = clip.signal[:n]
    loud = float(np.sqrt(np.mean(music**2)) / (np.sqrt(np.mean(noise[:, :n] ** 2)) or 1.0))
    hiss = np.asarray(noise[:, :n] * loud * 10 ** (level_db / 20), np.float32)
    nothing = np.zeros((2, n), np.float32)
    truth = music + hiss.mean(axis=0)
    walls = music + hiss
    return TwoWalls(walls, truth, music, hiss, nothing, nothing > 0, clip.sample_rate)


def measured(name: str, way: Way, records: Sequence[TwoWalls]) -> WallRow:
    """Return what a way gains over the plain sum of the walls."""
    gains = []
    for record in records:
        before = snr_db(record.truth, record.walls.mean(axis=0))
        gains.append(snr_db(record.truth, way(record)) - before)
    return WallRow(name, gains)


def print_head(title: str, records: Sequence[TwoWalls]) -> None:
    """Head of one table."""
    before = [snr_db(record.truth, record.walls.mean(axis=0)) for record in records]
    print(f"\n{title}; {len(records)} records, their sum at {np.mean(before):.1f} dB")
    print(f"{'way':44}{'gain':>8}{'worst':>8}")


def print_row(row: WallRow) -> None:
    """One line of the table."""
    print(f"{row.name:44}{np.mean(row.gain):+8.2f}{np.min(row.gain):+8.2f}", flush=True)


def print_harm(clips: Sequence[Clip]) -> dict[str, list[float]]:
    """What happens to undamaged walls, and to one wall twice."""
    print(
        f"\nUndamaged walls\n{'hiss':>8}{'repairs/s':>12}{'worst':>8}{'SNR to the sum, worst':>24}"
    )
    told: dict[str, list[float]] = {}
    for hiss_db in UNDAMAGED_HISS_DB:
        rates, ratios = [], []
        wear = WallWear(hiss_db=hiss_db, clicks_per_s=0.0, gain_db=0.0, offset=0.0)
        for number, clip in enumerate(clips):
            record = two_walls(clip.signal, clip.sample_rate, wear, number)
            sound, repairs = joint_sound(record.walls, record.sample_rate)
            rates.append(repairs * record.sample_rate / len(sound))
            ratios.append(snr_db(record.walls.mean(axis=0), sound))
        told[f"{hiss_db:g} dB"] = [*rates, *ratios]
        print(f"{hiss_db:8g}{np.mean(rates):12.2f}{max(rates):8.2f}{min(ratios):24.1f}", flush=True)
    twice = [
        snr_db(clip.signal, joint_sound(np.stack([clip.signal] * 2), clip.sample_rate)[0])
        for clip in clips
    ]
    print(f"one wall twice: SNR to it {min(twice):.1f} dB at worst (120 is bit-equal)")
    told["twice"] = twice
    return told


def plot_walls(
    tables: dict[str, list[WallRow]], shown: Sequence[tuple[str, dict[str, F32], int]], path: Path
) -> None:
    """Draw the gains, and beside them spectrograms of one moment by each way."""
    from matplotlib.figure import Figure

    columns = max([len(sounds) for _, sounds, _ in shown], default=1)
    figure = Figure(figsize=(4 * columns, 3.6 + 2.8 * len(shown)), layout="constrained")
    grid = figure.add_gridspec(1 + len(shown), columns)
    axes = figure.add_subplot(grid[0, :])
    for offset, (title, rows) in enumerate(tables.items()):
        heights = [float(np.mean(row.gain)) for row in rows]
        places = np.arange(len(rows)) + 0.8 * offset / len(tables) - 0.4
        axes.bar(places, heights, 0.8 / len(tables), label=title, align="edge")
    names = [row.name for row in next(iter(tables.values()))]
    axes.set_xticks(range(len(names)), [name.replace(", ", ",\n") for name in names], fontsize=7)
    axes.set_ylabel("gain over the sum, dB")
    axes.legend(fontsize=7)
    axes.grid(alpha=0.3, axis="y")
    for line, (title, sounds, rate) in enumerate(shown):
        for column, (name, sound) in enumerate(sounds.items()):
            _spectrogram(
                figure.add_subplot(grid[1 + line, column]), sound, rate, f"{title}: {name}"
            )
    figure.savefig(path, dpi=80)


def _spectrogram(axes: object, sound: F32, rate: int, title: str) -> None:
    hz, seconds, spectrum = stft(sound, rate, nperseg=512, noverlap=384)
    level = 20 * np.log10(np.abs(spectrum) + 1e-6)
    axes.pcolormesh(seconds, hz / 1000, level, vmin=-95, vmax=-25, cmap="magma", rasterized=True)  # type: ignore[attr-defined]
    axes.set_title(title, fontsize=8)  # type: ignore[attr-defined]
    axes.set_ylabel("kHz", fontsize=7)  # type: ignore[attr-defined]
