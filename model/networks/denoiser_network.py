"""The learned denoiser: spectrum in, spectrum out, one frame at a time or many (torch). Any thread.

One small network judges every perceptual band (single bins in the bass, then 1/16 octave) with
the same weights, seeing its neighbours and how far the band stands above what was learned of the
noise there. What it learns is what noise and tones look like, not which notes the training music
played, so that little music is enough and unknown instruments pass. Within a band each bin is
told apart by its own power: the band's verdict says how steeply.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

BANDS_PER_OCTAVE = 16
HEARD = 6  # per band: level and its surroundings, both smoothed, and the floor under either
FEATURES = 6  # what a look is given of them
NEAR, FAR = 5, 8  # bands that a look covers; how far apart they are in the wide look
WIDE = 3  # bands on either side that count as surroundings: hiss is smooth in pitch
TAKEN = (0.3, 0.1)  # share of each frame in the smoothed level, and in that of the surroundings
BIN_TAKEN = 0.5  # share of each frame in the power of a bin
FLOOR_RISE = 0.0092  # nepers of power a frame: about 3.4 dB a second at 86 frames a second
FAINT = 1e-10  # power below which nothing is heard, full scale 1
LASTING = (1.5, 100.0)  # frames that the shortest and the longest memory begin with

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
    hidden: int = 24

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


class Memory(nn.Module):
    """Every band's memory ``[B, frames, hidden, bands]``: how much to take in is asked of the
    looks alone, so that all frames are asked at once."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.ask = nn.Conv1d(width, 2 * hidden, 1)
        lasting = torch.logspace(*np.log10(LASTING), hidden)  # type: ignore[call-overload]
        with torch.no_grad():
            assert self.ask.bias is not None
            self.ask.bias[:hidden] = -torch.log(lasting - 1)
            self.ask.weight[:hidden] *= 0.5

    def asked(self, looks: Tensor) -> tuple[Tensor, Tensor]:
        """How much of the new is taken in, and the new: ``[N, hidden, bands]`` each."""
        asked = self.ask(looks)
        return torch.sigmoid(asked[:, : self.hidden]), asked[:, self.hidden :]

    def forward(self, looks: Tensor, state: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """Run over the frames: looks ``[B * frames, width, bands]``."""
        take, new = (part.reshape(-1, frames, *part.shape[1:]) for part in self.asked(looks))
        known: Tensor = _Remembered.apply(1 - take, take * new, state)  # type: ignore[no-untyped-call]
        return known.flatten(0, 1), known[:, -1]


class _Remembered(torch.autograd.Function):
    """``known[t] = keep[t] * known[t - 1] + new[t]`` along axis 1."""

    @staticmethod
    def forward(ctx: Any, keep: Tensor, new: Tensor, before: Tensor) -> Tensor:
        keep, new, known = keep.to(before.dtype), new.to(before.dtype), before
        series = torch.empty_like(new)
        for frame in range(new.shape[1]):
            known = torch.addcmul(new[:, frame], keep[:, frame], known)
            series[:, frame] = known
        ctx.save_for_backward(keep, series, before)
        return series

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        keep, series, before = ctx.saved_tensors
        (slope,) = gradients
        to_new = torch.empty_like(slope)
        later = torch.zeros_like(slope[:, 0])
        for frame in range(slope.shape[1] - 1, -1, -1):
            later = slope[:, frame] + later
            to_new[:, frame] = later
            later = later * keep[:, frame]
        earlier = torch.cat([before[:, None], series[:, :-1]], dim=1)
        return to_new * earlier, to_new, later


class Denoiser(nn.Module):
    """Spectra ``[B, frames, 2, bins]`` (real, imaginary) in and out; state in, state out."""

    kind = "denoiser"
    spread: Tensor
    gather: Tensor
    asked_of: Tensor
    taken: Tensor

    def __init__(self, shape: DenoiserShape) -> None:
        super().__init__()
        self.shape = shape
        self.n_bins = shape.window // 2 + 1
        self.scale = (4 / shape.window) ** 2  # of power, so that full scale is 1
        matrix = torch.from_numpy(band_matrix(self.n_bins))
        self.n_bands = matrix.shape[0]
        self.register_buffer("spread", matrix, persistent=False)
        gather = (matrix / matrix.sum(1, keepdim=True)).T * self.scale
        self.register_buffer("gather", gather.contiguous(), persistent=False)
        self.register_buffer("asked_of", torch.tensor(_ASKED) / np.log(10), persistent=False)
        self.register_buffer("taken", torch.tensor(TAKEN)[:, None], persistent=False)
        width, hidden = shape.width, shape.hidden
        self.look = nn.Conv1d(FEATURES, width, NEAR, padding=NEAR // 2)
        self.place = nn.Parameter(torch.zeros(width, self.n_bands))
        self.memory = Memory(width, hidden)
        self.gather_near = nn.Conv1d(hidden, width, NEAR, padding=NEAR // 2)
        self.gather_all = nn.Conv1d(hidden, width, 1)
        self.gather_far = nn.Conv1d(width, width, NEAR, padding=FAR * (NEAR // 2), dilation=FAR)
        self.second_memory = Memory(width, hidden)
        self.verdict = nn.Conv1d(2 * hidden + width, 2, 1)
        with torch.no_grad():  # start by letting the music through
            assert self.verdict.bias is not None
            self.verdict.weight *= 0.1
            self.verdict.bias.copy_(torch.tensor([2.5, 0.2]))

    @property
    def latency(self) -> int:
        """Samples of delay beyond the hop."""
        return self.shape.span - self.shape.hop

    def initial_state(self, batch: int) -> State:
        """Return the state before the first frame."""
        at, bands = self.place, self.n_bands
        sizes = [(batch, 2, bands)] * 2 + [(batch, self.shape.hidden, bands)] * 2
        every = [(batch, self.n_bins), *sizes]
        return tuple(torch.zeros(size, dtype=at.dtype, device=at.device) for size in every)

    def forward(self, spectra: Tensor, state: State) -> tuple[Tensor, State]:
        """Restore ``spectra``; power is meant against a full scale of 1 in the wave."""
        *heard, first, second = state
        batch, frames = spectra.shape[:2]
        power = spectra.to(self.gather.dtype).square().sum(dim=2)
        with torch.no_grad():
            seen, bins, heard = self._heard(power, heard)
        flat = seen.reshape(batch * frames, HEARD, self.n_bands)
        near = self.looked(flat, self.look_weights())
        known, first = self.memory(near, first, frames)
        around = self.gathered(known)
        decided, second = self.second_memory(around, second, frames)
        verdict = self.verdict(torch.cat([known, decided, around], dim=1))
        logits = self.rows(verdict.to(flat.dtype), flat[:, :1]) @ self.spread
        logits = logits.reshape(batch, frames, 2, self.n_bins)
        gains = 1.05 * torch.sigmoid(logits[:, :, 0] + logits[:, :, 1] * bins)
        return spectra * self._limited(gains).unsqueeze(2), (*heard, first, second)

    def look_weights(self) -> Tensor:
        """Weights of the first look with the differences that it is given folded in."""
        return torch.einsum("wfn,fh->whn", self.look.weight, self.asked_of)

    def looked(self, heard: Tensor, weights: Tensor) -> Tensor:
        """The first look, ``[N, HEARD, bands]`` to ``[N, width, bands]``."""
        looks = nn.functional.conv1d(heard, weights, self.look.bias, padding=NEAR // 2)
        return torch.relu(looks + self.place)

    def gathered(self, known: Tensor) -> Tensor:
        """What is known of the neighbours, of all bands, and of those half an octave away."""
        everywhere = self.gather_all(known.mean(2, keepdim=True))
        around = torch.relu(self.gather_near(known) + everywhere)
        return around + torch.relu(self.gather_far(around))

    def rows(self, verdict: Tensor, level: Tensor) -> Tensor:
        """The verdicts ``[N, 2, bands]``: a bin's logit is the first plus the second times its own
        level, which counts from that of the band."""
        steep = verdict[:, 1:]
        return torch.cat([verdict[:, :1] - steep * level, steep], dim=1)

    def _heard(self, power: Tensor, before: list[Tensor]) -> tuple[Tensor, Tensor, list[Tensor]]:
        """What can be told of bands and bins without having learned anything, frame by frame."""
        lasting, smooth, floor = before
        level = torch.log(power @ self.gather + FAINT)
        both = torch.stack([level, surroundings(level)], dim=2)
        seen, bins = [], []
        for frame in range(level.shape[1]):
            lasting = lasting + BIN_TAKEN * (self.scale * power[:, frame] - lasting)
            smooth = smooth + self.taken * (both[:, frame] - smooth)
            floor = torch.minimum(floor + FLOOR_RISE, smooth)
            seen.append(torch.cat([both[:, frame], smooth, floor], dim=1))
            bins.append(lasting)
        return (
            torch.stack(seen, 1),
            torch.log(torch.stack(bins, 1) + FAINT),
            [lasting, smooth, floor],
        )

    def _limited(self, gains: Tensor) -> Tensor:
        """Cut at 1: what reaches it before the sigmoid saturates passes untouched.

        While training, the gradient goes on as if nothing had been cut: a network that once
        passed everything could otherwise never learn to act again.
        """
        limited = gains.clamp(max=1.0)
        return gains + (limited - gains).detach() if self.training else limited


def surroundings(level: Tensor) -> Tensor:
    """Mean of each band and its neighbours, ``[..., bands]``."""
    flat = level.reshape(-1, 1, level.shape[-1])
    near = nn.functional.avg_pool1d(flat, 2 * WIDE + 1, 1, WIDE, count_include_pad=False)
    return near.reshape(level.shape)


# Rows: level, its change, heights above both floors and the surroundings, and how high these stand
# above their floor. Columns: level, surroundings, both smoothed, both floors. All are differences,
# so that the sums fold into the first look's weights.
_ASKED = (
    (0.4, 0.0, 0.0, 0.0, 0.0, 0.0),
    (1.0, 0.0, -1.0, 0.0, 0.0, 0.0),
    (1.0, 0.0, 0.0, 0.0, -1.0, 0.0),
    (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    (1.0, -1.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 0.0, 1.0, 0.0, -1.0),
)
