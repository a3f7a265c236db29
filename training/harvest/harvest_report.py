"""Says and draws what a harvest of clicks found, record by record. Main thread."""

import itertools
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from training.harvest.click_bank import HISS_BINS, ClickBank
from training.harvest.click_finder import share_explained
from training.harvest.click_harvest import RATE, Harvest
from training.signals.periodicity import CLEAR, event_periodicity

F64 = NDArray[np.float64]

THRESHOLDS = (6, 8, 12, 20, 40)  # sigma
CLOSE_S = 0.005  # two clicks of one cluster
COLOUR_HZ = (4000, 5000, 6500, 8000, 10_000, 12_500, 16_000, 20_000)  # the first is the reference
N_FFT = 512
COLUMNS = 2  # records side by side
INK, WARM, PALE = "#1f5673", "#c8553d", "#777777"


def print_harvest(console: Console, harvests: list[Harvest], bank: ClickBank) -> None:
    """Print a column of figures per record, then what the bank keeps."""
    for first in range(0, len(harvests), COLUMNS):
        chosen = range(first, min(first + COLUMNS, len(harvests)))
        console.print(_table(harvests, bank, chosen))
    for role, named in (("train", "for training"), ("test", "held out")):
        parts = bank.parts(role)  # type: ignore[arg-type]
        count = sum(len(bank.within(part)) for part in parts)
        seconds = sum(part.seconds for part in parts)
        console.print(f"{named}: {count} clicks in {seconds:.1f} s, {len(parts)} stretches")


def _table(harvests: list[Harvest], bank: ClickBank, chosen: range) -> Table:
    table = Table(title="Clicks in the band above the music", title_justify="left")
    table.add_column("")
    figures = [_figures(harvests[number], bank, number) for number in chosen]
    for number in chosen:
        table.add_column(harvests[number].name, justify="right", overflow="fold")
    for name in figures[0]:
        table.add_row(name, *(figure[name] for figure in figures))
    return table


def _figures(one: Harvest, bank: ClickBank, number: int) -> dict[str, str]:
    found, seconds = one.found, one.seconds
    times = found.starts / RATE
    lengths = np.array([len(wave) for wave in found.waves]) * 1000 / RATE
    clicks = sum(float(np.sum(wave**2)) for wave in found.waves)
    signal = float(np.sum(one.audio**2))
    rate = {
        f"a second, above {sigma} sigma": f"{np.sum(found.heights > sigma) / seconds:.1f}"
        for sigma in THRESHOLDS
    }
    return {
        "length, s": f"{seconds:.1f}",
        "music ends, Hz": f"{one.band.music_end_hz:.0f}",
        "transfer ends, Hz": f"{one.band.transfer_end_hz:.0f}",
        "clicks a second": f"{len(times) / seconds:.1f}",
        "of candidates accepted": f"{100 * len(times) / found.n_candidates:.0f} %",
        **rate,
        "length median, ms": f"{np.median(lengths):.2f}",
        "length p95, ms": f"{np.percentile(lengths, 95):.2f}",
        "height median, sigma": f"{np.median(found.heights):.1f}",
        "height p95, sigma": f"{np.percentile(found.heights, 95):.1f}",
        "upwards": f"{100 * np.mean([_points_up(wave) for wave in found.waves]):.0f} %",
        "close behind another": f"{100 * clustered(times):.0f} % (chance "
        f"{100 * (1 - np.exp(-CLOSE_S * len(times) / seconds)):.0f} %)",
        "revolution": _revolution(times, seconds),
        "click energy re signal, dB": f"{10 * np.log10(clicks / signal):.1f}",
        "of the band's excess energy": f"{100 * share_explained(found):.0f} %",
        "kurtosis of the band": f"{_kurtosis(found.band_before):.1f} -> "
        f"{_kurtosis(found.band_after):.1f}",
        "signal, dBFS": f"{20 * np.log10(bank.level[number] + 1e-12):.1f}",
        "hiss, dBFS": f"{20 * np.log10(bank.hiss_level[number] + 1e-12):.1f}",
        **_colour(bank.hiss_power[number]),
    }


