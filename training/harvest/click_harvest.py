"""Turns recordings into a bank of clicks: reads, measures, extracts, says what it left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import stft

from model.errors import RestorationError
from training.harvest.click_band import SHORTEST_S, ClickBand, measure_click_band
from training.harvest.click_bank import HISS_BINS, ClickBank, alternating
from training.harvest.click_finder import FoundClicks, find_clicks
from training.signals.audio_files import load_audio

F64 = NDArray[np.float64]

RATE = 44_100
QUIET_SHARE = 0.1  # of the moments show the hiss below the music's end
COLOUR_SMOOTHING = 3  # bins
EDGE_BINS = 8  # just above the music, some 0.7 kHz


class Harvest(NamedTuple):
    """What one record gave; ``audio`` is mono at ``RATE``."""

    name: str
    audio: F64
    band: ClickBand
    found: FoundClicks

    @property
    def seconds(self) -> float:
        """Length of the record."""
        return len(self.audio) / RATE


def harvest(path: Path, threshold: float) -> Harvest:
    """Find and extract the clicks of one record.

    Raises
    ------
    RestorationError
        If it cannot be read, is too short, or has no band above its music.
    """
    audio, rate = load_audio(path)
    mono = audio.mean(axis=0).astype(np.float64)
    if rate != RATE:
        mono = np.asarray(soxr.resample(mono, rate, RATE, "VHQ"))
    if len(mono) < SHORTEST_S * RATE:
        raise RestorationError(f"{path} lasts {len(mono) / RATE:.2f} s; at least 1 s is needed")
    band = measure_click_band(mono, RATE)
    if not band.is_free:
        raise RestorationError(
            f"{path} has no band above the music: that ends at {band.music_end_hz:.0f} Hz, "
            f"the transfer at {band.transfer_end_hz:.0f} Hz; an octave more is needed"
        )
    found = find_clicks(mono, RATE, band, threshold)
    if not len(found.starts):
        raise RestorationError(f"{path} has no clicks that stand clear of its hiss")
    return Harvest(path.stem, mono, band, found)


def bank_of(
    harvests: Sequence[Harvest], origin: str, hold_out_every: int, stretch_s: float, gap_s: float
) -> ClickBank:
    """Put the clicks of all records together."""
    waves = [wave for one in harvests for wave in one.found.waves]
    counts = [len(one.found.waves) for one in harvests]
    hiss = [hiss_of(one) for one in harvests]
    seconds = np.array([one.seconds for one in harvests])
    return ClickBank(
        sample_rate=RATE,
        waves=np.concatenate(waves).astype(np.float32),
        offsets=np.concatenate([[0], np.cumsum([len(wave) for wave in waves])]).astype(np.int64),
        times=np.concatenate([one.found.starts / RATE for one in harvests]),
        heights=np.concatenate([one.found.heights for one in harvests]),
        excess=np.concatenate([one.found.excess for one in harvests]),
        record=np.repeat(np.arange(len(harvests)), counts),
        names=tuple(one.name for one in harvests),
        seconds=seconds,
        music_end_hz=np.array([one.band.music_end_hz for one in harvests]),
        transfer_end_hz=np.array([one.band.transfer_end_hz for one in harvests]),
        level=np.array([np.sqrt(np.mean(one.found.cleaned**2)) for one in harvests]),
        hiss_level=np.array([np.sqrt(power.mean() * RATE / 2) for power in hiss]),
        hiss_power=np.stack([power / power.mean() for power in hiss]),
        stretches=alternating(seconds.tolist(), stretch_s, gap_s, hold_out_every),
        origin=origin,
    )


def hiss_of(one: Harvest) -> F64:
    """Power density of the record's hiss per Hz, ``[HISS_BINS]``, its clicks taken out.

    Above the music the mean tells it; below, the quietest moments do, but nothing more than just
    above: what is louder there is music and rumble, for hiss has no steps.
    """
    n_fft = 2 * (HISS_BINS - 1)
    frequency, _, spectrum = stft(
        one.found.cleaned, RATE, nperseg=n_fft, boundary=None, scaling="psd"
    )
    power = np.abs(spectrum) ** 2
    # The power of noise is exponentially distributed: a quantile tells the mean.
    quiet = np.quantile(power, QUIET_SHARE, axis=1) / -np.log(1 - QUIET_SHARE)
    above = frequency > one.band.detection_hz[0]
    density = np.where(above, power.mean(axis=1), quiet)
    edge = int(np.searchsorted(frequency, one.band.music_end_hz))
    ceiling = float(np.mean(density[edge : edge + EDGE_BINS]))
    density[:edge] = np.minimum(density[:edge], ceiling)
    kernel = np.ones(COLOUR_SMOOTHING) / COLOUR_SMOOTHING
    return np.convolve(np.pad(density, COLOUR_SMOOTHING // 2, mode="edge"), kernel, "valid")
