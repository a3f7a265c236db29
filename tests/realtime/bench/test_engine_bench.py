"""The benchmark's own instruments: what is missing from a recording is counted to the sample."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.bench.compare import losses
from realtime.bench.offline import latency
from realtime.bench.table import ROWS, table
from realtime.engine.clock_drift import slip

F32 = NDArray[np.float32]
LENGTH = 60_000


@pytest.fixture
def known() -> F32:
    return np.random.default_rng(7).uniform(-1, 1, (LENGTH, 2)).astype(np.float32)


def silence(n: int) -> F32:
    return np.zeros((n, 2), np.float32)


def test_a_whole_recording_has_lost_nothing(known: F32) -> None:
    recorded = np.concatenate([silence(1234), known, silence(99)])
    assert losses(known, recorded) == (1234, 0, 0)


@pytest.mark.parametrize(("start", "length"), [(20_000, 1), (20_000, 512), (100, 30_000)])
def test_samples_left_out_are_counted(known: F32, start: int, length: int) -> None:
    recorded = np.delete(known, slice(start, start + length), axis=0)
    found = losses(known, recorded)
    assert found.lost + found.slipped == length


def test_a_gap_without_a_loss_costs_no_sample(known: F32) -> None:
    recorded = np.concatenate([known[:20_000], silence(3000), known[20_000:]])
    assert losses(known, recorded).lost == 0


def test_samples_that_were_altered_count_as_lost(known: F32) -> None:
    recorded = known.copy()
    recorded[20_000:20_256] *= 0.5
    assert losses(known, recorded).lost == 256


def test_a_slip_at_the_end_is_no_loss_once_what_follows_is_known(known: F32) -> None:
    block = slip(known[19_456:20_480].T, -1).T
    recorded = np.concatenate([known[:19_456], block, known[20_480:]])
    assert losses(known[:20_000], recorded).lost > 500
    assert losses(known, recorded, until=20_000) == (0, 0, 1)
    assert losses(known, np.delete(recorded, slice(9_000, 9_256), axis=0), 20_000).lost == 256


def test_a_missing_end_is_lost(known: F32) -> None:
    assert losses(known, known[:50_000]).lost == LENGTH - 50_000


def test_a_recording_of_something_else_has_lost_everything(known: F32) -> None:
    assert losses(known, known[::-1]).lost == LENGTH


def test_an_impulse_proves_the_declared_latency() -> None:
    figures = latency()
    assert figures["proven_latency_ms"] == figures["latency_ms"]
    assert figures["latency_ms"] <= 60.0


def test_the_table_shows_values_bars_and_ratios() -> None:
    lines = table({"restore_x": 30.0, "rival_restore_x": 20.0, "xruns": 0.0}).splitlines()
    assert len(lines) == 4
    assert lines[1].split()[-5:] == ["30", "x", ">=", "15", "1.50"]
    assert len({row.key for row in ROWS}) == len(ROWS)