def clustered(times: F64) -> float:
    """Share of the clicks that come within 5 ms of the one before."""
    return float(np.mean(np.diff(times) < CLOSE_S)) if len(times) > 1 else float("nan")


def _points_up(wave: F64) -> bool:
    return bool(wave[np.argmax(np.abs(wave))] > 0)


def _revolution(times: F64, seconds: float) -> str:
    turns = event_periodicity(times, seconds)
    if np.isnan(turns.best_strength):
        return "too short to tell"
    rpm, strength = turns.strongest
    verdict = "clear" if strength > CLEAR else "not clear"
    return f"{rpm:.1f} rpm, {60 / rpm:.3f} s ({strength:.1f}, {verdict})"


def _kurtosis(signal: F64) -> float:
    return float(np.mean(signal**4) / np.mean(signal**2) ** 2)


def _colour(power: F64) -> dict[str, str]:
    frequency = np.linspace(0, RATE / 2, HISS_BINS)
    levels = [
        10 * np.log10(power[(frequency >= low) & (frequency < high)].mean() + 1e-20)
        for low, high in itertools.pairwise(COLOUR_HZ)
    ]
    return {
        f"hiss {low / 1000:g}-{high / 1000:g} kHz re 4-5, dB": f"{level - levels[0]:+.1f}"
        for (low, high), level in zip(itertools.pairwise(COLOUR_HZ[1:]), levels[1:], strict=True)
    }


def plot_harvest(path: Path, harvests: list[Harvest], bank: ClickBank) -> None:
    """Draw, for every record: clicks in time, heights, lengths, spectra of clicks and hiss."""
    figure = Figure(figsize=(15, 3.6 * len(harvests)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(harvests), 4, squeeze=False)
    for number, (one, row) in enumerate(zip(harvests, grid, strict=True)):
        _draw_times(row[0], one)
        _draw_distribution(row[1], one.found.heights, "height, sigma of the hiss")
        lengths = np.array([len(wave) for wave in one.found.waves]) * 1000 / RATE
        _draw_distribution(row[2], lengths, "length, ms")
        _draw_spectra(row[3], one, bank.hiss_power[number])
    figure.savefig(path, dpi=110)


def _draw_times(axes: Axes, one: Harvest) -> None:
    axes.semilogy(one.found.starts / RATE, one.found.heights, ".", color=WARM, ms=2)
    axes.set(title=one.name, xlabel="s", ylabel="height, sigma")
    axes.yaxis.set_major_formatter("{x:g}")


def _draw_distribution(axes: Axes, values: F64, label: str) -> None:
    edges = np.geomspace(np.min(values), np.max(values) * 1.01, 40)
    axes.hist(values, edges.tolist(), color=INK)
    axes.set(xscale="log", xlabel=label, ylabel="clicks")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def click_spectrum(one: Harvest) -> F64:
    """Mean power of the clicks per Hz and second, ``[N_FFT / 2 + 1]``."""
    total = np.zeros(N_FFT // 2 + 1)
    for wave in one.found.waves:
        total += np.abs(np.fft.rfft(wave[:N_FFT], N_FFT)) ** 2
    return total * 2 / RATE / len(one.audio)


def _draw_spectra(axes: Axes, one: Harvest, hiss: F64) -> None:
    frequency = np.linspace(0, RATE / 2, N_FFT // 2 + 1)
    clicks = click_spectrum(one)
    axes.semilogx(frequency[1:], 10 * np.log10(clicks[1:] + 1e-20), color=WARM, label="clicks")
    usual = clicks.mean() / hiss.mean()
    axes.semilogx(
        np.linspace(0, RATE / 2, HISS_BINS)[1:],
        10 * np.log10(hiss[1:] * usual + 1e-20),
        color=PALE,
        label="hiss (its own level)",
    )
    for edge in (one.band.music_end_hz, one.band.transfer_end_hz):
        axes.axvline(edge, color=INK, ls=":", lw=1)
    axes.set(xlim=(100, RATE / 2), xlabel="Hz", ylabel="dB per Hz")
    axes.legend(fontsize=8)
