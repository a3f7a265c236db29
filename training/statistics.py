"""What the impulses and the noise of a recording are like, in numbers. Any thread."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, stft

from model.chain import Impulse
from training.artifacts import programme_peak
from training.click_band import SHORTEST_S, band_signal, measure_click_band
from training.click_finder import running_sigma
from training.find_impulses import Found, run_chain
from training.periodicity import (
    CLEAR,
    Periodicity,
    event_periodicity,
    noise_envelope,
    noise_periodicity,
    swell_depth,
)

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

WINDOW_S = 0.046
QUIET_SHARE = 0.1  # of the bins of a band are taken for noise alone
LEAST_BINS = 8  # of a band in which the noise is sought
BANDS_HZ = (500, 1000, 2000, 4000, 8000, 16000)  # below, music leaves no gaps to measure hiss in
TINY = 1e-12
BAND_SIGMA, APART_S = 8.0, 0.0005  # a click of the band above the music


@dataclass(frozen=True)
class RecordStatistics:
    """One recording (or one synthetic record) in numbers; nan where there is nothing to measure.

    Amplitudes are peaks of what was removed, full scale 1. Emphasis is the RMS share of a band
    in the impulses over its share in the programme. Noise bands are dB within ``BANDS_HZ``
    against the noise's total.
    """

    seconds: float
    sample_rate: int
    total: int
    per_second: float
    mean_amplitude: float
    max_amplitude: float
    mean_amplitude_share: float  # of the programme's peak
    max_amplitude_share: float
    mean_interval: float
    interval_spread: float  # standard deviation over mean: 1 if they come at random
    high_emphasis: float  # above 2 kHz
    mid_emphasis: float  # 0.5 to 2 kHz
    positive_share: float
    median_duration_ms: float
    long_duration_ms: float  # nine in ten are shorter
    noise_level: float  # RMS above 500 Hz, share of the programme's peak
    noise_level_db: float  # the same in dBFS
    noise_bands_db: tuple[float, ...]
    noise_kurtosis: float  # of the upper band: 0 is smooth hiss, more is crackle
    swish_depth: float
    upper_limit_hz: float  # where music and noise end
    music_end_hz: float  # where the music ends and hiss alone goes on
    band_clicks_per_s: float  # above 8 sigma of the hiss, in the band above the music
    band_kurtosis: float  # of that band: 0 is smooth hiss
    impulse_periodicity: Periodicity = field(repr=False)
    noise_periodicity: Periodicity = field(repr=False)


@dataclass(frozen=True)
class Measured:
    """The statistics, and the raw material that the plots show."""

    statistics: RecordStatistics
    found: Found
    events: list[Impulse]
    peaks: F64
    impulse_spectrum: F64
    programme_spectrum: F64
    noise_spectrum: F64
    frequencies: F64


def measure(audio: F32, sample_rate: int) -> Measured:
    """Find and measure the impulses and the noise of ``audio [channels, samples]``."""
    found = run_chain(audio, sample_rate)
    rate, seconds = found.sample_rate, found.restored.shape[1] / found.sample_rate
    events = merged(found.impulses)
    peaks = np.array([_signed_peak(found.removed, event) for event in events])
    programme = found.restored.mean(axis=0).astype(np.float64)
    frequencies, power = _spectrogram(programme, rate)
    noise = _noise_spectrum(power)
    programme_power = power.mean(axis=1) if power.shape[1] else np.zeros(len(frequencies))
    impulse_power = _impulse_spectrum(found, events, len(frequencies))
    level = float(np.sqrt(noise[frequencies >= BANDS_HZ[0]].sum()))
    reference = programme_peak(programme)
    times = np.array([event.start for event in events]) / rate
    turns = noise_periodicity(programme, rate)
    above = _above_the_music(programme + found.removed.mean(axis=0), rate)
    statistics = RecordStatistics(
        seconds=seconds,
        sample_rate=rate,
        **_impulse_numbers(events, peaks, times, seconds, rate, reference),
        high_emphasis=_emphasis(impulse_power, programme_power, frequencies, 2000, rate),
        mid_emphasis=_emphasis(impulse_power, programme_power, frequencies, 500, 2000),
        noise_level=level / reference,
        noise_level_db=float(20 * np.log10(level + TINY)),
        noise_bands_db=_bands_db(noise, frequencies),
        noise_kurtosis=_kurtosis(found.restored.mean(axis=0) + found.removed.mean(axis=0), rate),
        swish_depth=_swish(programme, rate, turns),
        upper_limit_hz=_upper_limit(programme_power, frequencies),
        music_end_hz=above[0],
        band_clicks_per_s=above[1],
        band_kurtosis=above[2],
        impulse_periodicity=event_periodicity(times, seconds),
        noise_periodicity=turns,
    )
    return Measured(
        statistics, found, events, peaks, impulse_power, programme_power, noise, frequencies
    )


def merged(impulses: list[Impulse]) -> list[Impulse]:
    """Count what hit both walls at once a single time."""
    events: list[Impulse] = []
    for impulse in sorted(impulses):
        if events and impulse.start < events[-1].start + events[-1].length:
            last = events[-1]
            end = max(last.start + last.length, impulse.start + impulse.length)
            louder = max(last, impulse, key=lambda each: abs(each.peak))
            events[-1] = louder._replace(start=last.start, length=end - last.start)
        else:
            events.append(impulse)
    return events


def _impulse_numbers(
    events: list[Impulse], peaks: F64, times: F64, seconds: float, rate: int, reference: float
) -> dict[str, Any]:
    sizes, lengths = np.abs(peaks), np.array([event.length for event in events]) * 1000 / rate
    gaps = np.diff(times)
    some = len(events) > 0
    return {
        "total": len(events),
        "per_second": len(events) / seconds if seconds else 0.0,
        "mean_amplitude": float(np.mean(sizes)) if some else float("nan"),
        "max_amplitude": float(np.max(sizes)) if some else float("nan"),
        "mean_amplitude_share": float(np.mean(sizes)) / reference if some else float("nan"),
        "max_amplitude_share": float(np.max(sizes)) / reference if some else float("nan"),
        "mean_interval": float(np.mean(gaps)) if len(gaps) else float("nan"),
        "interval_spread": float(np.std(gaps) / np.mean(gaps)) if len(gaps) > 2 else float("nan"),
        "positive_share": float(np.mean(peaks > 0)) if some else float("nan"),
        "median_duration_ms": float(np.median(lengths)) if some else float("nan"),
        "long_duration_ms": float(np.quantile(lengths, 0.9)) if some else float("nan"),
    }


def _signed_peak(removed: F32, event: Impulse) -> float:
    piece = removed[event.channel, event.start : event.start + event.length]
    if piece.size == 0:
        return event.peak
    return float(piece[np.argmax(np.abs(piece))])


def _spectrogram(audio: F64, rate: int) -> tuple[F64, F64]:
    """Frequencies and power per bin and frame; a frame's sum is its mean square."""
    size = 2 * round(WINDOW_S * rate / 2)
    if len(audio) < size:
        audio = np.pad(audio, (0, size - len(audio)))
    frequencies, _, spectrum = stft(audio, rate, nperseg=size, boundary=None, padded=False)
    power = np.abs(spectrum) ** 2 * 2 * _window_gain(size)
    return frequencies, np.asarray(power)


