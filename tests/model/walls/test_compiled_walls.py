"""What the compiled core makes of two walls is what the formulas say, written out in NumPy."""

import ctypes

import numpy as np
import pytest
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function
from model.declicking.ar import GapSystem, estimate_ar, quick_length
from model.walls.joint_desk import ROWS, JointDesk
from model.walls.joint_walls import JointWalls
from model.walls.living_walls import FLOOR, LivingWalls
from model.walls.moving_walls import MovingWalls, Stance
from model.walls.wall_follower import WallFollower
from model.walls.wall_rules import HISS_ORDER, RULES
from model.walls.wall_weights import BANDS, WallWeights, WeightsState

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
RATE, HOP = 44_100, 1024
RNG = np.random.default_rng(78)

stretches = function("stretches_of_damage", (ADDRESS, COUNT, COUNT, ADDRESS, ADDRESS), COUNT)
settle = function("joint_settle", (ADDRESS, ADDRESS), COUNT)


def coloured(n: int) -> F64:
    """Noise of a few resonances, RMS 0.1."""
    white = RNG.standard_normal(n + 200)
    sound = np.convolve(white, np.exp(-np.arange(200) / 20) * np.cos(0.3 * np.arange(200)), "valid")
    return np.asarray(0.1 * sound[:n] / sound.std())


