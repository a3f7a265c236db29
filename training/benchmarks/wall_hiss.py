"""What the walls' difference is worth to the denoiser: undamaged records that hiss. Any thread."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import Models
from model.presets import load_preset
from model.settings import Settings
from model.walls.one_sound import OneSound
from training.benchmarks.clips import Clip
from training.dirt.two_walls import TwoWalls, WallWear, two_walls
from training.judging.metrics import segmental_snr_db

F32 = NDArray[np.float32]

HOP = 1024
REDUCTION_DB = 24.0
WEARS = {
    "hiss 25 dB": WallWear(hiss_db=-25.0, clicks_per_s=0.0),
    "hiss 15 dB": WallWear(hiss_db=-15.0, clicks_per_s=0.0),
    "hiss 25 dB, swelling by 8 dB": WallWear(hiss_db=-25.0, clicks_per_s=0.0, swish_db=8.0),
    "hiss 15 dB, swelling by 8 dB": WallWear(hiss_db=-15.0, clicks_per_s=0.0, swish_db=8.0),
    "hiss 20 dB, walls unlike": WallWear(hiss_db=-20.0, clicks_per_s=0.0, correlation=0.0),
}


class HissRow(NamedTuple):
    """Segmental gain in dB over the plain sum, one entry per record; ``told`` the difference."""

    title: str
    sum_first: list[float]
    untold: list[float]
    told: list[float]


def restored_walls(
    record: TwoWalls, settings: Settings, models: Models, *, is_told: bool = True
) -> F32:
    """Return a record as one restored sound ``[T]``; told the difference, or not."""
    one, chain = OneSound(record.sample_rate, HOP), Chain(record.sample_rate, 1, models)
    n, late = len(record.truth), one.latency + chain.latency
    padded = np.pad(record.walls.astype(np.float64), ((0, 0), (0, -(n + late) % HOP + late)))
    walls, state, parts = one.initial_state(), chain.initial_state(), []
    for start in range(0, padded.shape[1] // HOP * HOP, HOP):
        hop, walls = one.step(padded[:, start : start + HOP], walls)
        sound, apart = (part.astype(np.float32)[None] for part in (hop.sound, hop.difference))
        out, state = chain.step(sound, state, settings, difference=apart if is_told else None)
        parts.append(out.restored[0])
    return np.concatenate(parts)[late:][:n]


def measure_hiss(clips: Sequence[Clip], models: Models, seeds: int) -> list[HissRow]:
    """Measure, and print line by line."""
    settings = replace(load_preset("default"), depth=1.0, hiss_reduction_db=REDUCTION_DB)
    print(
        f"\nHiss alone, reduced by up to {REDUCTION_DB:.0f} dB: segmental gain over the plain sum"
    )
    print(
        f"{'each wall':34}{'sum first':>10}{'untold':>8}{'told':>8}{'told - sum first, worst':>25}"
    )
    rows = []
    for title, wear in WEARS.items():
        row = HissRow(title, [], [], [])
        for seed in range(seeds):
            for number, clip in enumerate(clips):
                record = two_walls(clip.signal, clip.sample_rate, wear, 100 * seed + number)
                plain = np.asarray(record.walls.mean(axis=0), np.float32)
                twice = record._replace(walls=np.stack([plain, plain]))
                sounds = [
                    restored_walls(twice, settings, models),
                    restored_walls(record, settings, models, is_told=False),
                    restored_walls(record, settings, models),
                ]
                before = segmental_snr_db(clip.signal, plain, clip.sample_rate)
                for column, sound in zip(row[1:], sounds, strict=True):
                    after = segmental_snr_db(clip.signal, sound, clip.sample_rate)
                    column.append(after - before)
        rows.append(row)
        means = [float(np.mean(column)) for column in row[1:]]
        apart = np.subtract(row.told, row.sum_first)
        print(
            f"{title:34}{means[0]:+10.2f}{means[1]:+8.2f}{means[2]:+8.2f}"
            f"{apart.mean():+14.2f}, {apart.min():+.2f}",
            flush=True,
        )
    return rows
