"""What real discs taught the generator: their clicks, their hiss, and damage that replaces."""

from pathlib import Path

import numpy as np
import pytest
from test_training_artifacts import PRISTINE
from training_music import small_music

from training.dirt.artifacts import apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.events import Event
from training.dirt.impulses import impulse_shape
from training.dirt.parameters import SEVERITIES, ArtifactParameters, load_artifacts
from training.harvest.click_bank import shipped_bank
from training.learning.dataset import AudioRestorationDataset

RATE = 44_100
RECIPES = Path(__file__).parents[3] / "training" / "recipes"
DISC = PRISTINE.with_ranges(
    real_click_share=1,
    real_click_density=1,
    real_click_over_hiss_db=6,
    music_over_hiss_db=14,
    disc_hiss_share=1,
    noise_high_cut_hz=24_000,
    swish_depth=0,
    noise_grain=0,
)


def test_a_set_that_asks_for_none_of_it_gives_the_same_dirt_as_before() -> None:
    for severity in SEVERITIES:
        record = draw_degradation(load_artifacts(severity), 2.0, seed=5)
        assert record.hiss_gain_db == ()
        assert not record.has_steep_end
        assert not any(e.replaces or e.kind in ("real", "smooth", "burst") for e in record.events)


def test_real_clicks_come_as_often_and_stand_as_high_as_on_the_disc() -> None:
    record = draw_degradation(DISC, 10.0, seed=3)
    bank = shipped_bank()
    usual = len(bank.of_role("train")) / bank.timeline("train")[2]
    assert len(record.events) / 10 == pytest.approx(usual, rel=0.15)
    music = small_music(10.0)
    degraded, truth = apply_degradation(music, RATE, record)
    clicks = degraded - truth.without_impulses
    hiss = truth.without_impulses - truth.clean
    over = 10 * np.log10(np.mean(clicks**2) / np.mean(hiss**2))
    assert over == pytest.approx(6, abs=1.0)  # the piece that was drawn is not quite the average
    below = 10 * np.log10(np.mean(truth.clean**2) / np.mean(hiss**2))
    assert below == pytest.approx(14, abs=0.1)


def test_clicks_that_were_held_out_never_reach_a_training() -> None:
    held = set(shipped_bank().of_role("test").tolist())
    for seed in range(5):
        record = draw_degradation(DISC, 6.0, seed)
        assert not held & {event.seed for event in record.events if event.kind == "real"}


def test_the_hiss_of_the_disc_is_flat_to_the_top() -> None:
    quiet = DISC.with_ranges(real_click_share=0)
    music = small_music(4.0)
    degraded, truth = apply_degradation(music, RATE, draw_degradation(quiet, 4.0, seed=1))
    power = np.abs(np.fft.rfft(degraded - truth.clean)) ** 2
    frequency = np.fft.rfftfreq(len(music), 1 / RATE)
    bands = ((4000, 5000), (6500, 8000), (10_000, 12_500), (12_500, 16_000))
    levels = [10 * np.log10(power[(frequency > a) & (frequency < b)].mean()) for a, b in bands]
    assert max(levels) - min(levels) < 8


def test_music_that_ends_steeply_leaves_nothing_above() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.1
    ranges = PRISTINE.with_ranges(high_cut_hz=5000, steep_end_share=1)
    _, truth = apply_degradation(noise, RATE, draw_degradation(ranges, 1.0, seed=1))
    power = np.abs(np.fft.rfft(truth.clean)) ** 2
    assert np.mean(power[5600:8000]) < 1e-5 * np.mean(power[1000:3000])


