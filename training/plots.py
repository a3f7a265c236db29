"""Pictures of an analysis and of a comparison. No window, no global figure; any thread."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.statistics import BANDS_HZ, Measured

POINTS = 4000  # of a drawn waveform
REAL, MADE = "#1f5673", "#c8553d"


def save_analysis_plot(path: Path, measured: Measured, title: str) -> None:
    """Draw waveform with impulses, histograms, spectra and the rate over time."""
    figure = Figure(figsize=(12, 9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic("WW;AI;SR")
    figure.suptitle(title)
    _waveform(axes["W"], measured)
    _amplitudes(axes["A"], [(measured, "removed peaks", REAL)])
    _intervals(axes["I"], [(measured, "intervals", REAL)])
    _spectra(axes["S"], measured)
    _rate(axes["R"], measured)
    figure.savefig(path, dpi=110)


def save_comparison_plot(
    path: Path, real: Measured, synthetic: Measured, distances: dict[str, float]
) -> None:
    """Draw real against synthetic: amplitudes, intervals, noise spectra, distances."""
    figure = Figure(figsize=(12, 9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic("AI;SD")
    both = [(real, "real", REAL), (synthetic, "synthetic", MADE)]
    _amplitudes(axes["A"], both)
    _intervals(axes["I"], both)
    for measured, name, colour in both:
        level = measured.noise_spectrum / max(measured.noise_spectrum.sum(), 1e-20)
        _decibels(axes["S"], measured, level, f"noise, {name}", colour)
    axes["S"].set_title("spectrum of the surface noise")
    axes["S"].legend()
    names = list(distances)
    axes["D"].barh(names, [min(distances[name], 4.0) for name in names], color=REAL)
    axes["D"].set_title("distance per statistic (0 equal, 1 clearly different, drawn up to 4)")
    figure.savefig(path, dpi=110)


def _waveform(axes: Axes, measured: Measured) -> None:
    wave = (measured.found.restored + measured.found.removed).mean(axis=0)
    rate = measured.found.sample_rate
    step = max(1, len(wave) // POINTS)
    count = len(wave) // step
    pieces = wave[: count * step].reshape(count, step)
    t = np.arange(count) * step / rate
    axes.fill_between(t, pieces.min(axis=1), pieces.max(axis=1), color=REAL, lw=0.5)
    times = [event.start / rate for event in measured.events]
    axes.plot(times, measured.peaks, ".", color=MADE, ms=4, label="impulses")
    axes.set_title(f"waveform with {len(times)} impulses")
    axes.set_xlabel("s")


def _amplitudes(axes: Axes, several: list[tuple[Measured, str, str]]) -> None:
    edges = np.geomspace(1e-4, 2, 40).tolist()
    for measured, name, colour in several:
        axes.hist(np.abs(measured.peaks), edges, color=colour, alpha=0.6, label=name)
    axes.set_xscale("log")
    axes.set_title("amplitude of impulses (full scale 1)")
    axes.legend()


def _intervals(axes: Axes, several: list[tuple[Measured, str, str]]) -> None:
    edges = np.geomspace(1e-4, 20, 40).tolist()
    for measured, name, colour in several:
        starts = np.array([event.start for event in measured.events])
        axes.hist(
            np.diff(starts) / measured.found.sample_rate, edges, color=colour, alpha=0.6, label=name
        )
    axes.set_xscale("log")
    axes.set_title("interval to the next impulse (s)")
    axes.legend()


def _spectra(axes: Axes, measured: Measured) -> None:
    curves = (
        (measured.programme_spectrum, "programme", REAL),
        (measured.impulse_spectrum, "impulses", MADE),
        (measured.noise_spectrum, "surface noise", "#777777"),
    )
    for power, name, colour in curves:
        if np.any(power):
            _decibels(axes, measured, power / power.sum(), name, colour)
    axes.set_title("spectra, each against its total (dB per bin)")
    axes.legend()


def _decibels(axes: Axes, measured: Measured, power: Any, name: str, colour: str) -> None:
    axes.semilogx(
        measured.frequencies[1:],
        10 * np.log10(np.maximum(power[1:], 1e-10)),
        color=colour,
        label=name,
        lw=1,
    )
    axes.set_xlim(30, BANDS_HZ[-1] * 1.25)
    axes.set_xlabel("Hz")


def _rate(axes: Axes, measured: Measured) -> None:
    rate = measured.found.sample_rate
    seconds = measured.statistics.seconds
    width = max(0.5, seconds / 100)
    edges = np.arange(0, seconds + width, width)
    counts, _ = np.histogram([event.start / rate for event in measured.events], edges)
    axes.step(edges[:-1], counts / width, where="post", color=REAL)
    axes.set_title("impulses per second over time")
    axes.set_xlabel("s")
