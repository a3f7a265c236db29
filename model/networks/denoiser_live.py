"""The denoiser laid out for one frame at a time, as it is exported (torch). Any thread.

The same weights and the same sums as :class:`Denoiser`, without what a single frame does not need:
a band is summed over its own bins instead of all, and a memory's step is written out.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from model.networks.denoiser_network import (
    BIN_TAKEN,
    FAINT,
    FLOOR_RISE,
    WIDE,
    Denoiser,
    State,
)

_TOGETHER = 48  # bands, or as many times their bins, that are summed in one product


class LiveDenoiser(nn.Module):
    """Spectra ``[C, 1, 2, bins]`` in and out, state in and out, as :meth:`Denoiser.forward`."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser
        self._gather = _blocks(denoiser.gather)
        self._spread = _blocks(denoiser.spread)
        self._look = denoiser.look_weights().detach()

    def forward(self, spectra: Tensor, state: State) -> tuple[Tensor, State]:
        """Restore one frame."""
        net = self.denoiser
        lasting, smooth, floor, first, second = state
        power = (spectra * spectra).sum(dim=2)
        level = torch.log(_product(power, self._gather) + FAINT)
        around = nn.functional.avg_pool1d(level, 2 * WIDE + 1, 1, WIDE, count_include_pad=False)
        both = torch.cat([level, around], dim=1)
        smooth = smooth + net.taken * (both - smooth)
        floor = torch.minimum(floor + FLOOR_RISE, smooth)
        near = net.looked(torch.cat([both, smooth, floor], dim=1), self._look)
        take, new = net.memory.asked(near)
        first = first + take * (new - first)
        surrounds = net.gathered(first)
        take, new = net.second_memory.asked(surrounds)
        second = second + take * (new - second)
        verdict = net.verdict(torch.cat([first, second, surrounds], dim=1))
        lasting = (1 - BIN_TAKEN) * lasting + (BIN_TAKEN * net.scale) * power[:, 0]
        own = torch.log(lasting + FAINT)[:, None]
        at_bins = _product(net.rows(verdict, level), self._spread)
        logits = at_bins[:, :1] + at_bins[:, 1:] * own
        gains = (1.05 * torch.sigmoid(logits)).clamp(max=1.0)
        return spectra * gains[:, :, None], (lasting, smooth, floor, first, second)


_Block = tuple[int, int, Tensor]  # first and last input, weights [inputs, outputs]


def _blocks(matrix: Tensor) -> list[_Block]:
    """Cut a matrix that is full only near its diagonal into pieces of neighbouring outputs."""
    blocks = []
    inputs, outputs = matrix.shape
    size = max(1, _TOGETHER * outputs // min(inputs, outputs))
    for first, last in pairwise([*range(0, outputs, size), outputs]):
        used = torch.nonzero(matrix[:, first:last].any(dim=1))[:, 0]
        low, high = int(used[0]), int(used[-1]) + 1
        blocks.append((low, high, matrix[low:high, first:last].contiguous()))
    return blocks


def _product(signal: Tensor, blocks: list[_Block]) -> Tensor:
    return torch.cat([signal[:, :, low:high] @ part for low, high, part in blocks], dim=2)