def _window_gain(size: int) -> float:
    """From scipy's amplitude scaling to mean square, for a Hann window."""
    window = np.hanning(size + 1)[:-1]
    return float(np.sum(window) ** 2 / (size * np.sum(window**2)))


def _noise_spectrum(power: F64) -> F64:
    """Return the power spectrum of what is there between the partials and between the notes.

    In each third of an octave the faintest bins of all moments are taken; single bins of noise
    are exponentially distributed, which says how far below the mean those lie.
    """
    sounding = power[:, power.sum(axis=0) > TINY]
    noise = np.zeros(power.shape[0])
    if sounding.shape[1] == 0:
        return noise
    first = 0
    while first < len(noise):
        last = max(first + LEAST_BINS, round(first * 2 ** (1 / 3)))
        band = sounding[first:last]
        noise[first:last] = np.quantile(band, QUIET_SHARE) / -np.log(1 - QUIET_SHARE)
        first = last
    return noise


def _impulse_spectrum(found: Found, events: list[Impulse], bins: int) -> F64:
    """Mean power spectrum of the removed impulses, each in a window of its own."""
    size = 2 * (bins - 1)
    total = np.zeros(bins)
    for event in events:
        wave = found.removed[event.channel, event.start : event.start + min(event.length, size)]
        total += np.abs(np.fft.rfft(wave, size)) ** 2
    return total / max(1, len(events))


