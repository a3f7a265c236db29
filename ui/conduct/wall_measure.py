"""How the two walls of the groove stand to each other, measured when the person asks. Any thread.

A file is asked as a whole; of a turntable the last seconds that the window keeps.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.walls.wall_kind import followed_alignment
from realtime.config import StreamConfig
from realtime.devices.input_names import DEMO_RECORD
from realtime.soundfiles.walls import SURE, wall_alignment_of
from ui.state.history import History
from ui.state.startup import is_record

LEAST_S = 6.0


def measuring(
    config: StreamConfig | None, record: RecordSettings, history: History
) -> Callable[[], tuple[RecordSettings, float]]:
    """Return what measures, for the thread that may wait.

    It gives the record with the offset and balance that were found, and the correlation of the
    walls. It raises a ``RestorationError`` where there is nothing to measure.
    """
    is_file = config is not None and is_record(config.input)
    path = Path(config.input) if config is not None else Path()
    is_raw = record.groove == "stereo" and not (record.wall_offset_us or record.wall_balance_db)
    rate, n = history.sample_rate, history.end - history.start
    walls = np.stack(
        [history.read("dry", history.start, history.end, channel) for channel in (0, 1)]
    )

    def measure() -> tuple[RecordSettings, float]:
        if is_file:
            found = wall_alignment_of(path if path.is_file() else DEMO_RECORD)
        elif not is_raw:
            raise RestorationError(
                "the walls are no longer as they came; set the groove to stereo, offset and "
                "balance to 0, and measure again"
            )
        elif history.channels != 2 or not rate or n < LEAST_S * rate:
            raise RestorationError("too little has been heard in stereo; let the record play on")
        else:
            try:
                found = followed_alignment(walls.astype(np.float64), rate)
            except ValueError as error:
                raise RestorationError(f"the walls cannot be measured: {error}") from None
        if abs(found.correlation) < SURE:
            raise RestorationError("the walls have too little in common; set them by hand")
        offset_us = round(found.offset_us / record.speed, 1)
        balance_db = round(found.balance_db, 2)
        try:
            measured = replace(record, wall_offset_us=offset_us, wall_balance_db=balance_db)
        except ValueError as error:
            raise RestorationError(f"the walls cannot be corrected: {error}") from None
        return measured, found.correlation

    return measure
