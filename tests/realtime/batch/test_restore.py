"""Files restored: the same bits as live sound, aligned with their input, whole or not there."""

import json
import os
import resource
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from model.settings import Settings
from realtime.batch.restore import restore_file
from realtime.restorer.pipeline import StreamRestorer
from realtime.soundfiles.reading import BLOCK
from realtime.soundfiles.sample_formats import from_pcm, to_pcm

F32 = NDArray[np.float32]

RATE = 44_100
SETTINGS = Settings()
CLICKS_S = (0.3, 0.55, 0.8)


def side(seconds: float = 1.0, channels: int = 2, rate: int = RATE) -> F32:
    """A chord with hiss and three clicks on the first wall, float32 ``[n, channels]``."""
    t = np.arange(int(seconds * rate)) / rate
    chord = 0.2 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 1_111 * t)
    hiss = 1e-3 * np.random.default_rng(78).standard_normal((channels, len(t)))
    signal = ((chord + hiss) * np.minimum(1, np.minimum(t, t[::-1]) / 0.02)).T.astype(np.float32)
    length = round(0.0005 * rate)
    for at in CLICKS_S:
        signal[int(at * rate) :][:length, 0] += 0.5
    return np.ascontiguousarray(signal)


def write(path: Path, signal: NDArray[np.floating], subtype: str, rate: int = RATE) -> Path:
    bits = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}.get(subtype)
    stored = to_pcm(signal, bits) if bits else signal
    container = None if path.suffix != ".aif" else "AIFF"
    soundfile.write(path, stored, rate, subtype, format=container)
    return path


def read(path: Path) -> NDArray[np.float64]:
    """Return exact samples ``[n, channels]``, full scale +-1."""
    with soundfile.SoundFile(path) as sound:
        if sound.subtype.startswith("PCM"):
            return from_pcm(sound.read(dtype="int32", always_2d=True))
        exact: NDArray[np.float64] = sound.read(dtype="float64", always_2d=True)
        return exact


FORMATS = [
    *(("wav", subtype) for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("aiff", subtype) for subtype in ("PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT")),
    *(("flac", subtype) for subtype in ("PCM_S8", "PCM_16", "PCM_24")),
    ("aif", "PCM_16"),
    ("w64", "FLOAT"),
    ("caf", "PCM_24"),
]


@pytest.mark.parametrize(("suffix", "subtype"), FORMATS)
def test_format_length_and_every_untouched_bit_stay(
    tmp_path: Path, suffix: str, subtype: str
) -> None:
    rng = np.random.default_rng(79)
    fine = side() * 0.9 + 1e-9 * rng.standard_normal((RATE, 2))  # bits below what float32 holds
    source = write(tmp_path / f"side.{suffix}", fine, subtype)
    target, mask = tmp_path / f"restored.{suffix}", tmp_path / "mask.wav"
    report = restore_file(source, target, SETTINGS, mask=mask)
    before, after = soundfile.info(source), soundfile.info(target)
    for name in ("format", "subtype", "samplerate", "channels", "frames"):
        assert getattr(before, name) == getattr(after, name)
    untouched = read(mask) == 0
    np.testing.assert_array_equal(read(target)[untouched], read(source)[untouched])
    assert untouched.mean() > 0.9
    assert report.target_subtype == subtype
    assert report.impulses >= 3 or subtype in ("PCM_U8", "PCM_S8")  # 8 bits hiss too much


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_bypass_copies_full_scale_noise_exactly(tmp_path: Path, subtype: str) -> None:
    noise = np.random.default_rng(4).uniform(-1, 1, (30_000, 2))
    noise[0], noise[1] = -1.0, 1.0  # both ends of full scale
    source = write(tmp_path / "side.wav", noise, subtype)
    restore_file(source, tmp_path / "copy.wav", replace(SETTINGS, bypass=True))
    np.testing.assert_array_equal(read(tmp_path / "copy.wav"), read(source))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_file_gets_the_same_bits_as_live_sound(tmp_path: Path, rate: int, channels: int) -> None:
    source = write(tmp_path / "side.wav", side(0.9, channels, rate), "FLOAT", rate)
    target = tmp_path / "restored.wav"
    report = restore_file(source, target, SETTINGS)
    live = StreamRestorer(rate, channels)
    signal = soundfile.read(source, dtype="float32", always_2d=True)[0].T
    parts = [live.process(signal[:, n : n + 700], SETTINGS) for n in range(0, len(signal[0]), 700)]
    out = np.concatenate([part.restored for part in [*parts, live.flush(SETTINGS)]], axis=1)
    np.testing.assert_array_equal(read(target).T, out[:, live.latency :])
    assert report.latency == live.latency


