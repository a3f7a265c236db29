"""Real clicks under real hiss, with the truth known: a bank's held-out track over clean clips.

Music that ends early, hiss of the disc's own colour, the disc's own clicks at their own height and
density; some as quiet as a raw flat transfer. Any thread.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import firwin, firwin2, oaconvolve

from training.benchmarks.clips import PEAK, Clip
from training.harvest.click_bank import ClickBank

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

CUTS_HZ = (4000.0, 5000.0, 6500.0)  # where acoustic and early electric recordings end
LOUD_HISS_DB = (11.0, 14.0, 18.0)  # below the music, as on the worn disc
FAINT_HISS_DB = (22.0, 26.0, 30.0)
CLICK_SNR_DB = 12.0  # music and hiss against clicks, as on the disc
RAW_DBFS = -36.0  # RMS of a flat transfer that nobody has amplified
CUT_TAPS, HISS_TAPS = 1023, 1025


class Case(NamedTuple):
    """One clip made into a record; ``truth`` is music and hiss, ``mask`` says where clicks are."""

    name: str
    truth: F32
    worn: F32
    mask: Mask
    sample_rate: int
    is_raw: bool


def cases(clips: Sequence[Clip], bank: ClickBank, hiss_db: Sequence[float]) -> list[Case]:
    """Every clip with every cut; the hiss and the level take turns."""
    made = []
    for number, clip in enumerate(clips):
        music = _at_rate(clip, bank.sample_rate)
        for turn, cut in enumerate(CUTS_HZ):
            below = hiss_db[(number + turn) % len(hiss_db)]
            is_raw = (number + turn) % 2 == 0
            made.append(_case(clip.name, music, bank, (cut, below), is_raw, (number, turn)))
    return made


def _case(
    name: str,
    music: F64,
    bank: ClickBank,
    cut_and_hiss: tuple[float, float],
    is_raw: bool,
    seed: tuple[int, int],
) -> Case:
    cut, below = cut_and_hiss
    rng = np.random.default_rng((78, *seed))
    rate, n = bank.sample_rate, len(music)
    taps = firwin(CUT_TAPS, cut, fs=rate, window=("kaiser", 8.0))
    dull = oaconvolve(music, taps, mode="same")
    hiss = disc_hiss(rng, n, bank)
    truth = dull + hiss * np.sqrt(np.mean(dull**2)) * 10 ** (-below / 20)
    start = int(rng.integers(0, n))
    layer, mask = bank.long_track("test", n, start)
    clicks = layer * np.sqrt(np.mean(truth**2) / np.mean(layer**2)) * 10 ** (-CLICK_SNR_DB / 20)
    level = 10 ** (RAW_DBFS / 20) / np.sqrt(np.mean(truth**2))
    if not is_raw:
        level = PEAK / max(np.max(np.abs(truth + clicks)), 1e-9)
    truth32 = np.asarray(level * truth, np.float32)
    worn = np.asarray(truth32 + (level * clicks).astype(np.float32), np.float32)
    label = f"{name}, music to {cut / 1000:g} kHz, hiss -{below:g} dB"
    return Case(label, truth32, worn, mask, rate, is_raw)


def disc_hiss(rng: np.random.Generator, n_samples: int, bank: ClickBank, record: int = 0) -> F64:
    """Noise with the colour of a record's hiss, RMS 1."""
    frequency = np.linspace(0, bank.sample_rate / 2, 257)
    gain = bank.hiss_gain(record, frequency)
    taps = firwin2(HISS_TAPS, frequency, gain, fs=bank.sample_rate)
    noise = oaconvolve(rng.standard_normal(n_samples), taps, mode="same")
    return np.asarray(noise / (np.sqrt(np.mean(noise**2)) or 1.0))


def _at_rate(clip: Clip, sample_rate: int) -> F64:
    if clip.sample_rate == sample_rate:
        return clip.signal.astype(np.float64)
    return np.asarray(soxr.resample(clip.signal.astype(np.float64), clip.sample_rate, sample_rate))
