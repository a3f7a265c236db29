"""The endurance test's own instruments: what is lost, shifted or growing is noticed."""

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from model.checkpoints import Models
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.sidecar import sidecar_of_recording
from realtime.recording.recorder import RecordingReport
from realtime.restorer.pipeline import StreamRestorer
from realtime.restorer.warm_up import warmed_restorer
from realtime.soak import __main__ as soak
from realtime.soak import fast
from realtime.soak.checks import (
    GLIDE,
    bypassed_stretches,
    check_side,
    found_losses,
    wrong_samples,
)
from realtime.soak.control_changes import BYPASS_S, ControlChanges
from realtime.soak.endless_record import BLOCK, RATE, STRETCH, EndlessRecord
from realtime.soak.fast import EndlessInput
from realtime.soak.live import LiveSoak
from realtime.soak.plan import SoakPlan
from realtime.soak.progress import Progress
from realtime.soak.report import DRIFT_DB, SoakReport
from realtime.soak.resources import LEAK_MB_PER_H, Look, growth_of
from realtime.soundfiles.sample_formats import from_pcm, to_pcm

F32 = NDArray[np.float32]
PLAIN = RecordSettings()


def plan(folder: Path, seconds: float = 5.0) -> SoakPlan:
    """A run of seconds, without networks."""
    return SoakPlan(seconds, float("inf"), 2.0, folder, models=("none",))


def test_the_endless_record_is_the_same_in_whatever_pieces_it_is_taken() -> None:
    record, again = (EndlessRecord(1, has_silence=True) for _ in range(2))
    whole = record.samples(BLOCK - 100, BLOCK + 300)
    parts = [again.samples(BLOCK - 100 + start, 100) for start in range(0, BLOCK + 300, 100)]
    np.testing.assert_array_equal(np.concatenate(parts)[: len(whole)], whole)


def test_every_kind_of_sound_comes_up_and_fits_into_24_bits() -> None:
    record = EndlessRecord(78, has_silence=True)
    kinds = {record.kind(number): number for number in range(0, 200 * STRETCH, STRETCH)}
    assert set(kinds) == {"record", "loud", "faint", "silence"}
    for number in kinds.values():
        block = record.samples(number * BLOCK, BLOCK)
        np.testing.assert_array_equal(from_pcm(to_pcm(block, 24)), block)


def test_one_seed_turns_the_same_controls_and_another_one_others() -> None:
    def turned(seed: int) -> list[Settings]:
        controls = ControlChanges(seed)
        return [controls.settings for second in range(600) if controls.turn(float(second))]

    assert turned(1) == turned(1)
    assert turned(1) != turned(2)
    assert len(set(turned(1))) > 100


def test_a_bypass_is_let_go_of_in_time() -> None:
    controls, bypassed, longest = ControlChanges(3), 0.0, 0.0
    for tick in range(36_000):
        controls.turn(tick / 10)
        bypassed = bypassed + 0.1 if controls.settings.bypass else 0.0
        longest = max(longest, bypassed)
    assert controls.counts["bypass"] > 20
    # A second one may begin before the first has ended.
    assert BYPASS_S <= longest < 4 * BYPASS_S
    assert controls.counts["loss"] == 0


def content(
    settings: list[tuple[int, bool]], changes: list[dict[str, object]]
) -> dict[str, object]:
    lines = [{"sample": sample, "bypass": bypass} for sample, bypass in settings]
    return {"settings": lines, "record_changes": changes}


