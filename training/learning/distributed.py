"""One process or many: where this one stands, and how the many agree. Main thread."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from model.errors import RestorationError


class Place(NamedTuple):
    """This process among all: ``rank`` 0 speaks and writes."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes checkpoints and prints."""
        return self.rank == 0


@contextmanager
def take_place(device: str) -> Iterator[Place]:
    """Join the group that ``torchrun`` started, or be alone.

    Raises
    ------
    RestorationError
        If a GPU is asked for where there is none.
    """
    has_gpu = torch.cuda.is_available()
    if device == "cuda" and not has_gpu:
        raise RestorationError("the configuration asks for a GPU and there is none; device: cpu")
    use_gpu = has_gpu and device != "cpu"
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank = int(os.environ.get("RANK", "0"))
    local = int(os.environ.get("LOCAL_RANK", "0"))
    place = Place(rank, world, torch.device("cuda", local) if use_gpu else torch.device("cpu"))
    if world == 1:
        yield place
        return
    if use_gpu:
        torch.cuda.set_device(local)
    dist.init_process_group("nccl" if use_gpu else "gloo")
    try:
        yield place
    finally:
        dist.destroy_process_group()


def distributed(network: nn.Module, place: Place) -> nn.Module:
    """Wrap a network so that gradients are averaged over the group."""
    if place.world == 1:
        return network
    devices = [place.device] if place.device.type == "cuda" else None
    return DistributedDataParallel(network, device_ids=devices)


def average(values: dict[str, float], place: Place) -> dict[str, float]:
    """Return the mean of each value over the processes that have it; all get the same.

    A process whose share holds no clean chunk, for instance, has no figure for clean input.
    """
    if place.world == 1:
        return values
    everyone: list[dict[str, float]] = [{} for _ in range(place.world)]
    dist.all_gather_object(everyone, values)
    gathered: dict[str, list[float]] = {}
    for own in everyone:
        for name, value in own.items():
            gathered.setdefault(name, []).append(value)
    return {name: sum(found) / len(found) for name, found in gathered.items()}
