"""The dirt generator: same seed, same dirt; the truth is the truth; the asked-for is what comes."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training_music import small_music

from model.errors import RestorationError
from training.dirt.artifacts import (
    apply_degradation,
    programme_peak,
    simulate_vinyl_artifacts,
)
from training.dirt.degradation import draw_degradation
from training.dirt.impulses import impulse_shape
from training.dirt.parameters import (
    SEVERITIES,
    ArtifactParameters,
    load_artifacts,
    save_artifacts,
)

RATE = 44100
PRISTINE = ArtifactParameters().with_ranges(
    impulse_rate=0,
    pop_rate=0,
    thump_rate=0,
    crackle_level=0,
    scratches=0,
    surface_noise_level=0,
    rumble_level=0,
    hum_level=0,
    tracing_distortion=0,
    horn_resonances=0,
    low_cut_hz=5,
    high_cut_hz=24000,
)


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("channels", [1, 2])
def test_same_seed_gives_the_same_dirt(severity: str, channels: int) -> None:
    music = np.stack([small_music(0.7)] * channels)
    record = draw_degradation(load_artifacts(severity), 0.7, seed=11)
    assert record == draw_degradation(load_artifacts(severity), 0.7, seed=11)
    first, _ = apply_degradation(music, RATE, record)
    second, _ = apply_degradation(music.copy(), RATE, record)
    np.testing.assert_array_equal(first, second)
    other, _ = apply_degradation(
        music, RATE, draw_degradation(load_artifacts(severity), 0.7, seed=12)
    )
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 44100, 48000])
def test_mask_labels_exactly_the_samples_that_impulses_changed(sample_rate: int) -> None:
    music = np.stack([small_music(1.0, sample_rate), small_music(1.0, sample_rate, seed=1)])
    record = draw_degradation(load_artifacts("heavy"), 1.0, seed=3)
    degraded, truth = apply_degradation(music, sample_rate, record)
    np.testing.assert_array_equal(truth.mask, degraded != truth.without_impulses)
    covered = np.zeros(music.shape[1], bool)
    for event in truth.events:
        covered[event.start : event.start + event.length] = True
    assert not np.any(truth.mask & ~covered)
    assert 0.01 < truth.mask.mean() < 0.5


def test_a_pristine_record_changes_nothing_but_the_lowest_bass() -> None:
    music = small_music()
    degraded, truth = simulate_vinyl_artifacts(
        music, RATE, 0, (0, 0), (0, 0), (0, 0), parameters=PRISTINE, seed=1, return_truth=True
    )
    assert not truth.mask.any()
    assert truth.events == ()
    error = degraded - music
    # the 5 Hz high-pass turns the phase of the lowest note (98 Hz) by a few degrees
    assert np.mean(error**2) < 0.02 * np.mean(music**2)


def test_clicks_come_as_often_and_as_high_as_asked_for() -> None:
    ranges = PRISTINE.with_ranges(impulse_rate=20, impulse_amplitude=(0.1, 0.5), level_following=0)
    record = draw_degradation(ranges, 100.0, seed=5)
    heights = np.array([event.amplitude for event in record.events])
    assert abs(len(heights) - 2000) < 4 * np.sqrt(2000)  # a Poisson count within four sigma
    assert heights.min() >= 0.1
    assert heights.max() <= 0.5
    # bounded Pareto, exponent 1: the median is 2 lo hi / (lo + hi)
    assert np.median(heights) == pytest.approx(2 * 0.1 * 0.5 / 0.6, rel=0.1)
    music = small_music(4.0)
    _, truth = apply_degradation(music, RATE, record)
    reference = programme_peak(truth.clean)
    for placed, event in zip(truth.events, record.events, strict=False):
        assert abs(placed.peak) == pytest.approx(event.amplitude * reference, rel=1e-6)


def test_polarity_and_length_follow_their_ranges() -> None:
    ranges = PRISTINE.with_ranges(
        impulse_rate=50, positive_share=0.8, impulse_duration_ms=(0.02, 3), clustering=0
    )
    events = draw_degradation(ranges, 60.0, seed=2).events
    assert np.mean([event.polarity > 0 for event in events]) == pytest.approx(0.8, abs=0.03)
    lengths = np.array([len(impulse_shape(event, RATE)) for event in events])
    assert lengths.min() == 1
    assert lengths.max() <= 0.003 * RATE + 1
    assert max(np.max(np.abs(impulse_shape(event, RATE))) for event in events) == 1


def test_scratches_come_back_each_revolution() -> None:
    ranges = PRISTINE.with_ranges(scratches=1, rpm=78.26)
    events = draw_degradation(ranges, 12.0, seed=4).events
    assert len(events) >= 4
    gaps = np.diff([event.time for event in events])
    np.testing.assert_allclose(gaps, 60 / 78.26, atol=0.002)


def test_surface_noise_has_the_asked_for_level_below_the_peak() -> None:
    ranges = PRISTINE.with_ranges(surface_noise_level=0.02, swish_depth=0)
    music = small_music(3.0)
    degraded, truth = apply_degradation(music, RATE, draw_degradation(ranges, 3.0, seed=9))
    noise = degraded - truth.clean
    expected = 0.02 * programme_peak(truth.clean)
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("correlation", [0.0, 1.0])
def test_the_walls_share_as_much_noise_as_asked_for(correlation: float) -> None:
    ranges = PRISTINE.with_ranges(surface_noise_level=0.05, wall_correlation=correlation)
    silence = np.zeros((2, 2 * RATE), np.float32)
    degraded, _ = apply_degradation(silence, RATE, draw_degradation(ranges, 2.0, seed=1))
    assert np.corrcoef(degraded[0], degraded[1])[0, 1] == pytest.approx(correlation, abs=0.05)


def test_the_disc_takes_the_highs_that_it_cannot_hold() -> None:
    ranges = PRISTINE.with_ranges(high_cut_hz=5000)
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.1
    _, truth = apply_degradation(noise, RATE, draw_degradation(ranges, 1.0, seed=1))
    power = np.abs(np.fft.rfft(truth.clean)) ** 2  # 1 Hz per bin
    assert np.mean(power[10000:12000]) < 1e-4 * np.mean(power[1000:3000])


def test_a_codec_pass_keeps_time_and_length() -> None:
    ranges = PRISTINE.with_ranges(codec_share=1, codec_quality=0.8)
    music = small_music(2.0)
    degraded, truth = apply_degradation(music, RATE, draw_degradation(ranges, 2.0, seed=1))
    assert degraded.shape == music.shape
    lags = np.correlate(degraded[5000:15000], music[4900:15100], "valid")
    assert np.argmax(lags) == 100
    np.testing.assert_array_equal(degraded, truth.clean)


def test_a_tensor_comes_back_as_a_tensor_and_an_array_as_an_array() -> None:
    music = small_music(0.5)
    tensor = simulate_vinyl_artifacts(torch.from_numpy(music), RATE, seed=8)
    array = simulate_vinyl_artifacts(music, RATE, seed=8)
    assert isinstance(tensor, torch.Tensor)
    np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (1,), (2, 1)])
def test_almost_no_audio_is_no_reason_to_fail(shape: tuple[int, ...]) -> None:
    degraded = simulate_vinyl_artifacts(np.zeros(shape, np.float32), RATE, seed=1)
    assert degraded.shape == shape


def test_audio_that_is_no_audio_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 2, 3\)"):
        simulate_vinyl_artifacts(np.zeros((1, 2, 3), np.float32), RATE)
    with pytest.raises(ValueError, match="finite"):
        simulate_vinyl_artifacts(np.full(10, np.nan, np.float32), RATE)
    with pytest.raises(ValueError, match=r"impulse_rate is -1 to -1; .* 0 to 500 1/s"):
        simulate_vinyl_artifacts(np.zeros(10, np.float32), RATE, impulse_rate=-1)


def test_named_sets_grow_from_light_to_heavy() -> None:
    light, usual, heavy = (load_artifacts(name) for name in SEVERITIES)
    assert usual == ArtifactParameters()
    assert (light.impulse_rate.high, usual.impulse_rate.high, heavy.impulse_rate.high) == (
        5,
        10,
        25,
    )
    assert light.surface_noise_level < usual.surface_noise_level < heavy.surface_noise_level


def test_a_parameter_file_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    saved = load_artifacts("heavy").with_ranges(impulse_rate=(3, 4), rpm=77.92)
    save_artifacts(tmp_path / "mine.yaml", saved, "Mine")
    assert load_artifacts(tmp_path / "mine.yaml") == saved


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("impulse_rat: 5", r"bad.yaml, line 1: unknown key 'impulse_rat'"),
        ("impulse_rate: many", r"bad.yaml, line 1: impulse_rate is 'many'; write a number"),
        ("impulse_rate: 9 to 5", r"bad.yaml, line 1: impulse_rate is 9 to 5; it must rise"),
    ],
)
def test_a_wrong_parameter_file_names_file_key_and_line(
    tmp_path: Path, line: str, complaint: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(line + "\n")
    with pytest.raises(RestorationError, match=complaint):
        load_artifacts(path)
