"""What an input can do and what it hears now: a process of its own, for who is about to choose one.

``python -m realtime.devices.input_probe NAME`` prints JSON lines: first the rates that the input
takes, then ten times a second the peak of each channel, until nobody reads them any more. It opens
the input beside whatever runs; where that cannot be, it says so and ends.
"""

import json
import sys
import threading
from typing import Any, NamedTuple

import numpy as np

from model.errors import RestorationError
from realtime.devices.listing import Device, pick_device, query_devices
from realtime.stderr import quiet_stderr

RATES_HZ = (44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
EVERY_S = 0.1
ANY_NUMBER = 32  # channels or more: no interface's own, but what a sound server makes of any
SILENCE_DBFS = -120.0


class ProbeLine(NamedTuple):
    """One line of what a probe says; a part that is None is not told."""

    rates: tuple[int, ...] | None = None  # Hz
    peaks: tuple[float, ...] | None = None  # dBFS, of each channel
    error: str = ""


def own_channels(device: Device) -> int:
    """Return how many channels an input has to choose from; a sound server gives its pair."""
    return device.inputs if device.inputs < ANY_NUMBER else 2


def line_of(text: str) -> ProbeLine:
    """Read one line; what is none of ours says nothing."""
    try:
        content: dict[str, Any] = json.loads(text)
        rates, peaks = content.get("rates"), content.get("peaks")
        return ProbeLine(
            None if rates is None else tuple(map(int, rates)),
            None if peaks is None else tuple(map(float, peaks)),
            str(content.get("error", "")),
        )
    except (ValueError, TypeError, AttributeError):
        return ProbeLine()


def probe(name: str) -> None:
    """Tell of one input until standard output is closed.

    Raises
    ------
    RestorationError
        There is no such input, or it cannot be opened now.
    """
    device = pick_device(query_devices(), name, "input")
    import sounddevice

    _say(rates=[rate for rate in RATES_HZ if _takes(sounddevice, device, rate)])
    channels = own_channels(device)
    highest, lock = np.zeros(channels), threading.Lock()

    def hear(block: Any, *_: object) -> None:
        with lock:
            np.maximum(highest, np.abs(block).max(axis=0), out=highest)

    wait = threading.Event()
    try:
        with (
            quiet_stderr(),
            sounddevice.InputStream(
                device=device.index,
                channels=channels,
                samplerate=device.default_rate,
                latency="high",
                callback=hear,
            ),
        ):
            while not wait.wait(EVERY_S):
                with lock:
                    peaks, highest[:] = highest.copy(), 0.0
                levels = 20 * np.log10(np.maximum(peaks, 10 ** (SILENCE_DBFS / 20)))
                _say(peaks=[round(float(level), 1) for level in levels])
    except sounddevice.PortAudioError:
        raise RestorationError(f"{device.name} cannot be heard now; it may be in use") from None


def _takes(sounddevice: Any, device: Device, rate: int) -> bool:
    with quiet_stderr():
        try:
            sounddevice.check_input_settings(
                device=device.index, channels=min(device.inputs, 2), samplerate=rate
            )
        except (sounddevice.PortAudioError, ValueError):
            return False
    return True


def _say(**content: object) -> None:
    print(json.dumps(content), flush=True)


if __name__ == "__main__":
    try:
        probe(sys.argv[1])
    except RestorationError as error:
        _say(error=str(error))
    except BrokenPipeError:  # whoever asked has gone
        sys.stderr.close()
