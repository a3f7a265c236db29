"""Raw and restored sound on disk: aligned, exact, playable whatever happens."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.errors import RestorationError
from model.settings import Settings
from realtime.recording.recorder import Recorder, RecordingReport
from realtime.recording.sound_ring import SoundRing
from realtime.restorer.pipeline import StreamRestorer
from realtime.soundfiles.growing_wav import WAV_HEADER_BYTES, GrowingWav

F32 = NDArray[np.float32]

ROOT = Path(__file__).parents[3]
RATE = 8_000
PATIENCE_S = 60.0  # for what happens within a second on a machine that has nothing else to do


def music(n: int, channels: int = 2, seed: int = 78) -> F32:
    """Noise on the 24-bit grid, ``[n, channels]``, as a sound card delivers it."""
    steps = np.random.default_rng(seed).integers(-(2**23), 2**23, (n, channels))
    return (steps / 2**23).astype(np.float32)


def read(path: Path) -> F32:
    samples: F32 = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return samples


def ffmpeg_samples(path: Path, channels: int) -> int:
    """How many samples ffmpeg decodes from a file."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
    command += ["-f", "f32le", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return len(decoded) // (4 * channels)


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def record(
    folder: Path, raw: F32, delayed: F32, latency: int, file_format: str, block: int = 441
) -> RecordingReport:
    """Hand over both sounds block by block, the tail of the delayed one last."""
    recorder = Recorder(folder, RATE, raw.shape[1], latency, file_format=file_format)
    for start in range(0, len(raw), block):
        recorder.write_raw(raw[start : start + block])
        recorder.write_restored(delayed[: len(raw)][start : start + block])
    recorder.write_restored(delayed[len(raw) :])
    return recorder.stop()


@pytest.mark.parametrize("latency", [0, 700, 5_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("file_format", ["wav", "bwf", "flac"])
def test_both_files_hold_every_bit_and_line_up(
    tmp_path: Path, file_format: str, channels: int, latency: int
) -> None:
    raw = music(3 * RATE + 17, channels)
    restored = music(len(raw), channels, seed=79)
    delayed = np.concatenate([music(latency, channels, seed=80), restored])
    report = record(tmp_path, raw, delayed, latency, file_format)
    np.testing.assert_array_equal(read(report.raw_path), raw)
    np.testing.assert_array_equal(read(report.restored_path), restored)
    assert report.samples == len(raw)
    assert report.seconds == len(raw) / RATE
    assert (report.error, report.gaps, report.lost_restored, report.clipped) == ("", (), 0, 0)


def test_wav_keeps_what_is_louder_than_full_scale_and_flac_says_what_it_clips(
    tmp_path: Path,
) -> None:
    loud = np.full((100, 1), 1.5, np.float32)
    wav = record(tmp_path, loud, loud, 0, "wav")
    flac = record(tmp_path, loud, loud, 0, "flac")
    np.testing.assert_array_equal(read(wav.raw_path), loud)
    assert wav.clipped == 0
    assert read(flac.raw_path).max() == pytest.approx(1.0, abs=2**-22)
    assert flac.clipped == 200  # in both files


def test_archive_format_is_24_bit_and_says_what_came_finer(tmp_path: Path) -> None:
    coarse = music(1_001, 1)  # of 24 bits; an odd number of bytes
    plain = record(tmp_path, coarse, coarse, 0, "bwf")
    assert (soundfile.info(plain.raw_path).subtype, plain.rounded) == ("PCM_24", 0)
    assert plain.raw_path.stat().st_size == WAV_HEADER_BYTES + 3 * 1_001 + 1
    assert ffmpeg_samples(plain.raw_path, 1) == 1_001
    fine = coarse * np.float32(0.7)  # as a sound server that sets the level
    for file_format in ("bwf", "flac"):
        report = record(tmp_path, fine, fine, 0, file_format)
        assert 0.5 * len(fine) < report.rounded <= len(fine)
        np.testing.assert_allclose(read(report.raw_path), fine, atol=2.0**-24)
    assert record(tmp_path, fine, fine, 0, "wav").rounded == 0


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_recording_begun_in_mid_stream_is_aligned(tmp_path: Path, rate: int) -> None:
    restorer = StreamRestorer(rate, 2)
    bypass = replace(Settings(), bypass=True)
    sound = music(rate // 2)
    recorder = None
    for number, start in enumerate(range(0, len(sound), 512)):
        block = sound[start : start + 512]
        out = restorer.process(block.T, bypass)
        if number == 20:
            recorder = Recorder(tmp_path, rate, 2, restorer.latency)
        if recorder:
            recorder.write_raw(block)
            recorder.write_restored(out.restored.T)
    assert recorder
    recorder.write_restored(restorer.flush(bypass).restored.T)
    report = recorder.stop()
    np.testing.assert_array_equal(read(report.raw_path), sound[20 * 512 :])
    np.testing.assert_array_equal(read(report.restored_path), sound[20 * 512 :])


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_tail_that_never_came_is_silence_and_reported(tmp_path: Path, file_format: str) -> None:
    raw = music(RATE)
    report = record(tmp_path, raw, np.full_like(raw, 0.5), 300, file_format)
    restored = read(report.restored_path)
    assert len(restored) == len(raw) == report.samples
    assert (restored[:-300] == 0.5).all()
    assert not restored[-300:].any()
    assert report.lost_restored == 300
    assert report.lost_samples == 0


def test_more_restored_sound_than_raw_is_left_out(tmp_path: Path) -> None:
    raw = music(RATE)
    report = record(tmp_path, raw, np.concatenate([raw, raw]), 0, "flac")
    np.testing.assert_array_equal(read(report.restored_path), raw)


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "side_restored.wav").write_text("precious")
    recorders = [Recorder(tmp_path, RATE, 1, 0, name="side") for _ in range(3)]
    names = [(r.raw_path.name, r.restored_path.name) for r in recorders]
    for recorder in recorders:
        recorder.stop()
    assert names == [(f"side_{n}_raw.wav", f"side_{n}_restored.wav") for n in (2, 3, 4)]
    assert (tmp_path / "side_restored.wav").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 7


def test_two_recordings_in_one_second_have_two_names(tmp_path: Path) -> None:
    first, second = (Recorder(tmp_path, RATE, 1, 0) for _ in range(2))
    assert len({first.raw_path, first.restored_path, second.raw_path, second.restored_path}) == 4
    stem = first.raw_path.name.removesuffix("_raw.wav")
    assert time.strptime(stem[:19], "%Y-%m-%d_%H-%M-%S")
    first.stop()
    second.stop()


def test_second_stop_gives_the_same_report(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, RATE, 1, 0)
    recorder.write_raw(music(100, 1))
    assert recorder.stop() == recorder.stop()


# A disk that is too slow


def test_ring_puts_silence_where_sound_did_not_fit() -> None:
    ring = SoundRing(100, 1)
    ring.write(np.full((80, 1), 1.0, np.float32))
    ring.write(np.full((30, 1), 2.0, np.float32))  # does not fit
    ring.write(np.full((25, 1), 3.0, np.float32))  # neither
    ring.write(np.full((20, 1), 4.0, np.float32))
    ring.write(np.full((7, 1), 5.0, np.float32))
    ring.announce_gap()
    came = list(drained(ring, 40))
    sound = np.concatenate([samples for samples, _ in came])[:, 0]
    expected = [1.0] * 80 + [0.0] * 55 + [4.0] * 20 + [0.0] * 7
    assert sound.tolist() == expected
    assert [len(samples) for samples, is_gap in came if is_gap] == [40, 15, 7]
    assert ring.lost == 62


def drained(ring: SoundRing, limit: int) -> Iterator[tuple[F32, bool]]:
    while len((piece := ring.read(limit))[0]):
        yield piece


def test_ring_keeps_the_order_round_and_round() -> None:
    ring, rng = SoundRing(97, 2), np.random.default_rng(3)
    sound = music(5_000)
    given, came = 0, []
    while given < len(sound):
        n = min(int(rng.integers(1, 60)), 97)
        ring.write(sound[given : given + n])
        given += n
        came += [samples for samples, _ in drained(ring, int(rng.integers(1, 50)))]
    np.testing.assert_array_equal(np.concatenate(came), sound)
    assert ring.lost == 0


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_overflow_leaves_a_silence_of_the_same_length(tmp_path: Path, file_format: str) -> None:
    raw = np.maximum(np.abs(music(40 * RATE)), np.float32(2**-20))  # nowhere zero
    report = record(tmp_path, raw, raw, 0, file_format, block=RATE)  # at once: more than fits
    kept = read(report.raw_path)
    expected = raw.copy()
    for start, length in report.gaps:
        expected[start : start + length] = 0.0
    assert len(kept) == len(raw) == len(read(report.restored_path))
    np.testing.assert_array_equal(kept, expected)
    assert report.gaps
    assert sum(length for _, length in report.gaps) == report.lost_samples


# Killed, full, removed

CHILD = """
import sys, time
import numpy as np
from pathlib import Path
from realtime.recording.recorder import Recorder
steps = np.random.default_rng(78).integers(-(2**23), 2**23, (600 * 8000, 2))
sound = (steps / 2**23).astype(np.float32)
recorder = Recorder(Path(sys.argv[1]), 8000, 2, 1000, file_format=sys.argv[2], name="side")
for start in range(0, len(sound), 400):
    recorder.write_raw(sound[start : start + 400])
    recorder.write_restored(sound[start : start + 400])
    time.sleep(0.05)
"""


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_killed_recording_plays_up_to_the_last_flushed_second(
    tmp_path: Path, file_format: str
) -> None:
    files = [tmp_path / f"side_{part}.{file_format}" for part in ("raw", "restored")]

    def playable() -> list[int]:
        try:
            return [soundfile.info(path).frames for path in files]
        except soundfile.LibsndfileError:
            return [0]

    child = subprocess.Popen([sys.executable, "-c", CHILD, tmp_path, file_format], cwd=ROOT)
    try:
        wait_until(lambda: RATE < min(playable()) < 600 * RATE)
        before = playable()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(PATIENCE_S)
    raw, restored = (read(path) for path in files)
    expected = music(600 * RATE)
    np.testing.assert_array_equal(raw, expected[: len(raw)])
    # The recorder left the first 1000 delayed samples out; here nothing was really delayed.
    np.testing.assert_array_equal(restored, expected[1_000 : 1_000 + len(restored)])
    assert len(raw) >= before[0]
    assert len(restored) >= before[1]
    for path, sound in zip(files, (raw, restored), strict=True):
        assert ffmpeg_samples(path, 2) >= len(sound)


@pytest.fixture
def small_disk() -> Iterator[int]:
    """No file may grow beyond so many bytes, by the system's own limit."""
    n_bytes = 300_000
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    yield n_bytes
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_full_disk_ends_the_recording_and_keeps_what_is_written(
    tmp_path: Path, small_disk: int, file_format: str
) -> None:
    recorder = Recorder(tmp_path, RATE, 2, 100, file_format=file_format)
    sound = music(12 * RATE)  # 768 kB
    for start in range(0, len(sound), 400):
        recorder.write_raw(sound[start : start + 400])
        recorder.write_restored(sound[start : start + 400])
    wait_until(lambda: bool(recorder.error))
    recorder.write_raw(sound)  # the sound goes on: no exception, nothing taken
    recorder.write_restored(sound)
    report = recorder.stop()
    raw, restored = read(report.raw_path), read(report.restored_path)
    assert min(len(raw), len(restored)) == report.samples > 3 * RATE
    assert abs(len(raw) - len(restored)) <= RATE  # both files go on together
    np.testing.assert_array_equal(raw, sound[: len(raw)])
    np.testing.assert_array_equal(restored, sound[100 : 100 + len(restored)])
    assert str(tmp_path) in report.error
    assert "\n" not in report.error
    assert report.raw_path.stat().st_size <= small_disk
    assert ffmpeg_samples(report.raw_path, 2) >= len(raw)


def test_folder_removed_while_recording_is_told_and_not_raised(tmp_path: Path) -> None:
    folder = tmp_path / "transfers"
    folder.mkdir()
    recorder = Recorder(folder, RATE, 1, 0)
    recorder.write_raw(music(100, 1))
    shutil.rmtree(folder)
    wait_until(lambda: bool(recorder.error))
    recorder.write_raw(music(100, 1))
    report = recorder.stop()
    assert report.error == f"{report.raw_path}: the file was removed while it was recorded"


def test_renamed_folder_does_not_disturb_the_recording(tmp_path: Path) -> None:
    folder, moved = tmp_path / "here", tmp_path / "there"
    folder.mkdir()
    recorder = Recorder(folder, RATE, 1, 0)
    recorder.write_raw(music(100, 1))
    folder.rename(moved)
    recorder.write_raw(music(100, 1))
    assert recorder.stop().error == ""
    assert len(read(moved / recorder.raw_path.name)) == 200


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match=r"gone does not exist; create it first"):
        Recorder(tmp_path / "gone", RATE, 2, 0)


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RestorationError, match="file is a file; name a folder"):
        Recorder(tmp_path / "file", RATE, 2, 0)


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_read_only_folder_is_refused_and_stays_empty(file_format: str) -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    am_root = os.geteuid() == 0
    try:
        if am_root:
            os.seteuid(65_534)  # root may write everywhere
        with pytest.raises(RestorationError, match=r"cannot record: .*Permission denied"):
            Recorder(folder, RATE, 2, 0, file_format=file_format)
    finally:
        if am_root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_names_with_folders_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"name is '\.\./side'"):
        Recorder(tmp_path, RATE, 2, 0, name="../side")
    with pytest.raises(ValueError, match="file_format is 'ogg'"):
        Recorder(tmp_path, RATE, 2, 0, file_format="ogg")