def test_damage_that_replaces_leaves_nothing_of_the_sound() -> None:
    ranges = PRISTINE.with_ranges(impulse_rate=20, replace_share=1, impulse_duration_ms=(0.5, 3))
    music = small_music(2.0)
    record = draw_degradation(ranges, 2.0, seed=2)
    apart = tuple(
        event
        for event, before in zip(record.events[1:], record.events, strict=False)
        if event.time - before.time > 0.005
    )
    import dataclasses

    record = dataclasses.replace(record, events=apart)
    degraded, truth = apply_degradation(music, RATE, record)
    assert len(truth.events) > 10
    ends = [event.start + event.length for event in truth.events]
    for placed, event, following in zip(
        truth.events, apart, [*[e.start for e in truth.events[1:]], len(music)], strict=True
    ):
        if placed.start + placed.length > min(following, len(music)):
            continue
        place = slice(placed.start, placed.start + placed.length)
        left = degraded[place] - placed.peak * impulse_shape(event, RATE)
        assert np.std(left) <= 2.0 * np.std(truth.clean[place]) + 0.02  # rubble, no music
    assert ends


def test_smooth_clicks_have_no_highs() -> None:
    event = Event("smooth", 0.0, 0.001, 0.5, 1, 1500.0, (1.0, 1.0), 7)
    shape = impulse_shape(event, RATE)
    power = np.abs(np.fft.rfft(shape, 4096)) ** 2
    frequency = np.fft.rfftfreq(4096, 1 / RATE)
    assert power[frequency > 8000].sum() < 1e-3 * power.sum()
    assert abs(shape[0]) < 0.02
    assert np.max(np.abs(shape)) == 1


def test_scratches_die_over_tens_of_milliseconds_and_come_back() -> None:
    ranges = PRISTINE.with_ranges(burst_rate=1, burst_duration_ms=(20, 40), rpm=78.26)
    events = draw_degradation(ranges, 20.0, seed=1).events
    assert {event.kind for event in events} == {"burst"}
    shape = impulse_shape(events[0], RATE)
    assert 0.02 * RATE <= len(shape) <= 0.04 * RATE + 1
    early, late = (np.mean(part**2) for part in np.array_split(shape, 2))
    assert early > 4 * late
    turns = np.array([e.time for e in events if e.duration == events[0].duration])
    steps = np.diff(turns) * 78.26 / 60
    assert np.all(np.abs(steps - np.round(steps)) < 0.01)


def test_a_stereo_record_is_hit_on_its_walls() -> None:
    record = draw_degradation(DISC.with_ranges(wall_correlation=0), 2.0, seed=4)
    music = np.stack([small_music(2.0)] * 2)
    degraded, truth = apply_degradation(music, RATE, record)
    clicks = degraded - truth.without_impulses
    assert clicks[0].any()
    assert clicks[1].any()
    assert abs(np.corrcoef(clicks)[0, 1]) < 0.6


def test_real_clicks_keep_their_length_in_time_at_other_rates() -> None:
    event = next(e for e in draw_degradation(DISC, 2.0, seed=3).events if len(e.wave) > 12)
    for rate in (22_050, 48_000, 96_000):
        shape = impulse_shape(event, rate)
        assert len(shape) / rate == pytest.approx(len(event.wave) / RATE, abs=1.5 / rate)


def test_the_recipe_for_shellac_makes_quiet_and_loud_records_with_real_clicks(
    tmp_path: Path,
) -> None:
    import soundfile as sf

    parameters: ArtifactParameters = load_artifacts(RECIPES / "shellac.yaml")
    (tmp_path / "a").mkdir()
    sf.write(tmp_path / "a" / "music.wav", small_music(4.0), RATE, subtype="FLOAT")
    data = AudioRestorationDataset(
        tmp_path, RATE, 0.5, parameters=parameters, clean_share=0, raw_level_share=0.5, length=40
    )
    levels = [float(np.std(data[n].without_impulses.numpy())) for n in range(40)]
    assert min(levels) < 10 ** (-30 / 20)
    assert max(levels) > 10 ** (-26 / 20)
    kinds = {
        event.kind for seed in range(40) for event in draw_degradation(parameters, 1, seed).events
    }
    assert {"real", "click", "smooth", "burst"} <= kinds