def _emphasis(impulse: F64, programme: F64, frequencies: F64, low: float, high: float) -> float:
    band = (frequencies >= low) & (frequencies < high)
    if not np.any(impulse) or not np.any(programme):
        return float("nan")
    shares = [np.sum(power[band]) / np.sum(power) for power in (impulse, programme)]
    return float(np.sqrt(shares[0] / max(shares[1], TINY)))


def _bands_db(noise: F64, frequencies: F64) -> tuple[float, ...]:
    total = np.sum(noise[frequencies >= BANDS_HZ[0]])
    edges = itertools.pairwise(BANDS_HZ)
    bands = []
    for low, high in edges:
        inside = (frequencies >= low) & (frequencies < high)
        covered = high <= frequencies[-1] * 1.02
        share = np.sum(noise[inside]) / total if total > 0 and covered else 0.0
        bands.append(float(10 * np.log10(share)) if share > 0 else float("nan"))
    return tuple(bands)


def _kurtosis(audio: F32, rate: int) -> float:
    """Excess kurtosis of the upper band in the quieter half of 0.1 s frames."""
    size = rate // 10
    count = len(audio) // size
    sos = butter(4, min(3000.0, 0.3 * rate), "highpass", fs=rate, output="sos")
    upper = sosfilt(sos, audio)[: count * size].reshape(count, size)
    power = np.mean(upper**2, axis=1)
    if not np.any(power > TINY):
        return float("nan")
    quiet = (power <= np.median(power)) & (power > TINY)
    fourth = np.mean(upper[quiet] ** 4, axis=1) / power[quiet] ** 2
    return float(np.mean(fourth)) - 3 if np.any(quiet) else float("nan")


def _swish(programme: F64, rate: int, turns: Periodicity) -> float:
    """How deep the noise swells: with the clearest revolution, else with a usual one."""
    if np.isnan(turns.best_strength):
        return float("nan")
    rpm = turns.best_rpm if turns.best_strength > CLEAR else 78.26
    return swell_depth(noise_envelope(programme, rate), rpm)


def _upper_limit(programme: F64, frequencies: F64) -> float:
    """Below it lies all but a ten-thousandth of the power."""
    total = np.cumsum(programme)
    if total[-1] <= 0:
        return float("nan")
    return float(frequencies[int(np.searchsorted(total, 0.9999 * total[-1]))])


def _above_the_music(audio: F64, rate: int) -> tuple[float, float, float]:
    """Where the music ends, and how the band above it crackles; nan where there is no such band."""
    nothing = float("nan")
    if len(audio) < SHORTEST_S * rate or not np.any(np.abs(audio) > TINY):
        return nothing, nothing, nothing
    edges = measure_click_band(audio, rate)
    if not edges.is_free:
        return nothing, nothing, nothing
    band = band_signal(audio, rate, edges)
    places = np.flatnonzero(np.abs(band) > BAND_SIGMA * running_sigma(band, rate))
    apart = np.diff(places, prepend=-rate) > APART_S * rate
    kurtosis = float(np.mean(band**4) / np.mean(band**2) ** 2) - 3
    return edges.music_end_hz, float(np.sum(apart)) * rate / len(audio), kurtosis