def test_only_a_bypass_of_a_plain_record_proves_that_both_files_line_up() -> None:
    log = content([(0, False), (100_000, True), (200_000, False)], [])
    assert list(bypassed_stretches(log, PLAIN, 300_000)) == [(100_000 + GLIDE, 200_000)]
    curved = RecordSettings(rumble_hz=30.0)
    assert list(bypassed_stretches(log, curved, 300_000)) == []
    back = content([(0, False), (200_000, True)], [{"sample": 50_000, "rumble_hz": 0.0}])
    assert list(bypassed_stretches(back, curved, 300_000)) == [(200_000 + GLIDE, 300_000)]
    near = content([(0, False), (60_000, True)], [{"sample": 50_000, "rumble_hz": 0.0}])
    [(start, end)] = bypassed_stretches(near, curved, 300_000)
    assert 60_000 + GLIDE < start < 90_000  # when the filter has ceased
    assert end == 300_000
    again = content([(0, True)], [{"sample": 150_000, "rumble_hz": 30.0}])
    [(start, end)] = bypassed_stretches(again, PLAIN, 300_000)
    assert end < 150_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> RecordingReport:
    """A side of the fast run that was bypassed all the time, and its report."""
    kept: list[RecordingReport] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("realtime.soak.fast.delete_side", kept.append)
        patch.setattr(ControlChanges, "turn", lambda *_: set())
        patch.setattr("realtime.soak.control_changes.load_preset", lambda _: Settings(bypass=True))
        soak.run_soak(plan(tmp_path_factory.mktemp("side"), 2.0), threading.Event())
    return kept[0]


@pytest.fixture
def side(recorded: RecordingReport, tmp_path: Path) -> RecordingReport:
    """The same in a folder of its own, to be harmed."""
    assert recorded.sidecar is not None
    raw, restored, sidecar = (
        Path(shutil.copy(path, tmp_path))
        for path in (recorded.raw_path, recorded.restored_path, recorded.sidecar)
    )
    return replace(recorded, raw_path=raw, restored_path=restored, sidecar=sidecar)


def rewritten(change: Callable[[F32], F32]) -> Callable[[RecordingReport], None]:
    """Let the restored file be another one, and the sidecar none the wiser."""

    def rewrite(report: RecordingReport) -> None:
        sound, rate = soundfile.read(report.restored_path, dtype="float32")
        soundfile.write(report.restored_path, change(sound), rate, "FLOAT")

    return rewrite


def with_nan(sound: F32) -> F32:
    sound[700] = np.nan
    return sound


def test_a_good_side_is_proven_over_its_whole_length(side: RecordingReport) -> None:
    checked = check_side(side, PLAIN)
    assert checked.complaints == ()
    assert checked.proven > checked.samples - RATE
    assert checked.samples >= 2 * RATE


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (rewritten(lambda sound: np.roll(sound, 1, axis=0)), "differ between both files"),
        (rewritten(with_nan), "are no sound"),
        (rewritten(lambda sound: 100 * sound), "are no sound"),
        (lambda report: report.raw_path.write_bytes(b""), "bytes instead of"),
    ],
    ids=["shifted by a sample", "NaN", "too loud", "emptied"],
)
def test_a_side_that_was_harmed_is_complained_of(
    side: RecordingReport, harm: Callable[[RecordingReport], None], complaint: str
) -> None:
    harm(side)
    if complaint == "bytes instead of":
        from realtime.archive.verify import complaint_about

        assert complaint in complaint_about(sidecar_of_recording(side.raw_path))
        return
    assert any(complaint in told for told in check_side(side, PLAIN).complaints)


def test_samples_lost_on_the_way_to_the_disk_are_complained_of(side: RecordingReport) -> None:
    [complaint] = check_side(replace(side, lost_samples=512), PLAIN).complaints
    assert "512 and 0 samples lost" in complaint
    torn = replace(side, lost_restored=1536)
    assert check_side(torn, PLAIN).complaints
    assert not check_side(torn, PLAIN, devices_lost=True).complaints


@pytest.fixture
def endless() -> EndlessRecord:
    return EndlessRecord(7, has_silence=False)


def test_one_wrong_sample_in_a_raw_file_is_counted(endless: EndlessRecord, tmp_path: Path) -> None:
    sound = endless.samples(123_456, 3 * RATE).copy()
    sound[50_000, 1] += 2.0**-20
    soundfile.write(tmp_path / "raw.wav", sound, RATE, "FLOAT")
    assert wrong_samples(tmp_path / "raw.wav", endless, 123_456) == 1


