"""The ways from two walls to one restored sound, ours of today and before, and oracles. Any thread.

A way takes a made record and gives mono ``[T]``.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.checkpoints import Models
from model.presets import load_preset
from model.settings import Settings
from model.walls.best_wall import BestWall
from model.walls.one_sound import OneSound
from training.benchmarks.restorers import Restore
from training.dirt.two_walls import TwoWalls
from training.judging.metrics import stretches
from training.signals.find_impulses import run_chain
from training.signals.interpolation import interpolate_marked

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Way = Callable[[TwoWalls], F32]

HOP = 1024
ORACLE_ORDER = 64


def joint_sound(walls: F32, sample_rate: int) -> tuple[F32, int]:
    """Return what both walls say together ``[T]``, and on how many stretches they were repaired."""
    one = OneSound(sample_rate, HOP)
    n = walls.shape[1]
    hops = -(-(n + one.latency) // HOP)
    padded = np.pad(walls.astype(np.float64), ((0, 0), (0, hops * HOP - n)))
    state, parts, repairs = one.initial_state(), [], 0
    for start in range(0, hops * HOP, HOP):
        hop, state = one.step(padded[:, start : start + HOP], state)
        parts.append(hop.sound)
        repairs += len(hop.verdicts)
    return np.concatenate(parts)[one.latency :][:n].astype(np.float32), repairs


def ways(models: Models, rivals: dict[str, Restore]) -> dict[str, Way]:
    """Return every way that is measured, by name; the oracles last."""
    settings = replace(load_preset("default"), depth=1.0, hiss_reduction_db=0.0)
    models = models._replace(denoiser=None)

    def chain(mono: F32, rate: int) -> F32:
        return np.asarray(run_chain(mono[None], rate, settings, models).restored[0], np.float32)

    found: dict[str, Way] = {
        "sum, then restored": lambda r: chain(_sum(r), r.sample_rate),
        "each wall restored, then sum": lambda r: _mean(_stereo(r, settings, models)),
        "better wall, then restored": lambda r: chain(_best(r), r.sample_rate),
        "both walls": lambda r: joint_sound(r.walls, r.sample_rate)[0],
        "both walls, then restored": lambda r: chain(
            joint_sound(r.walls, r.sample_rate)[0], r.sample_rate
        ),
    }
    for name, rival in rivals.items():
        found[f"sum, then {name}"] = _by_rival(rival)
    found["true masks: the whole wall, then restored"] = lambda r: chain(
        _whole_wall(r), r.sample_rate
    )
    found["true masks, and both rebuilt"] = _told
    return found


def _by_rival(rival: Restore) -> Way:
    return lambda record: rival(_sum(record), record.sample_rate)[0]


def _sum(record: TwoWalls) -> F32:
    return _mean(record.walls)


def _mean(walls: F32) -> F32:
    return np.asarray(walls.mean(axis=0), np.float32)


def _stereo(record: TwoWalls, settings: Settings, models: Models) -> F32:
    return run_chain(record.walls, record.sample_rate, settings, models).restored


def _best(record: TwoWalls) -> F32:
    best = BestWall(record.sample_rate)
    n = record.walls.shape[1]
    padded = np.pad(record.walls, ((0, 0), (0, -n % HOP + HOP)))
    state, parts = best.initial_state(2), []
    for start in range(0, padded.shape[1], HOP):
        part, state = best.step(padded[:, start : start + HOP].astype(np.float64), state)
        parts.append(part[0])
    return np.concatenate(parts)[best.latency :][:n].astype(np.float32)


def _whole_wall(record: TwoWalls) -> F32:
    left, right = record.damaged
    chosen = np.where(left & ~right, record.walls[1], _sum(record))
    return np.asarray(np.where(right & ~left, record.walls[0], chosen), np.float32)


def _told(record: TwoWalls) -> F32:
    spans = stretches(np.asarray(record.damaged.all(axis=0)))
    done = interpolate_marked(_whole_wall(record).astype(np.float64), spans, ORACLE_ORDER)
    return done.astype(np.float32)