# Long recordings


def test_wav_beyond_4_gib_is_rf64_and_below_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    wav = GrowingWav(path, 96_000, 2)
    begin, end = music(1_000), music(1_000, seed=79)
    wav.write(begin)
    wav.commit()
    assert path.read_bytes()[:4] == b"RIFF"
    hole = (2**32 + 2**20) // 8  # samples that are never written: the file has a hole there
    os.lseek(wav._fd, WAV_HEADER_BYTES + 8 * hole, os.SEEK_SET)
    wav._bytes = 8 * hole
    wav.write(end)
    wav.commit()
    with soundfile.SoundFile(path) as sound:
        assert (sound.format, sound.frames) == ("RF64", hole + 1_000)
        np.testing.assert_array_equal(sound.read(1_000, "float32"), begin)
        sound.seek(hole)
        np.testing.assert_array_equal(sound.read(1_000, "float32"), end)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-ss", str(hole / 96_000), "-i", str(path)]
    decoded = subprocess.run(
        [*command, "-v", "error", "-f", "f32le", "-"], capture_output=True, check=True, timeout=60
    ).stdout
    assert np.frombuffer(decoded, "<f4")[-2_000:].reshape(-1, 2).tolist() == end.tolist()
    wav.close()
    assert path.stat().st_size == WAV_HEADER_BYTES + 8 * (hole + 1_000)


def test_wav_header_says_what_the_file_holds(tmp_path: Path) -> None:
    wav = GrowingWav(tmp_path / "side.wav", 44_100, 1)
    wav.write(music(1_234, 1))
    wav.close()
    info = soundfile.info(tmp_path / "side.wav")
    found = (info.format, info.subtype, info.samplerate, info.channels, info.frames)
    assert found == ("WAV", "FLOAT", 44_100, 1, 1_234)
    assert ffmpeg_samples(tmp_path / "side.wav", 1) == 1_234
