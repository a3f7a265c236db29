"""The metrics on perfect, known and empty input."""

import sys
import types

import numpy as np
import pytest
from numpy.typing import NDArray
from training_music import small_music

from training.dirt.impulses import PlacedImpulse
from training.judging.metrics import (
    detection_scores,
    impulse_removal_rate,
    log_spectral_distance,
    pesq_score,
    segmental_snr_db,
    snr_db,
    spectral_flatness,
    transient_preservation,
)

Wave = NDArray[np.float32]

RATE = 16000
MUSIC = small_music(2.0, RATE)
EMPTY = np.zeros(0, np.float32)
NOISE = np.random.default_rng(3).standard_normal(len(MUSIC)).astype(np.float32)


def with_noise(db: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    level = np.sqrt(np.mean(MUSIC**2)) / np.sqrt(np.mean(NOISE**2)) * 10 ** (-db / 20)
    return np.asarray(MUSIC + level * NOISE, np.float32)


def test_snr_is_infinite_known_and_undefined() -> None:
    assert snr_db(MUSIC, MUSIC) == np.inf
    assert snr_db(MUSIC, with_noise(12.0)) == pytest.approx(12.0, abs=0.01)
    assert np.isnan(snr_db(EMPTY, EMPTY))
    assert snr_db(np.zeros(4, np.float32), np.ones(4, np.float32)) == -np.inf


def test_segmental_snr_is_limited_and_skips_silence() -> None:
    assert segmental_snr_db(MUSIC, MUSIC, RATE) == 35.0
    steady = np.sin(np.arange(RATE, dtype=np.float32))
    louder = np.asarray(1.1 * steady, np.float32)
    assert segmental_snr_db(steady, louder, RATE) == pytest.approx(20.0, abs=0.01)
    with_pause = np.concatenate([steady, np.zeros(RATE, np.float32)])
    noisy_pause = with_pause + np.concatenate([0.1 * steady, np.full(RATE, 0.5, np.float32)])
    assert segmental_snr_db(with_pause, noisy_pause.astype(np.float32), RATE) == pytest.approx(
        20.0, abs=0.01
    )
    assert np.isnan(segmental_snr_db(EMPTY, EMPTY, RATE))
    assert np.isnan(segmental_snr_db(np.zeros(RATE, np.float32), steady, RATE))


def test_removal_rate_counts_impulses_that_became_small_enough() -> None:
    events = [PlacedImpulse("click", start, 4, 1.0, (1.0, 1.0)) for start in (100, 200, 300, 400)]
    degraded, half = MUSIC.copy(), MUSIC.copy()
    for n, event in enumerate(events):
        degraded[event.start : event.start + 4] += 1.0
        half[event.start : event.start + 4] += (0.0, 0.05, 0.2, 1.0)[n]
    assert impulse_removal_rate(degraded, MUSIC, MUSIC, events) == 1.0
    assert impulse_removal_rate(degraded, degraded, MUSIC, events) == 0.0
    assert impulse_removal_rate(degraded, half, MUSIC, events, 10.0) == 0.75  # 26 dB, 14 dB
    assert impulse_removal_rate(degraded, half, MUSIC, events, 20.0) == 0.5
    assert np.isnan(impulse_removal_rate(degraded, MUSIC, MUSIC, []))


def test_detection_is_judged_by_impulses_not_by_samples() -> None:
    truth, found = np.zeros(RATE, bool), np.zeros(RATE, bool)
    for start in (1000, 2000, 3000, 4000):
        truth[start : start + 40] = True
    assert detection_scores(truth, truth, RATE) == (1.0, 1.0, 1.0)
    found[1010:1012] = found[2045:2050] = found[9000:9002] = True  # hit, near enough, wrong
    scores = detection_scores(found, truth, RATE)
    assert scores.recall == 0.5
    assert scores.precision == pytest.approx(2 / 3)
    assert scores.f1 == pytest.approx(4 / 7)
    neutral = np.zeros(RATE, bool)
    neutral[9000:9010] = True
    assert detection_scores(found, truth, RATE, neutral).precision == 1.0


def test_detection_of_nothing() -> None:
    nothing, something = np.zeros(100, bool), np.ones(100, bool)
    assert detection_scores(nothing, something, RATE).f1 == 0.0
    assert detection_scores(something, nothing, RATE).f1 == 0.0
    assert np.isnan(detection_scores(nothing, nothing, RATE).f1)


def test_attacks_that_are_smeared_are_noticed() -> None:
    assert transient_preservation(MUSIC, MUSIC, RATE) == pytest.approx(1.0)
    smeared = np.convolve(MUSIC, np.hanning(1600) / 800, "same").astype(np.float32)
    assert transient_preservation(MUSIC, smeared, RATE) < 0.8
    assert np.isnan(transient_preservation(EMPTY, EMPTY, RATE))
    silence = np.zeros(RATE, np.float32)
    assert np.isnan(transient_preservation(silence, silence, RATE))


def test_flatness_tells_noise_from_a_tone() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    assert spectral_flatness(tone, RATE) < 0.01
    # the geometric mean of exponential powers is exp(-0.577) of their mean
    assert spectral_flatness(NOISE, RATE) == pytest.approx(np.exp(-0.577), abs=0.05)
    assert np.isnan(spectral_flatness(EMPTY, RATE))


def test_spectral_distance_is_zero_known_and_undefined() -> None:
    assert log_spectral_distance(MUSIC, MUSIC, RATE) == 0.0
    assert log_spectral_distance(NOISE, 2 * NOISE, RATE) == pytest.approx(6.02, abs=0.01)
    assert np.isnan(log_spectral_distance(EMPTY, EMPTY, RATE))


@pytest.mark.parametrize("samples", [0, 100, RATE])
def test_speech_quality_is_undefined_without_speech(samples: int) -> None:
    silence, short = np.zeros(samples, np.float32), MUSIC[: min(samples, 100)]
    assert np.isnan(pesq_score(silence, silence, RATE))
    assert np.isnan(pesq_score(short, short, RATE))  # also where the package is installed


def test_speech_quality_is_asked_for_at_16_khz(monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("pesq")
    asked: list[tuple[int, int, int, str]] = []

    def score(rate: int, target: Wave, restored: Wave, mode: str) -> float:
        asked.append((rate, len(target), len(restored), mode))
        return 4.5 if np.array_equal(target, restored) else 1.5

    package.PesqError = RuntimeError  # type: ignore[attr-defined]
    package.pesq = score  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pesq", package)
    assert pesq_score(MUSIC, MUSIC, RATE) == 4.5
    assert pesq_score(MUSIC, with_noise(10.0), RATE) == 1.5
    length = round(len(MUSIC) * 16000 / RATE)
    assert asked == [(16000, length, length, "wb")] * 2


def test_speech_quality_falls_with_noise() -> None:
    pytest.importorskip("pesq")
    # what counts as speech to it is a voice: a buzz with formants that comes in syllables
    t = np.arange(4 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 30))
    voice = np.asarray(0.1 * buzz * (np.sin(2 * np.pi * 2 * t) > 0), np.float32)
    noise = np.random.default_rng(0).standard_normal(len(t))
    scores = [
        pesq_score(voice, (voice + g * noise).astype(np.float32), RATE) for g in (0, 1e-3, 0.1)
    ]
    assert scores[0] > 4.4
    assert scores[0] > scores[1] > scores[2]
