"""Buffers that an interface sent twice, or did not fill, are found in the untouched file."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from realtime.archive.interface_errors import FARTHEST, interface_errors, told
from realtime.archive.sidecar import hash_of
from realtime.archive.verify import checked_sides

RATE = 48_000
SECONDS = 4


@pytest.fixture(scope="module")
def transfer() -> NDArray[np.float64]:
    """Music with clicks under a converter's noise, on the 24-bit grid."""
    rng, n = np.random.default_rng(1), SECONDS * RATE
    t = np.arange(n) / RATE
    music = 0.2 * np.sin(2 * np.pi * 480 * t)  # a hundred samples a period
    music[rng.integers(0, n, 200)] += 0.3
    sound = np.stack([music, music]) + 1e-5 * rng.standard_normal((2, n))
    steps: NDArray[np.float64] = np.rint(sound.T * 2**23) / 2**23
    return steps


def written(path: Path, sound: NDArray[np.float64], subtype: str = "PCM_24") -> Path:
    soundfile.write(path, sound, RATE, subtype)
    return path


@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT", "PCM_16"])
def test_sound_as_a_converter_gives_it_has_no_errors(
    tmp_path: Path, transfer: NDArray[np.float64], subtype: str
) -> None:
    assert interface_errors(written(tmp_path / "a.wav", transfer, subtype)) == []


@pytest.mark.parametrize("length", [64, 512, 4096])
@pytest.mark.parametrize("at", [70_001, 3 * FARTHEST - 100])  # the second: across two pieces
def test_buffer_that_came_twice_is_found_to_the_sample(
    tmp_path: Path, transfer: NDArray[np.float64], length: int, at: int
) -> None:
    twice = np.concatenate([transfer[:at], transfer[at - length : at], transfer[at:]])
    assert interface_errors(written(tmp_path / "a.wav", twice)) == [(at, length, "repeated")]


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_buffer_that_was_not_filled_is_found(
    tmp_path: Path, transfer: NDArray[np.float64], value: float
) -> None:
    spoiled = transfer.copy()
    spoiled[65_400:65_656] = value  # as a piece ends
    (error,) = interface_errors(written(tmp_path / "a.wav", spoiled))
    assert error.kind == "held"
    assert error.sample == pytest.approx(65_400, abs=1)
    assert error.length == pytest.approx(256, abs=1)


def test_what_is_still_or_clipped_or_made_by_a_computer_is_no_error(
    tmp_path: Path, transfer: NDArray[np.float64]
) -> None:
    begins_late = transfer.copy()
    begins_late[:20_000] = 0.0
    begins_late[40_000:40_100] = 1.0  # overdriven
    assert interface_errors(written(tmp_path / "a.wav", begins_late)) == []
    t = np.arange(2 * RATE) / RATE
    tone = np.stack([0.3 * np.sin(2 * np.pi * 480 * t)] * 2, axis=1)
    assert interface_errors(written(tmp_path / "b.wav", tone)) == []


def test_what_the_device_counted_is_told_and_a_known_gap_is_not(
    tmp_path: Path, transfer: NDArray[np.float64]
) -> None:
    spoiled = transfer.copy()
    spoiled[90_000:91_000] = 0.0
    raw = written(tmp_path / "side_raw.wav", spoiled)
    sidecar = {
        "gaps": [{"sample": 90_000, "length": 1_000, "reason": "input away"}],
        "xruns": [{"sample": 60_000, "lost": 45}, {"sample": 70_000, "lost": 0}, "torn"],
    }
    (tmp_path / "side.shellac.json").write_text(json.dumps(sidecar))
    errors = interface_errors(raw)
    assert errors == [(60_000, 45, "lost")]
    assert told(errors, RATE) == (
        "the interface lost samples 1 times, first at 0:01; look at cable, hub and buffer"
    )
    assert told([], RATE) == ""


def test_verify_tells_of_a_spoiled_transfer_where_it_is_asked(
    tmp_path: Path, transfer: NDArray[np.float64]
) -> None:
    twice = np.concatenate([transfer[:70_000], transfer[69_488:]])
    pair = written(tmp_path / "side_raw.wav", twice), written(tmp_path / "side_restored.wav", twice)
    sidecar = {
        "schema": 1,
        "speed": 1.0,
        "files": {
            role: {"name": path.name, "bytes": path.stat().st_size, "sha256": hash_of(path)}
            for role, path in zip(("raw", "restored"), pair, strict=True)
        },
    }
    (tmp_path / "side.shellac.json").write_text(json.dumps(sidecar))
    (side,) = checked_sides(tmp_path)
    assert side.ok
    (side,) = checked_sides(tmp_path, interface=True)
    assert "repeated samples 1 times, first at 0:01" in side.complaint
