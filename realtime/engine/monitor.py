"""What the headphones play: restored, original or removed, at the listener's volume. Worker."""

import numpy as np
from numpy.typing import NDArray

from model.settings import Settings

F32 = NDArray[np.float32]

# The share of the restored and of the dry signal in each choice.
SHARES = {"restored": (1.0, 0.0), "dry": (0.0, 1.0), "removed": (-1.0, 1.0)}


class MonitorMixer:
    """Blends what is to be heard; every change glides over one block, so that it never clicks.

    While nothing changes and the gain is 0 dB, ``restored`` and ``dry`` pass bit for bit.
    """

    def __init__(self, settings: Settings) -> None:
        self._shares = _shares(settings)

    def mix(self, restored: F32, dry: F32, settings: Settings) -> F32:
        """Return float32 ``[channels, n]`` from two equally delayed signals of that shape."""
        wanted = _shares(settings)
        if wanted == self._shares:
            wet, original = (np.float32(share) for share in wanted)
            if not original:
                return restored if wet == 1 else restored * wet
            if not wet:
                return dry if original == 1 else dry * original
            return restored * wet + dry * original
        n = restored.shape[1]
        wet_glide, dry_glide = (
            np.linspace(before, after, n, dtype=np.float32)
            for before, after in zip(self._shares, wanted, strict=True)
        )
        self._shares = wanted
        return restored * wet_glide + dry * dry_glide


def _shares(settings: Settings) -> tuple[float, float]:
    gain = 10.0 ** (settings.monitor_gain_db / 20.0)
    wet, dry = SHARES[settings.monitor]
    return wet * gain, dry * gain
