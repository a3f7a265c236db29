"""Every repair of a side is kept, can be heard before and after, and can be taken back."""

import csv
import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
import window_tools  # noqa: F401 (chooses Qt's offscreen platform)
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from main import main
from model.chain import HOP, Chain, Spared
from model.groove.stretch import seconds_in, stretch_in
from model.settings import Settings
from realtime.archive.repairs import Repair, RepairsFile, read_repairs, repairs_beside
from realtime.archive.side_facts import loudness_of, side_facts
from realtime.batch.side import numbers_in, open_side
from realtime.devices.excerpt_player import PAUSE_S, Loop
from ui.dialogs.excerpt_player import ExcerptPlayer
from ui.dialogs.repairs_dialog import RepairsDialog
from ui.state.repair_marks import RepairMarks
from ui.state.session import Session
from ui.widgets.theme import DARK

RATE = 44_100
SECONDS = 4.0
CLICKS = [round(at * RATE) for at in np.arange(0.5, SECONDS - 0.2, 0.25)]
ALONE = ("--model", "none", "--hiss-reduction-db", "0", "--depth", "1")

F64 = NDArray[np.float64]


class Said(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


def run_cli(*arguments: object, code: int = 0) -> Said:
    """Run a command as the terminal would."""
    out, complaint = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(complaint):
        assert main([*map(str, arguments), "--log", "none"]) == code, complaint.getvalue()
    return Said(out.getvalue(), complaint.getvalue())


def worn_side() -> F64:
    """A chord under hiss in stereo, with a click every quarter of a second on the left wall."""
    rng = np.random.default_rng(20)
    t = np.arange(round(SECONDS * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (220.0, 277.2, 329.6)) / 15
    sound = np.stack([chord, chord], 1) + 0.001 * rng.standard_normal((t.size, 2))
    for i, at in enumerate(CLICKS):
        n = 6 + 4 * (i % 4)
        sound[at : at + n, 0] += 0.4 * rng.choice([-1, 1], n)
    return sound


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw side, restored plainly and with a curve."""
    place = tmp_path_factory.mktemp("side")
    soundfile.write(place / "side.wav", worn_side(), RATE, "PCM_24")
    for target, extra in (("plain.wav", ()), ("curved.wav", ("--curve", "riaa", "--gain", "-6"))):
        run_cli("restore", place / "side.wav", "--output", place / target, *ALONE, *extra)
    return place


def sound(path: Path) -> F64:
    """All samples of a file."""
    samples: F64 = soundfile.read(path, always_2d=True)[0]
    return samples


def test_every_click_is_on_the_list_with_its_place_wall_height_and_certainty(folder: Path) -> None:
    repairs = read_repairs(repairs_beside(folder / "plain.wav"))
    for at in CLICKS:
        near = [r for r in repairs if r.start <= at + 2 and r.end > at and r.wall == 0]
        assert near, f"nothing is known of the click at {at / RATE:.2f} s"
        assert near[0].height > 0.2
        assert 0.5 <= near[0].certainty <= 1.0
    changed = np.any(sound(folder / "plain.wav") != sound(folder / "side.wav"), axis=1)
    told = np.zeros(len(changed), bool)
    for repair in repairs:
        told[repair.start : repair.end] = True
    assert not np.any(changed & ~told)  # nothing was done that the list does not tell


def test_the_audit_cuts_out_before_and_after_and_has_a_table(folder: Path) -> None:
    out = folder / "heard"
    said = run_cli("audit", folder / "plain.wav", "--by", "size", "--count", "3", "-o", out)
    assert "3 of" not in said.stderr and "left" in said.stdout
    rows = list(csv.DictReader((out / "repairs.csv").read_text().splitlines()))
    assert len(rows) == 3
    number = int(rows[0]["number"])
    repair = read_repairs(repairs_beside(folder / "plain.wav"))[number - 1]
    before, after = (sound(out / f"{number:05d}_{role}.wav") for role in ("before", "after"))
    assert len(before) == len(after) == repair.length + 2 * round(0.4 * RATE)
    middle = slice(round(0.4 * RATE), round(0.4 * RATE) + repair.length)
    assert np.abs(before[middle, 0]).max() > 2 * np.abs(after[middle, 0]).max()


def test_a_reverted_repair_is_the_raw_sound_and_the_rest_the_restored_one(folder: Path) -> None:
    out = folder / "two_less.wav"
    run_cli("revert", folder / "plain.wav", "--repairs", "2,4", "-o", out)
    repairs = read_repairs(repairs_beside(folder / "plain.wav"))
    raw, restored, reverted = (sound(folder / n) for n in ("side.wav", "plain.wav", out.name))
    expected = restored.copy()
    for repair in (repairs[1], repairs[3]):
        span = slice(repair.start, repair.end)
        expected[span, repair.wall] = raw[span, repair.wall]
    assert np.array_equal(reverted, expected)
    assert not np.array_equal(reverted, restored)
    left = read_repairs(repairs_beside(out))
    assert left == [r for r in repairs if r not in (repairs[1], repairs[3])]
    run_cli("audit", out, "--table-only")
    run_cli("verify", folder)


def test_what_is_chosen_by_time_width_or_doubt_is_reverted(folder: Path) -> None:
    repairs = read_repairs(repairs_beside(folder / "plain.wav"))
    wide = [r for r in repairs if 1000 * r.length / RATE > 0.4]
    early = [r for r in repairs if r.start < 1.1 * RATE and r.end > 0.9 * RATE]
    assert 0 < len(wide) < len(repairs) and early
    for name, options, gone in (
        ("narrow.wav", ("--wider-than", "0.4"), wide),
        ("later.wav", ("--between", "0:00.9-0:01.1"), early),
        ("sure.wav", ("--certainty-below", "100"), [r for r in repairs if r.certainty < 1]),
    ):
        run_cli("revert", folder / "plain.wav", *options, "-o", folder / name)
        assert read_repairs(repairs_beside(folder / name)) == [r for r in repairs if r not in gone]


def test_a_revert_goes_through_the_curve_as_the_rest(folder: Path) -> None:
    out = folder / "curved_less.wav"
    run_cli("revert", folder / "curved.wav", "--between", "2-2.1", "--model", "none", "-o", out)
    repairs = read_repairs(repairs_beside(folder / "curved.wav"))
    (repair,) = (r for r in repairs if r.start < 2.1 * RATE and r.end > 2 * RATE)
    restored, reverted = sound(folder / "curved.wav"), sound(out)
    assert np.array_equal(reverted[: repair.start], restored[: repair.start])
    assert np.array_equal(reverted[:, 1], restored[:, 1])
    # The curve is linear: what comes back is the click, as the curve makes it.
    spared = Chain(RATE, 2, spared=[Spared(repair.start, repair.end, 0)])
    heard, dry = through(spared, sound(folder / "side.wav"))
    assert np.array_equal(heard[repair.start : repair.end], dry[repair.start : repair.end])
    change = reverted[:, 0] - restored[:, 0]
    assert np.abs(change[repair.start : repair.end]).max() > 0.05
    assert np.abs(change[repair.end + RATE // 2 :]).max() < 1e-4


def through(chain: Chain, samples: F64) -> tuple[F64, F64]:
    """Restored and dry sound, aligned with what went in, ``[n, channels]``."""
    state, outs = chain.initial_state(), []
    padded = np.pad(samples.T, ((0, 0), (0, HOP - samples.shape[0] % HOP + 2 * HOP)))
    for start in range(0, padded.shape[1], HOP):
        hop = padded[:, start : start + HOP].astype(np.float32)
        out, state = chain.step(hop, state, Settings(depth=1.0))
        outs.append(np.stack([out.restored, out.dry]))
    heard = np.concatenate(outs, axis=2)[:, :, chain.latency :][:, :, : len(samples)]
    return heard[0].T.astype(np.float64), heard[1].T.astype(np.float64)


def test_what_is_spared_changes_nothing_elsewhere() -> None:
    side = worn_side()
    plain, dry = through(Chain(RATE, 2), side)
    start, end = CLICKS[3] - 100, CLICKS[3] + 200
    spared, _ = through(Chain(RATE, 2, spared=[Spared(start, end)]), side)
    assert np.array_equal(spared[start:end], dry[start:end])
    assert np.array_equal(spared[:start], plain[:start])
    assert np.array_equal(spared[end:], plain[end:])


def test_a_stretch_is_repaired_harder_and_the_rest_stays(folder: Path) -> None:
    out = folder / "harder.wav"
    said = run_cli(
        "revert", folder / "plain.wav", "--harder", "1.9-2.6", "--model", "none", "-o", out
    )
    assert "more are made" in said.stdout
    restored, reverted = sound(folder / "plain.wav"), sound(out)
    assert np.array_equal(reverted[: round(1.8 * RATE)], restored[: round(1.8 * RATE)])
    assert np.abs(reverted[3 * RATE :] - restored[3 * RATE :]).max() < 1e-3


def test_what_was_taken_back_stays_so_when_more_is(folder: Path) -> None:
    once, twice = folder / "once.wav", folder / "twice.wav"
    run_cli("revert", folder / "plain.wav", "--repairs", "1", "-o", once)
    run_cli("revert", once, "--repairs", "1", "-o", twice)
    assert len(open_side(twice).reverted) == 2
    both = folder / "both.wav"
    run_cli("revert", folder / "plain.wav", "--repairs", "1,2", "-o", both)
    assert np.array_equal(sound(twice), sound(both))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--repairs", "99999"), "numbered 1 to"),
        (("--repairs", "x"), "no number of a repair"),
        (("--between", "5:00-5:10"), "the side ends before 5:00"),
        (("--between", "10-3"), "ends before it begins"),
        ((), "nothing is to be reverted"),
    ],
)
def test_what_cannot_be_reverted_is_said_in_one_line(
    folder: Path, options: tuple[str, ...], words: str
) -> None:
    said = run_cli("revert", folder / "plain.wav", *options, "-o", folder / "no.wav", code=2)
    assert words in said.stderr and said.stderr.count("\n") == 1
    assert not (folder / "no.wav").exists()


def test_a_file_without_a_sidecar_has_no_audit(folder: Path) -> None:
    said = run_cli("audit", folder / "side.wav", code=2)
    assert "has no sidecar" in said.stderr


def test_times_and_numbers_are_read_as_people_write_them() -> None:
    assert seconds_in("1:32.5") == 92.5
    assert seconds_in("1:00:01") == 3601
    assert stretch_in("92-1:40") == (92.0, 100.0)
    assert numbers_in("3,5-7", 9) == {3, 5, 6, 7}


def test_a_list_that_was_cut_off_keeps_what_stands_before(tmp_path: Path) -> None:
    kept = RepairsFile(tmp_path / "side.shellac.csv")
    kept.close()
    with kept.path.open("a") as file:
        file.write("100,5,left,0.5,0.9\n200,7,right,0.25,0.75\n300,")
    assert read_repairs(kept.path) == [Repair(100, 5, 0, 0.5, 0.9), Repair(200, 7, 1, 0.25, 0.75)]


def test_repairs_are_seen_undone_and_written_in_the_window(qtbot: QtBot, folder: Path) -> None:
    session = Session()
    parent = QWidget()
    qtbot.addWidget(parent)
    marks = RepairMarks()
    dialog = RepairsDialog(session, folder / "plain.wav", DARK, marks, parent)
    dialog.show()
    try:
        qtbot.waitUntil(lambda: dialog.table.rowCount() > 0, timeout=30_000)
        repairs = read_repairs(repairs_beside(folder / "plain.wav"))
        assert dialog.table.rowCount() == len(repairs)
        sure = [float(dialog._item(row, 6).text()[:-2]) for row in range(len(repairs))]
        assert sure[0] == min(sure)
        qtbot.waitUntil(lambda: dialog.view.port.frozen, timeout=30_000)
        assert dialog.view.port.history.sample_rate == RATE
        dialog.table.setCurrentCell(1, 0)
        dialog.mark.click()
        dialog.toggle(2)
        assert len(dialog.undone) == 2
        side, doubted = folder / "plain.wav", int(dialog._item(2, 1).text())
        marks.put_back(side, doubted, False)  # as undo does
        assert dialog._item(2, 0).text() == "" and dialog._item(1, 0).text() == "✕"
        (number,) = dialog.undone
        with qtbot.waitSignal(dialog.written, timeout=30_000):
            dialog.write.click()
    finally:
        session.close()
    (written,) = folder.glob("plain_revised*.wav")
    left = read_repairs(repairs_beside(written))
    assert left == [repair for i, repair in enumerate(repairs, 1) if i != number]


def test_a_click_on_a_repair_plays_it_in_a_loop_before_and_after(
    qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(ExcerptPlayer, "_send", lambda _, order: sent.append(order))
    session = Session()
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = RepairsDialog(session, folder / "plain.wav", DARK, RepairMarks(), parent)
    dialog.show()
    try:
        qtbot.waitUntil(lambda: dialog.table.rowCount() > 0, timeout=30_000)
        assert not sent
        dialog.table.cellClicked.emit(0, 2)
        qtbot.waitUntil(lambda: len(sent) == 1, timeout=30_000)
        before, after = (soundfile.read(path)[0] for path in sent[0]["play"])
        assert before.shape == after.shape and not np.array_equal(before, after)
        beside = np.abs(np.arange(len(before)) - len(before) // 2) > RATE // 10
        assert np.std(before[beside]) == pytest.approx(np.std(after[beside]), rel=0.02)
        assert dialog.before.isChecked() and sent[0]["role"] == 0
        dialog.after.click()
        assert sent[1:] == [{"role": 1}]
        dialog.table.setCurrentCell(1, 0)
        qtbot.waitUntil(lambda: len(sent) == 3, timeout=30_000)
        assert sent[2]["role"] == 1 and sent[2]["play"] != sent[0]["play"]
        dialog.after.click()
        assert not dialog.after.isChecked() and dialog.ear.number is None
    finally:
        dialog.close()
        session.close()


def test_an_excerpt_comes_again_and_turns_to_the_other_without_a_click() -> None:
    before, after = np.full((4410, 2), 0.5, np.float32), np.full((4410, 2), -0.5, np.float32)
    loop = Loop([before, after], RATE)
    loop.begin(0)
    once = 4410 + round(PAUSE_S * RATE)
    heard = np.concatenate([loop.next(n) for n in (1, 1000, once - 1001, 200)])
    assert np.array_equal(heard[:4410], before) and not heard[4410:once].any()
    assert np.array_equal(heard[once:], before[:200])
    loop.role = 1
    turned = loop.next(1000)
    assert turned[-1, 0] == pytest.approx(-0.5)
    assert np.abs(np.diff(turned[:, 0])).max() < 0.005
    loop.begin(0)
    assert loop.next(1)[0, 0] == 0.5


def test_a_recorded_sides_facts_are_counted(folder: Path) -> None:
    facts = side_facts(folder / "side.wav", folder / "plain.wav")
    assert facts.seconds == SECONDS
    assert (facts.clipped, facts.gaps, facts.dry_s) == (0, 0, 0.0)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_sine_of_997_hz_at_minus_20_dbfs_has_minus_23_lufs(tmp_path: Path, rate: int) -> None:
    t = np.arange(4 * rate) / rate
    soundfile.write(tmp_path / "tone.wav", 0.1 * np.sin(2 * np.pi * 997 * t), rate, "PCM_24")
    # BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01 LKFS.
    assert loudness_of(tmp_path / "tone.wav") == pytest.approx(-23.01, abs=0.1)
    quiet = np.concatenate([0.1 * np.sin(2 * np.pi * 997 * t), np.zeros(4 * rate)])
    soundfile.write(tmp_path / "then_silence.wav", quiet, rate, "PCM_24")
    assert loudness_of(tmp_path / "then_silence.wav") == pytest.approx(-23.01, abs=0.2)
    soundfile.write(tmp_path / "silence.wav", np.zeros(2 * rate), rate, "PCM_24")
    assert np.isnan(loudness_of(tmp_path / "silence.wav"))


@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_other_rates_get_the_raw_sound_back_as_well(tmp_path: Path, rate: int) -> None:
    rng = np.random.default_rng(3)
    side = 0.1 * np.sin(2 * np.pi * 300 * np.arange(2 * rate) / rate)
    side += 0.001 * rng.standard_normal(side.size)
    for at in (rate // 2, rate, 3 * rate // 2):
        side[at : at + rate // 5000] += 0.5
    soundfile.write(tmp_path / "side.wav", np.stack([side, side], 1), rate, "PCM_24")
    run_cli("restore", tmp_path / "side.wav", "--output", tmp_path / "done.wav", *ALONE)
    target = tmp_path / "back.wav"
    stretch = ("--between", "0.9-1.1", "--model", "none")
    run_cli("revert", tmp_path / "done.wav", *stretch, "-o", target)
    raw, done, back = (sound(tmp_path / name) for name in ("side.wav", "done.wav", "back.wav"))
    near = slice(round(0.9 * rate), round(1.1 * rate))
    assert np.abs(raw[near] - done[near]).max() > 0.2
    assert np.array_equal(back[near], raw[near])
    assert np.array_equal(back[: near.start], done[: near.start])
    assert np.array_equal(back[near.stop :], done[near.stop :])
