"""Chunks of clean music and what became of them, drawn from a folder. Runs in loader workers.

Item ``n`` of a seed is always the same, whichever worker makes it: a resumed training sees what
an uninterrupted one would have seen.
"""

import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt
from torch import Tensor
from torch.utils.data import Dataset

from model.errors import RestorationError
from training.dirt.artifacts import GroundTruth, apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.noise_variety import band_limited, draw_band_end, drawn_noise
from training.dirt.parameters import ArtifactParameters, Range
from training.harvest.click_bank import Role, load_bank
from training.judging.labels import impulse_labels
from training.learning.augmentation import (
    MIX_SHARE,
    clipped,
    coloured,
    draw_peak,
    draw_raw_level,
    draw_speed,
    mixed,
)
from training.signals.audio_files import AudioFile, find_audio, open_audio, read_audio, resampled
from training.signals.packed_audio import SUFFIX, PackedAudio, open_pack, read_packed

F32 = NDArray[np.float32]
AnyFile = AudioFile | PackedAudio

RATE_BEYOND = (0.5, 300.0)  # 1/s, for the share of chunks beyond the usual severities
NOISE_BEYOND = (0.0005, 0.08)  # share of the peak, for the same chunks
HISS_FROM_HZ = 150.0
ATTEMPTS = 8


class Example(NamedTuple):
    """One chunk; tensors ``[T]`` (a batch: ``[B, T]``), full scale +-1.

    ``label`` is 1 on impulses worth repairing, 0 elsewhere, ``care`` is how much each sample
    matters, 0 where neither answer would be wrong. ``residue`` is how much of the impulses a
    declicker may have left.
    """

    degraded: Tensor
    clean: Tensor
    without_impulses: Tensor
    label: Tensor
    care: Tensor
    is_clean: Tensor
    residue: Tensor
    source: str


