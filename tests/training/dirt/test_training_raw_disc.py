"""What raw transfers of real discs taught the generator: their clicks, their hiss, their damage."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from numpy.typing import NDArray
from scipy.signal import welch
from test_training_artifacts import PRISTINE
from training_music import small_music

from training.build_checkpoints import RECIPES
from training.dirt.artifacts import GroundTruth, apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.events import Event
from training.dirt.impulses import impulse_shape
from training.dirt.parameters import load_artifacts
from training.harvest.click_bank import HISS_BINS, ROLES, ClickBank, Role, save_bank
from training.judging.labels import impulse_labels
from training.learning.dataset import AudioRestorationDataset
from training.signals.innovation import Innovation

RATE = 44100
SHELLAC = load_artifacts(RECIPES / "shellac.yaml")
NOTHING = PRISTINE.with_ranges(low_cut_hz=20, swish_depth=0, noise_grain=0)
# kHz and dB against 4-5 kHz: the hiss of a flat transfer of a disc of 1917
DISC_HISS = {
    (5.0, 6.5): -1.4,
    (6.5, 8.0): -0.9,
    (8.0, 10.0): -1.4,
    (10.0, 12.5): -0.9,
    (12.5, 16.0): -0.8,
    (16.0, 20.0): -5.9,
}


def band_levels(noise: NDArray[np.floating]) -> dict[tuple[float, float], float]:
    frequency, power = welch(noise, RATE, nperseg=1024)
    khz = frequency / 1000

    def level(low: float, high: float) -> float:
        return float(10 * np.log10(power[(khz >= low) & (khz < high)].mean()))

    return {band: level(*band) - level(4.0, 5.0) for band in DISC_HISS}


def made_bank(hiss: NDArray[np.float64] | None = None) -> ClickBank:
    """Four seconds; the clicks for training point upwards only, those for tests both ways."""
    waves = [np.array([0.01, 0.03, 0.01]), np.array([0.02, -0.02])] * 10
    times = np.asarray(np.arange(20) * 0.2 + 0.05, np.float64)
    order = np.argsort(np.arange(20) % 2, kind="stable")  # first all of the one, then the other
    return ClickBank(
        sample_rate=RATE,
        waves=np.concatenate([waves[n] for n in order]).astype(np.float32),
        offsets=np.concatenate([[0], np.cumsum([len(waves[n]) for n in order])]).astype(np.int64),
        times=times,
        heights=np.full(20, 9.0),
        excess=np.full(20, 3.0),
        record=np.zeros(20, np.int64),
        names=("made",),
        seconds=np.array([4.0]),
        music_end_hz=np.array([4000.0]),
        transfer_end_hz=np.array([20000.0]),
        level=np.array([0.02]),
        hiss_level=np.array([0.003]),
        hiss_power=np.ones((1, HISS_BINS)) if hiss is None else hiss[None],
        stretches=np.array([[0, 0.0, 2.0, 0], [0, 2.0, 4.0, 1]]),
        origin="made for tests",
    )


@pytest.fixture
def music(tmp_path: Path) -> Path:
    (tmp_path / "piano").mkdir()
    for seed in range(2):
        sf.write(tmp_path / "piano" / f"{seed}.wav", small_music(2.0, RATE, seed), RATE)
    save_bank(tmp_path / "bank.npz", made_bank())
    return tmp_path


def test_the_same_seed_gives_the_same_raw_disc() -> None:
    record = draw_degradation(SHELLAC, 1.0, seed=5)
    assert record == draw_degradation(SHELLAC, 1.0, seed=5)
    sound = small_music(1.0)
    first, again = (apply_degradation(sound.copy(), RATE, record)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    other, _ = apply_degradation(sound, RATE, draw_degradation(SHELLAC, 1.0, seed=6))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(4))
def test_the_mask_of_a_raw_disc_says_exactly_what_was_changed(seed: int) -> None:
    ranges = SHELLAC.with_ranges(impulse_rate=30)
    degraded, truth = apply_degradation(
        small_music(1.0, seed=seed), RATE, draw_degradation(ranges, 1.0, seed)
    )
    np.testing.assert_array_equal(truth.mask, degraded != truth.without_impulses)
    covered = np.zeros(len(degraded), bool)
    for event in truth.events:
        covered[event.start : event.start + event.length] = True
    assert not np.any(truth.mask & ~covered)
    label, care = impulse_labels(degraded, truth.without_impulses, truth)
    assert np.all(truth.mask[label > 0])
    assert np.all((care >= 0) & (care <= 1))


@pytest.mark.parametrize("below_db", [8.0, 14.0, 35.0])
def test_the_hiss_lies_as_far_below_the_music_as_asked_for(below_db: float) -> None:
    ranges = NOTHING.with_ranges(music_over_hiss_db=below_db)
    degraded, truth = apply_degradation(
        small_music(2.0), RATE, draw_degradation(ranges, 2.0, seed=3)
    )
    ratio = np.mean(truth.clean**2) / np.mean((degraded - truth.clean) ** 2)
    assert 10 * np.log10(ratio) == pytest.approx(below_db, abs=0.1)


def test_the_hiss_can_have_the_colour_of_a_flat_transfer_within_2_db() -> None:
    ranges = NOTHING.with_ranges(
        music_over_hiss_db=14, noise_tilt_db=-0.4, noise_high_cut_hz=18_500
    )
    degraded, truth = apply_degradation(
        small_music(4.0), RATE, draw_degradation(ranges, 4.0, seed=3)
    )
    levels = band_levels(degraded - truth.clean)
    assert levels == pytest.approx(DISC_HISS, abs=2.0)


def test_the_hiss_takes_on_the_colour_of_a_bank_within_2_db() -> None:
    frequency = np.linspace(0, RATE / 2, HISS_BINS)
    falling = 10 ** (-6 * np.log2(np.maximum(frequency, 1000) / 1000) / 10)
    ranges = NOTHING.with_ranges(music_over_hiss_db=14, disc_hiss_share=1, noise_high_cut_hz=24_000)
    record = draw_degradation(ranges, 4.0, 3, made_bank(falling / falling.mean()))
    degraded, truth = apply_degradation(small_music(4.0), RATE, record)
    for (low, high), level in band_levels(degraded - truth.clean).items():
        if high <= 16:  # above, the end of the transfer begins
            expected = -6 * np.log2(np.sqrt(low * high) / np.sqrt(4 * 5))
            assert level == pytest.approx(expected, abs=2.0)


def test_the_colours_of_the_recipe_reach_from_white_to_early_falling() -> None:
    tops = []
    for seed in range(30):
        ranges = SHELLAC.with_ranges(
            impulse_rate=0, crackle_level=0, burst_rate=0, pop_rate=0, scratches=0, thump_rate=0
        )
        degraded, truth = apply_degradation(
            small_music(0.5), RATE, draw_degradation(ranges, 0.5, seed)
        )
        tops.append(band_levels(degraded - truth.clean)[(12.5, 16.0)])
    assert max(tops) > -2
    assert min(tops) < -20


def test_clicks_stand_as_high_over_the_unforeseen_as_asked_for() -> None:
    ranges = NOTHING.with_ranges(
        impulse_rate=10, click_over_noise_db=(20, 20), music_over_hiss_db=30, clustering=0
    )
    record = draw_degradation(ranges, 2.0, seed=2)
    degraded, truth = apply_degradation(small_music(2.0), RATE, record)
    innovation = Innovation(truth.without_impulses)
    error = np.abs(innovation.whitened(degraded - truth.without_impulses)) / innovation.sigma
    peaks = [
        20 * np.log10(error[event.start : event.start + event.length + 32].max())
        for event in truth.events
    ]
    assert np.median(peaks) == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("kind", ["resonance", "dulled"])
def test_the_new_kinds_of_damage_begin_and_end_and_have_a_height_of_one(kind: str) -> None:
    shares = {"resonance_share": 1.0} if kind == "resonance" else {"smooth_share": 1.0}
    ranges = NOTHING.with_ranges(**({"resonance_share": 0.01} | shares), impulse_rate=20)
    events = draw_degradation(ranges, 5.0, seed=1).events
    found = [event for event in events if event.kind == kind]
    assert len(found) > 0.3 * len(events)
    for event in found:
        shape = impulse_shape(event, RATE)
        assert np.max(np.abs(shape)) == pytest.approx(1.0)
        assert abs(shape[-1]) < 0.5


def test_dulled_clicks_hold_little_above_12_khz() -> None:
    rng = np.random.default_rng(3)
    for seed in range(20):
        event = Event("dulled", 0.0, 0.0004, 0.5, 1, rng.uniform(3000, 8000), (1.0, 1.0), seed)
        power = np.abs(np.fft.rfft(impulse_shape(event, RATE), 4096)) ** 2
        assert power[round(12_000 / RATE * 4096) :].sum() < 0.15 * power.sum()


def test_where_a_click_replaces_the_music_nothing_of_it_is_left() -> None:
    ranges = NOTHING.with_ranges(
        impulse_rate=20,
        impulse_amplitude=(1e-3, 1e-3),
        impulse_duration_ms=(3, 4),
        replace_share=1,
        clustering=0,
        ring_share=0,
    )
    sound = small_music(2.0)
    degraded, truth = apply_degradation(sound, RATE, draw_degradation(ranges, 2.0, seed=1))
    likeness, levels = [], []
    for event in truth.events:
        inside = slice(event.start + 4, event.start + event.length - 4)
        likeness.append(np.corrcoef(degraded[inside], truth.clean[inside])[0, 1])
        levels.append(np.std(degraded[inside]))
    assert abs(np.mean(likeness)) < 0.15
    assert min(levels) > 0  # never digital silence


def test_faint_clicks_do_not_matter_and_clear_ones_count_in_full() -> None:
    rng = np.random.default_rng(4)
    hiss = (0.01 * rng.standard_normal(RATE)).astype(np.float32)
    layer = np.zeros(RATE, np.float32)
    faint, near, clear = 10_000, 20_000, 30_000
    for place, height in ((faint, 0.02), (near, 0.06), (clear, 0.3)):
        layer[place] = height
    truth = GroundTruth(
        np.zeros_like(hiss), hiss, layer != 0, (), draw_degradation(NOTHING, 1.0, 0)
    )
    label, care = impulse_labels(hiss + layer, hiss, truth)
    assert (label[faint], care[faint]) == (0, 0)
    assert label[near] == 1
    assert 0 < care[near] < 1
    assert (label[clear], care[clear]) == (1, 1)
    assert label.sum() == 2
    assert care.sum() == pytest.approx(RATE - 2 + care[near])


@pytest.mark.parametrize("share", ["real_click_share", "scattered_click_share"])
@pytest.mark.parametrize("role", ROLES)
def test_real_clicks_come_from_the_stretches_of_their_role_only(share: str, role: Role) -> None:
    bank = made_bank()
    ranges = NOTHING.with_ranges(**{share: 1.0})
    allowed = set(bank.of_role(role).tolist())
    found = set()
    for seed in range(8):
        events = draw_degradation(ranges, 2.0, seed, bank, role).events
        found |= {event.seed for event in events if event.kind == "real"}
    assert found == allowed


def test_scattered_clicks_differ_in_pace_and_height() -> None:
    ranges = NOTHING.with_ranges(scattered_click_share=1)
    events = [
        event
        for seed in range(5)
        for event in draw_degradation(ranges, 2.0, seed, made_bank()).events
    ]
    heights = [event.over_noise_db for event in events]
    assert 3 <= min(heights) < 6
    assert 27 < max(heights) <= 30
    assert len({len(event.wave) for event in events}) > 1
    assert all(np.max(np.abs(event.wave)) == pytest.approx(1.0) for event in events)


def test_examples_with_real_clicks_are_the_same_again_and_labelled(music: Path) -> None:
    def data(**changes: float) -> AudioRestorationDataset:
        settings = {"real_click_share": 1.0, "scattered_click_share": 0.5} | changes
        return AudioRestorationDataset(
            music,
            RATE,
            0.5,
            seed=3,
            length=8,
            clean_share=0.0,
            parameters=SHELLAC.with_ranges(crackle_level=0, burst_rate=0, pop_rate=0, **settings),
            impulse_rate=(0.0, 0.0),
            beyond_share=0.0,
            click_bank=music / "bank.npz",
        )

    with_clicks, again, without = (
        data(),
        data(),
        data(real_click_share=0.0, scattered_click_share=0.0),
    )
    labelled = 0.0
    for n in range(8):
        torch.testing.assert_close(with_clicks[n].degraded, again[n].degraded)
        example = with_clicks[n]
        changed = example.degraded != example.without_impulses
        assert torch.all(changed[example.label > 0])
        labelled += float(example.label.sum())
    assert labelled > sum(float(without[n].label.sum()) for n in range(8))
    assert labelled > 20


def test_levels_reach_from_a_raw_transfer_s_to_full_scale(music: Path) -> None:
    data = AudioRestorationDataset(
        music,
        RATE,
        0.2,
        seed=1,
        length=30,
        parameters=SHELLAC,
        clean_share=0.0,
        raw_level_share=0.3,
    )
    levels = [20 * np.log10(float(data[n].clean.square().mean().sqrt())) for n in range(30)]
    assert min(levels) < -34
    assert max(levels) > -16


def test_scratches_never_stand_as_high_as_an_attack() -> None:
    usual = NOTHING.with_ranges(burst_rate=20, click_over_noise_db=(3, 60))
    for seed in range(5):
        events = draw_degradation(usual, 3.0, seed).events
        assert {event.kind for event in events} == {"burst"}
        assert max(event.over_noise_db for event in events) <= 30


def test_music_that_was_recorded_too_loud_is_flat_at_its_peaks_and_clean(music: Path) -> None:
    data = AudioRestorationDataset(
        music, RATE, 0.5, seed=1, length=5, clean_share=1.0, clipped_share=1.0
    )
    for n in range(5):
        wave = data[n].degraded
        flat = float((wave.abs() > 0.9999 * wave.abs().max()).float().mean())
        assert flat > 0.003
        assert data[n].label.sum() == 0
