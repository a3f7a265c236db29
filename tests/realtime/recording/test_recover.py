"""A killed program: what it leaves plays at once, and `recover` finishes the recording."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from cli_tools import RATE, ROOT, refusal, shellac
from numpy.typing import NDArray

from realtime.archive.verify import verify_folder
from realtime.recording.recorder import Recorder
from realtime.soundfiles.growing_flac import GrowingFlac
from realtime.soundfiles.growing_wav import ARCHIVE_BITS, WAV_HEADER_BYTES, GrowingWav
from realtime.soundfiles.unfinished_files import finish, is_finished, level

F32 = NDArray[np.float32]
LOST_S = 1.0  # at most, by a kill

# Prints how much has been recorded, again and again, until it is killed.
RECORDING = """
import sys, time
from dataclasses import replace
from pathlib import Path
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
if __name__ == "__main__":
    side, folder, file_format = sys.argv[1:]
    record = RecordSettings(performer="Enrico Caruso", side="A")
    config = StreamConfig(side, "none", record_folder=Path(folder), record_format=file_format,
                          record=record)
    engine = Engine(config, Settings(depth=0.8))
    engine.start()
    marked = False
    while True:
        recorded_s = engine.telemetry().recorded_s
        if recorded_s > 1.0 and not marked:
            marked = True
            engine.mark("tenor comes in")
            engine.post(Settings(depth=0.6))
        print(recorded_s, flush=True)
        time.sleep(0.02)
