"""A device that comes back gets the time to begin, and is opened again if it never does."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.devices import reconnect
from realtime.devices.reconnect import Reconnector
from realtime.devices.steady_source import SteadySource
from realtime.timeline import Timeline

pytestmark = pytest.mark.alone

PATIENCE_S = 90.0  # for what takes a moment on an idle machine
AWAY_S = 30.0  # as the worker tells it, until a first sample comes


class SilentTurntable:
    """An input that is open and delivers nothing."""

    name, sample_rate, channels, burst = "turntable", 44_100, 2, 512
    xruns = lost_samples = received = 0

    def __init__(self) -> None:
        self.alive = True
        self._read = 0

    def deliver(self, samples: int) -> None:
        self.received += samples

    def available(self) -> int:
        return self.received - self._read

    def read(self, n: int) -> NDArray[np.float32]:
        n = min(n, self.available())
        self._read += n
        return np.ones((n, self.channels), np.float32)

    def is_alive(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.alive = False


class Bench:
    """A reconnector over one input, whose devices are made here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[SilentTurntable] = []
        self.losses: list[str] = []
        self.returns: list[str] = []
        self.first = SilentTurntable()
        self.source = SteadySource(self.first, Timeline())
        monkeypatch.setattr(reconnect, "RouteWatch", lambda _: None)
        monkeypatch.setattr("sounddevice._terminate", lambda: None)
        monkeypatch.setattr("sounddevice._initialize", lambda: None)
        plan: Any = None  # nothing is opened by name here
        self.reconnector = Reconnector(
            plan,
            self.source,
            None,
            lambda sentence, _: self.losses.append(sentence),
            lambda sentence, _: self.returns.append(sentence),
        )
        monkeypatch.setattr(self.reconnector, "_open_both", self._open)
        self._ended = threading.Event()
        self._worker = threading.Thread(target=self._work)
        self._worker.start()

    def _open(self) -> bool:
        self.opened.append(SilentTurntable())
        self.source.attach(self.opened[-1])
        return True

    def _work(self) -> None:
        while not self._ended.wait(0.001):
            self.source.read(self.source.available())

    def look_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.reconnector.look(AWAY_S, 0.0)
            time.sleep(0.01)

    def look_until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until, "it never happened"
            self.look_for(0.05)

    def end(self) -> None:
        self.reconnector.end()
        self._ended.set()
        self._worker.join()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(monkeypatch)
    yield bench
    bench.end()


def test_an_input_that_was_away_for_long_is_not_lost_again_before_its_first_sample(
    bench: Bench,
) -> None:
    bench.first.alive = False
    bench.look_until(lambda: bool(bench.opened))
    bench.look_for(1.0)
    assert len(bench.opened) == 1
    assert bench.opened[0].alive


def test_an_input_is_said_to_be_back_when_its_sound_comes_and_not_when_it_is_open(
    bench: Bench,
) -> None:
    bench.first.alive = False
    bench.look_until(lambda: bool(bench.opened))
    bench.look_for(0.5)
    assert bench.returns == []
    assert bench.reconnector.is_unsettled("input")
    bench.opened[0].deliver(1000)
    bench.look_until(lambda: bool(bench.returns))
    assert bench.returns[0].startswith("input 'turntable' is back after ")
    bench.look_for(0.3)
    assert len(bench.returns) == len(bench.opened) == 1


def test_an_input_that_is_back_and_never_begins_is_opened_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconnect, "HUNG_S", 0.5)
    bench.first.alive = False
    bench.look_until(lambda: len(bench.opened) > 1)
    assert not bench.opened[0].alive
    assert bench.returns == []
