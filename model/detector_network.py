"""The learned impulse detector: a causal dilated network with a logit per sample (torch).

It works on one groove wall at a time (a batch row per channel), scale-free: what it sees is the
wave and its second difference, each measured against its own recent level.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

STEP = 4  # samples per inner frame
FRONT = 16  # samples that one inner frame sees: a few before it, a few after
FRONT_DELAY = 2  # inner frames
LONGEST_LATENCY = 512  # samples: one hop
FEATURES = 3  # the wave, its second difference, and how large that is
LEVEL_FRAMES = 256  # inner frames that a level is averaged over
QUIET = 1e-5  # full scale; below it there is nothing to find

State = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class DetectorShape:
    """What must be known to build a detector: channels, dilations 1, 2, 4, ..., and how often.

    Each block looks as far ahead as back; together they make the detector's ``latency``.
    """

    width: int = 32
    depth: int = 6
    rounds: int = 2

    def __post_init__(self) -> None:
        for name, (low, high) in {"width": (4, 128), "depth": (1, 7), "rounds": (1, 8)}.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}; it must lie in {low}..{high}")
        if self.latency > LONGEST_LATENCY:
            raise ValueError(
                f"depth {self.depth} and rounds {self.rounds} wait for {self.latency} samples; "
                f"at most {LONGEST_LATENCY} are allowed"
            )

    @property
    def dilations(self) -> list[int]:
        """The reach of each block, in inner frames."""
        return [2**power for power in range(self.depth)] * self.rounds

    @property
    def latency(self) -> int:
        """Samples between a sample and its logit."""
        return STEP * (sum(self.dilations) + FRONT_DELAY)


class ImpulseDetector(nn.Module):
    """Wave in, logits out, both ``[B, T]`` with T a multiple of four; state in, state out."""

    kind = "detector"

    def __init__(self, shape: DetectorShape) -> None:
        super().__init__()
        self.shape = shape
        self.front = nn.Conv1d(FEATURES, shape.width, FRONT, stride=STEP)
        self.blocks = nn.ModuleList(_Block(shape.width, reach) for reach in shape.dilations)
        self.head = nn.Conv1d(shape.width, STEP, 1)
        # clicks are rare: start from about one sample in fifty
        nn.init.constant_(self.head.bias, -4.0)  # type: ignore[arg-type]

    @property
    def latency(self) -> int:
        """Samples between a sample and its logit."""
        return self.shape.latency

    def initial_state(self, batch: int) -> State:
        """Return the state before the first sample: silence."""
        at = self.head.weight
        sizes: list[tuple[int, ...]] = [(batch, 2)]
        sizes += [(batch, 2, LEVEL_FRAMES - 1), (batch, FEATURES, FRONT - STEP)]
        sizes += [(batch, self.shape.width, 2 * reach) for reach in self.shape.dilations]
        return tuple(torch.zeros(size, dtype=at.dtype, device=at.device) for size in sizes)

    def forward(self, wave: Tensor, state: State) -> tuple[Tensor, State]:
        """Judge ``wave`` (float ``[B, T]``); logits come ``latency`` samples late."""
        before, levels, front, *memories = state
        joined = torch.cat([before, wave], dim=1)
        bend = joined[:, 2:] - 2 * joined[:, 1:-1] + joined[:, :-2]
        pair = torch.stack([wave, bend], dim=1)
        scaled, levels = _against_level(pair, levels)
        seen = torch.cat([front, scaled], dim=2)
        x = self.front(seen)
        after = [joined[:, -2:], levels, seen[:, :, -(FRONT - STEP) :]]
        for block, memory in zip(self.blocks, memories, strict=True):
            x, memory = block(x, memory)
            after.append(memory)
        logits = self.head(torch.relu(x)).transpose(1, 2).flatten(1)
        return logits, tuple(after)


def _against_level(pair: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
    """Divide by the mean magnitude of the last 1024 samples; compress what stands out."""
    batch = pair.shape[0]
    frames = pair.reshape(batch, 2, -1, STEP)
    magnitude = frames.abs().mean(dim=3)
    joined = torch.cat([levels, magnitude], dim=2)
    mean = torch.nn.functional.avg_pool1d(joined, LEVEL_FRAMES, stride=1)
    relative = (frames / (mean.unsqueeze(3) + QUIET)).flatten(2)
    size = torch.log(1 + relative.abs())
    return torch.cat([torch.sign(relative) * size, size[:, 1:]], dim=1), joined[
        :, :, -(LEVEL_FRAMES - 1) :
    ]


class _Block(nn.Module):
    """A residual step: one look as far ahead as back, so its output is ``reach`` frames late."""

    def __init__(self, width: int, reach: int) -> None:
        super().__init__()
        self.reach = reach
        self.look = nn.Conv1d(width, width, 3, dilation=reach)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        seen = torch.cat([memory, x], dim=2)
        centre = seen[:, :, self.reach : -self.reach]
        return centre + self.look(torch.relu(seen)), seen[:, :, -2 * self.reach :]
