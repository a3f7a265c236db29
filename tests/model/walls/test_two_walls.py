"""Two witnesses of one groove: made records whose damage is known wall by wall."""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import pytest
from numpy.typing import NDArray

from model.chain import Chain
from model.groove.record import RecordSettings
from model.settings import Settings
from model.walls.one_sound import OneSound
from model.walls.wall_follower import TURN_S, WallFollower
from model.walls.wall_kind import kind_of_walls
from realtime.restorer.pipeline import Restored, StreamRestorer
from training.dirt.two_walls import TwoWalls, WallWear, two_walls

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
RATE, HOP = 44_100, 1024
FULL = Settings(depth=1.0)
QUIET = WallWear(hiss_db=-30.0, clicks_per_s=0.0, offset=0.0, gain_db=0.0, pinch_db=-np.inf)


@lru_cache
def music(seconds: float = 2.0) -> F32:
    """Chords that change four times a second, with overtones up to 7 kHz; RMS 0.1."""
    rng = np.random.default_rng(78)
    t = np.arange(RATE // 4) / RATE
    chords = []
    for _ in range(round(4 * seconds)):
        pitches = rng.choice([196.0, 262.0, 330.0, 392.0, 523.0], 3, replace=False)
        partials = [(n * hz, n**-1.2) for hz in pitches for n in range(1, int(7000 / hz))]
        waves = [a * np.sin(2 * np.pi * (hz * t + rng.random())) for hz, a in partials]
        chords.append(np.sum(waves, axis=0) * np.exp(-3 * t) * np.minimum(1.0, t / 0.005))
    sound = np.concatenate(chords)
    return np.asarray(0.1 * sound / sound.std(), np.float32)


@pytest.fixture(scope="module")
def clean() -> TwoWalls:
    return two_walls(music(), RATE, QUIET, 1)


@pytest.fixture(scope="module")
def worn() -> TwoWalls:
    wear = WallWear(hiss_db=-30.0, clicks_per_s=20.0, offset=0.3, gain_db=0.5)
    return two_walls(music(4.0), RATE, wear, 1)


def together(walls: F32, polarity: int = 1) -> tuple[F64, F64]:
    """The repaired sound and the plain sum, their delay taken off, ``[n]`` each."""
    one = OneSound(RATE, HOP, polarity)
    n = walls.shape[1]
    padded = np.pad(walls.astype(np.float64), ((0, 0), (0, -(n + one.latency) % HOP + one.latency)))
    state, parts = one.initial_state(), []
    for start in range(0, padded.shape[1] // HOP * HOP, HOP):
        hop, state = one.step(padded[:, start : start + HOP], state)
        parts.append(np.stack([hop.sound, hop.mean]))
    sound, mean = np.concatenate(parts, axis=1)[:, one.latency :][:, :n]
    return sound, mean


def played(walls: F32, record: RecordSettings, settings: Settings = FULL) -> Restored:
    """Everything that comes out for the walls, the latency taken off."""
    restorer = StreamRestorer(RATE, 2, Chain, record=record)
    padded = np.pad(walls, ((0, 0), (0, restorer.latency)))
    out = restorer.process(padded, settings)
    late = restorer.latency
    cut = [signal[:, late:] for signal in out[:-1]]
    return Restored(cut[0], cut[1], cut[2], cut[3], cut[4], out.impulses)


def snr_db(truth: NDArray[np.floating], sound: NDArray[np.floating]) -> float:
    error = float(np.sum((truth.astype(np.float64) - sound) ** 2))
    return float(10 * np.log10(np.sum(truth.astype(np.float64) ** 2) / max(error, 1e-30)))


def test_undamaged_walls_give_their_sum_and_nothing_else(clean: TwoWalls) -> None:
    sound, mean = together(clean.walls)
    np.testing.assert_array_equal(sound, mean)
    np.testing.assert_array_equal(mean, clean.walls.astype(np.float64).mean(axis=0))


def test_same_walls_give_the_same_bits_again(worn: TwoWalls) -> None:
    once, again = (together(worn.walls[:, :40_000])[0] for _ in range(2))
    np.testing.assert_array_equal(once, again)


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_one_wall_twice_is_restored_as_mono(worn: TwoWalls, gain: float) -> None:
    mono = worn.walls[0, :40_000]
    sound, _ = together(np.stack([mono, gain * mono]).astype(np.float32))
    late = slice(30_000, 40_000)  # from where the levels are known
    scale = float(sound[late] @ mono[late]) / float(mono[late] @ mono[late])
    np.testing.assert_allclose(sound[late] / scale, mono[late], atol=2e-6)
    if gain == 1.0:
        np.testing.assert_array_equal(sound, mono)


def test_clicks_of_either_wall_go_and_those_of_both_as_well(worn: TwoWalls) -> None:
    sound, mean = together(worn.walls)
    assert snr_db(worn.truth, sound) > snr_db(worn.truth, mean) + 8.0


def test_gouge_of_20_ms_on_one_wall_is_no_loss(clean: TwoWalls) -> None:
    walls = clean.walls.copy()
    rng = np.random.default_rng(4)
    gouge = slice(40_000, 40_000 + round(0.02 * RATE))
    walls[0, gouge] += 0.2 * rng.standard_normal(gouge.stop - gouge.start).astype(np.float32)
    sound, mean = together(walls)
    truth = clean.walls.astype(np.float64).mean(axis=0)
    # What is left is the whole wall's own hiss, 30 dB and more under the music.
    assert snr_db(truth[gouge], mean[gouge]) < 5
    assert snr_db(truth[gouge], sound[gouge]) > 25
    np.testing.assert_allclose(sound[: gouge.start - 100], truth[: gouge.start - 100], atol=1e-12)


def test_click_that_cancels_in_the_sum_but_not_on_the_walls_is_no_harm(clean: TwoWalls) -> None:
    walls = clean.walls.copy()
    walls[:, 50_000:50_020] += 0.5 * np.array([[1.0], [-1.0]], np.float32)
    sound, _ = together(walls)
    truth = clean.walls.astype(np.float64).mean(axis=0)
    assert np.abs(sound - truth)[49_900:50_200].max() < 0.05


def test_offset_balance_and_a_warp_are_followed() -> None:
    wear = WallWear(-20.0, 10.0, offset=1.4, gain_db=1.5, warp=0.5, pinch_db=-40.0)
    record = two_walls(music(6.0), RATE, wear, 2)
    follower = WallFollower(RATE, 2 * HOP)
    state, late = follower.initial_state(), []
    for start in range(0, record.walls.shape[1] - 2 * HOP + 1, 2 * HOP):
        state = follower.step(record.walls[:, start : start + 2 * HOP].astype(np.float64), state)
        now = (start + 2 * HOP) / RATE
        late.append(state.offset - 1.4 - 0.25 * np.sin(2 * np.pi * now / TURN_S))
    tail = np.array(late[len(late) // 2 :])
    assert np.sqrt(np.mean(tail**2)) < 0.1
    assert follower.alignment(state).balance_db == pytest.approx(-1.5, abs=0.1)


def unlike(kind: str, side: int) -> F32:
    """Walls of which something is wrong on one side, made of the same music."""
    wears = {
        "dead": replace(QUIET, dead=side),
        "inverted": replace(QUIET, polarity=-1),
        "quiet": replace(QUIET, gain_db=(-1) ** side * 10.0),
        "worn": replace(QUIET, worn_db=(-1) ** side * 12.0),
    }
    return two_walls(music(), RATE, replace(wears[kind], hiss_db=-40.0), 3).walls


@pytest.mark.parametrize("groove", ["lateral", "vertical"])
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("kind", ["dead", "inverted", "quiet", "worn"])
def test_walls_that_are_not_alike_are_never_silence(kind: str, side: int, groove: str) -> None:
    walls = unlike(kind, side)
    sound, _ = together(walls, 1 if groove == "lateral" else -1)
    late = slice(RATE + RATE // 4, 2 * RATE - 2000)
    wanted = music()[late].astype(np.float64)
    likeness = abs(float(sound[late] @ wanted))
    likeness /= float(np.linalg.norm(sound[late]) * np.linalg.norm(wanted))
    assert likeness > 0.98
    assert sound[late].std() > 0.3 * wanted.std()


def test_no_jump_is_heard_where_the_walls_are_brought_together() -> None:
    t = np.arange(2 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 500 * t)
    hiss = 1e-3 * np.random.default_rng(5).standard_normal((2, len(t)))
    late = np.roll(tone, 3)
    _, mean = together((np.stack([tone, -late]) + hiss).astype(np.float32))
    steady = np.abs(np.diff(mean[RATE:-HOP], 2)).max()
    assert np.abs(np.diff(mean[HOP:-HOP], 2)).max() < 1.5 * steady


def test_chain_works_on_one_channel_and_copies_it(worn: TwoWalls) -> None:
    made: list[int] = []

    def factory(rate: int, channels: int) -> Chain:
        made.append(channels)
        return Chain(rate, channels)

    restorer = StreamRestorer(RATE, 2, factory, record=RecordSettings(groove="lateral"))
    assert made == [1]
    assert 1000 * restorer.chain.latency / RATE <= 40
    out = restorer.process(worn.walls[:, :30_000], FULL)
    np.testing.assert_array_equal(out.restored[0], out.restored[1])


@pytest.fixture(scope="module")
def restored(worn: TwoWalls) -> Restored:
    return played(worn.walls, RecordSettings(groove="lateral"))


def test_what_is_removed_and_each_walls_damage_are_told(worn: TwoWalls, restored: Restored) -> None:
    plain = together(worn.walls)[1].astype(np.float32)
    np.testing.assert_array_equal(restored.dry[0], plain)
    assert snr_db(worn.truth, restored.restored[0]) > snr_db(worn.truth, plain) + 8.0
    for wall in (0, 1):
        only = worn.damaged[wall] & ~worn.damaged[1 - wall]
        told = [restored.mask[number][only] > 0.5 for number in (wall, 1 - wall)]
        assert np.mean(told[0]) > 3 * np.mean(told[1])
    clicked = [impulse for impulse in restored.impulses if impulse.channel == 1]
    near = [worn.damaged[1, max(c.start - 8, 0) : c.start + c.length + 8].any() for c in clicked]
    assert np.mean(near) > 0.9


def test_depth_takes_out_a_share_and_without_declicking_the_sum_is_heard(
    worn: TwoWalls, restored: Restored
) -> None:
    record = RecordSettings(groove="lateral")
    off = played(worn.walls[:, :40_000], record, Settings(declick=False))
    heard = slice(0, 39_000)  # then the sound ends
    np.testing.assert_array_equal(off.restored[:, heard], restored.dry[:, heard])
    assert not off.mask.any()
    assert off.impulses == ()


@pytest.mark.parametrize(
    ("kind", "groove"),
    [("one groove", "lateral"), ("turned", "vertical"), ("twice", "lateral"), ("two", "stereo")],
)
def test_groove_is_heard_from_the_walls(worn: TwoWalls, kind: str, groove: str) -> None:
    left, right = worn.walls
    walls = {
        "one groove": worn.walls,
        "turned": np.stack([left, -right]),
        "twice": np.stack([left, 0.7 * left]),
        "two": np.stack([left + 0.3 * np.roll(left, 9000), right + 0.6 * np.roll(left, 17_000)]),
    }[kind]
    found = kind_of_walls(walls, RATE)
    assert found.groove == groove
    assert found.confidence > 0.6


def test_blocks_of_any_length_give_the_same_bits(worn: TwoWalls) -> None:
    walls = worn.walls[:, :30_000]
    fresh = partial(StreamRestorer, RATE, 2, Chain, record=RecordSettings(groove="lateral"))
    whole = fresh().process(walls, FULL).restored
    restorer = fresh()
    parts = [restorer.process(part, FULL).restored for part in np.array_split(walls, 41, axis=1)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
