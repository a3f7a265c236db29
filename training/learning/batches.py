"""Feeds a training: which examples each process gets at each step. Main thread and loader workers.

A batch depends on nothing but the configuration, the step and the process's rank.
"""

from collections.abc import Iterator

from torch.utils.data import DataLoader, default_collate

from training.harvest.click_bank import Role
from training.learning.config import TrainingConfig
from training.learning.dataset import AudioRestorationDataset, Example
from training.learning.distributed import Place

VALIDATION_SEED = 1_000_003  # apart from the seeds that people choose
ENDLESS = 2**62


def training_data(config: TrainingConfig) -> AudioRestorationDataset:
    """Return the music to train on."""
    return _data(config, config.seed, only="", held_out=config.held_out, role="train")


def held_out_data(config: TrainingConfig) -> AudioRestorationDataset:
    """Return the music to validate on; without ``held_out`` the same, with other dirt."""
    return _data(config, VALIDATION_SEED, only=config.held_out, held_out="", role="test")


def training_batches(
    data: AudioRestorationDataset, config: TrainingConfig, place: Place, start: int
) -> "DataLoader[Example]":
    """Return the batches from step ``start`` on; each process takes every ``world``-th one."""
    return DataLoader(
        data,
        batch_sampler=_Numbered(start, config, place),
        num_workers=config.workers,
        pin_memory=place.device.type == "cuda",
    )


def validation_batches(
    data: AudioRestorationDataset, config: TrainingConfig, place: Place
) -> Iterator[Example]:
    """Yield this process's share of the validation, always the same examples."""
    mine = range(place.rank, config.validation_chunks, place.world)
    for first in range(0, len(mine), config.batch_size):
        items = [data[n] for n in mine[first : first + config.batch_size]]
        yield moved(default_collate(items), place)


def moved(batch: Example, place: Place) -> Example:
    """Return the batch on the place's device."""
    device = place.device
    return Example(
        degraded=batch.degraded.to(device, non_blocking=True),
        clean=batch.clean.to(device, non_blocking=True),
        without_impulses=batch.without_impulses.to(device, non_blocking=True),
        label=batch.label.to(device, non_blocking=True),
        care=batch.care.to(device, non_blocking=True),
        is_clean=batch.is_clean.to(device, non_blocking=True),
        residue=batch.residue.to(device, non_blocking=True),
        source=batch.source,
    )


def _data(
    config: TrainingConfig, seed: int, only: str, held_out: str, role: Role
) -> AudioRestorationDataset:
    return AudioRestorationDataset(
        config.data_dir,
        config.sample_rate,
        config.chunk_duration,
        seed=seed,
        length=ENDLESS,
        parameters=config.parameters,
        impulse_rate=(config.impulse_rate_low, config.impulse_rate_high),
        maximal_amplitude=(config.maximal_amplitude_low, config.maximal_amplitude_high),
        beyond_share=config.beyond_share,
        clean_share=config.clean_share,
        augment=config.augment,
        only=only,
        held_out=held_out,
        noise_dir=config.noise_dir or None,
        real_noise_share=config.real_noise_share,
        varied_noise_share=config.varied_noise_share,
        band_end_share=config.band_end_share,
        clipped_share=config.clipped_share,
        raw_level_share=config.raw_level_share,
        click_bank=config.click_bank or None,
        role=role,
    )


class _Numbered:
    """Numbers of the examples of each batch."""

    def __init__(self, start: int, config: TrainingConfig, place: Place) -> None:
        self._steps = range(start, config.steps)
        self._size = config.batch_size
        self._place = place

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._steps:
            first = (step * self._place.world + self._place.rank) * self._size
            yield list(range(first, first + self._size))
