"""A wall of the groove that carries no music, or the opposite of it: never preferred, and said.

The kind: what has nothing in it has no damage either, so that the best wall is the dead one; and
two walls that cancel each other leave a silence that nobody speaks of.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import refusal, shellac
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import load_models
from model.groove.record import RecordSettings
from model.settings import Settings
from model.walls.best_wall import BestWall
from realtime.archive.restore_report import RestoreReport
from realtime.batch.restore import restore_file
from realtime.soundfiles.walls import dead_wall

F64 = NDArray[np.float64]
RATE = 44_100
LIGHT = partial(Chain, models=load_models(("none",)))


def music(seconds: float = 3.0) -> F64:
    t = np.arange(round(seconds * RATE)) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (440.0, 554.0, 1318.0))
    swell = 1 + 0.5 * np.sin(2 * np.pi * 1.3 * t)
    return np.asarray(chord * swell + 1e-3 * np.random.default_rng(4).standard_normal(len(t)))


def noise(n: int, level: float) -> F64:
    return level * np.random.default_rng(9).standard_normal(n)


DEAD: dict[str, Callable[[F64], F64]] = {
    "silence": lambda good: 0 * good,
    "noise at -80 dB": lambda good: noise(len(good), 1e-4),
    "noise at -60 dB": lambda good: noise(len(good), 1e-3),
    "hum": lambda good: 0.1 * np.sin(2 * np.pi * 50 * np.arange(len(good)) / RATE),
    "crosstalk at -25 dB": lambda good: 0.056 * good + noise(len(good), 1e-5),
    "one click": lambda good: np.where(np.arange(len(good)) == 50_000, 0.9, 0.0),
    "constant": lambda good: np.full(len(good), 0.05),
    "one step": lambda good: np.full(len(good), 2.0**-15),
}


def restored(folder: Path, walls: list[F64], groove: str) -> tuple[F64, RestoreReport]:
    soundfile.write(folder / "side.wav", np.stack(walls, 1), RATE, "FLOAT")
    report = restore_file(
        folder / "side.wav",
        folder / "out.wav",
        Settings(bypass=True),
        chain_factory=LIGHT,
        record=RecordSettings(groove=groove),
        overwrite=True,
    )
    return soundfile.read(folder / "out.wav")[0].T, report


@pytest.mark.parametrize("dead_side", ["left", "right"])
@pytest.mark.parametrize("kind", DEAD)
def test_wall_without_music_is_never_the_best_one(
    tmp_path: Path, kind: str, dead_side: str
) -> None:
    good = music()
    walls = [good, DEAD[kind](good)] if dead_side == "right" else [DEAD[kind](good), good]
    for groove, sign in (("best", 1), ("best_vertical", 1 if dead_side == "right" else -1)):
        out, report = restored(tmp_path, walls, groove)
        # From where the first change of walls is over.
        np.testing.assert_allclose(out[0, 2000:-2000], sign * good[2000:-2000], atol=1e-6)
        assert f"the {dead_side} wall carries no music" in report.remarks[0]


def test_wall_that_dies_on_the_way_is_left_and_taken_again(tmp_path: Path) -> None:
    good = music(6.0)
    broken = good.copy()
    broken[2 * RATE : 4 * RATE] = 0.0
    worn = good + noise(len(good), 3e-3)  # more worn than the one that dies
    (out, _) = restored(tmp_path, [broken, worn], "best")
    dead = slice(round(2.8 * RATE), 4 * RATE)
    np.testing.assert_allclose(out[0, dead], worn[dead], atol=1e-6)
    np.testing.assert_allclose(out[0, -RATE // 2 : -2000], good[-RATE // 2 : -2000], atol=1e-6)


@pytest.mark.parametrize("level", [1e-3, 1e-2, 1e-1])
def test_wall_that_is_only_quieter_because_it_is_clean_is_preferred(level: float) -> None:
    good = music()
    worn = good + noise(len(good), level)
    n = len(good) // 4096 * 4096
    best = BestWall(RATE)
    state = best.initial_state(2)
    out, state = best.step(np.stack([worn, good])[:, :n], state)
    late = slice(RATE, n)
    np.testing.assert_allclose(
        out[0, late], good[late.start - best.latency : n - best.latency], atol=1e-9
    )


@pytest.mark.parametrize(
    ("sign", "groove", "better"),
    [
        (-1, "lateral", "vertical"),
        (-1, "best", "best_vertical"),
        (1, "vertical", "lateral"),
        (1, "best_vertical", "best"),
    ],
)
def test_walls_that_cancel_are_said_with_the_groove_to_try(
    tmp_path: Path, sign: int, groove: str, better: str
) -> None:
    good = music()
    _, report = restored(tmp_path, [good, sign * good], groove)
    (remark,) = report.remarks
    assert f"which --groove {groove} {'cancels' if 'best' in groove else 'would cancel'}" in remark
    assert remark.endswith(f"try --groove {better}")
    _, fine = restored(tmp_path, [good, sign * good], better)
    assert fine.remarks == ()


@pytest.mark.parametrize("groove", ["stereo", "left", "right"])
def test_what_cancels_nothing_is_not_remarked_on(tmp_path: Path, groove: str) -> None:
    good = music()
    assert restored(tmp_path, [good, -good], groove)[1].remarks == ()


def test_command_line_says_it(tmp_path: Path) -> None:
    good = music(2.0)
    soundfile.write(tmp_path / "turned.wav", np.stack([good, -good], 1), RATE)
    soundfile.write(tmp_path / "dead.wav", np.stack([good, 0 * good], 1), RATE)
    quick = ("--bypass", "--model", "none", "--output", tmp_path / "out.wav", "--overwrite")
    result = shellac("restore", tmp_path / "turned.wav", "--groove", "lateral", *quick)
    assert (result.returncode, result.stderr) == (0, "")
    assert "try --groove vertical" in result.stdout
    result = shellac("restore", tmp_path / "dead.wav", "--groove", "right", *quick)
    assert (result.returncode, result.stderr) == (0, "")
    assert "the right wall carries no music" in result.stdout
    line = refusal("walls", tmp_path / "dead.wav")
    assert "the right wall carries no music" in line
    assert "use --groove left" in line
    assert "carries no music" in refusal(
        *("restore", tmp_path / "dead.wav", "--align-walls", *quick)
    )


def test_both_walls_silent_is_no_dead_wall() -> None:
    assert dead_wall(np.zeros((2, RATE)), RATE) == ("", 0.0)
    assert dead_wall(np.full((2, RATE), 0.25), RATE)[0] == ""


# --- what the curve lifts beyond full scale


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_U8"])
@pytest.mark.parametrize("record", [{"curve": "riaa"}, {"gain_db": 9.0}])
def test_clipped_samples_are_said_with_the_gain_that_spares_them(
    tmp_path: Path, subtype: str, record: dict[str, object]
) -> None:
    t = np.arange(2 * RATE) / RATE
    soundfile.write(tmp_path / "bass.wav", 0.5 * np.sin(377 * t), RATE, subtype)

    def report(**wanted: object) -> RestoreReport:
        return restore_file(
            tmp_path / "bass.wav",
            tmp_path / "out.wav",
            Settings(bypass=True),
            chain_factory=LIGHT,
            record=RecordSettings(**wanted),  # type: ignore[arg-type]
            overwrite=True,
        )

    (remark,) = report(**record).remarks
    assert " samples are clipped, the highest by " in remark
    gain = float(remark.split("--gain ")[1].split()[0])
    spared = report(**{**record, "gain_db": gain})
    assert (spared.clipped, spared.remarks) == (0, ())
    assert spared.peak_out_dbfs == pytest.approx(0.0, abs=0.3)  # no more than is needed
