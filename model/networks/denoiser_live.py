"""The denoiser laid out for one frame at a time, as it is exported (torch). Any thread.

The same weights and the same sums as :class:`Denoiser`, without what a single frame does not need:
a band is summed over its own bins instead of all, and a memory's step is written out.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from model.networks.denoiser_network import (
    FAINT,
    FLOOR_RISE,
    SMOOTHING,
    WIDE,
    WIDE_SMOOTHING,
    Denoiser,
    State,
)

_TOGETHER = 24  # bands, or as many times their bins, that are summed in one product


class LiveDenoiser(nn.Module):
    """Spectra ``[C, 1, 2, bins]`` in and out, state in and out, as :meth:`Denoiser.forward`."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = denoiser
        self._gather = _blocks(denoiser.gather)
        self._spread = _blocks(denoiser.spread)
        self._memories = (_Memory(denoiser.memory), _Memory(denoiser.second_memory))

    def forward(self, spectra: Tensor, state: State) -> tuple[Tensor, State]:
        """Restore one frame."""
        net, bands = self.denoiser, self.denoiser.n_bands
        smooth, floor, wide_smooth, wide_floor, first, second = state
        memory, second_memory = self._memories
        scaled = spectra[:, 0] * (4 / net.shape.window)
        power = (scaled * scaled).sum(dim=1)
        level = torch.log10(_product(power, self._gather) + FAINT)
        smooth = SMOOTHING * smooth + (1 - SMOOTHING) * level
        floor = torch.minimum(floor + FLOOR_RISE, smooth)
        around = nn.functional.avg_pool1d(
            level[:, None], 2 * WIDE + 1, 1, WIDE, count_include_pad=False
        )[:, 0]
        wide_smooth = WIDE_SMOOTHING * wide_smooth + (1 - WIDE_SMOOTHING) * around
        wide_floor = torch.minimum(wide_floor + FLOOR_RISE, wide_smooth)
        features = [
            0.4 * level + 1,
            level - smooth,
            level - floor,
            level - wide_floor,
            wide_smooth - wide_floor,
        ]
        near = torch.relu(net.look(torch.stack(features, dim=1)) + net.place)
        near = near + torch.relu(net.look_again(near))
        known, first = memory.step(near, first, bands)
        everywhere = net.gather_all(known.mean(2, keepdim=True))
        surrounds = torch.relu(net.gather_near(known) + everywhere)
        surrounds = surrounds + torch.relu(net.gather_far(surrounds))
        decided, second = second_memory.step(surrounds, second, bands)
        logits = net.gains(torch.cat([known, decided, surrounds], dim=1))[:, 0]
        gains = (1.05 * torch.sigmoid(logits)).clamp(max=1.0)
        restored = spectra * _product(gains, self._spread)[:, None, None]
        return restored, (smooth, floor, wide_smooth, wide_floor, first, second)


class _Memory:
    """One step of a GRU for every band of every channel, without a copy of any gate."""

    def __init__(self, gru: nn.GRU) -> None:
        held = {name: values.detach() for name, values in gru.named_parameters()}
        come, kept = held["weight_ih_l0"], held["weight_hh_l0"]
        come_bias, kept_bias = held["bias_ih_l0"], held["bias_hh_l0"]
        reset, update, new = torch.arange(3 * gru.hidden_size).chunk(3)
        both = torch.cat([come, kept], dim=1)
        self._reset, self._update = both[reset].T.contiguous(), both[update].T.contiguous()
        self._reset_bias = (come_bias + kept_bias)[reset]
        self._update_bias = (come_bias + kept_bias)[update]
        self._come, self._come_bias = come[new].T.contiguous(), come_bias[new]
        self._kept, self._kept_bias = kept[new].T.contiguous(), kept_bias[new]

    def step(self, looks: Tensor, state: Tensor, bands: int) -> tuple[Tensor, Tensor]:
        """Take looks ``[C, width, bands]``; return ``[C, hidden, bands]`` and the next state."""
        hidden = int(state.shape[2])
        series = looks.transpose(1, 2).reshape(-1, int(looks.shape[1]))
        before = state.reshape(-1, hidden)
        joined = torch.cat([series, before], dim=1)
        reset = torch.sigmoid(joined @ self._reset + self._reset_bias)
        update = torch.sigmoid(joined @ self._update + self._update_bias)
        kept = before @ self._kept + self._kept_bias
        new = torch.tanh(series @ self._come + self._come_bias + reset * kept)
        after = (new + update * (before - new)).reshape(-1, bands, hidden)
        return after.transpose(1, 2), after


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
    return torch.cat([signal[:, low:high] @ part for low, high, part in blocks], dim=1)
