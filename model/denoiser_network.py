"""The learned denoiser: spectrum in, spectrum out, one frame at a time or many (torch). Any thread.

Gains on perceptual bands (single bins below 1 kHz, then 1/24 octave) from a recurrent network
that also sees how far each band stands above its own tracked floor; on request complex filters
over a few frames refine the lower bins.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

BANDS_PER_OCTAVE = 24
CONTEXT = 5  # bands that the first layer sees at once
CHANNELS = 8
FLOOR_RISE = 0.004  # log10 power per frame: about 3.4 dB a second at 86 frames a second
SMOOTHING = 0.7
FAINT = 1e-10  # power below which nothing is heard, full scale 1

State = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class DenoiserShape:
    """What must be known to build a denoiser; its delay beyond the hop is ``window - hop``."""

    window: int = 1024
    hop: int = 512
    hidden: int = 192
    layers: int = 2
    filter_taps: int = 0
    filter_bins: int = 160

    def __post_init__(self) -> None:
        if self.hop < 16 or self.window % self.hop or not 2 <= self.window // self.hop <= 8:
            raise ValueError(f"hop is {self.hop}; it must divide the window of {self.window}")
        bins = self.window // 2 + 1
        limits = {"hidden": (8, 1024), "layers": (1, 4), "filter_taps": (0, 5)}
        for name, (low, high) in (limits | {"filter_bins": (1, bins)}).items():
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

    def __init__(self, shape: DenoiserShape) -> None:
        super().__init__()
        self.shape = shape
        bins = shape.window // 2 + 1
        matrix = torch.from_numpy(band_matrix(bins))
        self.n_bands = matrix.shape[0]
        self.register_buffer("spread", matrix, persistent=False)
        self.register_buffer("gather", (matrix / matrix.sum(1, keepdim=True)).T.contiguous(), False)
        self.look = nn.Conv1d(2, CHANNELS, CONTEXT, padding=CONTEXT // 2)
        self.enter = nn.Linear(CHANNELS * self.n_bands, shape.hidden)
        self.memory = nn.GRU(shape.hidden, shape.hidden, shape.layers, batch_first=True)
        self.gains = nn.Linear(2 * shape.hidden, self.n_bands)
        nn.init.constant_(self.gains.bias, 2.0)  # start by letting the music through
        if shape.filter_taps:
            n_weights = 2 * shape.filter_taps * shape.filter_bins
            self.filters = nn.Linear(2 * shape.hidden, n_weights)
            nn.init.zeros_(self.filters.weight)
            nn.init.zeros_(self.filters.bias)

    @property
    def latency(self) -> int:
        """Samples of delay beyond the hop."""
        return self.shape.window - self.shape.hop

    def initial_state(self, batch: int) -> State:
        """Return the state before the first frame."""
        s, at = self.shape, self.enter.weight
        sizes: list[tuple[int, ...]] = [(batch, self.n_bands)] * 2
        sizes.append((s.layers, batch, s.hidden))
        if s.filter_taps > 1:
            sizes.append((batch, s.filter_taps - 1, 2, s.filter_bins))
        return tuple(torch.zeros(size, dtype=at.dtype, device=at.device) for size in sizes)

    def forward(self, spectra: Tensor, state: State) -> tuple[Tensor, State]:
        """Restore ``spectra``; power is meant against a full scale of 1 in the wave."""
        smooth, floor, hidden, *past = state
        full_scale = self.shape.window / 4
        power = (spectra / full_scale).square().sum(dim=2)
        level = torch.log10(power @ self.gather + FAINT)
        smoothed, smooth = _smoothed(level, smooth)
        floors, floor = _tracked_floor(smoothed, floor)
        seen = torch.stack([0.4 * level + 1, level - floors], dim=2)
        batch, frames = level.shape[:2]
        local = torch.relu(self.look(seen.reshape(batch * frames, 2, self.n_bands)))
        entered = torch.relu(self.enter(local.reshape(batch, frames, -1)))
        remembered, hidden = self.memory(entered, hidden)
        known = torch.cat([entered, remembered], dim=2)
        # reaching 1 before the sigmoid saturates makes clean music pass untouched
        gains = (1.05 * torch.sigmoid(self.gains(known))).clamp(max=1.0) @ self.spread
        restored = spectra * gains.unsqueeze(2)
        if self.shape.filter_taps:
            refined, past = self._refined(spectra, known, past)
            n = self.shape.filter_bins
            low = restored[..., :n] + gains[:, :, None, :n] * refined
            restored = torch.cat([low, restored[..., n:]], dim=3)
        return restored, (smooth, floor, hidden, *past)

    def _refined(
        self, spectra: Tensor, known: Tensor, past: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Add complex-weighted recent frames (deep filtering, Mack and Habets 2019)."""
        taps, bins = self.shape.filter_taps, self.shape.filter_bins
        batch, frames = spectra.shape[:2]
        low = spectra[..., :bins]
        joined = torch.cat([*past, low], dim=1)
        weights = torch.tanh(self.filters(known)).reshape(batch, frames, taps, 2, bins)
        total = []
        for tap in range(taps):
            x = joined[:, tap : tap + frames]
            w = weights[:, :, tap]
            real = x[:, :, 0] * w[:, :, 0] - x[:, :, 1] * w[:, :, 1]
            imaginary = x[:, :, 0] * w[:, :, 1] + x[:, :, 1] * w[:, :, 0]
            total.append(torch.stack([real, imaginary], dim=2))
        return torch.stack(total).sum(dim=0), [joined[:, -(taps - 1) :]] if taps > 1 else []


def _smoothed(level: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """One-pole smoothing over the frames, as one matrix product for however many there are."""
    frames = level.shape[1]
    if frames == 1:
        smooth = SMOOTHING * before + (1 - SMOOTHING) * level[:, 0]
        return smooth[:, None], smooth
    n = torch.arange(frames, device=level.device, dtype=level.dtype)
    lag = n[:, None] - n[None, :]
    weights = torch.where(lag >= 0, (1 - SMOOTHING) * SMOOTHING ** lag.clamp(min=0), 0.0)
    smoothed = weights @ level + SMOOTHING ** (n + 1)[None, :, None] * before[:, None]
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
