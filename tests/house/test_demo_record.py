"""The bundled record: small, licensed, and its truth in the right place."""

import numpy as np
import soundfile

from model.presets import PRESETS_DIR, load_preset
from realtime.restorer.pipeline import StreamRestorer

DEMO = PRESETS_DIR / "demo"


def test_demo_record_stays_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.glob("*.flac")) <= 5_000_000


def test_every_sound_has_its_licence() -> None:
    text = (DEMO / "LICENSE.md").read_text()
    assert all(f"`{path.name}`" in text for path in DEMO.glob("*.flac"))


def test_truth_lines_up_with_the_worn_half() -> None:
    worn, rate = soundfile.read(DEMO / "worn_record.flac")
    clean, clean_rate = soundfile.read(DEMO / "clean_half.flac")
    assert rate == clean_rate == 44_100
    half = worn[1_323_000:]
    assert half.shape == (len(clean), 2)
    dirt = half - clean[:, None]
    # Between the clicks nothing but hiss, at -56 dBFS; a sample's shift would leave music.
    floor_dbfs = 20 * np.log10(np.median(np.abs(dirt)) / 0.6745)
    assert -57 < floor_dbfs < -55


def test_a_worn_disc_comes_first_and_the_declicker_finds_its_crackle() -> None:
    """What a new user hears and sees first is real crackle going away."""
    worn, rate = soundfile.read(DEMO / "worn_record.flac", stop=3 * 44_100, dtype="float32")
    found = StreamRestorer(rate, 1).process(worn.T[:1], load_preset("default")).impulses
    assert len(found) > 3 * 40


def test_walls_are_worn_differently() -> None:
    worn, _ = soundfile.read(DEMO / "worn_record.flac", start=1_323_000)
    difference = worn[:, 0] - worn[:, 1]
    assert np.abs(difference).max() > 0.2