def test_source_is_restored_plus_removed(tmp_path: Path) -> None:
    source = write(tmp_path / "side.flac", side(), "PCM_24")
    target, removed = tmp_path / "restored.flac", tmp_path / "removed.wav"
    restore_file(source, target, SETTINGS, removed=removed)
    np.testing.assert_array_equal(read(target) + read(removed), read(source))
    taken = np.abs(read(removed)[:, 0])
    for at in CLICKS_S:
        n = int(at * RATE)
        assert taken[n : n + 10].max() > 0.3
    assert taken[: int(0.25 * RATE)].max() == 0.0


def test_mask_is_sound_between_0_and_1_where_the_clicks_are(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    restore_file(source, tmp_path / "out.wav", SETTINGS, mask=tmp_path / "mask.flac")
    mask = read(tmp_path / "mask.flac")
    assert mask.shape == (RATE, 2)
    assert mask.min() == 0.0
    assert mask[int(CLICKS_S[1] * RATE) + 3, 0] > 0.5


def test_report_counts_what_was_done(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(2.5), "PCM_16")
    path = tmp_path / "report.json"
    report = restore_file(source, tmp_path / "out.wav", SETTINGS, report=path)
    written = json.loads(path.read_text())
    assert written["impulses"] == report.impulses == report.crackle + report.clicks + report.pops
    assert report.impulses == 3
    assert report.impulse_rate == pytest.approx(3 / 2.5)
    assert written["impulses_each_second"] == [3, 0, 0]
    assert written["settings"]["depth"] == SETTINGS.depth
    assert (written["sample_rate"], written["channels"]) == (RATE, 2)
    assert written["samples"] == round(2.5 * RATE)
    assert written["source"] == str(source)
    assert written["times_real_time"] > 0
    assert {"python", "numpy", "soundfile", "libsndfile", "soxr"} <= set(written["versions"])
    assert written["peak_in_dbfs"] > written["peak_out_dbfs"]


@pytest.mark.parametrize(
    ("source_suffix", "subtype", "target_suffix", "stored"),
    [
        ("wav", "FLOAT", "flac", "PCM_24"),
        ("wav", "PCM_32", "flac", "PCM_24"),
        ("wav", "PCM_U8", "flac", "PCM_S8"),
        ("flac", "PCM_16", "wav", "PCM_16"),
        ("flac", "PCM_24", "aiff", "PCM_24"),
        ("flac", "PCM_24", "ogg", "VORBIS"),
        ("ogg", "VORBIS", "wav", "FLOAT"),
        ("ogg", "VORBIS", "flac", "PCM_24"),
        ("ogg", "VORBIS", "ogg", "VORBIS"),
        ("mp3", "MPEG_LAYER_III", "wav", "FLOAT"),
        ("mp3", "MPEG_LAYER_III", "flac", "PCM_24"),
        ("mp3", "MPEG_LAYER_III", "mp3", "MPEG_LAYER_III"),
    ],
)
def test_target_suffix_chooses_the_format_and_the_length_stays(
    tmp_path: Path, source_suffix: str, subtype: str, target_suffix: str, stored: str
) -> None:
    source = write(tmp_path / f"side.{source_suffix}", side() * 0.9, subtype)
    target = tmp_path / f"restored.{target_suffix}"
    restore_file(source, target, SETTINGS)
    info = soundfile.info(target)
    assert info.subtype == stored
    assert (info.frames, info.samplerate, info.channels) == (RATE, RATE, 2)


@pytest.mark.parametrize("samples", [1, 2, 511, BLOCK - 1, BLOCK, BLOCK + 1])
def test_shortest_files_and_odd_lengths_work(tmp_path: Path, samples: int) -> None:
    source = write(tmp_path / "side.wav", side()[5_000 : 5_000 + samples, :1], "PCM_16")
    restore_file(source, tmp_path / "out.wav", replace(SETTINGS, bypass=True))
    np.testing.assert_array_equal(read(tmp_path / "out.wav"), read(source))


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    restore_file(source, tmp_path / "out.wav", SETTINGS, progress=progress)
    assert seen[-1] == (RATE, RATE)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_interrupted_restoration_leaves_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore_file(
            source,
            tmp_path / "out.wav",
            SETTINGS,
            removed=tmp_path / "removed.wav",
            progress=interrupt,
        )
    assert list(tmp_path.iterdir()) == [source]


def test_existing_results_are_replaced_only_on_request(tmp_path: Path) -> None:
    source, target = write(tmp_path / "side.wav", side(), "PCM_16"), tmp_path / "out.wav"
    target.write_text("precious")
    with pytest.raises(RestorationError, match=r"out\.wav exists already"):
        restore_file(source, target, SETTINGS)
    assert target.read_text() == "precious"
    restore_file(source, target, SETTINGS, overwrite=True)
    assert soundfile.info(target).frames == RATE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.wav", "side.wav"]


def test_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    source, target = write(tmp_path / "side.wav", side(), "PCM_16"), tmp_path / "out.wav"

    def intrude(done: int, total: int) -> None:
        target.write_text("precious")

    with pytest.raises(RestorationError, match="File exists"):
        restore_file(source, target, SETTINGS, progress=intrude)
    assert target.read_text() == "precious"


def test_source_is_never_written_onto(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    link = tmp_path / "link.wav"
    link.symlink_to(source)
    content = source.read_bytes()
    for role in ("target", "removed", "mask"):
        roles = {"target": tmp_path / "out.wav"} | {role: link}
        with pytest.raises(RestorationError, match="what is to be restored"):
            restore_file(
                source,
                roles["target"],
                SETTINGS,
                removed=roles.get("removed"),
                mask=roles.get("mask"),
                overwrite=True,
            )
    assert source.read_bytes() == content


def test_two_results_cannot_share_a_name(tmp_path: Path) -> None:
    source, target = write(tmp_path / "side.wav", side(), "PCM_16"), tmp_path / "out.wav"
    with pytest.raises(RestorationError, match="wanted for two results"):
        restore_file(source, target, SETTINGS, mask=target)


# Bad input, in one line each


def refusal(source: Path, target: Path) -> str:
    """Return why a file is refused; nothing may be left behind."""
    before = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    with pytest.raises(RestorationError) as caught:
        restore_file(source, target, SETTINGS)
    message = str(caught.value)
    assert "\n" not in message
    assert before == (sorted(target.parent.iterdir()) if target.parent.is_dir() else [])
    return message


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    assert "gone.wav does not exist" in refusal(tmp_path / "gone.wav", tmp_path / "out.wav")
    assert "is a folder" in refusal(tmp_path, tmp_path / "out.wav")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"this is not sound", bytes(5_000)])
