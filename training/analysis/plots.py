"""Pictures of an analysis and of a comparison. No window, no global figure; any thread."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from training.analysis.statistics import BANDS_HZ, Measured
from training.signals.periodicity import (
    CLEAR,
    SEARCHED_RPM,
    SPEEDS_RPM,
    event_strengths,
    noise_strengths,
)

POINTS = 4000  # of a drawn waveform
FARTHEST = 4.0  # distance that is drawn
REAL, MADE = "#1f5673", "#c8553d"
PALE = "#777777"
LEAST_DB = -80.0  # of a drawn spectrum: where a disc ends, numbers go on falling
WAVE = "#8fb0c2"  # pale, so that the impulses are seen on it


def save_analysis_plot(path: Path, measured: Measured, title: str) -> None:
    """Draw waveform with impulses, histograms, spectra and the rate over time."""
    figure = Figure(figsize=(14, 10), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic("WWWWWW;AAAIII;SSRRPP")
    figure.suptitle(title)
    _waveform(axes["W"], measured)
    _amplitudes(axes["A"], [(measured, "removed peaks", REAL)])
    _intervals(axes["I"], [(measured, "intervals", REAL)])
    _spectra(axes["S"], measured)
    _rate(axes["R"], measured)
    _periods(axes["P"], measured)
    figure.savefig(path, dpi=110)


def save_comparison_plot(
    path: Path, title: str, real: Measured, synthetic: Measured, distances: dict[str, float]
) -> None:
    """Draw real against synthetic: amplitudes, intervals, noise spectra, distances by name."""
    figure = Figure(figsize=(13, 9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplot_mosaic("AI;SD")
    figure.suptitle(f"{title}: real against synthetic")
    both = [(real, "real", REAL), (synthetic, "synthetic", MADE)]
    _amplitudes(axes["A"], both)
    _intervals(axes["I"], both)
    for measured, name, colour in both:
        level = measured.noise_spectrum / max(measured.noise_spectrum.sum(), 1e-20)
        _decibels(axes["S"], measured, level, f"noise, {name}", colour)
    axes["S"].set_title("spectrum of the surface noise")
    axes["S"].legend()
    _distances(axes["D"], distances)
    figure.savefig(path, dpi=110)


def _distances(axes: Axes, distances: dict[str, float]) -> None:
    known = [math.isfinite(distance) for distance in distances.values()]
    drawn = [
        min(d, FARTHEST) if there else 0.0
        for d, there in zip(distances.values(), known, strict=True)
    ]
    bars = axes.barh(list(distances), drawn, color=REAL)
    said = ["" if there else "too little to tell" for there in known]
    axes.bar_label(bars, said, padding=4, color=PALE, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="k", ls=":", lw=1)
    axes.set_title("distance: 0 equal, 1 clearly different")
    axes.set_xlim(0, FARTHEST)


def _waveform(axes: Axes, measured: Measured) -> None:
    wave = (measured.found.restored + measured.found.removed).mean(axis=0)
    rate = measured.found.sample_rate
    step = max(1, len(wave) // POINTS)
    count = len(wave) // step
    pieces = wave[: count * step].reshape(count, step)
    t = np.arange(count) * step / rate
    axes.fill_between(t, pieces.min(axis=1), pieces.max(axis=1), color=WAVE, lw=0.5)
    times = [event.start / rate for event in measured.events]
    axes.plot(times, measured.peaks, "o", color=MADE, ms=3, label="peak of what was removed")
    plural = "" if len(times) == 1 else "s"
    axes.set_title(f"waveform with {len(times)} impulse{plural}")
    axes.set_xlabel("s")
    axes.set_ylabel("amplitude")
    axes.margins(x=0.01)
    axes.legend(loc="upper right")


def _amplitudes(axes: Axes, several: list[tuple[Measured, str, str]]) -> None:
    edges = np.geomspace(1e-4, 2, 40).tolist()
    for measured, name, colour in several:
        _histogram(axes, np.abs(measured.peaks), edges, colour, name, shares=len(several) > 1)
    axes.set_title("amplitude of impulses (full scale 1)")
    axes.set_ylabel("impulses" if len(several) == 1 else "share of the impulses")
    axes.legend()


def _intervals(axes: Axes, several: list[tuple[Measured, str, str]]) -> None:
    edges = np.geomspace(1e-4, 20, 40).tolist()
    for measured, name, colour in several:
        gaps = np.diff([event.start for event in measured.events]) / measured.found.sample_rate
        _histogram(axes, gaps, edges, colour, name, shares=len(several) > 1)
    axes.set_title("interval to the next impulse (s)")
    axes.set_ylabel("intervals" if len(several) == 1 else "share of the intervals")
    if all(len(measured.events) < 2 for measured, _, _ in several):
        _say(axes, "fewer than two impulses")
    axes.legend()


def _histogram(
    axes: Axes, values: Any, edges: list[float], colour: str, name: str, *, shares: bool
) -> None:
    """Two recordings of different length are compared by shares, one is counted."""
    weights = np.full(len(values), 1 / max(1, len(values)) if shares else 1.0)
    axes.hist(values, edges, weights=weights, color=colour, alpha=0.6, label=name)
    axes.set_xscale("log")


def _spectra(axes: Axes, measured: Measured) -> None:
    curves = (
        (measured.programme_spectrum, "programme", REAL),
        (measured.impulse_spectrum, "impulses", MADE),
        (measured.noise_spectrum, "surface noise", PALE),
    )
    for power, name, colour in curves:
        if np.any(power):
            _decibels(axes, measured, power / power.sum(), name, colour)
    axes.set_title("spectra against their totals")
    axes.legend()


def _decibels(axes: Axes, measured: Measured, power: Any, name: str, colour: str) -> None:
    axes.semilogx(
        measured.frequencies[1:],
        10 * np.log10(np.maximum(power[1:], 10 ** (LEAST_DB / 10))),
        color=colour,
        label=name,
        lw=1,
    )
    axes.set_xlim(30, BANDS_HZ[-1] * 1.25)
    axes.set_xlabel("Hz")
    axes.set_ylabel("dB per bin")


def _rate(axes: Axes, measured: Measured) -> None:
    rate = measured.found.sample_rate
    seconds = measured.statistics.seconds
    width = max(0.5, seconds / 100)
    edges = np.linspace(0, max(seconds, 1e-3), max(1, round(seconds / width)) + 1)
    counts, _ = np.histogram([event.start / rate for event in measured.events], edges)
    axes.stairs(counts / np.diff(edges), edges, color=REAL)
    axes.set_ylim(bottom=0)
    axes.set_title("impulses per second over time")
    axes.set_xlabel("s")


def _periods(axes: Axes, measured: Measured) -> None:
    """Draw how strongly things come back at each speed of the turntable."""
    found = measured.found
    times = np.array([event.start / found.sample_rate for event in measured.events])
    programme = found.restored.mean(axis=0).astype(np.float64)
    curves = (
        (noise_strengths(programme, found.sample_rate), "noise", PALE),
        (event_strengths(times, measured.statistics.seconds), "impulses", MADE),
    )
    highest = CLEAR
    for (rpm, strengths), name, colour in curves:
        axes.plot(rpm, strengths, color=colour, lw=1, label=name)
        highest = max(highest, float(np.max(strengths, initial=0.0)))
        if len(rpm) and np.max(strengths) > CLEAR:
            best = int(np.argmax(strengths))
            place = (rpm[best], strengths[best])
            said = f"{rpm[best]:.2f} rpm: {60 / rpm[best]:.3f} s"
            axes.annotate(said, place, (4, -2), textcoords="offset points", color=colour)
    if not any(len(rpm) for (rpm, _), _, _ in curves):
        _say(axes, "too short to tell")
    axes.axhline(CLEAR, color="k", ls=":", lw=1, label="no accident above")
    axes.axvline(SPEEDS_RPM[0], color=REAL, ls="--", lw=1, label=f"{SPEEDS_RPM[0]} rpm")
    axes.set_xlim(*SEARCHED_RPM)
    axes.set_ylim(0, 1.6 * highest)  # room for the legend
    axes.set_title("coming back with each turn")
    axes.set_xlabel("rpm")
    axes.set_ylabel("strength, 1 is chance")
    axes.legend(ncols=2, fontsize=8)


def _say(axes: Axes, what: str) -> None:
    axes.text(0.5, 0.5, what, ha="center", transform=axes.transAxes, color=PALE)
