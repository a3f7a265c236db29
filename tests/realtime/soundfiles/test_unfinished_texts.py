"""A text that is only half written is taken away by a process that ends by force."""

import os
from pathlib import Path

import pytest

from model.flat_yaml import unfinished_texts, write_text_atomically
from realtime.soundfiles.writing import remove_unfinished


def test_a_sidecar_on_its_way_to_the_disk_is_taken_away_with_the_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    left: list[Path] = []

    def ends_by_force(_handle: int) -> None:
        begun.extend(tmp_path.iterdir())
        remove_unfinished()
        left.extend(tmp_path.iterdir())
        raise SystemExit

    monkeypatch.setattr(os, "fsync", ends_by_force)
    with pytest.raises(SystemExit):
        write_text_atomically(tmp_path / "side.shellac.json", "{}")
    assert len(begun) == 1 and left == []
    assert not unfinished_texts


def test_a_text_that_is_whole_stays(tmp_path: Path) -> None:
    path = tmp_path / "side.shellac.json"
    write_text_atomically(path, "{}")
    remove_unfinished()
    assert path.read_text() == "{}"
