"""The learned impulse detector: a dilated network with a logit per sample (torch).

It works on one groove wall at a time (a batch row per channel), scale-free: what it sees are the
wave, its bend and three upper bands, each measured against its own level around. Music ends
somewhere, clicks and hiss do not: in the upper bands clicks stand free even under loud music.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import firwin
from torch import Tensor, nn

STEP = 8  # samples per inner frame
PIECE = 64  # samples that share a level; what comes in is a multiple of it
TAPS = 33  # of each band's filter
EDGES = (0.25, 0.45, 0.63)  # where the upper bands begin, share of half the sample rate
BANDS = 2 + len(EDGES)  # the wave, its bend, the upper bands
SIZED = BANDS - 1  # bands of which the size is shown besides the signed value
FRONT = 3  # inner frames that the first look takes in
LOOK = 5  # inner frames that each later one takes in, ever further apart
SPREAD = 3  # from one look to the next
LEVEL_PIECES = 16  # that a level is averaged over, 23 ms
PIECES_AHEAD = 2  # of these lie in the future
LONGEST_LATENCY = 800  # samples: what the declicker waits for
QUIET = 1e-6  # full scale; below it there is nothing to find

State = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class DetectorShape:
    """What must be known to build a detector: channels, dilations 1, 3, 9, ..., and how often.

    Each of these blocks looks as far ahead as back; together they make the detector's
    ``latency``. ``past`` blocks of the widest dilation look back only: rows of pulses are music.
    """

    width: int = 32
    depth: int = 4
    rounds: int = 1
    past: int = 1

    def __post_init__(self) -> None:
        limits = {"width": (4, 128), "depth": (1, 5), "rounds": (1, 8), "past": (0, 3)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}; it must lie in {low}..{high}")
        if self.latency > LONGEST_LATENCY:
            raise ValueError(
                f"depth {self.depth} and rounds {self.rounds} wait for {self.latency} samples; "
                f"at most {LONGEST_LATENCY} are allowed"
            )

    @property
    def dilations(self) -> list[int]:
        """How far apart, in inner frames, the blocks that look both ways listen."""
        return [SPREAD**power for power in range(self.depth)] * self.rounds

    @property
    def latency(self) -> int:
        """Samples between a sample and its logit."""
        ahead = sum(self.dilations) * (LOOK // 2) + FRONT // 2
        return STEP * ahead + PIECE * PIECES_AHEAD + TAPS // 2


class ImpulseDetector(nn.Module):
    """Wave in, logits out, both ``[B, T]`` with T a multiple of ``PIECE``; state in, state out."""

    kind = "detector"
    bands: Tensor

    def __init__(self, shape: DetectorShape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("bands", torch.from_numpy(_band_filters()), persistent=False)
        self.front = nn.Conv1d((BANDS + SIZED) * STEP, shape.width, FRONT)
        self.tint = nn.Conv1d(BANDS - 1, shape.width, 1, bias=False)
        furthest = shape.dilations[-1]
        self.blocks = nn.ModuleList(
            [_Block(shape.width, apart, LOOK // 2) for apart in shape.dilations]
            + [_Block(shape.width, furthest, 0) for _ in range(shape.past)]
        )
        self.mixed = nn.Conv1d(shape.width, shape.width, 1)
        self.head = nn.Conv1d(shape.width, STEP, 1)
        # clicks are rare: start from about one sample in fifty
        nn.init.constant_(self.head.bias, -4.0)  # type: ignore[arg-type]

    @property
    def latency(self) -> int:
        """Samples between a sample and its logit."""
        return self.shape.latency

    def initial_state(self, batch: int) -> State:
        """Return the state before the first sample: silence."""
        at, inner = self.head.weight, BANDS * STEP
        sizes: list[tuple[int, int, int]] = [
            (batch, STEP, self.bands.shape[2] - 1),
            (batch, inner, PIECES_AHEAD * PIECE // STEP),
            (batch, BANDS, LEVEL_PIECES - 1),
            (batch, inner + SIZED * STEP, FRONT - 1),
        ]
        sizes += [(batch, self.shape.width, block.memory) for block in self._looks]
        return tuple(torch.zeros(size, dtype=at.dtype, device=at.device) for size in sizes)

    @property
    def _looks(self) -> "list[_Block]":
        return [block for block in self.blocks if isinstance(block, _Block)]

    def forward(self, wave: Tensor, state: State) -> tuple[Tensor, State]:
        """Judge ``wave`` (float ``[B, T]``); logits come ``latency`` samples late."""
        before, late, levels, front, *memories = state
        n_frames = int(wave.shape[1]) // STEP  # a plain number: the exported graph stays short
        frames = wave.reshape(-1, n_frames, STEP).transpose(1, 2)
        joined = torch.cat([before, frames], dim=2)
        filtered = nn.functional.conv1d(joined, self.bands)
        delayed = torch.cat([late, filtered], dim=2)
        level, levels = _levels(filtered, levels, n_frames)
        seen = torch.cat([front, _against(level, delayed[:, :, :n_frames], n_frames)], dim=2)
        x = self._tinted(self.front(seen), level, n_frames)
        after = [_last(joined, before), _last(delayed, late), levels, _last(seen, front)]
        for block, memory in zip(self._looks, memories, strict=True):
            x, memory = block(x, memory, n_frames)
            after.append(memory)
        hidden = torch.relu(self.mixed(torch.relu(x)))
        return self.head(hidden).transpose(1, 2).flatten(1), tuple(after)

    def _tinted(self, x: Tensor, level: Tensor, n_frames: int) -> Tensor:
        """Add what each band's level over that of the one below says, the same for a piece."""
        logarithm = torch.log(level)
        tint = self.tint(0.5 * (logarithm[:, 1:] - logarithm[:, :-1])).unsqueeze(3)
        by_piece = x.reshape(-1, self.shape.width, n_frames * STEP // PIECE, PIECE // STEP)
        tinted: Tensor = (by_piece + tint).reshape(-1, self.shape.width, n_frames)
        return tinted


def _band_filters() -> NDArray[np.float32]:
    """All filters by phase, ``[BANDS * STEP, STEP, frames]``: one sample of a frame each."""
    middle = TAPS // 2
    rows = np.zeros((BANDS, TAPS))
    rows[0, middle] = 1.0
    rows[1, middle - 1 : middle + 2] = (1.0, -2.0, 1.0)
    for row, edge in zip(rows[2:], EDGES, strict=True):
        row[:] = firwin(TAPS, edge, pass_zero=False, window=("kaiser", 5.0))
    frames = 1 + -(-(TAPS - 1) // STEP)
    phased = np.zeros((BANDS, STEP, frames * STEP), np.float32)
    for phase in range(STEP):
        last = (frames - 1) * STEP + phase
        phased[:, phase, last - TAPS + 1 : last + 1] = rows[:, ::-1]
    by_frame = phased.reshape(BANDS * STEP, frames, STEP)
    return np.ascontiguousarray(by_frame.transpose(0, 2, 1))


def _levels(filtered: Tensor, levels: Tensor, n_frames: int) -> tuple[Tensor, Tensor]:
    """Return each band's level around each piece, ``[B, BANDS, pieces]``, and the next state.

    The mean of square roots, squared: dense clicks raise it less than they raise a plain mean.
    """
    n_pieces = n_frames * STEP // PIECE
    by_band = filtered.reshape(-1, BANDS, STEP, n_frames).abs().mean(dim=2)
    roots = torch.sqrt(by_band + QUIET).reshape(-1, BANDS, n_pieces, PIECE // STEP).mean(dim=3)
    joined = torch.cat([levels, roots], dim=2)
    mean = nn.functional.avg_pool1d(joined, LEVEL_PIECES, stride=1)
    return mean.square() + QUIET, _last(joined, levels)


def _against(level: Tensor, delayed: Tensor, n_frames: int) -> Tensor:
    """Divide each band by its level and compress what stands out.

    Returns ``[B, (BANDS + SIZED) * STEP, F]``: the signed values, then the sizes.
    """
    n_pieces = n_frames * STEP // PIECE
    by_piece = delayed.reshape(-1, BANDS, STEP, n_pieces, PIECE // STEP)
    relative = by_piece / level.reshape(-1, BANDS, 1, n_pieces, 1)
    size = torch.log(1 + relative.abs())
    features = torch.cat([torch.sign(relative) * size, size[:, BANDS - SIZED :]], dim=1)
    return features.reshape(-1, (BANDS + SIZED) * STEP, n_frames)


def _last(joined: Tensor, memory: Tensor) -> Tensor:
    """As much of the end of ``joined`` as ``memory`` holds."""
    return joined[:, :, -int(memory.shape[2]) :]


class _Block(nn.Module):
    """A residual step over frames ``apart`` from each other, ``ahead`` of them in the future."""

    def __init__(self, width: int, apart: int, ahead: int) -> None:
        super().__init__()
        self.memory = (LOOK - 1) * apart
        self.start = self.memory - ahead * apart
        self.look = nn.Conv1d(width, width, LOOK, dilation=apart)

    def forward(self, x: Tensor, memory: Tensor, n_frames: int) -> tuple[Tensor, Tensor]:
        seen = torch.cat([memory, x], dim=2)
        centre = seen[:, :, self.start : self.start + n_frames]
        return centre + self.look(torch.relu(seen)), _last(seen, memory)
