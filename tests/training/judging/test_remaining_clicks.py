"""The yardstick for real records: hiss counts as none, clicks count, what is gone is gone."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from test_harvest_clicks import RATE, add_clicks, old_music

from training.benchmarks.real_click_table import click_table, coherence_below, measure_record
from training.judging.remaining_clicks import SIGMAS, count_remaining
from training.real_benchmark import main

SHOWN = SIGMAS.index(8)


def test_hiss_and_music_alone_stand_out_hardly_ever() -> None:
    noise = np.random.default_rng(0).standard_normal(4 * RATE)
    left = count_remaining(noise, RATE)
    assert left.per_s[SHOWN] == 0
    assert left.kurtosis == pytest.approx(3, abs=0.1)
    assert count_remaining(old_music(4.0), RATE).per_s[SHOWN] < 1


def test_every_click_counts_once() -> None:
    music = old_music(4.0)
    layer, starts = add_clicks(music)
    left = count_remaining(music + layer, RATE)
    assert left.per_s[SHOWN] == pytest.approx(len(starts) / 4, rel=0.2)
    assert left.per_s[0] >= left.per_s[1] >= left.per_s[2]
    assert left.kurtosis > 10


@pytest.mark.parametrize("rate", [10_000, 22_050])
def test_the_count_hardly_depends_on_the_rate(rate: int) -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(6 * rate)
    places = np.arange(500, 6 * rate - 500, rate // 10)
    noise[places] += 20
    assert count_remaining(noise, rate).per_s[SHOWN] == pytest.approx(10, rel=0.1)


def test_what_is_too_short_is_unknown() -> None:
    assert np.isnan(count_remaining(np.zeros(100), RATE).kurtosis)


def test_removed_music_is_coherent_and_removed_noise_is_not() -> None:
    music = old_music(3.0).astype(np.float32)
    noise = np.random.default_rng(2).standard_normal(len(music)).astype(np.float32)
    assert coherence_below(0.1 * music, 0.9 * music, RATE) > 0.9
    assert coherence_below(0.01 * noise, music, RATE) < 0.1
    assert coherence_below(np.zeros_like(music), music, RATE) == 0


def test_the_table_names_records_and_what_is_left(tmp_path: Path) -> None:
    music = old_music(4.0)
    layer, _ = add_clicks(music)
    sf.write(tmp_path / "side.wav", (music + layer).astype(np.float32), RATE, subtype="FLOAT")
    perfect = lambda signal, _: (music[: len(signal)].astype(np.float32), None)  # noqa: E731
    record = measure_record(tmp_path / "side.wav", 4.0, {"perfect": perfect})
    outcome = record.outcomes["perfect"]
    assert outcome.remaining.per_s[SHOWN] < 0.1 * record.before.per_s[SHOWN]
    assert abs(outcome.change_db) < 0.3
    table = click_table([record])
    assert "side" in table
    assert len(table.splitlines()) == 3


def test_the_command_writes_the_table_and_the_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music = old_music(2.0)
    sf.write(tmp_path / "side.wav", (music + add_clicks(music)[0][: len(music)]), RATE)
    arguments = [str(tmp_path / "side.wav"), "--only", "clicks", "--alone", "--presets", "light"]
    arguments += ["--table", str(tmp_path / "t.md"), "--spectrograms", str(tmp_path / "pictures")]
    assert main(arguments) == 0
    assert "shellac light" in (tmp_path / "t.md").read_text()
    assert (tmp_path / "pictures" / "side.png").stat().st_size > 1000
    assert main([str(tmp_path / "none.wav"), "--only", "clicks"]) == 2
    assert "none.wav" in capsys.readouterr().err