def test_what_is_not_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "side.wav").write_bytes(content)
    assert "side.wav cannot be read as sound: is it WAV" in refusal(
        tmp_path / "side.wav", tmp_path / "out.wav"
    )


def test_file_without_samples_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side()[:0], "PCM_16")
    assert "holds no samples" in refusal(source, tmp_path / "out.wav")


def test_32_channels_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", np.zeros((100, 32), np.float32), "PCM_16")
    assert "has 32 channels; a record has 1 or 2" in refusal(source, tmp_path / "out.wav")


@pytest.mark.parametrize("rate", [1, 3_999, 2_000_000_000])
def test_absurd_sample_rates_are_refused(tmp_path: Path, rate: int) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16", rate)
    assert f"has a sample rate of {rate} Hz" in refusal(source, tmp_path / "out.wav")


def test_sample_rate_0_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    content = bytearray(source.read_bytes())
    content[24:28] = bytes(4)
    source.write_bytes(content)
    assert "side.wav" in refusal(source, tmp_path / "out.wav")


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_nan_and_inf_are_counted_and_the_first_is_shown(tmp_path: Path, subtype: str) -> None:
    signal = side()
    signal[11_025, 1] = np.nan
    signal[20_000:20_003] = np.inf
    source = write(tmp_path / "side.wav", signal, subtype)
    message = refusal(source, tmp_path / "out.wav")
    assert "7 samples that are no number (NaN or Inf)" in message
    assert "sample 11025 (0.250 s)" in message


