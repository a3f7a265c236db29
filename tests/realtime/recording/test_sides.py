"""Sides: begun by the needle, ended by the lift, marked, cut into tracks, and named."""

import json
import os
import pty
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import MAIN, RATE, refusal, shellac, wait_for
from numpy.typing import NDArray

from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.verify import verify_folder
from realtime.batch.tracks import silent_cuts, split_at
from realtime.config import StreamConfig
from realtime.devices.input_names import DEMO_RECORD
from realtime.engine.engine import Engine
from realtime.recording.feed import RecordingFeed
from realtime.recording.needle import NeedleWatch
from realtime.recording.needle_feed import PRE_ROLL_S, NeedleFeed
from realtime.recording.noted import Noted
from realtime.soundfiles.file_names import file_name

F32 = NDArray[np.float32]
WHEN = datetime(2026, 5, 6, 7, 8, 9)


def line_noise(seconds: float, seed: int = 1) -> NDArray[np.float64]:
    """What an open phono stage gives: faint even noise, and hum."""
    n = int(seconds * RATE)
    noise = 3e-5 * np.random.default_rng(seed).standard_normal((n, 2))
    hum = 1e-3 * np.sin(2 * np.pi * 50 * np.arange(n) / RATE)
    return noise + hum[:, None]


def played_side(before_s: float = 5.0, after_s: float = 5.0) -> tuple[F32, int, int]:
    """The demo record's second half from its needle drop on, between open lines.

    Returns float32 ``[n, 2]``, the sample of the drop and that of the lift.
    """
    record, rate = soundfile.read(DEMO_RECORD, start=int(30.4 * 44_100), always_2d=True)
    assert rate == RATE
    record = record[: 8 * RATE]
    before, after = line_noise(before_s), line_noise(after_s, 2)
    whole = np.concatenate([before, record, after]) + line_noise(before_s + 8 + after_s, 3)
    return whole.astype(np.float32), len(before), len(before) + len(record)


def watched(signal: F32, block: int = 1024) -> NeedleWatch:
    watch = NeedleWatch(RATE, signal.shape[1])
    for start in range(0, len(signal), block):
        watch.add(signal[start : start + block])
    return watch


def test_needle_drop_on_the_demo_record_is_caught() -> None:
    side, drop, lift = played_side()
    watch = watched(side)
    assert watch.dropped_at == pytest.approx(drop, abs=0.1 * RATE)
    assert watch.lifted_at == pytest.approx(lift, abs=0.2 * RATE)
    assert not watch.is_down


def test_needle_drop_within_the_demo_record_is_caught_by_its_thump() -> None:
    """There the groove's hiss has been heard all the time; the drop is at 0.4 s of that half."""
    record, _ = soundfile.read(DEMO_RECORD, start=30 * 44_100, dtype="float32")
    watch = watched(np.concatenate([record[: int(0.35 * RATE)]] * 4 + [record[: 5 * RATE]]))
    assert watch.is_down
    assert watch.dropped_at is not None
    assert watch.dropped_at <= (4 * 0.35 + 0.45) * RATE
    assert watch.dropped_at > 4 * 0.35 * RATE


def test_blocks_of_any_length_find_the_same_drop() -> None:
    side, _, _ = played_side()
    assert watched(side, 777).dropped_at == watched(side, 4096).dropped_at


def test_open_line_with_a_knock_is_no_needle() -> None:
    noise = line_noise(10)
    noise[5 * RATE : 5 * RATE + 2000] += 0.3 * np.hanning(2000)[:, None]
    assert watched(noise.astype(np.float32)).dropped_at is None


def test_quiet_passage_in_the_groove_is_not_the_end() -> None:
    """Six seconds of nothing but the groove's own crackle."""
    side, drop, _ = played_side(after_s=0.5)
    rng = np.random.default_rng(4)
    groove = 1.5e-3 * rng.standard_normal((6 * RATE, 2))
    groove[rng.integers(0, len(groove), 300)] += 0.05
    cut = drop + 4 * RATE
    watch = watched(np.concatenate([side[:cut], groove.astype(np.float32), side[cut:]]))
    assert watch.is_down
    assert watch.lifted_at is None


def test_side_that_plays_already_is_caught_at_once() -> None:
    side, drop, _ = played_side()
    watch = watched(side[drop + 3 * RATE :])
    assert watch.dropped_at is not None
    assert watch.dropped_at < RATE


class Tape:
    def __init__(self) -> None:
        self.raw: list[F32] = []
        self.restored: list[F32] = []

    def write_raw(self, block: F32) -> None:
        self.raw.append(block)

    def write_restored(self, block: F32) -> None:
        self.restored.append(block)


