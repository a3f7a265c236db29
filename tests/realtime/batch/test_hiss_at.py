"""A stretch of a file in which only the groove is heard tells the denoiser the record's hiss."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import soundfile
from cli_tools import refusal, shellac
from numpy.typing import NDArray

from model.chain import Chain
from model.checkpoints import load_models
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.batch.restore import restore_file
from realtime.batch.restore_again import request_of, restore_again
from realtime.config import StreamConfig
from realtime.engine.engine import Engine

F64 = NDArray[np.float64]
DEEP = Settings(declick=False, hiss_reduction_db=20.0)
SETTINGS = ("--hiss-reduction-db", "20")


def side(path: Path, rate: int = 44_100, channels: int = 1, subtype: str = "PCM_24") -> Path:
    """Music from the first sample on, and half a second of the groove behind it."""
    rng, t = np.random.default_rng(4), np.arange(int(2.5 * rate)) / rate
    music = sum(np.sin(2 * np.pi * f * t) * np.exp(-2 * (t % 0.4)) for f in (330, 660, 990, 1980))
    music = 0.08 * np.where(t < 2.0, music, 0.0)
    sound = music[:, None] + 0.004 * rng.standard_normal((len(t), channels))
    soundfile.write(path, sound, rate, subtype)
    return path


def restored(source: Path, target: Path, record: RecordSettings) -> F64:
    models = load_models(())
    restore_file(source, target, DEEP, record=record, chain_factory=partial(Chain, models=models))
    return np.asarray(soundfile.read(target, always_2d=True)[0])


def hiss_db(sound: F64, rate: int) -> float:
    """Above the music, in the first second."""
    spectrum = np.abs(np.fft.rfft(sound[:rate, 0])) ** 2
    return float(10 * np.log10(np.mean(spectrum[4000:10_000])))


@pytest.mark.parametrize(
    ("rate", "channels", "subtype", "record"),
    [
        (44_100, 1, "PCM_24", RecordSettings()),
        (48_000, 2, "PCM_32", RecordSettings()),
        (96_000, 2, "FLOAT", RecordSettings()),
        (22_050, 1, "PCM_16", RecordSettings()),
        (44_100, 2, "PCM_24", RecordSettings(groove="lateral")),
        (44_100, 1, "PCM_24", RecordSettings(played_rpm=70.0, curve="riaa")),
    ],
    ids=["mono", "32 bits", "96 kHz", "22 kHz", "two walls", "true speed"],
)
def test_music_from_the_first_sample_on_hisses_less_when_the_groove_behind_it_is_named(
    tmp_path: Path, rate: int, channels: int, subtype: str, record: RecordSettings
) -> None:
    source = side(tmp_path / "side.wav", rate, channels, subtype)
    told = restored(source, tmp_path / "told.wav", replace(record, hiss_at="0:02.05-0:02.45"))
    untold = restored(source, tmp_path / "untold.wav", record)
    assert told.shape == untold.shape
    assert hiss_db(told, rate) < hiss_db(untold, rate) - 0.15


def test_the_command_says_where_and_the_sidecar_keeps_it(tmp_path: Path) -> None:
    source, target = side(tmp_path / "side.wav"), tmp_path / "told.wav"
    result = shellac("restore", source, "--output", target, "--hiss-at", "2.05-2.45", *SETTINGS)
    assert (result.returncode, result.stderr) == (0, "")
    content = json.loads((tmp_path / "told.wav.shellac.json").read_text())
    assert content["record"]["hiss_at"] == "2.05-2.45"


@pytest.mark.parametrize(
    ("stretch", "why"),
    [
        ("2:05-2:10", "ends at 2.5 s, so that no hiss can be learned at 2:05-2:10"),
        ("2.4-9", "ends at 2.5 s"),
        ("2.05", "is no stretch; write it as 1:32-1:40"),
        ("x-y", "is no time"),
        ("2-1", "ends before it begins"),
        ("1-1.1", "must last 0.25 s or longer"),
    ],
)
def test_a_stretch_that_is_none_is_refused_in_a_line(
    tmp_path: Path, stretch: str, why: str
) -> None:
    source, target = side(tmp_path / "side.wav"), tmp_path / "told.wav"
    said = refusal("restore", source, "--output", target, "--hiss-at", stretch)
    assert why in said
    assert not target.exists()


def test_live_sound_is_not_asked_for_what_is_still_to_come(tmp_path: Path) -> None:
    source = side(tmp_path / "side.wav")
    said = refusal("live", "--input", source, "--hiss-at", "0-1")
    assert "live, press h while nothing but the groove plays" in said


def test_what_was_shown_while_a_side_was_played_is_known_when_it_is_restored_again(
    tmp_path: Path,
) -> None:
    source = side(tmp_path / "groove.wav")
    (tmp_path / "takes").mkdir()
    config = StreamConfig(input=str(source), output="none", record_folder=tmp_path / "takes")
    engine = Engine(config, DEEP)
    engine.start()
    try:
        shown = False
        while (telemetry := engine.telemetry()).state not in ("finished", "stopped", "failed"):
            if not shown and telemetry.seconds > 0.5:
                engine.post(replace(DEEP, learn_hiss=True))
                shown = True
            elif shown and telemetry.seconds > 1.5:
                engine.post(DEEP)
    finally:
        engine.stop()
    (raw,) = (tmp_path / "takes").glob("*_raw.*")
    target = tmp_path / "again.wav"
    order = json.loads(request_of(raw, target, DEEP, RecordSettings(), ()))
    restore_again(order, Event())
    kept = json.loads((tmp_path / "again.wav.shellac.json").read_text())["record"]["hiss_at"]
    start, end = map(float, kept.split("-"))
    assert 0.4 <= start < end <= 2.5
