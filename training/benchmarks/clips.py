"""Clean mono clips for the benchmarks, and the ratio that they are measured by. Any thread."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.errors import RestorationError

F32 = NDArray[np.float32]

PEAK = 0.7
FADE_S = 0.02
CAP_DB = 120.0  # bit-exact output is printed as this


class Clip(NamedTuple):
    """A clean mono clip."""

    name: str
    signal: F32
    sample_rate: int


def snr_db(truth: F32, signal: F32) -> float:
    """Signal-to-noise ratio, at most ``CAP_DB``."""
    power = float(np.sum(truth.astype(np.float64) ** 2))
    error = float(np.sum((truth.astype(np.float64) - signal) ** 2))
    return float(10 * np.log10(power / max(error, power * 10 ** (-CAP_DB / 10))))


def read_clip(path: Path, seconds: float) -> Clip:
    """Read the middle of a file, mono, peak 0.7, ends faded over 20 ms."""
    try:
        sound, sample_rate = sf.read(path, dtype="float32", always_2d=True)
    except (OSError, sf.LibsndfileError) as error:
        raise RestorationError(f"{path}: cannot be read as audio ({error}); leave it out") from None
    mono = sound.mean(axis=1)
    n = min(len(mono), int(seconds * sample_rate))
    mono = mono[(len(mono) - n) // 2 :][:n].copy()
    fade = np.minimum(1.0, np.arange(n) / (FADE_S * sample_rate))
    mono *= fade * fade[::-1] * PEAK / (np.abs(mono).max() + 1e-9)
    return Clip(path.stem, mono.astype(np.float32), sample_rate)


def read_clips(places: Sequence[Path], seconds: float) -> list[Clip]:
    """Read every named file and every FLAC file of the named folders.

    Raises
    ------
    RestorationError
        If there is none, or one cannot be read.
    """
    paths = [
        path
        for given in places
        for path in (sorted(given.rglob("*.flac")) if given.is_dir() else [given])
    ]
    if not paths:
        raise RestorationError("no FLAC file in the folders; name some files")
    return [read_clip(path, seconds) for path in paths]


def cache_folder() -> Path:
    """Where rendered clips are kept between runs: below ``XDG_CACHE_HOME``, or ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "shellac" / "clips"