@pytest.mark.parametrize("lost", [0, 256, 5000])
def test_a_raw_file_is_found_in_what_was_played_with_what_it_lacks(
    endless: EndlessRecord, tmp_path: Path, lost: int
) -> None:
    sound = endless.samples(2_000_000, 4 * RATE)
    soundfile.write(
        tmp_path / "raw.wav", np.delete(sound, slice(90_000, 90_000 + lost), axis=0), RATE, "FLOAT"
    )
    found = found_losses(tmp_path / "raw.wav", endless, 1_800_000, 3_000_000)
    assert found == (0, lost, 2_000_000, 2_000_000 + 4 * RATE)


def test_what_was_never_played_is_not_found(endless: EndlessRecord, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "raw.wav", endless.samples(0, RATE)[::-1], RATE, "FLOAT")
    assert found_losses(tmp_path / "raw.wav", endless, 0, 10 * RATE).first == -1


def test_what_lies_around_a_gap_is_found_on_both_sides(
    endless: EndlessRecord, tmp_path: Path
) -> None:
    before, after = endless.samples(50_000, RATE), endless.samples(5 * RATE, RATE)
    silence = np.zeros((9000, 2), np.float32)
    recorded = np.concatenate([silence, before, silence, np.delete(after, 700, axis=0), silence])
    soundfile.write(tmp_path / "raw.wav", recorded, RATE, "FLOAT")
    assert found_losses(tmp_path / "raw.wav", endless, 0, 10 * RATE) == (1, 1, 50_000, 6 * RATE)


def looks(mb_per_hour: float, hours: float = 24.0) -> list[Look]:
    """Memory that jitters by half a megabyte, and takes 60 MB in its first hour."""
    dice = np.random.default_rng(78)
    return [
        Look(hour, hour / 8, 200 + 60 * min(hour, 1.0) + mb_per_hour * hour + dice.normal(0, 0.5))
        for hour in np.linspace(0, hours, 500)
    ]


def test_a_slow_leak_is_found_and_warming_up_is_none() -> None:
    still, leaking = (growth_of("p", looks(slope), [(9, 2)]) for slope in (0.0, 2.0))
    assert still.complaints() == []
    assert abs(still.mb_per_audio_h) < 0.02
    assert leaking.mb_per_audio_h == pytest.approx(2.0, abs=0.05)
    assert leaking.mb_per_wall_h == pytest.approx(16.0, abs=0.4)
    assert leaking.mb_per_audio_h > LEAK_MB_PER_H
    assert len(leaking.complaints()) == 1


def test_buffers_of_a_second_recording_are_no_leak() -> None:
    steps = [Look(n / 1200, n / 1200, 180.0 if n < 60 else 190.0) for n in range(120)]
    assert growth_of("p", steps, []).grown_mb == 10.0
    assert growth_of("p", steps, [], settled_h=60 / 1200).grown_mb == 0.0


def test_what_is_never_closed_is_found() -> None:
    counts = [(12, 3), (20, 4), *((20 + side, 4) for side in range(10))]
    growth = growth_of("p", [], counts)
    assert growth.complaints() == ["p: 20 descriptors became 29"]
    assert growth_of("p", [], [(12, 3), (20, 4), (20, 4)]).complaints() == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"xruns_in": 1}, "1 overflows"),
        ({"nonfinite": 3}, "3 input samples"),
        ({"drift_db": DRIFT_DB + 1}, "has drifted"),
        ({"sides": 0}, "no side was finished"),
    ],
)
def test_each_count_that_is_not_as_it_should_be_fails_the_run(
    fault: dict[str, Any], told: str
) -> None:
    good = SoakReport("fast", 78, sides=3, drift_db=DRIFT_DB - 1)
    good.finish()
    assert good.lines()[-1] == "passed"
    bad = replace(good, complaints=[], **fault)
    bad.finish()
    assert told in bad.lines()[-2]
    assert bad.lines()[-1] == "FAILED"


