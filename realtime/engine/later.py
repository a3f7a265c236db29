"""What an engine needs sooner or later, but not for its first sound: loaded bit by bit.

The control thread does so, while devices settle and then between two hops: who loads everything at
once keeps the interpreter from the worker for longer than there is sound in reserve.
"""

import time
from collections import deque
from importlib import import_module

# In an order in which each has loaded what the next one needs: no step is long.
NAMES = (
    *("hashlib", "uuid", "soundfile", "csv", "importlib.metadata", "yaml"),
    *("model.presets", "model.groove.record_file", "model.walls.wall_listener"),
    *("realtime.soundfiles.reading", "realtime.soundfiles.file_names"),
    *("realtime.soundfiles.carried_tags", "realtime.soundfiles.growing_flac"),
    *("realtime.archive.restore_report", "realtime.archive.sidecar", "realtime.archive.repairs"),
    *("realtime.archive.finished_files", "realtime.recording.recorder"),
    *("realtime.recording.recording_archive", "realtime.recording.recover"),
    *("realtime.recording.needle_feed", "realtime.recording.control"),
    "realtime.devices.reconnect",
)
PAUSE_S = 0.01  # between two, where somebody waits for all of them


class Later:
    """What is still to be loaded; control thread only."""

    def __init__(self) -> None:
        self._names = deque(NAMES)

    @property
    def is_done(self) -> bool:
        """True when all of it is there."""
        return not self._names

    def load_one(self) -> None:
        """Load the next."""
        if self._names:
            import_module(self._names.popleft())

    def load_all(self, pause_s: float = PAUSE_S) -> None:
        """Load the rest, with a rest for the worker between two of them."""
        while self._names:
            self.load_one()
            time.sleep(pause_s)
