"""The learned denoiser: spectrum in, spectrum out, one frame at a time or many (torch). Any thread.

One small recurrent network judges every perceptual band (single bins in the bass, then 1/24
octave) with the same weights, seeing its neighbours and how far the band stands above its own
tracked floor. What it learns is what noise and tones look like, not which notes the training
music played, so that little music is enough and unknown instruments pass.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

BANDS_PER_OCTAVE = 24
FEATURES = 5  # level, change, height above two floors, and how high the surroundings stand
NEAR, FAR = 5, 12  # bands that a look covers; how far apart they are in the wide look
FLOOR_RISE = 0.004  # log10 power per frame: about 3.4 dB a second at 86 frames a second
SMOOTHING = 0.7  # of a band by itself
WIDE_SMOOTHING, WIDE = 0.9, 4  # of a band with so many on either side: hiss is smooth in pitch
FAINT = 1e-10  # power below which nothing is heard, full scale 1

State = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class DenoiserShape:
    """What must be known to build a denoiser; its delay beyond the hop is ``span - hop``.

    ``window`` samples are analysed, the newest ``span`` of them written. ``width`` is the number
    of channels of a look, ``hidden`` the size of each band's memory.
    """

    window: int = 2048
    span: int = 1024
    hop: int = 512
    width: int = 24
    hidden: int = 32

    def __post_init__(self) -> None:
        if self.hop < 16 or self.span % self.hop or not 2 <= self.span // self.hop <= 8:
            raise ValueError(f"hop is {self.hop}; it must divide the span of {self.span}")
        if not self.span <= self.window <= 8 * self.span or self.window % 2:
            raise ValueError(
                f"window is {self.window}; it must be even and 1 to 8 times the span of {self.span}"
            )
        for name, (low, high) in {"width": (4, 128), "hidden": (4, 256)}.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}; it must lie in {low}..{high}")


def band_matrix(bins: int) -> NDArray[np.float32]:
    """Return triangular bands, float32 ``[bands, bins]``: each bin's weights add up to 1."""
    centres = [0.0]
    while centres[-1] < bins - 1:
        centres.append(max(centres[-1] + 1, centres[-1] * 2 ** (1 / BANDS_PER_OCTAVE)))
    centres[-1] = bins - 1.0
    unit = np.eye(len(centres), dtype=np.float64)
    rows = [np.interp(np.arange(bins), centres, row) for row in unit]
    return np.asarray(rows, np.float32)


