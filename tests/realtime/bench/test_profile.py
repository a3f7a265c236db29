"""The profile says where a hop's time goes, and leaves the chain as it was."""

import pytest

from model.chain import ANALYTICAL, Chain
from realtime.bench import profile
from realtime.bench.worn_sounds import SOUNDS, lateral, raw_disc


def test_stages_of_a_worn_sound_are_told_apart_and_the_chain_is_left_alone() -> None:
    before = Chain.step
    loads = profile.shares(raw_disc(0.6), ANALYTICAL)
    assert Chain.step is before
    assert {"declicker: survey", "declicker: repair, rebuilding", profile.REST} <= loads.keys()
    assert min(loads.values()) >= 0.0 and loads[""] > 0.0
    assert not any("network" in stage for stage in loads)


def test_a_stage_within_another_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.thread_time", lambda: now[0])
    clock = profile.Clock()

    def spend(seconds: float) -> None:
        now[0] += seconds

    inner = clock.timed("inner", spend)

    def both() -> None:
        spend(1.0)
        inner(2.0)
        spend(4.0)

    clock.timed("outer", both)()
    assert clock.own == {"outer": 5.0, "inner": 2.0}


def test_the_table_has_a_column_for_each_sound_and_the_rival() -> None:
    loads = {name: {"survey": 0.02, profile.REST: 0.03, "": 0.4} for name in SOUNDS}
    lines = profile.table(loads, dict.fromkeys(SOUNDS, 0.1), {}).splitlines()
    assert all(name in lines[0] for name in SOUNDS)
    assert lines[-1].split()[-1] == "2.00"  # twice as fast as adeclick
    assert any(line.startswith("survey") and line.split()[-1] == "2.0" for line in lines)


def test_a_lateral_record_s_stages_are_told_and_how_it_stands_to_the_same_in_stereo() -> None:
    loads = profile.shares(lateral(0.5), ANALYTICAL, "lateral")
    assert {"walls: followed and brought together", "walls: damage", profile.REST} <= loads.keys()
    table = profile.table(
        {"lateral": {"a": 0.1, "": 1.0}}, {"lateral": 0.1}, {"lateral": {"a": 0.4}}
    )
    assert table.splitlines()[-1] == f"{'hop against the same in stereo':<36}{0.25:>15.2f}"