def test_pre_roll_is_kept_and_nothing_is_cut() -> None:
    side, drop, lift = played_side(before_s=9.0)
    feed = NeedleFeed(NeedleWatch(RATE, 2), RATE)
    tape = Tape()
    begun = ended = 0
    for start in range(0, len(side), 1024):
        block = side[start : start + 1024]
        feed.note(Noted(Settings(), (), 0))
        feed.feed(block, -block.T)
        if feed.dropped and not begun:
            begun = start
            feed.release(RecordingFeed(tape, 0))
        if feed.lifted and not ended:
            ended = start + len(block)
            break
    raw, restored = np.concatenate(tape.raw), np.concatenate(tape.restored)
    np.testing.assert_array_equal(restored, -raw)
    first = ended - len(raw)
    np.testing.assert_array_equal(raw, side[first:ended])
    assert first <= drop - PRE_ROLL_S * RATE
    assert ended > lift


@pytest.mark.alone
def test_live_recording_begins_with_the_needle_and_ends_with_the_lift(tmp_path: Path) -> None:
    side, drop, lift = played_side(6.0, 5.0)
    soundfile.write(tmp_path / "line.wav", side, RATE, "FLOAT")
    folder = tmp_path / "sides"
    folder.mkdir()
    config = StreamConfig(
        str(tmp_path / "line.wav"),
        "none",
        record_folder=folder,
        record_format="wav",
        wait_for_needle=True,
        record_name="{performer} - {title} {side}",
        record=RecordSettings(performer="US Army Strings", title="Brahms: Dance", side="A"),
    )
    kinds, reports = [], []
    with Engine(config, Settings()) as engine:
        until = time.monotonic() + 180
        ended = False
        while not ended:  # what was said in the last moment is heard once more
            assert time.monotonic() < until
            ended = engine.telemetry().state != "running"
            for event in engine.events():
                kinds.append(event.kind)
                reports += [event.report] if event.kind == "recording_stopped" else []
                if event.kind == "recording_started":
                    assert engine.mark("theme") >= 0
            time.sleep(0.02)
    assert kinds.count("recording_started") == 1
    assert kinds.index("waiting") < kinds.index("recording_started")
    assert "marked" in kinds
    report = reports[0]
    assert report.raw_path.name == "US Army Strings - Brahms_ Dance A_raw.wav"
    raw = soundfile.read(report.raw_path, dtype="float32")[0]
    start = int(np.flatnonzero((side == raw[0]).all(axis=1))[0])
    np.testing.assert_array_equal(raw, side[start : start + len(raw)])
    assert start <= drop - PRE_ROLL_S * RATE
    assert start + len(raw) > lift
    content = json.loads(report.sidecar.read_text())
    assert content["markers"][0]["text"] == "theme"
    assert verify_folder(folder)[1] == 0


@pytest.mark.alone
def test_waiting_can_begin_while_the_line_is_open(tmp_path: Path) -> None:
    side, drop, _ = played_side(7.0, 4.0)
    soundfile.write(tmp_path / "line.wav", side, RATE, "FLOAT")
    config = StreamConfig(str(tmp_path / "line.wav"), "none")
    with Engine(config, Settings()) as engine:
        with pytest.raises(RestorationError, match="does not exist"):
            engine.wait_for_needle(tmp_path / "nowhere")
        with pytest.raises(RestorationError, match=r"knows no \{artist\}"):
            engine.name_files("{artist}")
        engine.name_files("{matrix}")  # not known: the side is recorded all the same
        engine.wait_for_needle(tmp_path, "wav")
        wait_for(lambda: engine.telemetry().recording)
        with pytest.raises(RestorationError, match="running already"):
            engine.wait_for_needle(tmp_path, "wav")
        wait_for(lambda: engine.telemetry().seconds > 12)
        report = engine.stop_recording()
        said = [event.message for event in engine.events() if event.kind == "warning"]
    assert any("gives no name" in message for message in said)
    assert report.raw_path.name.startswith("20")
    raw = soundfile.read(report.raw_path, dtype="float32")[0]
    start = int(np.flatnonzero((side == raw[0]).all(axis=1))[0])
    np.testing.assert_array_equal(raw, side[start : start + len(raw)])
    assert start < drop