class AudioRestorationDataset(Dataset[Example]):
    """Endless examples of degraded and clean music.

    Parameters
    ----------
    data_dir : path
        Walked; sub-folders are drawn equally often, recordings in them by their length. Or a
        pack of ``training.build_checkpoints``, whose names have folders as well.
    sample_rate, chunk_duration : Hz, seconds
    add_artifacts : bool
        False gives clean chunks on both sides.
    seed : int
        Two data sets of the same seed and folder are equal, item by item.
    length : int
        How many items there are.
    parameters : ArtifactParameters, optional
        The usual dirt; ``impulse_rate`` and the upper end of ``impulse_amplitude`` are drawn
        anew for each chunk from the two ranges below.
    impulse_rate, maximal_amplitude : (low, high)
    beyond_share : float
        Share of chunks whose impulse rate and hiss lie anywhere from hardly any to a ruin.
    clean_share : float
        Share of chunks that stay clean: a restorer must leave these alone.
    augment : bool
        Change speed, level, colour, polarity and mixture.
    only, held_out : patterns, separated by spaces
        Match paths relative to the folder; ``held_out`` are left out, ``only`` are kept.
    noise_dir : path, optional
        Real surface noise.
    real_noise_share : float
        Share of chunks in which it replaces the made one.
    varied_noise_share : float
        Share of the other chunks whose noise is of any colour and texture instead.
    band_end_share : float
        Share of chunks that end sharply at some pitch, as a transfer at a low rate does.
    clipped_share : float
        Share of chunks whose music was recorded too loud.
    raw_level_share : float
        Share of chunks that are as quiet as a flat transfer that nobody has amplified.
    click_bank : path, optional
        Real clicks for the share of records that have them; the shipped bank by default.
    role : str
        Which part of the bank to draw from: what is for tests is never trained on.

    Raises
    ------
    RestorationError
        If no recording can be read. Single unreadable ones are listed in ``skipped``.
    """

    def __init__(
        self,
        data_dir: str | Path,
        sample_rate: int = 44100,
        chunk_duration: float = 2.0,
        add_artifacts: bool = True,
        *,
        seed: int = 0,
        length: int = 1000,
        parameters: ArtifactParameters | None = None,
        impulse_rate: tuple[float, float] = (5.0, 20.0),
        maximal_amplitude: tuple[float, float] = (0.3, 0.8),
        beyond_share: float = 0.25,
        clean_share: float = 0.15,
        augment: bool = True,
        only: str = "",
        held_out: str = "",
        noise_dir: str | Path | None = None,
        real_noise_share: float = 0.5,
        varied_noise_share: float = 0.0,
        band_end_share: float = 0.0,
        clipped_share: float = 0.0,
        raw_level_share: float = 0.0,
        click_bank: str | Path | None = None,
        role: Role = "train",
    ) -> None:
        self.sample_rate = sample_rate
        self.n_samples = round(chunk_duration * sample_rate)
        self.skipped: list[str] = []
        self._folders = self._walk(Path(data_dir), only, held_out)
        self._noises = self._walk(Path(noise_dir), "", "") if noise_dir else []
        self._add_artifacts = add_artifacts
        self._seed = seed
        self._length = length
        self._parameters = parameters or ArtifactParameters()
        self._rate = impulse_rate
        self._amplitude = maximal_amplitude
        self._beyond_share = beyond_share
        self._clean_share = clean_share
        self._augment = augment
        self._real_noise_share = real_noise_share
        self._varied_noise_share = varied_noise_share
        self._band_end_share = band_end_share
        self._clipped_share = clipped_share
        self._raw_level_share = raw_level_share
        self._bank = load_bank(Path(click_bank)) if click_bank else None
        self._role: Role = role

    @property
    def files(self) -> list[AnyFile]:
        """All recordings that can be read."""
        return [file for folder in self._folders for file in folder]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Example:
        """Return one example; it depends on nothing but the seed and the index."""
        rng = np.random.default_rng((self._seed, index))
        music, source = self._music(rng)
        if self._augment:
            if rng.random() < MIX_SHARE:
                music = mixed(rng, music, self._music(rng)[0])
            music = coloured(rng, music, self.sample_rate)
        if self._clipped_share and rng.random() < self._clipped_share:
            music = clipped(rng, music)
        music = _at_peak(music, draw_peak(rng) if self._augment else None)
        if self._raw_level_share and rng.random() < self._raw_level_share:
            music = _at_level(music, draw_raw_level(rng))
        if not self._add_artifacts or rng.random() < self._clean_share:
            return _clean_example(music, source)
        record = draw_degradation(
            self._severity(rng),
            self.n_samples / self.sample_rate,
            int(rng.integers(2**31)),
            self._bank,
            self._role,
        )
        degraded, truth = apply_degradation(music, self.sample_rate, record)
        noise = self._other_noise(rng, truth)
        residue = 0.3 * rng.random() if rng.random() < 0.3 else 0.0
        waves = (degraded + noise, truth.clean, truth.without_impulses + noise)
        if self._band_end_share and rng.random() < self._band_end_share:
            taps = draw_band_end(rng, self.sample_rate)
            degraded, clean, without = (band_limited(wave, taps) for wave in waves)
        else:
            degraded, clean, without = waves
        return _example(degraded, clean, without, truth, residue, source)

    def _walk(self, place: Path, only: str, held_out: str) -> list[list[AnyFile]]:
        groups: dict[Path, list[AnyFile]] = {}
        for name, parent, file in self._found(place):
            kept = _matches(name, only) if only else True
            if not kept or _matches(name, held_out):
                continue
            try:
                groups.setdefault(parent, []).append(
                    open_audio(file) if isinstance(file, Path) else file
                )
            except RestorationError as error:
                self.skipped.append(str(error))
        groups = {parent: files for parent, files in groups.items() if files}
        if not groups:
            chosen = f"none matches {only}" if only else f"all are held out by {held_out}"
            reason = self.skipped[0] if self.skipped else chosen
            raise RestorationError(f"no usable recording in {place}; {reason}")
        return list(groups.values())

    @staticmethod
    def _found(place: Path) -> Iterator[tuple[str, Path, Path | PackedAudio]]:
        """Yield each recording's name, what it is drawn with, and itself, yet unopened."""
        if place.suffix == SUFFIX:
            for packed in open_pack(place):
                yield packed.path.as_posix(), packed.path.parent, packed
            return
        for path in find_audio(place):
            name = path.relative_to(place).as_posix() if path != place else path.name
            yield name, path.parent, path

    def _music(self, rng: np.random.Generator) -> tuple[F32, str]:
        """Return a mono chunk; a recording that fails while it is read gives way to another."""
        for _ in range(ATTEMPTS):
            file = _draw_file(rng, self._folders)
            try:
                return self._chunk(rng, file), file.path.name
            except RestorationError as error:
                self.skipped.append(str(error))
        raise RestorationError(f"{self.skipped[-1]} (and {ATTEMPTS - 1} others)")

    def _chunk(self, rng: np.random.Generator, file: AnyFile) -> F32:
        speed = draw_speed(rng) if self._augment else 1.0
        ratio = self.sample_rate / file.sample_rate / speed
        wanted = int(np.ceil(self.n_samples / ratio)) + 1
        start = int(rng.integers(max(1, file.frames - wanted + 1)))
        read = read_packed if isinstance(file, PackedAudio) else read_audio
        audio = read(file, start, min(wanted, file.frames - start))  # type: ignore[arg-type]
        channel = int(rng.integers(audio.shape[0] + 1))
        mono = audio.mean(axis=0) if channel == audio.shape[0] else audio[channel]
        chunk = resampled(mono, ratio)[: self.n_samples]
        return np.pad(chunk, (0, self.n_samples - len(chunk)))

    def _severity(self, rng: np.random.Generator) -> ArtifactParameters:
        ranges: dict[str, float | Range] = {}
        if rng.random() < self._beyond_share:
            rate = float(np.exp(rng.uniform(*np.log(RATE_BEYOND))))
            ranges["surface_noise_level"] = float(np.exp(rng.uniform(*np.log(NOISE_BEYOND))))
        else:
            rate = float(rng.uniform(*self._rate))
        high = float(rng.uniform(*self._amplitude))
        low = min(self._parameters.impulse_amplitude.low, high)
        ranges |= {"impulse_rate": rate, "impulse_amplitude": Range(low, high)}
        return self._parameters.with_ranges(**ranges)

    def _other_noise(self, rng: np.random.Generator, truth: GroundTruth) -> F32:
        """Return what to add so that a real or a freely drawn noise replaces the made one."""
        if self._noises and rng.random() < self._real_noise_share:
            real = self._chunk(rng, _draw_file(rng, self._noises))
            other = _without_rumble(real, self.sample_rate)
        elif self._varied_noise_share and rng.random() < self._varied_noise_share:
            other = np.asarray(drawn_noise(rng, self.n_samples, self.sample_rate), np.float32)
        else:
            return np.zeros(self.n_samples, np.float32)
        made = truth.without_impulses - truth.clean
        return np.asarray(other * (np.std(made) / (np.std(other) + 1e-9)) - made, np.float32)


