"""The examples that a training sees: reproducible, labelled truly, robust against bad files."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from scipy.signal import welch
from torch.utils.data import DataLoader
from training_music import small_music

from model.errors import RestorationError
from training.dirt.artifacts import apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.noise_variety import band_limited, draw_band_end, drawn_noise
from training.dirt.parameters import ArtifactParameters
from training.judging.labels import impulse_labels
from training.learning.dataset import AudioRestorationDataset
from training.learning.losses import LossWeights, denoiser_loss, detector_loss
from training.signals.audio_files import load_audio
from training.signals.packed_audio import HEAD, MARK, Recording, write_pack

RATE = 16000


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for genre, rate in (("piano", 16000), ("brass", 22050)):
        (tmp_path / genre).mkdir()
        for seed in range(2):
            sf.write(tmp_path / genre / f"{seed}.wav", small_music(1.5, rate, seed), rate)
    return tmp_path


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # where one core is left
def test_the_same_seed_gives_the_same_examples_in_any_worker(music: Path) -> None:
    data = AudioRestorationDataset(music, RATE, 0.5, seed=3, length=6)
    again = AudioRestorationDataset(music, RATE, 0.5, seed=3, length=6)
    other = AudioRestorationDataset(music, RATE, 0.5, seed=4, length=6)
    direct = torch.stack([data[n].degraded for n in range(6)])
    torch.testing.assert_close(direct, torch.stack([again[n].degraded for n in range(6)]))
    assert not torch.equal(direct, torch.stack([other[n].degraded for n in range(6)]))
    loader = DataLoader(again, batch_size=3, num_workers=2)
    torch.testing.assert_close(torch.cat([batch.degraded for batch in loader]), direct)


def test_a_pack_gives_the_music_of_its_folders(music: Path, tmp_path: Path) -> None:
    names = ("piano/0.wav", "brass/1.wav", "piano/1.wav")
    files = [load_audio(music / name, RATE)[0][0] for name in names]
    pack = tmp_path / "music.pack"
    items = [Recording(n, f, "CC0") for n, f in zip(names, files, strict=True)]
    assert write_pack(pack, items, RATE) == 3
    data = AudioRestorationDataset(
        pack, RATE, 0.25, add_artifacts=False, augment=False, length=8, held_out="piano/1*"
    )
    assert [file.path.as_posix() for file in data.files] == ["piano/0.wav", "brass/1.wav"]
    for n in range(8):
        example = data[n]
        of = files[0] if example.source == "0.wav" else files[1]
        windows = np.lib.stride_tricks.sliding_window_view(of, RATE // 4)
        # 16 bits: half a step of rounding, in every sample
        assert np.abs(windows - example.clean.numpy()).max(axis=1).min() <= 0.6 / 32768


@pytest.mark.parametrize("content", [b"", b"RIFF" * 20, HEAD.pack(MARK, 10**9)])
def test_what_is_no_pack_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pack").write_bytes(content)
    with pytest.raises(RestorationError, match=r"x\.pack is no pack of training"):
        AudioRestorationDataset(tmp_path / "x.pack")


def test_examples_have_the_asked_for_length_and_rate(music: Path) -> None:
    example = AudioRestorationDataset(music, RATE, 0.5, length=1)[0]
    assert {tensor.shape for tensor in example[:5]} == {(8000,)}
    long = AudioRestorationDataset(music, RATE, 4.0, length=1)[0]  # longer than any recording
    assert long.degraded.shape == (64000,)


def test_without_artifacts_both_sides_are_clean(music: Path) -> None:
    data = AudioRestorationDataset(music, RATE, 0.5, add_artifacts=False, augment=False, length=4)
    for n in range(4):
        example = data[n]
        torch.testing.assert_close(example.degraded, example.clean)
        assert example.is_clean == 1
        assert example.label.sum() == 0


def test_some_chunks_stay_clean_so_that_no_harm_is_learned(music: Path) -> None:
    data = AudioRestorationDataset(music, RATE, 0.1, clean_share=0.3, length=200)
    share = np.mean([float(data[n].is_clean) for n in range(200)])
    assert 0.2 < share < 0.4  # three standard deviations of 200 draws


def test_the_severity_is_drawn_from_the_asked_for_ranges(music: Path) -> None:
    def impulses(rate: tuple[float, float]) -> float:
        data = AudioRestorationDataset(
            music,
            RATE,
            0.5,
            impulse_rate=rate,
            clean_share=0,
            beyond_share=0,
            length=30,
            parameters=ArtifactParameters().with_ranges(crackle_level=0, scratches=0),
        )
        return float(np.mean([float(data[n].label.mean()) for n in range(30)]))

    assert impulses((40.0, 60.0)) > 3 * impulses((1.0, 3.0))


def test_recordings_are_kept_or_held_out_by_name(music: Path) -> None:
    kept = AudioRestorationDataset(music, RATE, held_out="brass/*")
    assert {file.path.parent.name for file in kept.files} == {"piano"}
    only = AudioRestorationDataset(music, RATE, only="*/1.wav")
    assert [file.path.name for file in only.files] == ["1.wav", "1.wav"]


def test_unreadable_files_are_named_skipped_and_counted(music: Path) -> None:
    (music / "piano" / "letter.wav").write_text("no music in here")
    sf.write(music / "piano" / "nothing.wav", np.zeros(0), RATE)
    data = AudioRestorationDataset(music, RATE, 0.5)
    assert len(data.files) == 4
    assert len(data.skipped) == 2
    assert "letter.wav is not an audio file" in data.skipped[0]
    assert "nothing.wav holds no audio" in data.skipped[1]


def test_a_file_that_breaks_while_it_is_read_gives_way_to_another(music: Path) -> None:
    data = AudioRestorationDataset(music, RATE, 0.5, augment=False, length=20)
    for path in (music / "brass").iterdir():
        path.write_bytes(b"gone")
    assert {data[n].source for n in range(20)} <= {"0.wav", "1.wav"}
    assert "cannot be read" in data.skipped[0]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        (None, "", "no recording in"),
        ("notes.wav", "only text", "no usable recording in .*notes.wav is not an audio file"),
        ("x.txt", "text", "no recording in"),
    ],
)
def test_a_folder_without_music_is_said(
    tmp_path: Path, name: str | None, content: str, complaint: str
) -> None:
    if name:
        (tmp_path / name).write_text(content)
    with pytest.raises(RestorationError, match=complaint):
        AudioRestorationDataset(tmp_path)


def test_a_folder_of_nothing_readable_beside_music_is_never_drawn(music: Path) -> None:
    (music / "letters").mkdir()
    (music / "letters" / "one.wav").write_text("no music in here")
    data = AudioRestorationDataset(music, RATE, 0.5, augment=False, length=20)
    assert {data[n].source for n in range(20)} == {"0.wav", "1.wav"}
    assert "one.wav is not an audio file" in data.skipped[0]


def test_labels_cover_what_is_audible_and_leave_out_what_is_not() -> None:
    music = small_music(2.0)
    parameters = ArtifactParameters().with_ranges(impulse_rate=20, thump_rate=2, crackle_level=0.01)
    degraded, truth = apply_degradation(music, 44100, draw_degradation(parameters, 2.0, 1))
    label, care = impulse_labels(degraded, truth.without_impulses, truth)
    changed = np.abs(degraded - truth.without_impulses)
    assert np.all(truth.mask[label > 0])
    assert np.all(care[~truth.mask] == 1)
    thumps = [event for event in truth.events if event.kind == "thump"]
    assert thumps
    for event in thumps:
        assert label[event.start : event.start + event.length].sum() == 0
    thumping = np.zeros(len(label), bool)
    for event in thumps:
        thumping[event.start : event.start + event.length] = True
    assert not care[thumping & truth.mask].any()
    clicks = [event for event in truth.events if event.kind == "click" and abs(event.peak) > 0.05]
    spans = [slice(event.start, event.start + event.length) for event in clicks]
    lone = [span for span in spans if not thumping[span].any()]  # on a thump nothing matters
    assert len(lone) > 20
    assert all(label[span].any() for span in lone)
    loudest_missed = np.max(changed[(label == 0) & (care == 0)], initial=0)
    assert loudest_missed < 0.5  # thumps and what the hiss hides


def test_a_perfect_restoration_costs_nothing_and_a_wrong_one_does() -> None:
    music = torch.from_numpy(small_music(1.0))[None]
    label = torch.zeros_like(music)
    label[0, 1000:1100] = 1
    dirty, weights, degraded = torch.zeros(1), LossWeights(), music + 0.1 * label
    perfect = denoiser_loss(music, music, label, dirty, weights)
    left = denoiser_loss(degraded, music, label, dirty, weights)
    assert sum(float(term) for term in perfect.values()) == pytest.approx(0, abs=1e-6)
    assert all(float(left[name]) > float(perfect[name]) for name in perfect)


def test_a_greater_impulse_weight_makes_missed_impulses_dearer() -> None:
    label = torch.zeros(1, 1000)
    label[0, 100:120] = 1
    care, dirty, clean = torch.ones_like(label), torch.zeros(1), torch.ones(1)
    missed, alarm = torch.full_like(label, -5.0), torch.full_like(label, -5.0)
    alarm[0, 500:520] = 5.0

    def cost(logits: torch.Tensor, truth: torch.Tensor, weight: float, rows: torch.Tensor) -> float:
        terms = detector_loss(logits, truth, care, rows, LossWeights(impulse=weight))
        return float(terms["impulse"])

    gentle, usual, keen = (cost(missed, label, weight, dirty) for weight in (0.2, 0.3, 0.4))
    assert gentle < usual < keen
    nothing = torch.zeros_like(label)
    assert cost(alarm, nothing, 0.2, dirty) == pytest.approx(cost(alarm, nothing, 0.4, dirty))
    harm = detector_loss(alarm, nothing, care, clean, LossWeights(clean=3.0))
    assert float(harm["impulse"]) == pytest.approx(3 * cost(alarm, nothing, 0.3, dirty), rel=1e-4)


def test_varied_noise_differs_in_texture_but_not_in_level(music: Path) -> None:
    kinds = {}
    for share in (0.0, 1.0):
        data = AudioRestorationDataset(
            music, RATE, 1.0, length=12, clean_share=0.0, varied_noise_share=share
        )
        kinds[share] = [
            example.without_impulses - example.clean for example in map(data.__getitem__, range(12))
        ]
    for made, varied in zip(kinds[0.0], kinds[1.0], strict=True):
        assert float(varied.std()) == pytest.approx(float(made.std()), rel=0.05)
    peaks = {
        share: max(float(n.abs().max() / n.std()) for n in noises)
        for share, noises in kinds.items()
    }
    assert peaks[1.0] > 2 * peaks[0.0]  # crackle


def test_noise_of_every_record_is_another_and_its_level_is_one() -> None:
    noises = [drawn_noise(np.random.default_rng(seed), RATE, RATE) for seed in range(8)]
    assert [np.std(noise) for noise in noises] == pytest.approx([1.0] * 8, rel=0.01)
    colours = [np.log10(welch(noise, RATE, nperseg=256)[1][5:100]) for noise in noises]
    apart = [np.mean(np.abs(a - b)) for a, b in combinations(colours, 2)]
    assert min(apart) > 0.05 and max(apart) > 0.5


def test_a_band_that_ends_is_empty_beyond_and_unharmed_before() -> None:
    white = np.random.default_rng(3).standard_normal(44_100).astype(np.float32)
    taps = draw_band_end(np.random.default_rng(1), 44_100)
    frequency, after = welch(band_limited(white, taps), 44_100, nperseg=1024)
    level = 10 * np.log10(after / np.mean(welch(white, 44_100, nperseg=1024)[1]))
    end = frequency[np.flatnonzero(level > -3)[-1]]
    assert 3000 < end < 20_500
    assert np.all(np.abs(level[(frequency > 100) & (frequency < end - 500)]) < 3)
    assert np.all(level[frequency > end + 1000] < -60)
