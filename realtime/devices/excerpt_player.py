"""Plays an excerpt again and again, before or after a repair: a process of its own.

``python -m realtime.devices.excerpt_player OUTPUT`` reads JSON lines: ``{"play": [BEFORE, AFTER]}``
names two files of one length, ``{"role": 1}`` changes to the other one at the same place, ``{}`` is
silence. The end of the lines is its end. It plays beside whatever runs; where that cannot be, it
says so in a line of its own and ends.
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from realtime.devices.listing import pick_device, query_devices
from realtime.stderr import quiet_stderr

F32 = NDArray[np.float32]
PAUSE_S = 0.25  # between the end of an excerpt and its next beginning
SWAP_S = 0.008  # from one to the other without a click


class Loop:
    """Two versions of an excerpt, of which one is heard, over and over.

    The thread that reads the lines writes ``role``, the callback reads it.

    Parameters
    ----------
    versions : sequence of float32 ``[n, channels]``
        Of one length.
    """

    def __init__(self, versions: list[F32], sample_rate: int) -> None:
        pause = np.zeros((round(PAUSE_S * sample_rate), versions[0].shape[1]), np.float32)
        self._versions = np.stack([np.concatenate([version, pause]) for version in versions])
        self._step = 1 / max(SWAP_S * sample_rate, 1.0)
        self._at, self._share = 0, 0.0  # of the second version
        self.role = 0
        self.sample_rate, self.channels = sample_rate, versions[0].shape[1]

    def begin(self, role: int) -> None:
        """Start from the front with one version at once."""
        self.role, self._at, self._share = role, 0, float(role)

    def next(self, n: int) -> F32:
        """Return the next ``[n, channels]``."""
        length = self._versions.shape[1]
        first, second = self._versions[:, (self._at + np.arange(n)) % length]
        way = np.arange(1, n + 1) * (self._step if self.role else -self._step)
        share = np.clip(self._share + way, 0.0, 1.0)[:, None].astype(np.float32)
        self._at = (self._at + n) % length
        self._share = float(share[-1, 0]) if n else self._share
        return np.asarray(first + share * (second - first), np.float32)


def read_loop(paths: list[str], role: int = 0) -> Loop:
    """Read the two files.

    Raises
    ------
    RestorationError
        One of them cannot be read.
    """
    try:
        sounds = [soundfile.read(path, dtype="float32", always_2d=True) for path in paths]
    except (OSError, soundfile.LibsndfileError) as error:
        raise RestorationError(f"{Path(paths[0]).name} cannot be read: {error}") from None
    n = min(len(sound) for sound, _ in sounds)
    loop = Loop([sound[:n] for sound, _ in sounds], int(sounds[0][1]))
    loop.begin(role)
    return loop


def play(name: str | None) -> None:
    """Follow the lines of standard input until they end.

    Raises
    ------
    RestorationError
        There is no such output, or it cannot be opened now.
    """
    device = pick_device(query_devices(), name, "output")
    import sounddevice

    stream, loop = None, None
    try:
        for line in sys.stdin:
            order = json.loads(line)
            role = int(order.get("role", loop.role if loop else 0))
            if "play" not in order and order and loop:
                loop.role = role
                continue
            if stream is not None:
                stream.close()
                stream = None
            if "play" not in order:
                continue
            loop = read_loop(order["play"], role)

            def fill(out: F32, n: int, *_: object, loop: Loop = loop) -> None:
                out[:] = loop.next(n)

            with quiet_stderr():
                stream = sounddevice.OutputStream(
                    device=device.index,
                    channels=loop.channels,
                    samplerate=loop.sample_rate,
                    latency="high",
                    callback=fill,
                )
                stream.start()
    except sounddevice.PortAudioError:
        raise RestorationError(f"{device.name} cannot be heard now; it may be in use") from None
    finally:
        if stream is not None:
            stream.close()


if __name__ == "__main__":
    try:
        play(sys.argv[1] or None)
    except RestorationError as error:
        print(json.dumps({"error": str(error)}), flush=True)
