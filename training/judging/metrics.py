"""How good a restoration is, against the truth. Signals are mono ``[T]``; any thread.

Empty input gives nan, a perfect restoration the best value that the measure knows.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from scipy.signal import stft

from training.dirt.impulses import PlacedImpulse
from training.signals.audio_files import resampled

Wave = NDArray[np.float32]
Mask = NDArray[np.bool_]

FRAME_S = 0.02
SEGMENT_LIMITS_DB = (-10.0, 35.0)  # usual for segmental SNR
QUIET_SEGMENT_DB = -50.0  # below the mean level; there is no music in it
FLOOR_DB = -80.0  # below the loudest bin; not heard
TOLERANCE_S = 0.0005  # how far off a detection may be


class Detection(NamedTuple):
    """Precision, recall and their harmonic mean, by impulses."""

    precision: float
    recall: float
    f1: float


def snr_db(target: Wave, signal: Wave) -> float:
    """Return the signal-to-noise ratio in dB; inf if equal."""
    if target.size == 0:
        return float("nan")
    power = float(np.sum(target.astype(np.float64) ** 2))
    error = float(np.sum((signal.astype(np.float64) - target) ** 2))
    if error == 0:
        return float("inf")
    return float(10 * np.log10(power / error)) if power > 0 else float("-inf")


def segmental_snr_db(target: Wave, signal: Wave, sample_rate: int) -> float:
    """Return the mean SNR of 20 ms segments that hold music, each limited to -10..35 dB."""
    frames = _frames(target, sample_rate), _frames(signal, sample_rate)
    power = np.sum(frames[0] ** 2, axis=1)
    error = np.sum((frames[1] - frames[0]) ** 2, axis=1)
    if not np.any(power):
        return float("nan")
    loud = power > np.mean(power) * 10 ** (QUIET_SEGMENT_DB / 10)
    ratio = 10 * np.log10(power[loud] / np.maximum(error[loud], 1e-20))
    return float(np.mean(np.clip(ratio, *SEGMENT_LIMITS_DB)))


def impulse_removal_rate(
    degraded: Wave,
    restored: Wave,
    target: Wave,
    events: Sequence[PlacedImpulse],
    by_db: float = 10.0,
) -> float:
    """Return the share of impulses whose error became at least ``by_db`` smaller.

    ``target`` is the signal without impulses, surface noise included if it was left in.
    """
    factor = 10 ** (-by_db / 10)
    removed = []
    for event in events:
        place = slice(event.start, event.start + event.length)
        before = np.sum((degraded[place].astype(np.float64) - target[place]) ** 2)
        after = np.sum((restored[place].astype(np.float64) - target[place]) ** 2)
        if before > 0:
            removed.append(after <= factor * before)
    return float(np.mean(removed)) if removed else float("nan")


def detection_scores(
    found: Mask, truth: Mask, sample_rate: int, neutral: Mask | None = None
) -> Detection:
    """Compare stretches of found samples with stretches of true ones.

    Parameters
    ----------
    neutral : bool [T], optional
        Places where a detection counts neither way, such as inaudible impulses.
    """
    reach = 1 + 2 * round(TOLERANCE_S * sample_rate)
    near_found = binary_dilation(found, np.ones(reach, bool))
    allowed = truth if neutral is None else truth | neutral
    near_truth = binary_dilation(allowed, np.ones(reach, bool))
    hits = [near_found[a:b].any() for a, b in stretches(truth)]
    right = [near_truth[a:b].any() for a, b in stretches(found)]
    recall = float(np.mean(hits)) if hits else float("nan")
    precision = float(np.mean(right)) if right else float("nan")
    if not hits or not right:
        return Detection(precision, recall, 0.0 if hits or right else float("nan"))
    both = precision + recall
    return Detection(precision, recall, 2 * precision * recall / both if both else 0.0)


def stretches(mask: Mask) -> list[tuple[int, int]]:
    """Return start and end of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def transient_preservation(target: Wave, restored: Wave, sample_rate: int) -> float:
    """Return the correlation of the two onset envelopes: 1 if every attack is as it was."""
    envelopes = [_onsets(wave, sample_rate) for wave in (target, restored)]
    if envelopes[0].size < 2 or any(np.std(envelope) < 1e-9 for envelope in envelopes):
        return float("nan")
    return float(np.corrcoef(envelopes[0], envelopes[1])[0, 1])


def spectral_flatness(signal: Wave, sample_rate: int) -> float:
    """Return the mean flatness of the frames that sound: 0 for a tone, near 0.56 for noise."""
    power = _power(signal, sample_rate)
    level = power.sum(axis=0)
    power = power[:, level > np.max(level, initial=0.0) * 1e-6]
    if power.shape[1] == 0:
        return float("nan")
    power = np.maximum(power, np.max(power) * 1e-12)
    return float(np.mean(np.exp(np.mean(np.log(power), axis=0)) / np.mean(power, axis=0)))


def log_spectral_distance(target: Wave, restored: Wave, sample_rate: int) -> float:
    """Return the distance of the two spectrograms in dB; 0 if equal."""
    powers = [_power(wave, sample_rate) for wave in (target, restored)]
    loudest = np.max(powers[0], initial=0.0)
    if loudest <= 0:
        return float("nan")
    floor = loudest * 10 ** (FLOOR_DB / 10)
    difference = 10 * np.log10(np.maximum(powers[0], floor) / np.maximum(powers[1], floor))
    return float(np.mean(np.sqrt(np.mean(difference**2, axis=0))))


def pesq_score(target: Wave, restored: Wave, sample_rate: int) -> float:
    """Return wide-band PESQ at 16 kHz; nan without the ``pesq`` package, or without speech."""
    if not (np.any(target) and np.any(restored)):
        return float("nan")
    try:
        from pesq import PesqError, pesq
    except ImportError:
        return float("nan")
    waves = [resampled(wave, 16000 / sample_rate) for wave in (target, restored)]
    try:
        return float(pesq(16000, waves[0], waves[1], "wb"))
    except PesqError:  # no speech found in it, or less than a quarter of a second
        return float("nan")


def _frames(signal: Wave, sample_rate: int) -> NDArray[np.float64]:
    size = max(1, round(FRAME_S * sample_rate))
    count = len(signal) // size
    return signal[: count * size].astype(np.float64).reshape(count, size)


def _power(signal: Wave, sample_rate: int) -> NDArray[np.float64]:
    size = min(len(signal), 2 * round(FRAME_S * sample_rate))
    if size < 8:
        return np.zeros((1, 0))
    _, _, spectrum = stft(signal.astype(np.float64), sample_rate, nperseg=size, boundary=None)
    return np.asarray(np.abs(spectrum) ** 2)


def _onsets(signal: Wave, sample_rate: int) -> NDArray[np.float64]:
    """Rise of the log spectrum from frame to frame, summed over the bands that sound."""
    power = _power(signal, sample_rate)
    if power.shape[1] < 2:
        return np.zeros(0)
    level = np.log10(np.maximum(power, np.max(power) * 1e-5 + 1e-20))
    return np.asarray(np.maximum(np.diff(level, axis=1), 0).sum(axis=0))
