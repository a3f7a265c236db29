"""What an archive finds beside and inside its files, and that it notices when they change."""

import gc
import json
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from cli_tools import RATE, refusal, shellac, write_side

from model.chain import Impulse
from model.groove.record import RecordSettings
from model.presets import load_preset, preset_names
from model.settings import Settings
from realtime.archive.sidecar import (
    ENDING,
    SettingsFrom,
    Sidecar,
    all_presets,
    hash_of,
    preset_name,
    sidecar_of_restored,
    write_sidecar,
)
from realtime.archive.verify import verify_folder
from realtime.batch.restore import restore_file
from realtime.config import StreamConfig
from realtime.engine.engine import Engine
from realtime.engine.events import EventSender
from realtime.recording.control import RecordingControl
from realtime.recording.noted import Noted
from realtime.recording.recording_log import RecordingLog
from realtime.recording.sound_ring import SoundRing
from realtime.soundfiles.broadcast_wave import append_description, bext_body
from realtime.soundfiles.description import Description
from realtime.soundfiles.tagging import describe_file
from realtime.timeline import Timeline

RECORD = RecordSettings(
    title="Celeste Aïda",
    performer="Enrico Caruso",
    label="Victor",
    catalogue="88025",
    matrix="C-5008-1",
    side="A",
    year=1908,
    stylus="2.8 mil",
    groove="lateral",
)


def description(record: RecordSettings = RECORD) -> Description:
    started = datetime(2026, 3, 4, 1, 0, 2, tzinfo=UTC)
    return Description(record, "restored", started, RATE, 24, 2, "USB Audio", "Shellac 0.1.0")


def restored(side: Path, target: Path, record: RecordSettings = RECORD) -> dict[str, Any]:
    """Restore with a sidecar; returns what stands in it."""
    sidecar = sidecar_of_restored(target)
    restore_file(side, target, load_preset("default"), record=record, sidecar=sidecar)
    content: dict[str, Any] = json.loads(sidecar.read_text("utf-8"))
    return content


@pytest.fixture
def side(tmp_path: Path) -> Path:
    return write_side(tmp_path / "side.wav")


def test_bext_chunk_says_what_ffmpeg_reads(side: Path, tmp_path: Path) -> None:
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    before = soundfile.read(side, dtype="int32")[0]
    append_description(side, description())
    np.testing.assert_array_equal(soundfile.read(side, dtype="int32")[0], before)
    said = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", side, "-f", "ffmetadata", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.replace("\\", "")
    for line in (
        "comment=Enrico Caruso - Celeste Aida; Victor 88025; C-5008-1; side A; restored",
        "encoded_by=Shellac 0.1.0",
        "originator_reference=88025 20260304010002",
        "date=2026-03-04",
        f"time_reference={3602 * RATE}",
        "A=ANALOGUE,M=stereo,T=disc at 78.26 rpm; stylus 2.8 mil",
        "title=Celeste Aïda",
        "artist=Enrico Caruso",
    ):
        assert line in said


def test_bext_body_is_as_long_as_the_standard_wants() -> None:
    history = "".join(f"{line}\r\n" for line in description().coding_history)
    assert len(bext_body(description())) == 602 + len(history) + 1
    long = replace(RECORD, title="x" * 200, performer="y" * 200)
    assert len(bext_body(description(long))) >= 602