class Denoiser(nn.Module):
    """Spectra ``[B, frames, 2, bins]`` (real, imaginary) in and out; state in, state out."""

    kind = "denoiser"
    spread: Tensor
    gather: Tensor
    around: Tensor

    def __init__(self, shape: DenoiserShape) -> None:
        super().__init__()
        self.shape = shape
        matrix = torch.from_numpy(band_matrix(shape.window // 2 + 1))
        self.n_bands = matrix.shape[0]
        self.register_buffer("spread", matrix, persistent=False)
        self.register_buffer("gather", (matrix / matrix.sum(1, keepdim=True)).T.contiguous(), False)
        width, hidden = shape.width, shape.hidden
        self.register_buffer("around", torch.from_numpy(_neighbourhood(self.n_bands)), False)
        self.look = nn.Conv1d(FEATURES, width, NEAR, padding=NEAR // 2)
        self.place = nn.Parameter(torch.zeros(width, self.n_bands))
        self.look_again = nn.Conv1d(width, width, NEAR, padding=NEAR // 2)
        self.memory = nn.GRU(width, hidden, batch_first=True)
        self.gather_near = nn.Conv1d(hidden, width, NEAR, padding=NEAR // 2)
        self.gather_all = nn.Conv1d(hidden, width, 1)
        self.gather_far = nn.Conv1d(width, width, NEAR, padding=FAR * (NEAR // 2), dilation=FAR)
        self.second_memory = nn.GRU(width, hidden, batch_first=True)
        self.gains = nn.Conv1d(2 * hidden + width, 1, 1)
        # start by letting the music through
        nn.init.constant_(self.gains.bias, 2.0)  # type: ignore[arg-type]

    @property
    def latency(self) -> int:
        """Samples of delay beyond the hop."""
        return self.shape.span - self.shape.hop

    def initial_state(self, batch: int) -> State:
        """Return the state before the first frame."""
        at, bands = self.place, self.n_bands
        sizes: list[tuple[int, ...]] = [(batch, bands)] * 4
        sizes += [(batch, bands, self.shape.hidden)] * 2
        return tuple(torch.zeros(size, dtype=at.dtype, device=at.device) for size in sizes)

    def forward(self, spectra: Tensor, state: State) -> tuple[Tensor, State]:
        """Restore ``spectra``; power is meant against a full scale of 1 in the wave."""
        smooth, floor, wide_smooth, wide_floor, first, second = state
        batch, frames = spectra.shape[:2]
        full_scale = self.shape.window / 4
        power = (spectra / full_scale).square().sum(dim=2)
        level = torch.log10(power @ self.gather + FAINT)
        smoothed, smooth = _smoothed(level, smooth, SMOOTHING)
        floors, floor = _tracked_floor(smoothed, floor)
        wide, wide_smooth = _smoothed(level @ self.around, wide_smooth, WIDE_SMOOTHING)
        hiss, wide_floor = _tracked_floor(wide, wide_floor)
        features = [0.4 * level + 1, level - smoothed, level - floors, level - hiss, wide - hiss]
        seen = torch.stack(features, dim=2)
        flat = seen.reshape(batch * frames, FEATURES, self.n_bands)
        near = torch.relu(self.look(flat) + self.place)
        near = near + torch.relu(self.look_again(near))
        known, first = _remembered(self.memory, near, first, frames)
        around = torch.relu(self.gather_near(known) + self.gather_all(known).mean(2, keepdim=True))
        around = around + torch.relu(self.gather_far(around))
        decided, second = _remembered(self.second_memory, around, second, frames)
        logits = self.gains(torch.cat([known, decided, around], dim=1))
        gains = self._limited(1.05 * torch.sigmoid(logits)).reshape(batch, frames, self.n_bands)
        restored = spectra * (gains @ self.spread).unsqueeze(2)
        return restored, (smooth, floor, wide_smooth, wide_floor, first, second)

    def _limited(self, gains: Tensor) -> Tensor:
        """Cut at 1: what reaches it before the sigmoid saturates passes untouched.

        While training, the gradient goes on as if nothing had been cut: a network that once
        passed everything could otherwise never learn to act again.
        """
        limited = gains.clamp(max=1.0)
        return gains + (limited - gains).detach() if self.training else limited


def _remembered(memory: nn.GRU, looks: Tensor, state: Tensor, frames: int) -> tuple[Tensor, Tensor]:
    """Run every band's memory over the frames: ``[B * frames, width, bands]`` in and out."""
    width, bands = looks.shape[1], looks.shape[2]
    per_band = looks.reshape(-1, frames, width, bands).permute(0, 3, 1, 2)
    series = per_band.reshape(-1, frames, width)
    hidden = state.shape[2]
    outputs, last = memory(series, state.reshape(1, -1, hidden))
    back = outputs.reshape(-1, bands, frames, hidden).permute(0, 2, 3, 1)
    return back.reshape(-1, hidden, bands), last.reshape(-1, bands, hidden)


def _neighbourhood(bands: int) -> NDArray[np.float32]:
    """Matrix that averages each band with its neighbours, float32 ``[bands, bands]``."""
    apart = np.abs(np.subtract.outer(np.arange(bands), np.arange(bands)))
    near = (apart <= WIDE).astype(np.float32)
    return np.asarray(near / near.sum(axis=0), np.float32)


def _smoothed(level: Tensor, before: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """One-pole smoothing over the frames, as one matrix product for however many there are."""
    frames = level.shape[1]
    if frames == 1:
        smooth = share * before + (1 - share) * level[:, 0]
        return smooth[:, None], smooth
    n = torch.arange(frames, device=level.device, dtype=level.dtype)
    lag = n[:, None] - n[None, :]
    weights = torch.where(lag >= 0, (1 - share) * share ** lag.clamp(min=0), 0.0)
    smoothed = weights @ level + share ** (n + 1)[None, :, None] * before[:, None]
    return smoothed, smoothed[:, -1]


def _tracked_floor(level: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """Follow the lowest level; what was lowest rises slowly, so that a new hiss is learned."""
    frames = level.shape[1]
    if frames == 1:  # live; ONNX knows no running minimum
        floor = torch.minimum(before + FLOOR_RISE, level[:, 0])
        return floor[:, None], floor
    rise = FLOOR_RISE * torch.arange(1, frames + 1, device=level.device, dtype=level.dtype)
    relative = level - rise[None, :, None]
    joined = torch.cat([before[:, None], relative], dim=1)
    floors = torch.cummin(joined, dim=1).values[:, 1:] + rise[None, :, None]
    return floors, floors[:, -1]
