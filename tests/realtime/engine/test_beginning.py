"""How an engine begins: what it loads before the first sound, and what the devices do meanwhile."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.config import StreamConfig, block_length
from realtime.devices.device_streams import EVEN_S, Settling
from realtime.devices.opening import OpenStreams, Plan
from realtime.engine import child, rehearsal
from realtime.engine.engine import Engine
from realtime.engine.rehearsal import Rehearsal

F32 = NDArray[np.float32]
ROOT = Path(__file__).parents[3]
RATE = 44_100
HEAVY = ("scipy", "yaml", "soundfile", "importlib.metadata", "numpy.random", "hashlib")


def loaded(code: str) -> set[str]:
    """Run some code in a Python of its own; returns which modules it has then."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return set(told.stdout.split())


def test_what_is_not_needed_for_the_first_sound_is_not_loaded_before() -> None:
    names = (*child.NEEDED_FIRST, *child.NEEDED_THEN)
    modules = loaded(
        f"import {', '.join(names)}\n"
        "from model.checkpoints import load_models\n"
        "from model.groove.record import RecordSettings\n"
        "from model.settings import Settings\n"
        "from realtime.restorer.warm_up import warmed_restorer\n"
        "warmed_restorer(44100, 2, Settings(), load_models(), RecordSettings())"
    )
    assert "model.chain" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_engines_process_is_begun_without_anything_heavy() -> None:
    modules = loaded("import main, realtime.engine.child, realtime.terminal.live_command")
    assert modules.isdisjoint((*HEAVY, "numpy", "dataclasses"))


def test_nothing_is_left_to_be_loaded_when_later_is_done() -> None:
    code = "import realtime.engine.process\nfrom realtime.engine.later import Later\n"
    code += "later = Later()\nlater.load_all(0.0)\nassert later.is_done\n"
    needed = "import realtime.recording.control, realtime.devices.reconnect\n"
    needed += "import model.walls.wall_listener"
    assert loaded(code) == loaded(code + needed)


def test_a_child_that_waits_becomes_the_next_engine(tmp_path: Path) -> None:
    child.begin_early()
    child.begin_early()  # says nothing new
    (waiting,) = child._waiting
    with Engine(StreamConfig("demo", "none")) as engine:
        assert engine._process.pid == waiting.process.pid
        assert engine.telemetry().state == "running"
    assert not child._waiting


def test_a_child_that_nobody_needs_ends_with_its_parent() -> None:
    code = "from realtime.engine import child; child.begin_early()\n"
    code += "print(child._waiting[0].process.pid)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not ended.stderr
    assert not (Path("/proc") / ended.stdout.strip()).exists()


@pytest.mark.parametrize("first_burst", [0, 4, 20])
def test_a_device_is_settled_once_it_takes_sound_evenly(first_burst: int) -> None:
    block = 256
    settling, began = Settling(RATE, block, longest_s=10.0), time.monotonic()
    settled_s = 0.0
    for step in range(1000):
        settled_s = 0.002 * step
        blocks = first_burst + int(settled_s * RATE / block) if settled_s > 0.02 else 0
        if settling.is_over(blocks, began + settled_s):
            break
    assert EVEN_S <= settled_s < 0.02 + 2 * EVEN_S


def test_a_device_that_never_takes_sound_evenly_is_used_in_the_end() -> None:
    settling, began = Settling(RATE, 256, longest_s=0.3), time.monotonic()
    assert not settling.is_over(0, began + 0.2)
    assert settling.is_over(0, began + 0.31)


class Device:
    """An input and an output in one, whose time passes with each look at it, up to ``until``."""

    name, sample_rate, channels, burst, latency = "device", RATE, 2, 512, 1000
    xruns = lost_samples = 0
    paced_by_output = ending = False
    least_reserve: int | None = 1400
    target = 3000

    def __init__(self, until: int, stands_still_at: int = -1) -> None:
        self.has_ended = threading.Event()
        self.written: list[int] = []
        self.underflows = self._now = self._read = 0  # samples
        self._until, self._stands_still_at = until, stands_still_at

    def available(self) -> int:
        if self._now >= self._until:
            self.has_ended.set()
        else:
            stood = self._now <= self._stands_still_at < self._now + 128
            self._now += 20_000 if stood else 128
        return self._now // 256 * 256 - self._read

    def read(self, n: int) -> F32:
        self._read += n
        return np.zeros((n, 2), np.float32)

    def waiting(self) -> int:
        return max(sum(self.written) - self._read + 2500, 0)

    def write(self, block: F32) -> None:
        assert not block.any()
        self.written.append(block.shape[1])

    def is_settled(self) -> bool:
        return True

    def age_s(self) -> float:
        return 0.0

    def is_alive(self) -> bool:
        return True

    def finish(self) -> None: ...
    def close(self) -> None: ...


def rehearsed(monkeypatch: pytest.MonkeyPatch, device: Device) -> Rehearsal:
    """A rehearsal with that device, when the device's time is over."""
    plan = Plan(StreamConfig("device", "device"), RATE, 2, None, None, None)
    monkeypatch.setattr(rehearsal, "plan_streams", lambda _: plan)
    monkeypatch.setattr(rehearsal, "open_streams", lambda _: (OpenStreams(device, device), plan))
    monkeypatch.setattr(rehearsal, "raise_priority", lambda _: False)
    begun = Rehearsal(plan.config)
    begun.start()
    assert device.has_ended.wait(60.0)
    return begun


def test_the_rehearsal_leaves_no_old_sound_and_the_reserve_that_was_planned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = Device(until=RATE)
    begun = rehearsed(monkeypatch, device)
    assert begun.is_ready()
    priming = begun.hand_over()
    assert priming is not None
    assert priming.is_over
    assert not priming.done  # the worker's first block is the first to be heard
    assert device.available() < block_length(RATE)
    assert device.waiting() == device.least_reserve  # silence was left out, down to the plan


def test_a_standstill_in_the_rehearsal_is_rehearsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(until=RATE, stands_still_at=RATE // 2)
    begun = rehearsed(monkeypatch, device)
    assert not begun.is_ready()  # what was seen before is worth nothing
    assert sum(device.written) < RATE - 18_000  # what came meanwhile is dropped, and not played
    begun.hand_over()
