"""The benchmark beside ffmpeg: its clicks, its figures and its answers to bad input."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from test_chain import music_on_shellac

from model.errors import RestorationError
from model.settings import Settings
from training.benchmarks.clips import CAP_DB, Clip, read_clip, snr_db
from training.benchmarks.made_click_benchmark import degrade, made_clicks, measure_made
from training.benchmarks.restorers import chain_restorer, ffmpeg_restorer, find_grooveclean
from training.declick_benchmark import main


@pytest.fixture(scope="module")
def clip() -> Clip:
    return Clip("plucked", music_on_shellac(1.5)[0], 44_100)


def test_clicks_are_added_at_the_stated_signal_to_noise_ratio(clip: Clip) -> None:
    assert snr_db(clip.signal, degrade(clip, 20, seed=1)[0]) == pytest.approx(6.0, abs=0.01)


def test_the_same_seed_gives_the_same_clicks_and_another_gives_others() -> None:
    first, again, other = (made_clicks(44_100, 44_100, 20, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_equal_signals_have_the_capped_ratio(clip: Clip) -> None:
    assert snr_db(clip.signal, clip.signal) == CAP_DB


def test_the_chain_and_ffmpeg_are_measured_on_the_same_clicks(clip: Clip) -> None:
    ours = measure_made("ours", chain_restorer(Settings(depth=1.0)), [clip])
    rival = measure_made("rival", ffmpeg_restorer("adeclick=m=s"), [clip])
    assert ours.false_repairs == [0.0]
    assert ours.f1[20][0] > 0.9
    assert rival.f1[20][0] > 0.5  # what it changed is what it found
    assert ours.transparency == [CAP_DB]
    assert ours.gain[20][0] > rival.gain[20][0] > 0


def test_a_folder_without_music_and_a_text_file_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no FLAC file" in capsys.readouterr().err
    text = tmp_path / "notes.flac"
    text.write_text("not music")
    assert main([str(text)]) == 2
    assert "notes.flac" in capsys.readouterr().err


def test_a_clip_is_read_from_its_middle(tmp_path: Path) -> None:
    path = tmp_path / "ramp.wav"
    sf.write(path, np.linspace(-0.5, 0.5, 8_000, dtype=np.float32), 8_000, subtype="FLOAT")
    clip = read_clip(path, 0.5)
    assert len(clip.signal) == 4_000
    assert abs(float(clip.signal[2_000])) < 0.01


def test_a_rival_that_is_not_there_is_named(tmp_path: Path, clip: Clip) -> None:
    with pytest.raises(RestorationError, match="there is no program"):
        find_grooveclean(tmp_path / "grooveclean")


def test_the_table_of_real_clicks_needs_a_bank(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "real"]) == 2
    assert "--clicks BANK" in capsys.readouterr().err
