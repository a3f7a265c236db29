"""How long sound takes from the input device to the output device, measured with a chirp."""

import time
from statistics import median

import numpy as np
from numpy.typing import NDArray

from model.settings import Settings
from realtime.bench.sound import RATE, Capture, play
from realtime.config import StreamConfig
from realtime.engine.engine import Engine

F32 = NDArray[np.float32]

CHIRP_S = 1.0


def chirp() -> F32:
    """A tone rising from 300 Hz to 8 kHz, float32 ``[samples, 2]``."""
    t = np.arange(int(CHIRP_S * RATE)) / RATE
    phase = 2 * np.pi * (300.0 * t + 7700.0 / (2 * CHIRP_S) * t**2)
    tone = 0.3 * np.sin(phase) * np.hanning(len(t))
    return tone[:, None].repeat(2, axis=1).astype(np.float32)


def loopback_ms(config: StreamConfig, runs: int = 3) -> float:
    """Delay between the two sinks with the engine in between, in ms; the median of some runs.

    Parameters
    ----------
    config : StreamConfig
        From device ``turntable`` to device ``headphones`` of the virtual sound server.
    runs : int
        Engines started; each finds the devices' clocks in another position.
    """
    return median(_one_run_ms(config) for _ in range(runs))


def _one_run_ms(config: StreamConfig) -> float:
    signal = chirp()
    went_in, came_out = Capture("turntable"), Capture("headphones")
    time.sleep(0.3)
    with Engine(config, Settings()):
        time.sleep(1.0)
        play(signal)
        time.sleep(0.7)
    times = []
    for capture in (went_in, came_out):
        recorded, began = capture.stop()
        times.append(began + _arrival(signal, recorded) / RATE)
    return 1000.0 * (times[1] - times[0])


def _arrival(signal: F32, recorded: F32) -> int:
    """The sample at which the signal begins in the recording: the peak of their correlation."""
    n = len(recorded) + len(signal)
    spectra = np.fft.rfft(recorded[:, 0], n) * np.conj(np.fft.rfft(signal[:, 0], n))
    return int(np.argmax(np.abs(np.fft.irfft(spectra, n)[: len(recorded)])))
