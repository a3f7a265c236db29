"""The rival for lost samples: rtmixer's two C callbacks share a ring, Python only starts them.

``python -m realtime.bench.passthrough RATE CHANNELS BLOCK LATENCY_S`` carries sound from the device
``turntable`` to the device ``headphones`` until it is ended, with the engine's device settings.
It prints a line as soon as sound passes evenly.
"""

import sys
import time

import numpy as np
import rtmixer

from realtime.devices.device_streams import INPUT_SLACK_S, RING_S, has_fine_periods
from realtime.devices.opening import wanted_fill
from realtime.priority import CALLBACKS, raise_priority
from realtime.stderr import quiet_stderr

STEADY_S = 1.0  # without having to start again, and the devices are in their stride


def main() -> None:
    """Run until SIGTERM."""
    rate, channels, block = (int(word) for word in sys.argv[1:4])
    latency_s = float(sys.argv[4])
    raise_priority(CALLBACKS)
    with quiet_stderr():
        has_fine_periods("ALSA")
        common = {"samplerate": rate, "channels": channels, "blocksize": block}
        output = rtmixer.Mixer(device="headphones", latency=latency_s, **common)
        output.start()
        has_fine_periods("ALSA", INPUT_SLACK_S * rate, block)
        source = rtmixer.Recorder(device="turntable", latency=INPUT_SLACK_S, **common)
    ring = rtmixer.RingBuffer(4 * channels, 1 << int(np.ceil(np.log2(RING_S * rate))))
    # As much as the engine keeps between its devices.
    priming = wanted_fill(rate, 2 * block, block)
    recording = source.record_ringbuffer(ring)
    source.start()
    playing, steady_since, told = None, time.monotonic(), False
    while True:
        if recording not in source.actions:
            recording = source.record_ringbuffer(ring)
        if playing not in output.actions and ring.read_available >= priming:
            playing, steady_since = output.play_ringbuffer(ring), time.monotonic()
        if not told and time.monotonic() - steady_since > STEADY_S:
            print("ready", flush=True)
            told = True
        time.sleep(0.01)


if __name__ == "__main__":
    main()
