"""Finds and reads recordings; what cannot be read is named, never guessed at. Any thread."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from scipy.signal import resample_poly

from model.errors import RestorationError

F32 = NDArray[np.float32]

SUFFIXES = frozenset((".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".w64", ".rf64"))
FINEST_RATIO = 500  # largest denominator of a resampling ratio


class AudioFile(NamedTuple):
    """One readable recording; ``frames`` are samples per channel."""

    path: Path
    sample_rate: int
    channels: int
    frames: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def find_audio(place: Path) -> list[Path]:
    """Return a file itself, or all recordings below a folder, sorted.

    Raises
    ------
    RestorationError
        If there is no such file or folder, or no recording in it.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise RestorationError(f"there is no file or folder {place}")
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise RestorationError(f"no recording in {place}; WAV, FLAC, OGG, MP3 and AIFF are read")
    return found


def open_audio(path: Path) -> AudioFile:
    """Read a recording's header.

    Raises
    ------
    RestorationError
        If it is no audio, or holds no samples.
    """
    try:
        info = sf.info(path)
    except (sf.LibsndfileError, OSError, RuntimeError):
        raise RestorationError(f"{path} is not an audio file that can be read") from None
    if info.frames < 1:
        raise RestorationError(f"{path} holds no audio (zero length)")
    return AudioFile(path, int(info.samplerate), int(info.channels), int(info.frames))


def read_audio(file: AudioFile, start: int = 0, frames: int = -1) -> F32:
    """Read float32 ``[channels, samples]``; non-finite samples become silence."""
    try:
        samples = sf.read(file.path, frames, start, dtype="float32", always_2d=True)[0]
    except (sf.LibsndfileError, OSError, RuntimeError):
        raise RestorationError(f"{file.path} cannot be read at second {start}") from None
    return np.ascontiguousarray(np.nan_to_num(samples.T, nan=0.0, posinf=0.0, neginf=0.0))


def load_audio(path: Path, sample_rate: int | None = None) -> tuple[F32, int]:
    """Read a whole recording, resampled if asked; returns ``[channels, samples]`` and the rate."""
    file = open_audio(path)
    audio = read_audio(file)
    if sample_rate is None:
        return audio, file.sample_rate
    return resampled(audio, sample_rate / file.sample_rate), sample_rate


def resampled(audio: F32, ratio: float) -> F32:
    """Resample the last axis: ``ratio`` times as many samples."""
    fraction = Fraction(ratio).limit_denominator(FINEST_RATIO)
    if fraction == 1 or audio.shape[-1] == 0:
        return audio
    up, down = fraction.numerator, fraction.denominator
    return np.asarray(resample_poly(audio, up, down, axis=-1), np.float32)
