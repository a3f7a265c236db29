"""The command that renders scores: with a stand-in for FluidSynth, and with the real one."""

import csv
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

import training.music.synthesizer
from training import render_scores
from training.music.casting import Cast
from training.music.casting import cast as real_cast
from training.music.score import Note
from training.music.synthesizer import FONTS
from training.music.written_scores import Line, Metre, UnplayableError, Written
from training.render_scores import PEAK_DBFS, ROOM_TONE_DBFS, main

STAND_IN = """#!{python}
import sys
import numpy as np, soundfile as sf
arguments = sys.argv[1:]
target, font, midi = arguments[arguments.index("-F") + 1], *arguments[-2:]
assert open(midi, "rb").read(4) == b"MThd" and open(font).read() == "font"
t = np.arange(2 * 44100) / 44100
tone = {loudness} * np.sin(2 * np.pi * 440 * t) * np.minimum(1, 10 * (2 - t))
silence = np.zeros(3 * 44100)
sf.write(target, np.repeat(np.append(tone, silence)[:, None], 2, axis=1), 44100, subtype="FLOAT")
"""


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put a program named fluidsynth into PATH; returns a sound font for it."""
    tools = folder / "tools"
    tools.mkdir()
    program = tools / "fluidsynth"
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    font = folder / "font.sf2"
    font.write_text("font")
    return font


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Return the one line of a refused command."""
    assert main([str(argument) for argument in arguments]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_pieces_are_rendered_levelled_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    music = tmp_path / "music"
    command = [
        "-o",
        str(music),
        "--minutes",
        "4",
        "--font",
        str(font),
        "--genres",
        "organ",
        "brass",
    ]
    assert main(command) == 0
    assert "0 were there" in capsys.readouterr().out
    files = sorted(music.rglob("*.flac"))
    assert {path.parent.name for path in files} == {"organ", "brass"}
    assert {path.name for path in music.rglob("*") if path.is_file()} == {
        *(path.name for path in files),
        "MANIFEST.csv",
    }
    levels = []
    for path in files:
        audio, rate = sf.read(path, always_2d=True)
        assert rate == 44100
        assert audio.shape[1] == 2
        assert 1.9 < len(audio) / rate < 2.01  # the silent end is cut off
        levels.append(20 * np.log10(np.max(np.abs(audio))))
        quiet = audio[-round(0.01 * rate) :]
        tone = 20 * np.log10(np.std(quiet - quiet.mean(axis=0)))
        assert tone > ROOM_TONE_DBFS[0] - 6  # no digital silence
    assert PEAK_DBFS[0] - 0.5 < min(levels) < max(levels) < PEAK_DBFS[1] + 0.5
    assert max(levels) - min(levels) > 2
    with (music / "MANIFEST.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] != []
    assert {row["file"] for row in rows} == {f"{p.parent.name}/{p.name}" for p in files}
    assert all(row["licence"] == "public domain" and row["source"] for row in rows)

    before = {path: path.stat().st_mtime_ns for path in files}
    files[0].unlink()
    assert main(command) == 0
    assert "1 rendered now" in capsys.readouterr().out
    assert all(path.stat().st_mtime_ns == before[path] for path in files[1:])
    assert files[0].exists()


def reader(monkeypatch: pytest.MonkeyPatch, rights: str = "") -> list[str]:
    """Put a reader of scores into place that needs no music21; returns what it has read."""
    read: list[str] = []

    def read_scores(path: Path) -> list[Written]:
        read.append(path.name)
        if "broken" in path.name:
            raise UnplayableError("music21 cannot read it (IndexError: bar 3)")
        notes = tuple(Note(float(beat), 1.0, (60 + beat % 9,)) for beat in range(300))
        bars = tuple(float(bar) for bar in range(0, 300, 4))
        voice = Line("", "voice", None, notes)
        return [Written(path.stem, "Jane", rights, (voice,), (), bars, Metre(), 0, ((0.0, 99.0),))]

    monkeypatch.setattr(render_scores, "read_scores", read_scores)
    monkeypatch.setattr(render_scores, "need_music21", lambda: None)
    return read


def songs(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    return folder


def rows_of(music: Path) -> list[dict[str, str]]:
    with (music / "MANIFEST.csv").open() as file:
        return list(csv.DictReader(file))


def test_folders_of_written_scores_are_played_evenly_and_read_only_when_it_is_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    read = reader(monkeypatch)
    lieder = songs(tmp_path / "lieder", *(f"{n}.mxl" for n in range(90)), "LICENSE.txt")
    (lieder / "LICENSE.txt").write_text("CC0 1.0 Universal")
    reels = songs(tmp_path / "reels", *(f"{n}.abc" for n in range(90)))
    music = tmp_path / "music"
    command: list[str | Path] = ["-o", music, "--font", font, "--jobs", "1", "--genres", "organ"]
    command += ["--scores", lieder, "--scores", reels, "--minutes"]
    assert main([*map(str, command), "4.5"]) == 0
    said = capsys.readouterr().out
    rows = rows_of(music)
    counts = [sum(row["source"] == name for row in rows) for name in ("lieder", "reels")]
    assert all(1 < count < 6 for count in counts)  # a minute and a half of each
    assert len(read) == sum(counts) < len(rows)
    assert f"{counts[1]} of them have no known licence: a LICENSE.txt beside" in said
    for row in rows:
        if row["source"] in ("lieder", "reels"):
            assert row["licence"] == {"lieder": "CC0 1.0", "reels": "unknown"}[row["source"]]
            assert (row["author"], row["sound_font"]) == ("Jane", "font.sf2")
            assert (music / row["file"]).is_file() and row["score"] in read

    before = {path: path.stat().st_mtime_ns for path in music.rglob("*.flac")}
    read.clear()
    assert main([*map(str, command), "4.5"]) == 0
    assert "0 rendered now" in capsys.readouterr().out
    assert not read and rows_of(music) == rows
    assert main([*map(str, command), "8"]) == 0
    assert {row["file"] for row in rows} < {row["file"] for row in rows_of(music)}
    (reels / "LICENCE.txt").write_text("CC BY 4.0")  # as the command asked for
    capsys.readouterr()
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    assert main([*map(str, command), "4.5"]) == 0  # of what lies there, nothing is forgotten
    assert {row["file"] for row in rows_of(music)} == {
        path.relative_to(music).as_posix() for path in music.rglob("*.flac")
    }
    assert "no known licence" not in capsys.readouterr().out
    assert "CC BY 4.0" in {row["licence"] for row in rows_of(music)}


def test_what_cannot_or_must_not_be_played_is_said_once_for_each_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    read = reader(monkeypatch)
    mixed = songs(tmp_path / "mixed", "broken_1.abc", "broken_2.abc", "good.abc")
    command: list[str | Path] = ["-o", tmp_path / "music", "--font", font]
    command += ["--minutes", "8", "--genres", "--scores"]
    assert main([*map(str, command), str(mixed)]) == 0
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and "music21 cannot read it (IndexError: bar 3): " in lines[0]
    assert lines[0].endswith("and 1 more")
    assert sorted(read)[:3] == ["broken_1.abc", "broken_2.abc", "good.abc"]
    assert read.count("broken_1.abc") == 1 and read.count("good.abc") > 1  # in turn, each anew
    assert len({row["file"] for row in rows_of(tmp_path / "music")}) == read.count("good.abc")

    read.clear()
    (mixed / "LICENSE.txt").write_text("Attribution-NonCommercial 4.0 International")
    line = refusal(capsys, "-o", tmp_path / "other", *command[2:], mixed)
    assert "the licence forbids it (CC BY-NC 4.0)" in line and "nor 2 more" not in line
    assert not read
    assert refusal(capsys, *command, mixed) == line  # nor is what was rendered before it was known
    assert not list((tmp_path / "music").rglob("*.flac"))
    reader(monkeypatch, "All rights reserved")
    (mixed / "LICENSE.txt").write_text("CC0")
    line = refusal(capsys, "-o", tmp_path / "other", *command[2:], mixed)
    assert "All rights reserved" in line


def test_one_strange_score_does_not_end_a_rendering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    reader(monkeypatch)
    mixed = songs(tmp_path / "mixed", "no_bars.abc", "good.abc")

    def cast(score: Written, *rest: Any) -> Cast:
        if score.title == "no_bars":
            raise ZeroDivisionError("a bar of no beats")
        return real_cast(score, *rest)

    monkeypatch.setattr(render_scores, "cast", cast)
    command = ["-o", tmp_path / "music", "--font", font, "--minutes", "2", "--genres", "--scores"]
    assert main([*map(str, command), str(mixed)]) == 0
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "it cannot be played (ZeroDivisionError: a bar of no beats)" in line
    assert {row["title"] for row in rows_of(tmp_path / "music")} == {"good"}


def test_scores_that_cannot_be_had_are_said_before_anything_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=0.3))
    command: list[str | Path] = ["-o", tmp_path / "music", "--font", font, "--scores"]
    assert "there is no folder" in refusal(capsys, *command, tmp_path / "nowhere")
    assert "no score in" in refusal(capsys, *command, tmp_path / "tools")
    monkeypatch.setitem(sys.modules, "music21", None)
    line = refusal(capsys, *command, songs(tmp_path / "reels", "a.abc"))
    assert "pip install music21" in line
    assert "--genres alone" in refusal(capsys, *command[:-1], "--genres")
    assert not (tmp_path / "music").exists()


def test_a_missing_synthesizer_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = refusal(capsys, "-o", tmp_path / "music")
    assert "FluidSynth is missing" in line
    assert "sudo apt-get install fluidsynth fluid-soundfont-gm" in line
    assert not (tmp_path / "music").exists()


def test_a_missing_font_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=1))
    monkeypatch.setattr(training.music.synthesizer, "FONTS", ())
    line = refusal(capsys, "-o", tmp_path / "music")
    assert "sound font is missing" in line
    assert "fluid-soundfont-gm" in line
    line = refusal(capsys, "-o", tmp_path / "music", "--font", tmp_path / "none.sf2")
    assert "there is no sound font" in line


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("#!/bin/sh\necho 'panic: no sound' >&2\nexit 1\n", "FluidSynth failed: panic: no sound"),
        ("#!/bin/sh\nexit 0\n", "FluidSynth failed: it said nothing"),
        (STAND_IN.format(python=sys.executable, loudness=0), "gave silence"),
        ("#!/no/such/shell\n", "FluidSynth cannot be run"),
    ],
)
def test_a_synthesizer_that_fails_is_said_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    complaint: str,
) -> None:
    font = stand_in(tmp_path, monkeypatch, script)
    arguments = ("-o", tmp_path / "music", "--minutes", "0.5", "--font", font, "--jobs", "1")
    assert complaint in refusal(capsys, *arguments)
    assert not [path for path in (tmp_path / "music").rglob("*") if path.is_file()]


