"""Another groove is proposed while a record plays: once, when it is sure, and never taken."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.settings import Settings
from model.walls.wall_kind import SAME, WallKind
from realtime.engine.wall_watch import WallWatch, better_groove
from realtime.recording.noted import Noted
from realtime.recording.recording_log import RecordingLog
from realtime.restorer.meters import DamageMeter

F32 = NDArray[np.float32]
RATE = 44_100
LATERAL = WallKind("lateral", "one groove", 0.9)
VERTICAL = WallKind("vertical", "opposite phase", 0.9)
DEAD = WallKind("left", "the right wall carries no music (40 dB below the other)", 1.0)


def played(watch: WallWatch, walls: F32) -> None:
    """Let the worker keep it block by block, and the control thread listen now and then."""
    for number, start in enumerate(range(0, walls.shape[1] - 1023, 1024)):
        watch.keep(walls[:, start : start + 1024])
        if number % 3 == 0:
            watch.listen(start / RATE)


@pytest.fixture(scope="module")
def melody() -> F32:
    """Twelve seconds of changing notes with a little hiss of each wall's own."""
    rng = np.random.default_rng(3)
    t = np.arange(RATE // 4) / RATE
    notes = [np.sin(2 * np.pi * hz * t) * np.exp(-6 * t) for hz in rng.uniform(200, 2000, 60)]
    walls = np.tile(0.3 * np.concatenate(notes), (2, 1))
    return np.asarray(walls + 0.005 * rng.standard_normal(walls.shape), np.float32)


def test_a_lateral_record_that_is_played_as_stereo_is_proposed_once(melody: F32) -> None:
    watch = WallWatch(RATE)
    played(watch, melody[:, : 5 * RATE])
    assert watch.kind is None and watch.proposal("stereo") is None  # not sure yet
    played(watch, np.concatenate([melody, melody], axis=1))
    assert watch.kind is not None and watch.kind.groove == "lateral"
    assert watch.proposal("lateral") is None  # as it is played already
    proposal = watch.proposal("stereo")
    assert proposal is not None and proposal.groove == "lateral"
    assert proposal.sentence == "this is a lateral record: use both walls"
    assert watch.proposal("stereo") is None


@pytest.mark.parametrize(
    ("kind", "groove", "better"),
    [
        (LATERAL, "stereo", "lateral"),
        (VERTICAL, "stereo", "vertical"),
        (DEAD, "stereo", "left"),
        (DEAD, "right", "left"),
        (DEAD, "lateral", None),  # it leaves the dead wall by itself
        (VERTICAL, "lateral", None),  # and turns one of walls that cancel
        (LATERAL, "best", None),
        (LATERAL, "left", None),
        (SAME, "stereo", None),  # one wall twice has nothing to gain
        (WallKind("stereo", "the walls differ", 0.9), "lateral", None),
    ],
)
def test_only_what_gains_is_proposed(kind: WallKind, groove: str, better: str | None) -> None:
    proposal = better_groove(kind, groove)
    assert (proposal.groove if proposal else None) == better


def test_a_control_thread_that_was_away_begins_anew(melody: F32) -> None:
    watch = WallWatch(RATE)
    for start in range(0, melody.shape[1] - 1023, 1024):
        watch.keep(melody[:, start : start + 1024])
    watch.listen(0.0)
    assert watch.kind is None


def test_shares_of_damage_are_those_of_the_last_seconds() -> None:
    meter = DamageMeter(RATE, 1024)
    mask = np.zeros((2, 1024), np.float32)
    mask[1, :256] = 1.0
    assert meter.shares() == ()
    for _ in range(4):
        meter.add(mask)
    assert meter.shares() == (0.0, 0.25)
    for _ in range(round(4 * RATE / 1024)):
        meter.add(np.zeros_like(mask))
    assert meter.shares() == (0.0, 0.0)


def test_a_recording_knows_how_damaged_each_wall_was() -> None:
    log = RecordingLog(RATE, 0)
    assert log.wall_damage(2048) == {}
    for start in (0, 1024):
        log.add(start, Noted(Settings(), (), 0, start, (10, 512)))
    assert log.wall_damage(2048) == {"left": round(20 / 2048, 5), "right": 0.5}