def _matches(name: str, patterns: str) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns.split())


def _draw_file(rng: np.random.Generator, folders: list[list[AnyFile]]) -> AnyFile:
    folder = folders[int(rng.integers(len(folders)))]
    lengths = np.array([file.seconds for file in folder])
    return folder[int(rng.choice(len(folder), p=lengths / lengths.sum()))]


def _without_rumble(noise: F32, sample_rate: int) -> F32:
    """Keep the hiss: a record's rumble is stronger, and another filter's business."""
    sos = butter(4, HISS_FROM_HZ, "highpass", fs=sample_rate, output="sos")
    return np.asarray(sosfiltfilt(sos, noise), np.float32)


def _at_peak(music: F32, peak: float | None) -> F32:
    highest = float(np.max(np.abs(music), initial=0.0))
    return music if peak is None or highest < 1e-6 else np.asarray(music * (peak / highest))


def _at_level(music: F32, level: float) -> F32:
    now = float(np.sqrt(np.mean(music.astype(np.float64) ** 2)))
    return music if now < 1e-7 else np.asarray(music * (level / now), np.float32)


def _clean_example(music: F32, source: str) -> Example:
    clean = torch.from_numpy(np.ascontiguousarray(music, np.float32))
    zeros = torch.zeros_like(clean)
    one = torch.ones(())
    return Example(clean, clean, clean, zeros, zeros + 1, one, torch.zeros(()), source)


def _example(
    degraded: F32, clean: F32, without: F32, truth: GroundTruth, residue: float, source: str
) -> Example:
    label, care = impulse_labels(degraded, without, truth._replace(clean=clean))
    tensors = [
        torch.from_numpy(np.ascontiguousarray(item, np.float32))
        for item in (degraded, clean, without, label, care)
    ]
    dirty, target, declicked, worth, matters = tensors
    left = torch.tensor(residue, dtype=torch.float32)
    return Example(dirty, target, declicked, worth, matters, torch.zeros(()), left, source)
