"""One channel on the desk: the compiled stages of a hop, against the same in plain NumPy."""

import numpy as np
import pytest
from desk_tools import Desk, Region
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from test_compiled_measures import plain_local_scale

from model.declicking.desk import AR_ORDER, END, MEMORY, REGION, ROOM, ROOM_AT
from model.declicking.rules import RULES, SMOOTH
from model.declicking.thresholds import Thresholds
from model.presets import load_preset

F64 = NDArray[np.float64]
FIRST, LAST = REGION - 832 - 1_024, REGION - 832
OFFSET = MEMORY - REGION
RATE = 44_100
THRESHOLDS = Thresholds.of(load_preset("default"), RATE)
GAINS = np.clip((np.fft.rfftfreq(REGION, 1 / RATE) - 6_000) / 1_000, 0, 1)
LIMIT = 4.0
CLICKS = ((1_100, 4, 0.5), (1_500, 12, 0.3), (1_530, 2, 0.6), (1_980, 30, 0.8), (2_300, 6, 0.7))


class Bench:
    """A desk with music on it, clicked where ``CLICKS`` say, and plain views of what it holds."""

    def __init__(self, limit: float = LIMIT) -> None:
        rng = np.random.default_rng(78)
        t = np.arange(MEMORY) / RATE
        music = sum(0.1 * np.sin(2 * np.pi * hz * t + hz) for hz in (220, 331, 997, 2_100))
        raw = np.asarray(music + 2e-3 * rng.standard_normal(MEMORY))
        for start, length, height in CLICKS:
            burst = rng.standard_normal(length)
            raw[OFFSET + start : OFFSET + start + length] += height * burst
        no = np.zeros((1, REGION), bool)
        self.region = Region(
            *(raw[None].copy(), raw[None].copy(), no, no.copy(), no.copy()),
            *np.zeros((2, 1, REGION)),
        )
        votes = (np.ones(END - FIRST), np.ones(END - FIRST))
        self.desk = Desk(self.region, votes, THRESHOLDS, LAST - FIRST, GAINS, limit)
        predictor = self.desk.fit()
        self.coefficients, self.gram = predictor[: 2 * (AR_ORDER + 1)].reshape(2, -1)
        self.energy, self.magnitude = predictor[2 * (AR_ORDER + 1) :].reshape(2, -1)

    @property
    def raw(self) -> F64:
        return self.region.raw[0, OFFSET:]

    @property
    def clean(self) -> F64:
        return self.region.clean[0, OFFSET:]

    @property
    def open(self) -> NDArray[np.intp]:
        is_open = self.region.unknown[0] & ~self.region.settled[0]
        return np.flatnonzero(is_open[:END])

    def held(self, name: str) -> F64:
        begins = ROOM_AT[name] // 8
        return self.desk.place.room[begins : begins + ROOM[name]]

    def filtered(self, signal: F64, gains: F64) -> F64:
        return np.asarray(np.fft.irfft(np.fft.rfft(signal) * gains, REGION))

    def opened(self) -> "Bench":
        self.desk.look()
        self.desk.begin()
        assert self.desk.open_suspects()
        return self