def test_truncated_flac_is_refused_with_the_place(tmp_path: Path) -> None:
    source = write(tmp_path / "side.flac", side(3), "PCM_24")
    source.write_bytes(source.read_bytes()[:-60_000])
    message = refusal(source, tmp_path / "out.flac")
    assert "is damaged: it ends at" in message
    assert f"of {3 * RATE} samples" in message


def test_truncated_wav_is_restored_as_far_as_it_goes(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    source.write_bytes(source.read_bytes()[: 44 + 4 * 10_000])
    restore_file(source, tmp_path / "out.wav", SETTINGS)
    assert soundfile.info(tmp_path / "out.wav").frames == 10_000


def test_missing_output_folder_and_unknown_suffix_are_named(tmp_path: Path) -> None:
    source = write(tmp_path / "side.wav", side(), "PCM_16")
    assert "gone does not exist; create it first" in refusal(source, tmp_path / "gone" / "out.wav")
    assert "out.doc has no suffix to choose a format by" in refusal(source, tmp_path / "out.doc")
    assert "is a folder; name a file" in refusal(source, tmp_path)


def test_read_only_output_folder_is_refused(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    source = write(folder / "side.wav", side(), "PCM_16")
    folder.chmod(0o555)
    am_root = os.geteuid() == 0
    try:
        if am_root:
            os.seteuid(65_534)  # root may write everywhere
        message = refusal(source, folder / "out.wav")
    finally:
        if am_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert message.endswith("out.wav cannot be written: Permission denied")


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
def test_full_disk_is_told_and_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    source = write(tmp_path / "side.wav", side(3), "PCM_24")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        message = refusal(source, tmp_path / f"out.{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"out.{suffix} cannot be written" in message


def test_names_may_hold_spaces_and_any_letter(tmp_path: Path) -> None:
    folder = tmp_path / "Grammophon  № 7"
    folder.mkdir()
    source = write(folder / "Ständchen\n(Side A).wav", side(), "PCM_16")
    target = folder / "größer als ∞ .flac"
    restore_file(source, target, SETTINGS, report=folder / "à la carte.json")
    assert soundfile.info(target).frames == RATE


def test_integers_survive_the_way_through_full_scale() -> None:
    for bits in (8, 16, 24, 32):
        steps = np.random.default_rng(bits).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), 10_000)
        steps[:2] = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        integers = (steps << (32 - bits)).astype(np.int32)
        np.testing.assert_array_equal(to_pcm(from_pcm(integers), bits), integers)
    assert to_pcm(np.array([np.nan, np.inf, -np.inf, 2.0]), 16).tolist() == [
        *(0, 32_767 << 16, -32_768 << 16, 32_767 << 16)
    ]