@pytest.mark.parametrize("container", ["WAV", "RF64"])
@pytest.mark.parametrize("samples", [1000, 1001])
def test_description_moves_no_sample_and_keeps_the_header_true(
    tmp_path: Path, samples: int, container: str
) -> None:
    path = tmp_path / "side.wav"
    sound = np.random.default_rng(1).uniform(-1, 1, samples)
    soundfile.write(path, sound, 48_000, "PCM_24", format=container)  # 1001: an odd length
    before = soundfile.read(path, dtype="int32")[0]
    append_description(path, description())
    np.testing.assert_array_equal(soundfile.read(path, dtype="int32")[0], before)
    content = path.read_bytes()
    size = content[4:8] if container == "WAV" else content[20:28]
    assert int.from_bytes(size, "little") == len(content) - 8
    assert content.count(b"bext") == 1


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "aiff"])
def test_tags_are_there_for_every_player(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"side.{suffix}"
    soundfile.write(path, 0.1 * np.random.default_rng(2).standard_normal((RATE, 2)), RATE)
    before = soundfile.read(path)[0]
    describe_file(path, soundfile.info(path).format, description())
    np.testing.assert_array_equal(soundfile.read(path)[0], before)
    if suffix in ("flac", "ogg"):
        with soundfile.SoundFile(path) as sound:
            assert (sound.title, sound.artist, sound.date) == (
                "Celeste Aïda",
                "Enrico Caruso",
                "1908",
            )
    assert b"C-5008-1" in path.read_bytes().replace(b"\0", b"")


def test_sidecar_tells_record_settings_and_hashes(side: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.flac"
    content = restored(side, target)
    assert content["record"]["title"] == "Celeste Aïda"
    assert content["settings"][0]["preset"] == "default"
    assert content["settings"][0]["sample"] == 0
    files = content["files"]
    assert files["source"] | files["restored"] == files["restored"] | {}  # the same keys
    for name, path in (("source", side), ("restored", target)):
        assert files[name]["sha256"] == hash_of(path)
        assert files[name]["samples"] == 2 * RATE
    assert content["impulses"]["total"] > 10
    assert {"shellac", "libsndfile"} <= content["versions"].keys()
    with soundfile.SoundFile(target) as sound:
        assert sound.title == "Celeste Aïda"


def test_untouched_archive_verifies_and_every_change_is_found(side: Path, tmp_path: Path) -> None:
    for name in ("a.wav", "b.flac"):
        restored(side, tmp_path / name)
    lines, mismatches = verify_folder(tmp_path)
    assert (lines, mismatches) == (["ok       a.wav", "ok       b.flac"], 0)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[5000] ^= 1
    (tmp_path / "a.wav").write_bytes(content)
    lines, mismatches = verify_folder(tmp_path)
    assert "a.wav has changed: its SHA-256 is another" in lines[0]
    assert mismatches == 1
    (tmp_path / "b.flac").unlink()
    assert "b.flac is missing" in verify_folder(tmp_path)[0][1]


@pytest.mark.parametrize("shift", [0, 60, 500])
@pytest.mark.parametrize("groove", ["stereo", "lateral"])
def test_shifted_sound_is_found_even_with_a_true_hash(
    tmp_path: Path, groove: str, shift: int
) -> None:
    rng = np.random.default_rng(3)
    music = np.convolve(rng.standard_normal(3 * RATE), np.hanning(16), "same") * 0.05
    soundfile.write(tmp_path / "side.wav", np.stack([music, music], 1), RATE, "PCM_24")
    record = RecordSettings(groove=groove, curve="columbia_78")
    target = tmp_path / "out.wav"
    content = restored(tmp_path / "side.wav", target, record)
    sound, _ = soundfile.read(target)
    soundfile.write(target, np.roll(sound, shift, axis=0), RATE, "PCM_24")
    facts = content["files"]["restored"]
    facts |= {"sha256": hash_of(target), "bytes": target.stat().st_size}
    sidecar_of_restored(target).write_text(json.dumps(content))
    line = verify_folder(tmp_path)[0][0]
    if shift:
        assert "out.wav is shifted by" in line
        words = line.split()
        assert int(words[words.index("by") + 1]) == pytest.approx(shift, abs=3)
    else:
        assert line == "ok       out.wav"


def test_verify_says_one_line_per_side_and_ends_with_2(side: Path, tmp_path: Path) -> None:
    result = shellac("restore", side, "--output", tmp_path / "o.wav", "--title", "Vesti la giubba")
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / f"o.wav{ENDING}").exists()
    result = shellac("verify", tmp_path)
    assert (result.returncode, result.stdout) == (0, "ok       o.wav\n")
    side.write_bytes(side.read_bytes()[:-2])
    result = shellac("verify", tmp_path)
    assert result.returncode == 2
    assert result.stdout.startswith("MISMATCH o.wav: side.wav has")
    assert result.stderr == "shellac: 1 of 1 sides do not match their archive\n"
    (tmp_path / "empty").mkdir()
    assert "holds no archived side" in refusal("verify", tmp_path / "empty")


def test_spoilt_sidecar_is_a_mismatch_of_its_own(side: Path, tmp_path: Path) -> None:
    restored(side, tmp_path / "a.wav")
    restored(side, tmp_path / "b.wav")
    sidecar_of_restored(tmp_path / "a.wav").write_text("{}")
    lines, mismatches = verify_folder(tmp_path)
    assert mismatches == 1
    assert "cannot be read as a sidecar" in lines[0]
    assert lines[1] == "ok       b.wav"


def test_without_sidecar_nothing_but_the_sound_is_written(side: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    shellac("restore", side, "--output", folder, "--no-sidecar")
    assert [path.name for path in folder.iterdir()] == ["side_restored.wav"]
    assert b"bext" not in (folder / "side_restored.wav").read_bytes()


@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_recording_is_archived_with_its_settings_over_time(
    tmp_path: Path, file_format: str
) -> None:
    side = write_side(tmp_path / "side.wav")
    folder = tmp_path / "transfers"
    folder.mkdir()
    config = StreamConfig(
        str(side), "none", record_folder=folder, record_format=file_format, record=RECORD
    )
    preset = load_preset("default")
    with Engine(config, preset) as engine:
        until = time.monotonic() + 180
        while engine.telemetry().seconds < 0.8:
            assert time.monotonic() < until
            time.sleep(0.01)
        engine.post(replace(preset, depth=0.5))
        while engine.telemetry().state == "running":
            assert time.monotonic() < until
            time.sleep(0.01)
        report = engine.stop_recording()
    assert report.sidecar is not None
    content = json.loads(report.sidecar.read_text("utf-8"))
    assert content["device"] == "side.wav"
    first, second = content["settings"]
    assert (first["sample"], first["preset"], second["depth"]) == (0, "default", 0.5)
    assert 0.6 < second["seconds"] < 1.9
    assert content["impulses"]["total"] > 10
    assert (content["gaps"], content["xruns"]) == ([], [])
    assert verify_folder(folder)[1] == 0
    raw = soundfile.read(report.raw_path)[0]
    np.testing.assert_array_equal(raw, soundfile.read(side)[0])


def test_recording_that_is_over_leaves_no_buffer_in_memory(tmp_path: Path) -> None:
    chain = SimpleNamespace(detector_name="none", denoiser_name="none")
    report = SimpleNamespace(input_fill=0, output_fill=0, recorder=None)
    worker = SimpleNamespace(recording=None, report=report)
    control = RecordingControl(
        StreamConfig("turntable", "none"),
        cast(
            Any,
            SimpleNamespace(name="turntable", sample_rate=RATE, channels=2, paced_by_output=False),
        ),
        cast(Any, SimpleNamespace(latency=0, chain=chain)),
        cast(Any, worker),
        Timeline(),
        EventSender(cast(Any, SimpleNamespace(send=lambda _: None)), lambda: 0.0),
        lambda: True,
    )
    gc.collect()
    gc.disable()  # in the engine it comes by too seldom to be counted on
    try:
        for _ in range(2):
            control.start(tmp_path, "wav")
            assert sum(type(one) is SoundRing for one in gc.get_objects()) == 2
            worker.recording.feed(np.zeros((RATE, 2), np.float32), np.zeros((2, RATE), np.float32))
            worker.recording.request_stop()
            worker.recording.end(np.zeros((2, 0), np.float32))
            assert control.stop().samples == RATE
        assert not any(type(one) is SoundRing for one in gc.get_objects())
    finally:
        gc.enable()


def test_log_counts_in_samples_of_the_files() -> None:
    log = RecordingLog(RATE, 1000)
    other = replace(Settings(), depth=0.2)
    log.add(0, Noted(Settings(), (), 7))
    found = (Impulse(100, 5, 0, 0.5), Impulse(300, 200, 1, 0.5))
    log.add(4000, Noted(Settings(), found, 7))
    log.add(8000, Noted(other, (), 52))
    assert [(line.sample, line.settings.depth) for line in log.settings] == [(0, 0.9), (7000, 0.2)]
    assert log.xruns == [{"sample": 8000, "lost": 45}]
    counts = log.impulses(2 * RATE)
    assert (counts["total"], counts["crackle"], counts["pops"]) == (2, 1, 1)
    assert counts["per_second"] == 1.0


def test_changed_preset_has_no_name() -> None:
    preset, presets = load_preset("default"), all_presets()
    assert preset_name(replace(preset, depth=0.123), presets) == ""
    assert preset_name(replace(preset, monitor="removed"), presets) == "default"


def test_a_side_on_which_a_slider_was_moved_a_lot_reads_each_preset_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound goes on while a sidecar is written: reading YAML for every move made it run dry."""
    read: list[str] = []

    def counted(name: str) -> Settings:
        read.append(name)
        return load_preset(name)

    monkeypatch.setattr("realtime.archive.sidecar.load_preset", counted)
    for name in ("raw.wav", "restored.wav"):
        soundfile.write(tmp_path / name, np.zeros((10, 2)), RATE)
    moved = [SettingsFrom(n, replace(Settings(), depth=n / 1000)) for n in range(500)]
    sidecar = Sidecar(
        kind="recording",
        original=tmp_path / "raw.wav",
        restored=tmp_path / "restored.wav",
        started=datetime.now(UTC),
        device="turntable",
        record=RecordSettings(),
        settings=tuple(moved),
        detector="",
        denoiser="",
        impulses={},
        latency=0,
    )
    write_sidecar(tmp_path / "side.shellac.json", sidecar)
    assert sorted(read) == sorted(preset_names())
    content = json.loads((tmp_path / "side.shellac.json").read_text("utf-8"))
    assert [line["depth"] for line in content["settings"]] == [n / 1000 for n in range(500)]