def test_the_predictor_is_fitted_to_the_memory_with_a_floor_of_its_noise() -> None:
    bench = Bench()
    frame = bench.region.clean[0] * np.hanning(MEMORY + 1)[:-1]
    power = np.abs(np.fft.rfft(frame, 4_320)) ** 2
    correlation = np.fft.irfft(power, 4_320)[: AR_ORDER + 1]
    low, high = (int(edge * len(power)) for edge in THRESHOLDS.floor_band)
    noise = np.sort(power[low:high])[(high - low) // 10] / (correlation[0] + 1e-12)
    raised = correlation[:-1].copy()
    raised[0] *= 1 + min(max(0.05 * noise, 1e-9), 1e-3)
    expected = np.concatenate([[1.0], solve_toeplitz(raised, -correlation[1:])])
    np.testing.assert_allclose(bench.coefficients, expected, atol=1e-8 * np.abs(expected).max())
    magnitude = np.abs(np.fft.rfft(bench.coefficients, REGION))
    np.testing.assert_allclose(bench.magnitude, magnitude, rtol=1e-9)
    np.testing.assert_allclose(bench.energy, magnitude**2, rtol=1e-9)


@pytest.mark.parametrize("some_open", [False, True])
def test_a_look_gives_both_views_over_their_local_scales(some_open: bool) -> None:
    bench = Bench()
    unknown = np.zeros(REGION, bool)
    if some_open:
        unknown[1_500:1_560] = unknown[2_000:2_003] = True
        bench.region.unknown[0] = unknown
    highest = bench.desk.look()
    views = (
        np.abs(bench.filtered(bench.clean, bench.energy))[:END] / np.sqrt(bench.gram[0]),
        np.abs(bench.filtered(bench.clean, bench.magnitude * GAINS))[:END],
    )
    heights = []
    for view, name, height in zip(
        views, ("scale", "upper_scale"), ("height", "upper"), strict=True
    ):
        scale, peak = plain_local_scale(view, unknown[:END])
        heights.append(np.where(unknown[:END], 0.0, view / np.repeat(scale, 64)))
        np.testing.assert_allclose(bench.held(name), scale, rtol=1e-8)
        np.testing.assert_allclose(bench.held(height), heights[-1], rtol=1e-6, atol=1e-8)
        if name == "scale":
            np.testing.assert_allclose(bench.held("peak"), peak, rtol=1e-8)
    ratio = np.maximum(heights[0] / THRESHOLDS.sigma, heights[1] / LIMIT)
    assert highest == pytest.approx(ratio[FIRST:].max(), rel=1e-8)
    evidence = np.empty(LAST - FIRST, np.float32)
    bench.desk.tell_evidence(evidence)
    odds = ratio[FIRST:LAST] ** 4
    np.testing.assert_allclose(evidence, odds / (1 + odds), rtol=1e-5)
    assert bench.desk.has_suspects()
    assert bench.desk.is_any_open_in_hop() is some_open


def test_what_stands_out_is_opened_with_its_padding_and_no_more() -> None:
    bench = Bench().opened()
    for start, length, _ in CLICKS:
        assert np.isin(np.arange(start, start + length), bench.open).mean() > 0.7, start
    far = np.ones(REGION, bool)
    for start, length, _ in CLICKS:
        far[start - AR_ORDER : start + length + AR_ORDER] = False
    assert not far[bench.open].any()
    assert (bench.open >= FIRST).all()
    assert bench.desk.n_open == len(bench.open) <= RULES.most_open


def test_what_is_rebuilt_balances_the_predictor_against_the_ridge() -> None:
    bench = Bench().opened()
    bench.desk.rebuild()
    kernel = np.concatenate([bench.gram[:0:-1], bench.gram])
    for _ in range(3):
        field = np.convolve(bench.clean, kernel, "same")[bench.open]
        damage = (bench.clean - bench.raw)[bench.open]
        left = field + bench.region.ridge[0, bench.open] * damage
        assert np.abs(left).max() < 1e-8 * np.abs(np.convolve(bench.raw, kernel, "same")).max()
        elsewhere = np.setdiff1d(np.arange(REGION), bench.open)
        np.testing.assert_array_equal(bench.clean[elsewhere], bench.raw[elsewhere])
        bench.desk.weigh()
        bench.desk.rebuild()


def test_ridges_come_from_each_run_s_own_damage_and_scale() -> None:
    bench = Bench().opened()
    bench.desk.rebuild()
    bench.desk.weigh()
    scale = bench.held("scale")
    for run in np.split(bench.open, np.flatnonzero(np.diff(bench.open) > 1) + 1):
        power = (bench.clean - bench.raw)[run] ** 2
        local = 0.7 * np.convolve(power, SMOOTH)[7:][: len(run)] + 0.3 * power.mean()
        around = max(scale[run[0] // 64], scale[run[-1] // 64])
        expected = 3.0 * around**2 / np.maximum(local, 1e-14)
        np.testing.assert_allclose(bench.region.ridge[0, run], expected, rtol=1e-9)


def test_edges_are_where_forward_error_begins_and_backward_error_ends() -> None:
    bench = Bench(np.inf).opened()  # without a band above the music all have theirs from here
    bench.desk.rebuild()
    before, clean, a = bench.open, bench.clean.copy(), bench.coefficients
    bench.desk.narrow()
    expected: list[int] = []
    for run in np.split(before, np.flatnonzero(np.diff(before) > 1) + 1):
        amid = clean.copy()
        amid[run] = bench.raw[run]
        head = np.abs(np.convolve(amid, a)[run])
        tail = np.abs(np.convolve(amid, a[::-1])[run + AR_ORDER])
        scale = bench.held("scale")
        level = RULES.edge * max(scale[run[0] // 64], scale[run[-1] // 64])
        begins = np.flatnonzero(head > max(level, RULES.edge_share * head.max()))
        ends = np.flatnonzero(tail > max(level, RULES.edge_share * tail.max()))
        if len(begins) and len(ends):
            low, high = max(0, begins[0] - 2), min(len(run), ends[-1] + 3)
            expected += run[low:high].tolist() if high <= low + THRESHOLDS.longest else []
    np.testing.assert_array_equal(bench.open, expected)
    given_back = np.setdiff1d(before, bench.open)
    np.testing.assert_array_equal(bench.clean[given_back], bench.raw[given_back])


def plain_standing(bench: Bench, raw: F64, clean: F64, run: slice) -> float:
    """How far a run stands out of scale and pulses, by the field of its damage alone."""
    damage = np.zeros(REGION)
    damage[run] = raw[run] - clean[run]
    kernel = np.concatenate([bench.gram[:0:-1], bench.gram])
    height = np.abs(np.convolve(damage, kernel, "same")[run]).max() / np.sqrt(bench.gram[0])
    scale, first, last = bench.held("scale"), run.start // 64, (run.stop - 1) // 64
    raw_field = np.abs(bench.filtered(raw, bench.energy))[:END].reshape(-1, 64)

    def pulses(peak: F64, quantile: float) -> float:
        around = np.sort(np.concatenate([peak[max(0, first - 8) : first], peak[last + 1 :][:8]]))
        return float(around[int(quantile * (len(around) - 1))])

    peak = raw_field.max(axis=1) / np.sqrt(bench.gram[0])
    neighbours = max(pulses(bench.held("peak"), 0.8), pulses(peak, 0.4))
    power = [
        clean[s] @ clean[s]
        for s in (slice(run.start - 256, run.start), slice(run.stop, run.stop + 256))
    ]
    attack = 1 + (run.stop - run.start) / THRESHOLDS.attack
    attack *= max(1.0, float(power[1] / power[0])) ** THRESHOLDS.rise
    level = np.abs(bench.filtered(clean, bench.magnitude))
    before = float(np.median(level[run.start - 200 : run.start - 8]))
    after = [float(np.median(level[run.stop + 8 : run.stop + 8 + n])) for n in (64, 192)]
    on = min(max(1.0, min(after) / before / 2.0) ** 2, 2.5)
    local = max(scale[first], scale[last])
    against = local * THRESHOLDS.sigma * attack, neighbours * THRESHOLDS.guard
    return float(min(height / value for value in against)) / on


def test_clicks_are_kept_with_the_likelihood_of_what_their_repair_takes_out() -> None:
    bench = Bench(np.inf).opened()
    bench.desk.rebuild()
    bench.desk.narrow()
    bench.desk.weigh()
    bench.desk.rebuild()
    bench.desk.look()
    raw, clean, before = bench.raw.copy(), bench.clean.copy(), bench.open
    judged = bench.desk.judge()
    assert len(judged) == sum(
        1 for run in np.split(before, np.flatnonzero(np.diff(before) > 1) + 1) if run[0] < LAST
    )
    for start, end, likely in judged:
        ratio = (1.0 / likely - 1.0) ** -0.25
        assert ratio <= plain_standing(bench, raw, clean, slice(start, end)) * (1 + 1e-6)
        kept = bench.region.probability[0, start:end]
        np.testing.assert_array_equal(kept, likely if likely >= 0.5 else 0.0)
    # The clearest one is bounded by nothing but where it stands.
    assert max(one.likely for one in judged) > 0.9


def test_what_is_settled_stays_within_the_loudness_around_it() -> None:
    bench = Bench()
    bench.clean[1_500:1_504] = (3.0, -3.0, 0.01, 0.0)
    loudest = 1.25 * np.abs(bench.raw[1_500 - 128 : 1_504 + 128]).max()
    peak = bench.desk.settle(1_500, 1_504)
    np.testing.assert_allclose(bench.clean[1_500:1_504], (loudest, -loudest, 0.01, 0.0))
    assert peak == np.abs(bench.raw - bench.clean)[1_500:1_504].max()
    np.testing.assert_array_equal(np.flatnonzero(bench.region.settled[0]), range(1_500, 1_504))
