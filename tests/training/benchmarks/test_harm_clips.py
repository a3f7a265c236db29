"""Clips of what looks like clicks: rendered once, levelled alike; voices are voices."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from test_training_rendering import STAND_IN, stand_in

import training.music.synthesizer
from model.errors import RestorationError
from training.benchmarks.harm_clips import HARM_CLIPS, PEAK, SECONDS, render_harm_clips
from training.music.made_voices import SPEAKERS, two_voices


def test_clips_are_rendered_once_and_levelled_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    monkeypatch.setattr(training.music.synthesizer, "FONTS", (font,))
    paths = render_harm_clips(tmp_path / "cache")
    assert len(paths) == len(HARM_CLIPS) == len(set(paths))
    for path in paths:
        sound, rate = sf.read(path)
        assert len(sound) == SECONDS * rate
        assert np.max(np.abs(sound)) == pytest.approx(PEAK, abs=1e-3)
    monkeypatch.setenv("PATH", "")  # what lies there needs no synthesizer
    assert render_harm_clips(tmp_path / "cache") == paths


def test_without_a_synthesizer_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RestorationError, match="FluidSynth is missing"):
        render_harm_clips(tmp_path)


def test_strokes_lie_within_the_clip() -> None:
    for clip in HARM_CLIPS:
        if clip.is_played:
            performance = clip.made()  # type: ignore[call-arg]
            assert len(performance.strokes) >= 4  # type: ignore[union-attr]
            assert all(0 <= stroke.onset_s < SECONDS for stroke in performance.strokes)  # type: ignore[union-attr]


def test_a_voice_has_its_pitch_and_its_pauses() -> None:
    rate = 44_100
    sound = two_voices(rate, 8.0)
    assert np.array_equal(sound, two_voices(rate, 8.0))
    assert np.max(np.abs(sound)) == pytest.approx(1.0)
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / rate)
    pitches = (frequency > 0.75 * SPEAKERS[0].pitch_hz) & (frequency < 1.25 * SPEAKERS[1].pitch_hz)
    assert power[pitches].sum() > 20 * power[frequency < 0.5 * SPEAKERS[0].pitch_hz].sum()
    frames = np.sqrt(np.mean(sound[: len(sound) // 441 * 441].reshape(-1, 441) ** 2, axis=1))
    assert np.percentile(frames, 3) < 0.05 * np.percentile(frames, 90)