def test_impossible_wishes_and_a_file_as_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    font = stand_in(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, loudness=1))
    assert "--minutes" in refusal(capsys, "-o", tmp_path / "music", "--minutes", "0")
    (tmp_path / "file").write_text("")
    line = refusal(capsys, "-o", tmp_path / "file", "--minutes", "0.5", "--font", font)
    assert "cannot write to" in line


@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not any(font.is_file() for font in FONTS),
    reason="FluidSynth or its sound font is not installed; the stand-in is tested above",
)
def test_castanets_sound_through_the_real_synthesizer(tmp_path: Path) -> None:
    assert main(["-o", str(tmp_path), "--minutes", "0.5", "--genres", "castanets"]) == 0
    (path,) = tmp_path.rglob("*.flac")
    audio, rate = sf.read(path, always_2d=True)
    assert len(audio) / rate > 20
    power = np.abs(np.fft.rfft(audio.mean(axis=1))) ** 2
    frequencies = np.fft.rfftfreq(len(audio), 1 / rate)
    low, high = (power[frequencies < 4000].sum(), power[frequencies > 4000].sum())
    assert 1e-5 < high / low < 1  # clapping wood over a guitar
    envelope = np.abs(audio.mean(axis=1)[: len(audio) // 441 * 441]).reshape(-1, 441).max(axis=1)
    assert np.median(envelope[50:-100]) > 0.02 * envelope.max()  # music all through
