"""A file in the turntable's place: paused, sought, and played to its end."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from realtime.devices.file_input import FADE_S, FileInput

RATE = 44_100
BLOCK = 1024
F32 = NDArray[np.float32]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[FileInput]:
    """Ten seconds in which each sample says where it stands."""
    n = 10 * RATE
    soundfile.write(tmp_path / "side.wav", np.arange(n, dtype=np.float32) / n, RATE, "FLOAT")
    source = FileInput(tmp_path / "side.wav", 2)
    yield source
    source.close()


def block_of(source: FileInput) -> F32:
    """The next block, as the worker takes it."""
    until = time.monotonic() + 90
    while source.available() < BLOCK:
        assert time.monotonic() < until, "the file does not go on"
        time.sleep(0.001)
    return source.read(BLOCK)[:, 0]


def place(sample: np.float32) -> int:
    return round(float(sample) * 10 * RATE)


def test_pause_fades_out_and_goes_on_where_it_stood(opened: FileInput) -> None:
    first = block_of(opened)
    assert place(first[-1]) == BLOCK - 1
    opened.paused = True
    assert not opened.ending
    fading = block_of(opened)
    faded = round(FADE_S * RATE)
    assert fading[:faded].any() and not fading[faded:].any()
    stood_at = opened.position_s
    for _ in range(3):
        assert not block_of(opened).any()
    assert opened.position_s == stood_at == pytest.approx((BLOCK + faded) / RATE)
    opened.paused = False
    again = block_of(opened)
    assert place(again[-1]) == BLOCK + faded + BLOCK - 1
    assert again[0] == 0.0


@pytest.mark.parametrize("seconds", [7.5, 6.25])  # beyond what is read ahead
def test_seek_fades_and_goes_on_at_the_very_sample(opened: FileInput, seconds: float) -> None:
    block_of(opened)
    opened.seek(seconds)
    until = time.monotonic() + 90
    wanted = round(seconds * RATE)
    while abs(place((block := block_of(opened))[-1]) - wanted) > 2 * BLOCK:
        assert time.monotonic() < until
    assert place(block[-1]) == wanted + BLOCK - 1
    assert opened.position_s == pytest.approx(seconds + BLOCK / RATE)


def test_file_that_was_read_to_its_end_can_be_sought_while_it_sounds(opened: FileInput) -> None:
    opened.seek(8.0)
    until = time.monotonic() + 90
    while not opened.ending:
        assert time.monotonic() < until
        time.sleep(0.001)
    block_of(opened)
    opened.seek(1.0)
    assert not opened.ending
    while opened.position_s > 5.0:
        block_of(opened)
        assert time.monotonic() < until
    opened.seek(9.9)
    rest = 0
    while not opened.ending or opened.available():
        rest += len(opened.read(BLOCK))
        assert time.monotonic() < until
    assert opened.position_s == pytest.approx(opened.length_s) == pytest.approx(10.0)