def test_a_fast_run_passes_and_leaves_no_sound_behind(tmp_path: Path) -> None:
    report = soak.run_soak(plan(tmp_path), threading.Event())
    assert report.complaints == []
    assert (report.lost, report.sides) == (0, 3)
    assert report.samples / RATE == pytest.approx(report.audio_s, abs=0.5)
    assert list(tmp_path.iterdir()) == []


def test_a_chain_that_has_run_is_compared_with_a_fresh_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in (("DRIFT_AFTER_S", 1.0), ("DRIFT_S", 6.0), ("COMPARED_S", 2.0)):
        monkeypatch.setattr(f"realtime.soak.fast.{name}", seconds)
    report = soak.run_soak(plan(tmp_path, 2.0), threading.Event())
    assert report.drift_db is not None
    assert report.drift_db < DRIFT_DB
    as_it_is, made = warmed_restorer, list[RecordSettings]()

    def other_one(
        rate: int, channels: int, settings: Settings, models: Models, record: RecordSettings
    ) -> StreamRestorer:
        made.append(RecordSettings(gain_db=-0.1) if made else record)
        return as_it_is(rate, channels, settings, models, made[-1])

    monkeypatch.setattr(fast, "warmed_restorer", other_one)
    report = soak.run_soak(plan(tmp_path, 2.0), threading.Event())
    assert report.drift_db is not None
    assert report.drift_db > DRIFT_DB


def test_a_single_wrong_sample_in_a_run_fails_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is = EndlessInput.read

    def read(self: EndlessInput, n: int) -> F32:
        samples = as_it_is(self, n)
        return samples + np.float32(2.0**-23) if self.position > 3 * RATE else samples

    monkeypatch.setattr(EndlessInput, "read", read)
    report = soak.run_soak(plan(tmp_path), threading.Event())
    assert report.lost > 0
    assert any("not what was played" in complaint for complaint in report.complaints)


def test_the_command_says_how_it_went_and_writes_it_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["soak", "--hours", "0.0006", "--speed", "max", "--model", "none"]
    words += ["--side-minutes", "0.02", "--json", str(tmp_path / "r.json")]
    monkeypatch.setattr("sys.argv", words)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert soak.main() == 0
    assert "passed" in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text())["passed"] is True
    monkeypatch.setattr("realtime.soak.checks.LOUDEST", 1e-6)
    assert soak.main() == 1
    assert "far too loud\nFAILED" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*words, "--side-minutes", "100000000"])
    assert soak.main() == 2
    assert "shorten the sides" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", [*words, "--busy"])
    with pytest.raises(SystemExit, match="2"):
        soak.main()
    assert "--busy is for real time" in capsys.readouterr().err


def test_the_real_engine_is_lost_and_opened_again(
    tmp_path: Path, sound_server_environment: dict[str, str]
) -> None:
    asked = SoakPlan(6.0, None, 3.0, tmp_path, seed=5, models=("none",), losses_per_hour=1200)
    report = LiveSoak(asked, threading.Event()).run()
    if report.stall_s > 0.05:
        pytest.skip(f"inconclusive: the machine stood still for {1000 * report.stall_s:.0f} ms")
    assert report.changes["loss"] >= 1
    assert [c for c in report.complaints if "underflows" not in c] == []
    assert report.samples > 2 * RATE
    assert list(tmp_path.iterdir()) == []


def test_a_fault_is_told_while_the_soak_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    report = SoakReport("fast", 1)
    progress = Progress(60.0, report)
    progress.show(1.0)
    report.complain("side 1: [b]3 samples[/b] lost")
    progress.show(2.0, xruns=2)
    progress.show(3.0, xruns=2)
    progress.close()
    told = capsys.readouterr().err
    assert told.count("2 s: 2 more xruns") == told.count("2 s: side 1: [b]3 samples[/b] lost") == 1
    assert "3 s:" not in told
