"""The analysis of records: known dirt comes out as known numbers; the fit comes nearer."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from training_music import small_music

from training.analysis.comparison import measure_synthetic
from training.analysis.report import average_statistics, describe
from training.analysis.statistics import measure
from training.analyze_impulses import compare_synthetic_vs_real
from training.analyze_impulses import main as analyse_main
from training.compare import main as compare_main
from training.dirt.artifacts import apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.parameters import ArtifactParameters
from training.fit_artifacts import fit, made_up_music, mean_distance
from training.fit_artifacts import main as fit_main
from training.signals.find_impulses import find_impulses, run_chain
from training.signals.periodicity import CLEAR, event_periodicity, noise_periodicity

RATE = 16000
QUIET = ArtifactParameters().with_ranges(
    impulse_rate=0,
    pop_rate=0,
    thump_rate=0,
    crackle_level=0,
    scratches=0,
    rumble_level=0,
    hum_level=0,
    tracing_distortion=0,
    horn_resonances=0,
    noise_grain=0,
    swish_depth=0,
    high_cut_hz=24000,
    noise_high_cut_hz=24000,
    noise_tilt_db=0,
)


def test_clicks_are_found_where_they_were_put() -> None:
    music = small_music(2.0, RATE)[None].copy()
    places = (5000, 12000, 20000, 27000)
    for start in places:
        music[0, start : start + 6] += 0.5 * np.array([1, -0.8, 0.6, -0.4, 0.2, -0.1])
    found = find_impulses(music, RATE)
    # In the shadow of a click this high the keen analysis may suspect a speck of the music.
    loud = [impulse for impulse in found if impulse.peak > 0.1]
    assert len(loud) == len(places) >= len(found) - 1
    for impulse, start in zip(loud, places, strict=True):
        # the edges of an impulse may be judged a few samples early or late
        assert abs(impulse.start - start) < 6


def test_the_whole_recording_goes_through_the_chain_in_place() -> None:
    music = small_music(1.0, RATE)[None]
    found = run_chain(music, RATE)
    assert found.restored.shape == music.shape
    np.testing.assert_allclose(found.restored + found.removed, music, atol=1e-6)
    assert np.mean(found.removed**2) < 1e-4 * np.mean(music**2)


def test_fast_recordings_are_halved_until_the_chain_takes_them() -> None:
    music = np.repeat(small_music(0.5, 48000), 2)[None]
    assert run_chain(music, 96000).sample_rate == 48000


@pytest.mark.parametrize("level", [0.003, 0.03])
def test_white_noise_is_measured_within_a_decibel(level: float) -> None:
    noise = level * np.random.default_rng(1).standard_normal((1, 6 * RATE)).astype(np.float32)
    measured = measure(noise, RATE).statistics
    above_500 = 20 * np.log10(level) + 10 * np.log10((RATE / 2 - 500) / (RATE / 2))
    assert measured.noise_level_db == pytest.approx(above_500, abs=1.0)
    assert measured.noise_kurtosis == pytest.approx(0, abs=0.2)
    # each octave of white noise holds 3 dB more than the one below
    assert np.diff(measured.noise_bands_db[:4]) == pytest.approx([3, 3, 3], abs=0.7)


def test_noise_under_music_is_not_mistaken_for_music() -> None:
    parameters = QUIET.with_ranges(surface_noise_level=0.03)
    music = small_music(4.0, RATE)
    degraded, truth = apply_degradation(music, RATE, draw_degradation(parameters, 4.0, 2))
    noise = degraded - truth.clean
    expected = 20 * np.log10(np.sqrt(np.mean(noise**2)))
    measured = measure(degraded[None], RATE).statistics
    assert measured.noise_level_db == pytest.approx(expected, abs=2.0)


@pytest.mark.parametrize("rpm", [78.26, 71.75])
def test_a_scratch_that_comes_back_is_found_at_its_speed(rpm: float) -> None:
    rng = np.random.default_rng(0)
    turns = 60 / rpm * np.arange(20) + 0.1 + 0.0005 * rng.standard_normal(20)
    seconds = 60 / rpm * 20
    alone = np.sort(np.concatenate([turns, rng.uniform(0, seconds, 40)]))
    found = event_periodicity(alone, seconds)
    assert found.best_strength > CLEAR
    assert found.best_rpm == pytest.approx(rpm, abs=0.2)
    assert (found.at_rpm[78.26] > CLEAR) == (rpm == 78.26)


def test_a_worn_record_with_scratches_shows_its_period_in_the_report() -> None:
    scratched = QUIET.with_ranges(
        surface_noise_level=0.002, impulse_rate=1, scratches=3, impulse_amplitude=(0.3, 0.6)
    )
    made = measure_synthetic(small_music(12.0, RATE)[None], RATE, scratched, 2).statistics
    assert made.impulse_periodicity.at_rpm[78.26] > CLEAR
    (line,) = [text for text in describe(made).splitlines() if "Impulses:  78.26" in text]
    assert "(0.767 s)" in line
    assert "a clear period" in line
    whole = measure_synthetic(
        small_music(12.0, RATE)[None], RATE, scratched.with_ranges(scratches=0), 2
    ).statistics
    assert not whole.impulse_periodicity.best_strength > CLEAR


def test_a_long_playing_record_shows_its_slower_period() -> None:
    slow = np.arange(16, dtype=np.float64) * 1.8 + 0.2
    found = event_periodicity(slow, 29.0)
    assert found.strongest[0] in (pytest.approx(100 / 3), pytest.approx(200 / 3, abs=0.2))
    assert found.at_rpm[100 / 3] > CLEAR


def test_clicks_at_random_have_no_period() -> None:
    times = np.sort(np.random.default_rng(4).uniform(0, 30, 200))
    assert event_periodicity(times, 30.0).best_strength < CLEAR


def test_swish_is_found_at_its_speed_and_only_there() -> None:
    swishing = QUIET.with_ranges(surface_noise_level=0.05, swish_depth=0.5)
    silence = np.zeros(12 * RATE, np.float32)
    record = draw_degradation(swishing, 12.0, 3)
    noise, _ = apply_degradation(silence, RATE, record)
    assert noise_periodicity(noise.astype(np.float64), RATE).at_rpm[78.26] > CLEAR
    steady, _ = apply_degradation(
        silence, RATE, draw_degradation(swishing.with_ranges(swish_depth=0), 12.0, 3)
    )
    assert noise_periodicity(steady.astype(np.float64), RATE).best_strength < CLEAR


def test_statistics_follow_the_dirt_that_was_asked_for() -> None:
    music = small_music(8.0, RATE)[None]
    faint = QUIET.with_ranges(surface_noise_level=0.002)  # more would hide the smallest clicks
    rare, often = (
        measure_synthetic(music, RATE, faint.with_ranges(impulse_rate=rate), 1).statistics
        for rate in (2, 15)
    )
    assert 0.5 < rare.per_second < 4
    assert 8 < often.per_second < 18  # overlapping ones count once, faint ones are not found
    assert often.mean_interval < rare.mean_interval
    assert 0.5 <= often.positive_share <= 0.8
    assert often.high_emphasis > 1


@pytest.mark.parametrize(
    "audio", [np.zeros((1, 8000), np.float32), np.full((1, 50), 0.1, np.float32)]
)
def test_silence_and_a_few_samples_are_measured_without_complaint(
    audio: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    statistics = measure(audio, RATE).statistics
    assert statistics.total <= 1  # fifty samples out of silence may well be a click
    assert np.isnan(statistics.noise_periodicity.best_strength)


def test_analysis_prints_and_saves_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 2):
        degraded, _ = apply_degradation(
            small_music(3.0, RATE, seed), RATE, draw_degradation(ArtifactParameters(), 3.0, seed)
        )
        sf.write(tmp_path / f"side_{seed}.wav", degraded, RATE)
    (tmp_path / "letter.wav").write_text("no sound at all")
    (tmp_path / "empty.wav").write_bytes(b"")
    sf.write(tmp_path / "nothing.wav", np.zeros(0), RATE)
    assert analyse_main([str(tmp_path)]) == 0
    shown = capsys.readouterr()
    for word in ("Per second:", "High-frequency emphasis", "78.26 rpm", "| **average** |"):
        assert word in shown.out
    assert "letter.wav is not an audio file" in shown.err
    assert "nothing.wav holds no audio" in shown.err
    saved = json.loads((tmp_path / "side_1_impulse_analysis.json").read_text())
    assert saved["total"] > 0
    assert (tmp_path / "side_2_impulse_analysis.png").stat().st_size > 20_000


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda path: path.mkdir(), "no recording in"),
        (lambda path: path.write_text("hello"), "not an audio file"),
        (lambda path: None, "there is no file or folder"),
    ],
)
def test_what_cannot_be_analysed_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, complaint: str
) -> None:
    place = tmp_path / "record.wav"
    make(place)  # type: ignore[operator]
    assert analyse_main([str(place)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert complaint in line
    assert line.startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["letter.wav", "-o", "fitted.yaml"], "letter.wav is not an audio file"),
        (["two", "-o", "fitted.yaml"], "is not an audio file that can be read; nor 1 more"),
        (["empty", "-o", "fitted.yaml"], "no recording in empty"),
        (["nothing.wav", "-o", "fitted.yaml"], "nothing.wav holds no audio"),
        (["clean.wav", "-o", "no/such/place.yaml"], "there is no folder no/such"),
        (["clean.wav", "-o", "fitted.yaml", "--clean", "empty"], "no recording in empty"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("two").mkdir()
    for name in ("letter.wav", "two/a.wav", "two/b.wav"):
        Path(name).write_text("no sound at all")
    sf.write("nothing.wav", np.zeros(0), RATE)
    sf.write("clean.wav", small_music(1.0, RATE), RATE)
    assert fit_main(arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert complaint in line
    assert not Path("fitted.yaml").exists()


def test_a_record_is_at_no_distance_from_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music = small_music(4.0, RATE)
    parameters = ArtifactParameters()
    degraded, _ = apply_degradation(music, RATE, draw_degradation(parameters, 4.0, 5))
    sf.write(tmp_path / "real.wav", degraded, RATE, subtype="FLOAT")
    same = compare_synthetic_vs_real(
        tmp_path / "real.wav", music, RATE, parameters=parameters, seed=5
    )
    assert same.total == pytest.approx(0, abs=1e-6)
    assert "impulses per second" in capsys.readouterr().out
    other = compare_synthetic_vs_real(
        tmp_path / "real.wav", music, RATE, parameters=QUIET, seed=5, verbose=False
    )
    assert other.total > 0.5
    sf.write(tmp_path / "clean.wav", music, RATE, subtype="FLOAT")
    arguments = [str(tmp_path / "real.wav"), str(tmp_path / "clean.wav"), "--artifacts", "heavy"]
    assert compare_main(arguments) == 0
    assert (tmp_path / "real_comparison.png").stat().st_size > 20_000


def test_several_records_and_sets_of_dirt_make_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = tmp_path / "sides"
    sides.mkdir()
    for seed in (1, 2):
        record = draw_degradation(ArtifactParameters(), 3.0, seed)
        degraded, _ = apply_degradation(small_music(3.0, RATE, seed), RATE, record)
        sf.write(sides / f"side_{seed}.wav", degraded, RATE, subtype="FLOAT")
    (sides / "letter.wav").write_text("no sound at all")
    clean = tmp_path / "clean"
    clean.mkdir()
    for seed in (3, 4):
        sf.write(clean / f"{seed}.wav", small_music(3.0, RATE, seed), RATE)
    arguments = [str(sides), str(clean), "--artifacts", "default", "heavy", "--seed", "10", "20"]
    assert compare_main([*arguments, "-o", str(tmp_path / "pictures")]) == 0
    shown = capsys.readouterr()
    assert "| mean distance to | default | heavy |" in shown.out
    assert shown.out.count("side_1.wav against default") == 2  # once for each seed
    by_statistic = shown.out.split("| as a collection | default | heavy |")[1].splitlines()[2:]
    every = np.array(
        [[float(v) for v in line.strip(" |").split(" | ")[1:]] for line in by_statistic]
    )
    rows = {
        line.split(" | ")[0]: line.strip("| ").split(" | ")[1:]
        for line in shown.out.splitlines()
        if line.startswith(("| side", "| **"))
    }
    figures = {name: [float(value) for value in values] for name, values in rows.items()}
    usual, heavy = figures["| **as a collection**"]
    assert usual < heavy
    assert every.mean(axis=0) == pytest.approx([usual, heavy], abs=0.011)
    single = np.mean([figures[f"| side_{n}"] for n in (1, 2)], axis=0)
    assert figures["| **mean of the rows**"] == pytest.approx(single, abs=0.011)
    assert usual < np.mean([figures[f"| side_{n}"][0] for n in (1, 2)])
    assert "letter.wav is not an audio file" in shown.err
    names = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    assert names == ["side_1_comparison.png", "side_2_comparison.png"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["none.wav", "clean.wav"], "there is no file or folder"),
        (["clean.wav", "letter.wav"], "letter.wav is not an audio file"),
        (["letter.wav", "clean.wav"], "letter.wav is not an audio file"),
        (["clean.wav", "clean.wav", "--artifacts", "ruin.yaml"], "ruin.yaml"),
        (["clean.wav", "clean.wav", "-o", "no/such/place.png"], "cannot write"),
        (["clean.wav", "clean.wav", "-o", "picture.xyz"], "cannot write"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    sf.write("clean.wav", small_music(1.0, RATE), RATE)
    Path("letter.wav").write_text("no sound at all")
    assert compare_main(arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert complaint in line
    assert line.startswith("error: ")


def test_fitted_dirt_is_nearer_to_records_that_the_fit_has_not_seen() -> None:
    # a collection that nobody foresaw: hardly a click, much dark hiss, no treble
    rate = 8000
    collection = QUIET.with_ranges(
        impulse_rate=1,
        surface_noise_level=(0.06, 0.1),
        noise_tilt_db=-8,
        noise_high_cut_hz=2500,
        high_cut_hz=2500,
    )
    sides = [
        measure_synthetic(small_music(4.0, rate, seed)[None], rate, collection, seed).statistics
        for seed in range(5)
    ]
    seen, unseen = sides[:3], sides[3:]
    trials = [made_up_music(rate, seed, seconds=2.0) for seed in range(2)]
    fitted = fit(seen, trials, rate, (2.0,), ("surface_noise_level", "crackle_level"))
    held_out_music = [small_music(4.0, rate, 20 + seed)[None] for seed in range(2)]
    before, after = (
        mean_distance(unseen, parameters, held_out_music, rate, seed=50)
        for parameters in (ArtifactParameters(), fitted)
    )
    assert after < 0.8 * before
    noise = average_statistics(seen)["noise_level"]
    low, high = fitted.surface_noise_level
    assert low / 2 < noise < high * 2