def test_one_hop_is_shifted_in_and_whitened_by_the_difference_s_predictor() -> None:
    joint = JointWalls(RATE, HOP)
    state = joint.initial_state()
    total, hiss = state.rows.shape[1], 1e-3 * RNG.standard_normal((2, 6 * HOP))
    walls = coloured(6 * HOP) + hiss
    for start in range(0, 6 * HOP, HOP):
        before = state
        _, state = joint.step(walls[:, start : start + HOP], state)
    rows = dict(zip(ROWS, state.rows, strict=True))
    newest = walls[:, -total:]
    np.testing.assert_array_equal(rows["mean"], newest.mean(axis=0))
    np.testing.assert_array_equal(rows["difference"], newest[0] - newest[1])
    # The predictor was due with the hop before the last one.
    late = total - joint.latency - HOP
    past = before.rows[ROWS.index("hiss"), :late]
    expected = estimate_ar((past * np.hanning(late + 1)[:-1])[None], HISS_ORDER)[0]
    np.testing.assert_allclose(state.predictor[: HISS_ORDER + 1], expected.coefficients, atol=1e-9)
    size = quick_length(192 + HOP + joint.latency + HISS_ORDER + 1)
    gain = np.abs(np.fft.rfft(state.predictor[: HISS_ORDER + 1], size))
    np.testing.assert_allclose(state.predictor[2 * (HISS_ORDER + 1) :], gain, rtol=1e-9)
    seen = rows["hiss"][late - 192 :]
    white = np.fft.irfft(np.fft.rfft(seen, size) * gain, size)[: len(seen)]
    blocks = np.sort(np.abs(white).reshape(-1, 64), axis=1)[-HOP // 64 :, 32]
    np.testing.assert_allclose(state.levels[-HOP // 64 :], blocks / 0.6745, rtol=1e-9)


def damaged_where(
    difference: F64, music: F64, level: float, settled: Mask
) -> list[tuple[int, int]]:
    """Stretches of damage in a whitened difference, as the rules say."""
    n = len(difference)
    padded = np.pad(music**2, RULES.leak_reach)
    loud = np.convolve(padded, np.ones(2 * RULES.leak_reach + 1), "valid")
    inside = np.pad(np.ones(n), RULES.leak_reach)
    loud /= np.convolve(inside, np.ones(2 * RULES.leak_reach + 1), "valid")
    power = (difference / (np.sqrt(level**2 + RULES.leak**2 * loud) + RULES.silent)) ** 2
    height, belongs = np.zeros(n), np.zeros(n, bool)
    for length, sigmas, near in zip(RULES.lengths, RULES.sigmas, RULES.belongs, strict=True):
        for k in range(n):
            around = slice(max(k - length // 2, 0), k - length // 2 + length)
            height[k] = max(height[k], np.sqrt(power[around].sum() / length) / sigmas)
            clipped = power if length == 1 else np.minimum(power, RULES.clipped**2)
            belongs[k] |= clipped[around].sum() > length * near**2
    found: list[list[int]] = []
    for k in np.flatnonzero(belongs & ~settled).tolist():
        if k < n - HISS_ORDER:
            if not found or k - found[-1][-1] > RULES.bridge:
                found.append([])
            found[-1].append(k)
    pad, end = RULES.pad, n - HISS_ORDER
    return [
        (max(run[0] - pad, 0), min(run[-1] + 1 + pad, end))
        for run in found
        if height[run].max() > 1.0
    ]


def test_damage_is_what_stands_out_over_any_of_the_lengths() -> None:
    desk = JointDesk(4096, HOP, 384, 192)
    place, total, n = desk._place(), desk.total, 192 + HOP + 384
    difference, music = RNG.standard_normal((2, n)) * np.array([[1e-3], [2e-3]])
    difference[400:403] += 0.03  # sharp
    difference[600:680] += 0.004 * RNG.standard_normal(80)  # low and long
    difference[900:902] += 0.02  # settled already
    settled, levels = np.zeros(total, bool), np.full(64, 1e-3)
    begin = total - n
    settled[begin + 880 : begin + 920] = True
    it = place.it
    it.settled, it.level = address(settled), address(levels)
    assert stretches(place.at, begin, n, address(difference), address(music))
    starts, ends = (
        ctypes.cast(at, ctypes.POINTER(ctypes.c_int64))[: it.n_runs] for at in (it.starts, it.ends)
    )
    found = [(a - begin, b - begin) for a, b in zip(starts, ends, strict=True)]
    expected = damaged_where(difference, music, 1e-3, settled[begin:])
    expected = [(max(a, 192), b) for a, b in expected if b > 192]
    assert found == expected
    assert len(expected) >= 2


def test_where_nothing_stands_out_nothing_is_looked_at() -> None:
    desk = JointDesk(4096, HOP, 384, 192)
    place, n = desk._place(), 192 + HOP + 384
    quiet, levels = 1e-3 * RNG.standard_normal((2, n)), np.full(64, 1e-3)
    settled = np.zeros(desk.total, bool)
    place.it.settled, place.it.level = address(settled), address(levels)
    assert not stretches(place.at, n, n, address(quiet[0]), address(quiet[1]))
    assert place.it.n_runs == 0


class Settled:
    """A made state with known damage, settled by the core; the parts of it by name."""

    def __init__(self, runs: list[tuple[int, int]], left: F64, right: F64) -> None:
        self.desk = JointDesk(4096, HOP, 384, 192)
        self.place, total = self.desk._place(), self.desk.total
        self.first = total - 384 - HOP
        music, hiss = coloured(total), 1e-3 * RNG.standard_normal((2, total))
        self.walls = music + hiss
        self.truth = self.walls.mean(axis=0)
        for wall, scar in zip(self.walls, (left, right), strict=True):
            wall[self.first : self.first + len(scar)] += scar
        mean, difference = self.walls.mean(axis=0), self.walls[0] - self.walls[1]
        self.rows = np.stack([mean, mean, difference, difference, 0 * mean, 0 * mean])
        self.settled, self.levels = np.zeros(total, bool), np.full(64, 1e-3)
        window = np.hanning(4097)[:-1]
        self.hiss = estimate_ar(((hiss[0] - hiss[1])[:4096] * window)[None], HISS_ORDER)[0]
        self.predictor = np.concatenate([*self.hiss, np.zeros(self.desk._bins)])
        it = self.place.it
        for number, name in enumerate(ROWS):
            setattr(it, name, address(self.rows[number]))
        it.settled, it.level = address(self.settled), address(self.levels)
        it.coefficients = address(self.predictor)
        it.gram = it.coefficients + 8 * (HISS_ORDER + 1)
        self.runs = [(self.first + a, self.first + b) for a, b in runs]
        for at, side in ((it.starts, 0), (it.ends, 1)):
            into = ctypes.cast(at, ctypes.POINTER(ctypes.c_int64))
            for number, run in enumerate(self.runs):
                into[number] = run[side]
        it.n_runs = len(runs)
        n = settle(self.place.at, address(self.place.verdicts))
        self.verdicts = self.place.verdicts[:n]

    def row(self, name: str) -> F64:
        return np.asarray(self.rows[ROWS.index(name)])


def test_scar_is_taken_out_of_the_difference_as_far_as_it_is_no_hiss() -> None:
    scar = 0.05 * RNG.standard_normal(40)
    made = Settled([(97, 143)], np.concatenate([np.zeros(100), scar]), np.zeros(1))
    (start, end), model = made.runs[0], made.hiss
    difference = made.walls[0] - made.walls[1]
    begin = made.first - 2 * HISS_ORDER
    past = difference[begin - RULES.past : begin + HISS_ORDER]
    error = np.convolve(past, model.coefficients, "valid")
    innovation = (np.median(np.abs(error)) * RULES.median_to_sigma) ** 2 + RULES.silent**2
    index, calm = np.arange(start, end), difference.copy()
    calm[index] = 0.0
    field = np.correlate(np.convolve(calm, model.coefficients), model.coefficients, "valid")[index]
    system = GapSystem(model.gram, index)
    removed = np.zeros_like(calm)
    removed[index] = difference[index] - system.solve(-field)
    power = np.convolve(removed**2, np.hanning(9)[1:-1] / np.hanning(9).sum(), "same")[index]
    ridge = innovation / np.maximum(
        power - RULES.doubt * innovation, RULES.least_damage * innovation
    )
    expected = system.solve(-field + ridge * difference[index], ridge)
    np.testing.assert_allclose(made.row("hiss")[index], expected, atol=1e-10)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("length", [12, 300])
def test_wall_that_is_whole_speaks_alone(side: int, length: int) -> None:
    scar = np.concatenate([np.zeros(200), 0.2 * RNG.standard_normal(length)])
    scars = (scar, np.zeros(1)) if side == 0 else (np.zeros(1), scar)
    made = Settled([(197, 203 + length)], *scars)
    ((start, end, share, rebuilt, gain, weight),) = made.verdicts
    assert (start, end, rebuilt) == (197, 203 + length, 0)
    assert share == pytest.approx(1 - 2 * side, abs=0.2)
    assert gain > RULES.least_gain and weight > RULES.least_weight
    inside = slice(made.first + 200, made.first + 200 + length)
    over = made.row("sound")[inside] - made.truth[inside]
    assert np.sqrt(np.mean(over**2)) < 0.01
    np.testing.assert_allclose(made.row("left")[inside], 1.0 - side, atol=0.1)
    outside = np.delete(made.row("sound") - made.truth, np.arange(*made.runs[0]))
    np.testing.assert_array_equal(outside, 0.0)


def test_two_scars_of_their_own_are_rebuilt_from_what_is_around_them() -> None:
    error = damage = 0.0
    for _ in range(12):
        noise = 0.3 * RNG.standard_normal((2, 10))
        made = Settled([(197, 213)], *(np.append(np.zeros(200), scar) for scar in noise))
        ((*_, rebuilt, gain, _),) = made.verdicts
        assert rebuilt == 1 and gain > RULES.least_gain + 16 * RULES.freedom
        start, end = made.runs[0]
        truth = made.truth[start:end]
        error += float(np.sum((made.row("sound")[start:end] - truth) ** 2))
        damage += float(np.sum((made.row("mean")[start:end] - truth) ** 2))
        np.testing.assert_array_equal(made.row("left")[start:end], 1.0)
    # What nothing foretells is left: the innovation of a third of the samples' size.
    assert error < 0.12 * damage


def test_weights_are_the_regression_of_each_band_and_its_filter() -> None:
    weights = WallWeights(RATE, 2 * HOP)
    state = weights.initial_state()
    hiss = 1e-3 * RNG.standard_normal((2, 40 * HOP)) * np.array([[1.0], [3.0]])
    mean, difference = hiss.mean(axis=0), hiss[0] - hiss[1]
    for start in range(0, 36 * HOP, 2 * HOP):
        part = slice(start, start + weights.frame)
        state = weights.step(mean[part], difference[part], state)
    together, power, _, heard, shares = state.sums
    # The left wall is right nine times as often: the mean minus 0.4 of the difference.
    assert state.weighs and np.all(heard > 5)
    wide = slice(6, None)  # the narrow bands are not sure yet
    np.testing.assert_allclose(shares[wide], (together / power)[wide], atol=0.02)
    assert np.mean(shares[wide]) == pytest.approx(-0.4, abs=0.05)
    even = WeightsState(np.tile([[0.0], [0.0], [0.0], [0.0], [-0.25]], BANDS), True)
    n, reach = HOP, weights.reach
    heard_there = difference[: n + 2 * reach]
    settled = np.zeros(n, bool)
    settled[10:20] = True
    sound = mean[reach : reach + n].copy()
    lighter = weights.lightened(sound, heard_there, settled, (even, even))
    size = 2 * reach
    response = np.where(np.arange(reach + 1) * RATE / size >= 300.0, -0.25, 0.0)
    taps = np.roll(np.fft.irfft(response), reach)
    taps = np.append(taps, taps[0]) * np.hanning(size + 3)[1:-1]
    loudest = 3.0 * np.sqrt(np.mean(heard_there[:-reach] ** 2))
    bounded = heard_there.copy()
    bounded[-reach:] = np.clip(bounded[-reach:], -loudest, loudest)
    lost = np.where(settled, 0.0, np.convolve(bounded, taps, "valid"))
    np.testing.assert_allclose(lighter, sound - lost, atol=1e-15)


def test_offset_and_balance_of_made_walls_are_found_and_held_in_silence() -> None:
    follower = WallFollower(RATE, 2 * HOP)
    state, sound = follower.initial_state(), coloured(60 * HOP)
    spectrum = np.fft.rfft(sound)
    late = np.exp(-2j * np.pi * np.arange(len(spectrum)) / len(sound) * 1.5)
    walls = np.stack([sound, 0.8 * np.fft.irfft(spectrum * late)])
    walls += 3e-3 * RNG.standard_normal(walls.shape)
    for start in range(0, walls.shape[1], 2 * HOP):
        state = follower.step(walls[:, start : start + 2 * HOP], state)
    assert state.found
    assert state.offset == pytest.approx(1.5, abs=0.05)
    assert state.balance == pytest.approx(-20 * np.log10(0.8), abs=0.1)
    quiet = follower.step(np.zeros((2, 2 * HOP)), state)
    quiet = follower.step(np.zeros((2, 2 * HOP)), quiet)
    assert (quiet.offset, quiet.balance) == (state.offset, state.balance)
    np.testing.assert_array_equal(quiet.bands, state.bands)


def test_walls_are_delayed_by_half_of_their_offset_each() -> None:
    moving, stance = MovingWalls(24), Stance(1.37, (0.8, -1.25))
    state, walls = moving.initial_state(stance), RNG.standard_normal((2, 3 * HOP))
    walls = np.stack([np.convolve(wall, np.hanning(9), "same") for wall in walls])  # below 5 kHz
    parts = []
    for start in range(0, 3 * HOP, HOP):
        part, state = moving.step(walls[:, start : start + HOP], stance, state)
        parts.append(part)
    turns = 2 * np.pi * np.fft.rfftfreq(3 * HOP)
    for wall, out, late, gain in zip(
        walls, np.concatenate(parts, axis=1), (0.685, -0.685), stance.gains, strict=True
    ):
        turned = np.fft.rfft(wall) * np.exp(-1j * turns * (moving.latency + late))
        expected = gain * np.fft.irfft(turned)
        inside = slice(600, -600)  # the transform joins the ends
        np.testing.assert_allclose(out[inside], expected[inside], atol=2e-3)


def test_what_moves_is_told_by_the_means_of_eight_samples() -> None:
    living, walls = LivingWalls(RATE), RNG.standard_normal((2, HOP)) * np.array([[0.1], [0.01]])
    state = living.step(walls, living.initial_state())
    means = np.concatenate([np.zeros((2, 1)), walls.reshape(2, -1, 8).mean(axis=2)], axis=1)
    levels = np.square(np.diff(means)).reshape(2, -1, 8).mean(axis=2)
    np.testing.assert_allclose(state.music, np.log(levels + FLOOR).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(state.last, means[:, -1])
    assert state.heard == (True, False)
