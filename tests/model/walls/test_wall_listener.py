"""How a record is cut, heard while it plays: the same judgement as of a whole file."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.walls.wall_kind import WallKind
from model.walls.wall_listener import WallListener
from training.dirt.two_walls import WallWear, two_walls

F32 = NDArray[np.float32]
RATE = 44_100
SECONDS = 11.0


@pytest.fixture(scope="module")
def walls() -> F32:
    """A melody of one groove, its walls a little apart, with hiss of their own."""
    rng = np.random.default_rng(7)
    note = np.arange(RATE // 5) / RATE
    hz = rng.choice([196.0, 262.0, 330.0, 392.0, 523.0, 659.0], round(5 * SECONDS))
    notes = [
        sum(np.sin(2 * np.pi * n * h * note) / n for n in range(1, 9)) * np.exp(-4 * note)
        for h in hz
    ]
    sound = np.concatenate(notes)
    music = np.asarray(0.1 * sound / sound.std(), np.float32)
    wear = WallWear(hiss_db=-25.0, clicks_per_s=5.0, offset=1.4, gain_db=2.0)
    return two_walls(music, RATE, wear, 1).walls


def heard(walls: F32) -> tuple[WallKind, ...]:
    """All judgements, oldest first."""
    listener = WallListener(RATE)
    state = listener.initial_state()
    for start in range(0, walls.shape[1] - listener.hop + 1, listener.hop):
        state = listener.step(walls[:, start : start + listener.hop].astype(np.float64), state)
    return state.kinds


@pytest.mark.parametrize(
    ("kind", "groove", "words"),
    [
        ("one groove", "lateral", "one groove"),
        ("turned", "vertical", "opposite phase"),
        ("twice", "lateral", "the same"),
        ("two", "stereo", "differ"),
        ("dead", "left", "right wall carries no music"),
    ],
)
def test_groove_is_heard_while_it_plays(walls: F32, kind: str, groove: str, words: str) -> None:
    left, right = walls
    hum = 0.001 * np.sin(2 * np.pi * 50 / RATE * np.arange(len(left), dtype=np.float32))
    made = {
        "one groove": walls,
        "turned": np.stack([left, -right]),
        "twice": np.stack([left, 0.7 * left]),
        "two": np.stack([left + 0.3 * np.roll(left, 9000), right + 0.6 * np.roll(left, 17_000)]),
        "dead": np.stack([left, hum]),
    }[kind]
    kinds = heard(made.astype(np.float32))
    assert kinds and all(found.groove == groove for found in kinds)
    assert words in kinds[-1].words
    assert kinds[-1].confidence > 0.6


def test_silence_and_a_few_seconds_say_nothing(walls: F32) -> None:
    assert heard(np.zeros((2, 12 * RATE), np.float32)) == ()
    assert heard(walls[:, : 4 * RATE]) == ()


def test_silence_before_the_music_is_not_counted(walls: F32) -> None:
    lead_in = np.zeros((2, 8192), np.float32)  # whole steps
    late, early = heard(np.concatenate([lead_in, walls], axis=1)), heard(walls)
    assert [kind.groove for kind in late] == [kind.groove for kind in early]
    assert late[-1].confidence == pytest.approx(early[-1].confidence, abs=0.02)