"""


@lru_cache
def side(seconds: float = 60.0) -> F32:
    """Noise under clicks, never twice the same, on the 24-bit grid."""
    rng = np.random.default_rng(78)
    steps = rng.integers(-(2**16), 2**16, (int(seconds * RATE), 2))
    steps[3000::9000] += 2**22
    return (steps / 2**23).astype(np.float32)


@contextmanager
def recording(folder: Path, file_format: str) -> Iterator[subprocess.Popen[str]]:
    """The real engine in a program of its own, recording into ``folder``."""
    script, source = folder.parent / "recording.py", folder.parent / "side.wav"
    script.write_text(RECORDING)
    soundfile.write(source, side(), RATE, "FLOAT")
    command = [sys.executable, str(script), str(source), str(folder), file_format]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def killed_recording(folder: Path, file_format: str, seconds: float = 3.0) -> float:
    """Record so long, then kill the program and its engine at once; returns what was recorded."""
    recorded_s = 0.0
    with recording(folder, file_format) as process:
        assert process.stdout
        for line in process.stdout:
            recorded_s = float(line)
            if recorded_s >= seconds:
                break
        os.killpg(process.pid, signal.SIGKILL)
    return recorded_s


def the_pair(folder: Path) -> tuple[Path, Path]:
    (raw,), (restored,) = (list(folder.glob(f"*_{part}.*")) for part in ("raw", "restored"))
    return raw, restored


def read(path: Path) -> F32:
    samples: F32 = soundfile.read(path, dtype="float32", always_2d=True)[0]
    return samples


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def transfers(tmp_path: Path) -> Path:
    folder = tmp_path / "transfers"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_killed_recording_plays_to_within_a_second_and_is_recovered_whole(
    transfers: Path, file_format: str
) -> None:
    recorded_s = killed_recording(transfers, file_format)
    raw, restored = the_pair(transfers)
    for path in (raw, restored):
        assert soundfile.info(path).frames > (recorded_s - LOST_S) * RATE

    result = shellac("recover", transfers)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith(f"recovered {raw.stem.removesuffix('_raw')}: 0:0")

    taken = side()
    n = len(read(raw))
    assert n > (recorded_s - LOST_S) * RATE
    np.testing.assert_array_equal(read(raw), taken[:n])
    content = json.loads(next(transfers.glob("*.shellac.json")).read_text())
    assert len(read(restored)) == n
    # FLAC is written in blocks: both files may have ended with the same one.
    assert len(content["dry"]) == 1 or (file_format == "flac" and not content["dry"])
    from_chain = n
    for end in content["dry"]:
        assert (end["sample"] + end["length"], end["reason"]) == (n, "the program was killed")
        from_chain = end["sample"]
    # The end that was still in the chain is the raw sound; all before has been restored.
    np.testing.assert_array_equal(read(restored)[from_chain:], taken[from_chain:n])
    assert np.abs(read(restored)[:from_chain] - taken[:from_chain]).max() > 0.2
    assert verify_folder(transfers) == ([f"ok       {raw.stem.removesuffix('_raw')}"], 0)
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-xerror", "-i"]
    for path in (raw, restored):  # decodes all of it, and minds FLAC's checksum
        subprocess.run([*ffmpeg, str(path), "-f", "null", "-"], check=True, timeout=60)


def test_recovered_sidecar_knows_what_was_set_and_marked(transfers: Path) -> None:
    killed_recording(transfers, "flac")
    assert shellac("recover", transfers).returncode == 0
    content = json.loads(next(transfers.glob("*.shellac.json")).read_text())
    assert content["device"] == "side.wav"
    assert content["record"]["performer"] == "Enrico Caruso"
    assert [line["depth"] for line in content["settings"]] == [0.8, 0.6]
    assert 0.7 * RATE < content["settings"][1]["sample"] < 3 * RATE
    assert [marker["text"] for marker in content["markers"]] == ["tenor comes in"]
    assert content["impulses"]["total"] > 5
    assert content["detector"] and content["checkpoints"]
    assert content["gaps"] == content["xruns"] == []


def test_second_recovery_changes_nothing(transfers: Path) -> None:
    killed_recording(transfers, "flac", seconds=1.5)
    shellac("recover", transfers)
    before = contents(transfers)
    result = shellac("recover", transfers)
    assert result.stdout.splitlines() == [
        "1 finished recordings are as they were",
        f"nothing to recover in {transfers}",
    ]
    assert contents(transfers) == before


def test_recording_that_still_runs_is_left_alone(transfers: Path) -> None:
    with recording(transfers, "flac") as process:
        assert process.stdout
        while float(process.stdout.readline()) < 1.5:
            pass
        result = shellac("recover", transfers)
        assert result.stdout.startswith("busy      ")
        assert result.returncode == 0
        while float(process.stdout.readline()) < 3.0:
            pass
        raw, restored = the_pair(transfers)
        assert min(soundfile.info(path).frames for path in (raw, restored)) > 1.5 * RATE


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_finished_recordings_are_never_altered(transfers: Path, file_format: str) -> None:
    recorder = Recorder(transfers, 8_000, 1, 0, file_format=file_format, name="plain")
    recorder.write_raw(side(1.0)[:8_000, :1])
    recorder.write_restored(side(1.0)[:8_000, :1])
    recorder.stop()  # no sidecar, no journal, but closed in good order
    foreign = side(1.0)
    soundfile.write(transfers / f"other_raw.{file_format}", foreign, RATE, "PCM_16")
    soundfile.write(transfers / f"other_restored.{file_format}", foreign, RATE, "PCM_16")
    (transfers / "notes_raw.txt").write_text("of the side")
    before = contents(transfers)
    assert shellac("recover", transfers).returncode == 0
    assert contents(transfers) == before


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_without_its_journal_the_sound_is_recovered_all_the_same(
    transfers: Path, file_format: str
) -> None:
    killed_recording(transfers, file_format, seconds=2.0)
    next(transfers.glob("*.shellac.unfinished")).unlink()
    if file_format == "wav":  # killed just after the header was renewed, it would be finished
        with the_pair(transfers)[0].open("ab") as file:
            file.write(bytes(12))
    result = shellac("recover", transfers)
    assert "what was set is not known" in result.stdout
    assert verify_folder(transfers)[1] == 0


@pytest.mark.parametrize("samples", [1_000, 1_001])  # the second: an odd number of bytes
def test_archive_files_that_were_cut_off_are_finished_and_levelled(
    tmp_path: Path, samples: int
) -> None:
    sound = side(1.0)[:samples, :1]
    for name, kept in (("raw", samples), ("restored", samples - 300)):
        wav = GrowingWav(tmp_path / f"{name}.wav", RATE, 1, ARCHIVE_BITS)
        wav.write(sound[:kept])
        os.close(wav._fd)  # killed: the header knows of nothing
        with wav.path.open("ab") as file:
            file.write(b"\x01\x02")  # of a sample that was torn
        assert not is_finished(wav.path)
        assert finish(wav.path, is_closed=False) == kept
        assert is_finished(wav.path)
    assert level(tmp_path / "raw.wav", tmp_path / "restored.wav", samples) == (samples - 300, 300)
    for name in ("raw", "restored"):
        path = tmp_path / f"{name}.wav"
        assert is_finished(path)
        assert (path.stat().st_size, soundfile.info(path).subtype) == (
            WAV_HEADER_BYTES + 3 * samples + samples % 2,
            "PCM_24",
        )
        np.testing.assert_array_equal(read(path), sound)


def test_journal_with_a_torn_end_still_counts(transfers: Path) -> None:
    killed_recording(transfers, "flac", seconds=1.5)
    with next(transfers.glob("*.shellac.unfinished")).open("ab") as file:
        file.write(b'{"add": {"settings": [{"sam')
    assert shellac("recover", transfers).stdout.startswith("recovered ")
    content = json.loads(next(transfers.glob("*.shellac.json")).read_text())
    assert content["record"]["performer"] == "Enrico Caruso"


def test_kill_between_closing_and_sidecar_takes_no_description_for_sound(transfers: Path) -> None:
    killed_recording(transfers, "wav", seconds=1.5)
    journal = next(transfers.glob("*.shellac.unfinished"))
    kept = journal.read_bytes()
    shellac("recover", transfers)
    raw, restored = the_pair(transfers)
    sound = read(raw)
    next(transfers.glob("*.shellac.json")).unlink()  # back to the moment before it was written
    journal.write_bytes(kept + b'{"set": {"closed": true}}\n')
    (transfers / f".{raw.name}.0123abcd.part").write_bytes(b"half a copy")
    assert shellac("recover", transfers).stdout.startswith("recovered ")
    np.testing.assert_array_equal(read(raw), sound)
    assert verify_folder(transfers)[1] == 0
    name = raw.stem.removesuffix("_raw")
    assert sorted(path.name for path in transfers.iterdir()) == sorted(
        [raw.name, restored.name, f"{name}.shellac.json", f"{name}.shellac.csv"]
    )


@pytest.mark.parametrize("torn", [1, 5_000])
def test_flac_with_a_torn_end_keeps_every_whole_block(transfers: Path, torn: int) -> None:
    sound = side(2.0)
    files = [GrowingFlac(transfers / f"side_{part}.flac", RATE, 2) for part in ("raw", "restored")]
    for file in files:
        file.write(sound)
        os.fsync(file._fd)
    before = (len(sound) - 1) // 4096 * 4096  # the encoder keeps the last block
    killed = transfers.parent / "killed"
    shutil.copytree(transfers, killed)  # as they stand on the disk at this moment
    for file in files:
        file.close()
    raw = killed / "side_raw.flac"
    with raw.open("r+b") as opened:
        opened.truncate(raw.stat().st_size - torn)
    assert shellac("recover", killed).stdout.startswith("recovered side")
    assert len(read(raw)) == before - 4096
    np.testing.assert_array_equal(read(raw), sound[: before - 4096])
    np.testing.assert_array_equal(read(killed / "side_restored.flac"), sound[: before - 4096])


def test_wav_beyond_4_gib_is_recovered_as_rf64(transfers: Path) -> None:
    hole = (2**32 + 2**20) // 8  # samples that are never written: the file has a hole there
    end = side(0.1)
    for part in ("raw", "restored"):
        wav = GrowingWav(transfers / f"long_{part}.wav", 96_000, 2)
        wav.write(end)
        os.truncate(wav.path, WAV_HEADER_BYTES + 8 * hole)
        os.lseek(wav._fd, 0, os.SEEK_END)
        wav.write(end)
        os.close(wav._fd)  # no commit since the beginning
    script = (
        "import sys; from pathlib import Path\n"
        "from realtime.soundfiles.unfinished_files import finish\n"
        "print(finish(Path(sys.argv[1]), is_closed=False))"
    )
    for part in ("raw", "restored"):
        path = transfers / f"long_{part}.wav"
        done = subprocess.run(
            [sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, check=True
        )
        assert int(done.stdout) == hole + len(end)
        with soundfile.SoundFile(path) as sound:
            assert (sound.format, sound.frames) == ("RF64", hole + len(end))
            sound.seek(hole)
            np.testing.assert_array_equal(sound.read(dtype="float32"), end)


def test_program_killed_before_any_sound_is_said(transfers: Path) -> None:
    for part in ("raw", "restored"):
        GrowingFlac(transfers / f"side_{part}.flac", RATE, 2)
    killed = transfers.parent / "killed"
    shutil.copytree(transfers, killed)
    (killed / "side.shellac.unfinished").write_text('{"schema": 1}\n')
    result = shellac("recover", killed)
    assert result.stdout.startswith("empty     side: the program ended before there was sound")
    assert result.returncode == 0


def test_what_cannot_be_recovered_is_one_line_and_stays(transfers: Path) -> None:
    for part in ("raw", "restored"):
        (transfers / f"side_{part}.wav").write_text("this is no sound, whatever its name says")
    (transfers / "side.shellac.unfinished").write_text('{"schema": 1}\n')
    before = contents(transfers)
    result = shellac("recover", transfers)
    assert "was not recorded by this program; it is left as it is" in result.stdout
    assert result.returncode == 2
    assert result.stderr == "shellac: 1 recordings could not be recovered\n"
    assert contents(transfers) == before


def test_missing_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "is no folder" in refusal("recover", tmp_path / "nowhere")


def test_live_says_that_something_waits_to_be_recovered(transfers: Path) -> None:
    killed_recording(transfers, "wav", seconds=1.0)
    arguments = ("live", "--input", "demo", "--output", "none", "--seconds", "1")
    result = shellac(*arguments, "--record", transfers)
    assert f"shellac recover {transfers}" in result.stdout