@pytest.mark.alone
def test_marker_key_works_in_a_terminal(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        arguments = ["live", "--input", "demo", "--output", "none", "--record", str(tmp_path)]
        os.execv(sys.executable, [sys.executable, str(MAIN), *arguments, "--seconds", "6"])
    said = b""
    try:
        wait_for(lambda: any(tmp_path.glob("*_raw.flac")))
        time.sleep(1.5)
        os.write(terminal, b"m")
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            said += piece
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert b"marker 1 at" in said
    markers = json.loads(next(tmp_path.glob("*.shellac.json")).read_text())["markers"]
    assert len(markers) == 1
    assert 0 < markers[0]["sample"] < 6 * RATE


def three_songs() -> tuple[NDArray[np.float64], list[int]]:
    """Three stretches of music over groove noise with clicks, and where the pauses are."""
    rng = np.random.default_rng(6)
    n = 60 * RATE
    t = np.arange(n) / RATE
    music = 0.2 * np.sin(2 * np.pi * 440 * t) * (1 + 0.5 * np.sin(2 * np.pi * 2.3 * t))
    pauses = [(18.0, 20.5), (39.0, 41.0)]
    for start, end in pauses:
        music[int(start * RATE) : int(end * RATE)] = 0.0
    music[int(28 * RATE) : int(28.4 * RATE)] = 0.0  # a breath
    groove = 2e-3 * rng.standard_normal(n)
    groove[rng.integers(0, n, 600)] += 0.2
    return music + groove, [int((a + b) / 2 * RATE) for a, b in pauses]


def test_side_is_cut_in_its_pauses_and_the_tracks_are_the_side(tmp_path: Path) -> None:
    signal, wanted = three_songs()
    side = tmp_path / "side.flac"
    soundfile.write(side, signal, RATE, "PCM_24")
    cuts = silent_cuts(side)
    assert cuts == [pytest.approx(cut, abs=0.2 * RATE) for cut in wanted]
    folder = tmp_path / "tracks"
    folder.mkdir()
    record = RecordSettings(performer="Somebody", title="Songs")
    paths = split_at(side, folder, cuts, record)
    assert [path.name for path in paths] == [f"Somebody - Songs {n:02d}.flac" for n in (1, 2, 3)]
    joined = np.concatenate([soundfile.read(path, dtype="int32")[0] for path in paths])
    np.testing.assert_array_equal(joined, soundfile.read(side, dtype="int32")[0])
    with soundfile.SoundFile(paths[1]) as track:
        assert track.tracknumber == "2"


def test_tracks_command_cuts_at_markers(tmp_path: Path) -> None:
    signal = 0.1 * np.random.default_rng(1).standard_normal(RATE)
    soundfile.write(tmp_path / "side_raw.wav", signal, RATE, "PCM_24")
    sidecar = {"markers": [{"sample": 30_000, "text": ""}, {"sample": 10_000, "text": ""}]}
    folder = tmp_path / "tracks"
    folder.mkdir()
    command = ("tracks", tmp_path / "side_raw.wav", "--output", folder, "--by", "markers")
    assert "no readable sidecar" in refusal(*command)
    (tmp_path / "side.shellac.json").write_text(json.dumps(sidecar))
    result = shellac(*command, "--name", "{track}")
    assert (result.returncode, result.stderr) == (0, "")
    lengths = [soundfile.info(path).frames for path in sorted(folder.iterdir())]
    assert lengths == [10_000, 20_000, RATE - 30_000]
    assert "exists already" in refusal(*command, "--name", "{track}")


def test_side_without_a_pause_stays_whole(tmp_path: Path) -> None:
    t = np.arange(30 * RATE) / RATE
    soundfile.write(tmp_path / "side.wav", 0.1 * np.sin(2 * np.pi * 440 * t), RATE)
    assert silent_cuts(tmp_path / "side.wav") == []


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{performer} - {title} {side}", "Caruso - Una furtiva lagrima_ Act 2 B"),
        ("{label}_{catalogue}", "Victor"),
        ("{date} {matrix}", "2026-05-06"),
        ("../../{performer}", "Caruso"),
    ],
)
def test_name_is_safe_on_every_system(template: str, name: str) -> None:
    record = RecordSettings(
        performer="Caruso", title="Una furtiva lagrima: Act 2", side="B", label="Victor"
    )
    made = file_name(template, record, WHEN)
    assert made.lstrip("_ ") == name or made == name
    assert "/" not in made


def test_impossible_template_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match=r"knows no \{artist\}; choose from \{title\}"):
        file_name("{artist}", RecordSettings(), WHEN)
    with pytest.raises(RestorationError, match="gives no name"):
        file_name("{title}", RecordSettings(), WHEN)
    with pytest.raises(RestorationError, match="is broken"):
        file_name("{title", RecordSettings(), WHEN)
    command = ("live", "--input", "demo", "--output", "none")
    assert "knows no {x}" in refusal(*command, "--record", tmp_path, "--name", "{x}")
    assert "needs a record_folder" in refusal(*command, "--wait-for-needle")
