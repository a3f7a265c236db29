"""Written scores of anybody: what is played of them, by whom, and under which licence.

Reading goes through music21; a stand-in of a few lines takes its place where it is not installed.
"""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model.errors import RestorationError
from training.music.casting import FAMILIES, RANGES, SINGERS, Cast, cast, excerpt
from training.music.harmonising import harmonised
from training.music.licences import folder_licence, forbids_training, is_known, licence_of
from training.music.performance import perform
from training.music.score import Note
from training.music.written_scores import (
    Line,
    Metre,
    UnplayableError,
    Written,
    find_scores,
    need_music21,
    read_scores,
)

WALK = (0, 2, 4, 5, 7, 5, 4, 2)  # semitones above the first note


def line(kind: str, lowest: int, beats: int = 400, name: str = "", chords: bool = False) -> Line:
    """Return quarter notes that go up and down from a key."""
    keys = [lowest + WALK[beat % len(WALK)] for beat in range(beats)]
    notes = [Note(float(b), 1.0, (k, k + 4) if chords else (k,)) for b, k in enumerate(keys)]
    return Line(name, kind, None, tuple(notes))


def paper(*lines: Line, metre: Metre = Metre(), tempo: float | None = 100.0) -> Written:  # noqa: B008
    beats = max(note.onset + note.length for part in lines for note in part.notes)
    bars = tuple(float(bar) for bar in np.arange(0, beats, metre.bar))
    tempos = () if tempo is None else ((0.0, tempo),)
    return Written("A Song", "Somebody", "", lines, (), bars, metre, 0, tempos)


def casts(score: Written, number: int = 60) -> list[Cast]:
    return [cast(score, 50.0, np.random.default_rng(seed)) for seed in range(number)]


def test_a_long_movement_gives_another_minute_each_time() -> None:
    whole = paper(line("voice", 60))
    marked = whole._replace(lines=(whole.lines[0]._replace(notes=whole.lines[0].notes[:-1]),))
    begins = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        score, tempo = excerpt(marked, 50.0, rng)
        notes = score.lines[0].notes
        assert notes[0].onset == 0.0
        assert score.beats * 60 / tempo == pytest.approx(50, abs=1.5)
        assert 90 <= tempo <= 110
        begins.add(notes[0].keys)
    assert begins == {(60,), (67,)}  # only where a bar begins


def test_an_upbeat_of_a_written_score_stands_before_its_bar() -> None:
    notes = (Note(0.0, 1.0, (60,)), *(Note(1.0 + beat, 1.0, (64,)) for beat in range(30)))
    short = paper(Line("", "voice", None, notes))._replace(bars=(0.0, *range(1, 29, 4)))
    score, _ = excerpt(short, 50.0, np.random.default_rng(0))
    assert [note.onset for note in score.lines[0].notes[:3]] == [3.0, 4.0, 5.0]


def test_bars_in_which_nobody_plays_are_not_waited_for() -> None:
    late = tuple(note._replace(onset=note.onset + 12) for note in line("voice", 60, 40).notes)
    score, _ = excerpt(paper(Line("", "voice", None, late)), 60.0, np.random.default_rng(0))
    assert score.lines[0].notes[0].onset == 0.0


def test_a_score_without_a_tempo_gets_one_and_a_rushing_one_is_held_back() -> None:
    for seed in range(10):
        _, tempo = excerpt(paper(line("voice", 60), tempo=None), 50.0, np.random.default_rng(seed))
        assert 65 <= tempo <= 130
        quick = tuple(Note(beat / 8, 0.125, (60 + beat % 5,)) for beat in range(4000))
        hurried = paper(Line("", "voice", None, quick), tempo=200.0)
        _, tempo = excerpt(hurried, 50.0, np.random.default_rng(seed))
        assert 8 * tempo / 60 < 11.5  # notes per second
        _, tempo = excerpt(paper(line("voice", 60), tempo=900.0), 50.0, np.random.default_rng(seed))
        assert tempo <= 220


@pytest.mark.parametrize(
    ("notes", "complaint"),
    [
        (tuple(Note(float(b), 1.0, (60,)) for b in range(4)), "less than"),
        ((Note(0.0, 1.0, (60,)), Note(300.0, 1.0, (60,))), "hardly any notes"),
    ],
)
def test_a_scrap_is_left_out(notes: tuple[Note, ...], complaint: str) -> None:
    with pytest.raises(UnplayableError, match=complaint):
        cast(paper(Line("", "voice", None, notes)), 60.0, np.random.default_rng(0))


def test_a_song_is_sung_or_played_over_its_piano() -> None:
    song = paper(line("voice", 62), line("keys", 48, chords=True))
    leads = set()
    for chosen in casts(song):
        lead, piano = chosen.parts[:2]
        assert lead.program in SINGERS and piano.program in (0, 1, 3)
        assert piano.loudness < lead.loudness
        assert chosen.ensemble.genre in ("voice_and_piano", "solo_and_piano")
        leads.add(lead.program)
        low, high = RANGES[lead.program]
        assert all(low <= key <= high for note in lead.notes for key in note.keys)
    assert leads == set(SINGERS)


def test_four_strings_are_mostly_a_string_quartet_and_sometimes_something_else() -> None:
    keys = (52, 74, 67, 60)  # not in the order of their height
    quartet = paper(*(line("bowed", key) for key in keys))
    genres = [chosen.ensemble.genre for chosen in casts(quartet, 120)]
    assert genres.count("strings") > 50
    assert {"brass", "saxophones", "organ", "choir"} <= set(genres)
    for chosen in casts(quartet, 40):
        programs = [part.program for part in chosen.parts]
        if chosen.ensemble.genre == "strings":
            assert programs[:4] == [42, 40, 40, 41]
        elif chosen.ensemble.genre == "organ":
            assert len(programs) == 1
        else:
            assert sorted(programs[:4], key=str) == sorted(FAMILIES[chosen.ensemble.genre], key=str)


def test_voices_without_a_piano_are_mostly_a_choir() -> None:
    choir = paper(*(line("voice", key) for key in (67, 62, 55, 48)))
    genres = [chosen.ensemble.genre for chosen in casts(choir)]
    assert genres.count("choir") > 25


def test_two_hands_are_played_by_one_pianist() -> None:
    for chosen in casts(paper(line("keys", 48, chords=True)), 20):
        assert len(chosen.parts) == 1
        assert chosen.ensemble.genre in ("piano", "organ")


def test_a_short_song_is_sung_twice_and_its_bars_stay_whole() -> None:
    song = paper(line("voice", 62, 39), line("keys", 48, 39, chords=True))
    chosen = cast(song, 50.0, np.random.default_rng(1))
    assert [part.number for part in chosen.parts] == [0, 0, 1000, 1000]
    assert chosen.parts[2].notes[0].onset == 40.0


def test_what_is_marked_soft_is_played_softly_and_everybody_keeps_his_seat() -> None:
    late = line("bowed", 74)
    late = late._replace(notes=late.notes[60:])  # silent in the first part
    marks = ((0.0, 0.25), (48.0, 0.8), (96.0, 0.5))
    quartet = paper(late, *(line("bowed", key) for key in (67, 60, 50)))
    quartet = quartet._replace(bars=(0.0,), dynamics=marks)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        chosen = cast(quartet, 80.0, rng)
        if chosen.ensemble.genre != "strings":
            continue
        performance = perform(chosen.parts, chosen.ensemble, chosen.tempo, rng)
        assert [player.program for player in performance.players] == [40, 40, 41, 42]
        lengths = 60 / chosen.tempo
        first, second = (
            np.mean([s.velocity for s in performance.strokes if low < s.onset_s / lengths < high])
            for low, high in ((2, 44), (52, 92))
        )
        assert second > first + 15
        assert min(s.onset_s for s in performance.strokes if s.player == 0) > 50 * lengths


def test_a_tune_gets_a_band_with_harmonies_or_one_player() -> None:
    tune = paper(line("other", 67, 64), metre=Metre(2.0, 1.0))
    genres = [chosen.ensemble.genre for chosen in casts(tune, 100)]
    assert {"dance_band", "march_band", "piano", "accordion", "fiddle", "solo"} == set(genres)
    assert 15 < genres.count("solo") < 45
    drums = [c for c in casts(tune, 100) if any(part.program is None for part in c.parts)]
    assert drums
    for chosen in casts(tune, 30):
        if chosen.ensemble.genre != "solo":
            assert len({part.program for part in chosen.parts}) > 1 or len(chosen.parts) > 2


def test_a_jig_is_counted_in_two_and_nobody_plays_between_its_eighths() -> None:
    eighths = tuple(Note(n / 2, 0.5, (67 + WALK[n % 8],)) for n in range(192))
    jig = paper(Line("", "other", None, eighths), metre=Metre(3.0, 1.5), tempo=165.0)
    bands = [c for c in casts(jig, 40) if c.ensemble.genre != "solo"]
    assert bands
    for chosen in bands:
        assert 95 < chosen.tempo < 125  # dotted quarters
        for part in chosen.parts:
            if part.number == 0:  # later passes may be ornamented
                thirds = [3 * note.onset for note in part.notes]
                assert np.allclose(thirds, np.round(thirds), atol=1e-6)


def test_a_waltz_has_its_chords_on_the_second_and_third_beat() -> None:
    waltz = paper(line("other", 67, 96), metre=Metre(3.0, 1.0))
    bands = [c for c in casts(waltz, 40) if c.ensemble.genre not in ("solo", "piano")]
    beats = [
        {note.onset % 3 for note in part.notes}
        for chosen in bands
        for part in chosen.parts
        if part.program is not None and any(len(note.keys) > 1 for note in part.notes)
    ]
    assert beats.count({1.0, 2.0}) > len(beats) / 3


def test_plain_harmonies_follow_the_tune() -> None:
    c_e_g, g_b_d, f_a_c = (60, 64, 67, 64), (67, 71, 74, 71), (65, 69, 72, 69)
    bars = (c_e_g, f_a_c, g_b_d, (60, 60, 60, 60))
    melody = [
        Note(float(4 * bar + beat), 1.0, (key,))
        for bar, keys in enumerate(bars)
        for beat, key in enumerate(keys)
    ]
    chords = harmonised(melody, 16, 0, 4)
    assert [chord.root for chord in chords] == [0, 0, 5, 5, 7, 7, 0, 0]
    minor = [note._replace(keys=(57,)) for note in melody[-4:]]
    assert harmonised(melody[:-4] + minor, 16, 0, 4)[-1].pitch_classes == (9, 0, 4)
    flats = harmonised([n._replace(keys=(n.keys[0] - 2,)) for n in melody], 16, -2, 4)
    assert flats[-1].root == 10


@pytest.mark.parametrize(
    ("rights", "licence", "free"),
    [
        ("OpenScore (CC0)", "CC0 1.0", True),
        ("Creative Commons Legal Code\n\nCC0 1.0 Universal", "CC0 1.0", True),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0", True),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "CC BY-SA 3.0", True),
        ("Attribution 4.0 International", "CC BY 4.0", True),
        ("Edited by Mr. Brown, public domain", "public domain", True),
        ("CC BY-NC-SA 4.0", "CC BY-NC-SA 4.0", False),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International", "CC BY-NC-ND 4.0", False),
        ("Copyright 1999. All rights reserved.", "All rights reserved", False),
        ("Rights to all electronic formats reserved", "", False),
        ("For non-commercial use", "non-commercial", False),
    ],
)
def test_a_licence_is_known_by_its_first_words(rights: str, licence: str, free: bool) -> None:
    said = licence_of(rights, "")
    assert said == licence or not licence
    assert forbids_training(said) is not free
    assert is_known(said)


def test_what_a_score_says_itself_counts_more_than_its_folder(tmp_path: Path) -> None:
    (tmp_path / "songs" / "old").mkdir(parents=True)
    (tmp_path / "COPYING").write_text("CC BY 4.0")
    (tmp_path / "songs" / "LICENSE.txt").write_text("CC0 1.0 Universal\n" + "text " * 5000)
    assert folder_licence(tmp_path / "songs" / "old", tmp_path) == "CC0 1.0"
    assert folder_licence(tmp_path, tmp_path) == "CC BY 4.0"
    assert folder_licence(tmp_path / "songs" / "old", tmp_path / "songs" / "old") == ""
    assert licence_of("", "CC0 1.0") == "CC0 1.0"
    assert licence_of("Transcribed by Jane, 2002", "CC0 1.0") == "CC0 1.0"
    assert licence_of("CC BY 4.0", "CC0 1.0") == "CC BY 4.0"
    claimed = licence_of("Copyright 2001 Jane", "CC0 1.0")
    assert claimed == "Copyright 2001 Jane"
    assert not is_known(claimed) and not is_known("") and not forbids_training(claimed)


def test_of_a_score_in_two_formats_one_is_played(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "bare").mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("a.mid", "a.mxl", "deep/er/b.KRN", ".git/c.xml", "readme.txt", "bare/notes.txt"):
        (tmp_path / name).write_text("")
    assert find_scores(tmp_path) == [tmp_path / "a.mxl", tmp_path / "deep" / "er" / "b.KRN"]
    with pytest.raises(RestorationError, match=r"no score in .*\.mxl"):
        find_scores(tmp_path / "bare")
    with pytest.raises(RestorationError, match="there is no folder"):
        find_scores(tmp_path / "nowhere")


def test_without_music21_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(RestorationError, match="music21, which is missing: pip install music21"):
        need_music21()


class Stream(list[Any]):
    """A stand-in for a stream of music21."""

    def __init__(self, notes: list[Any] = [], **about: Any) -> None:  # noqa: B006
        super().__init__(notes)
        self.found: dict[str, list[Any]] = about.pop("found", {})
        self.__dict__.update({"partName": None, "metadata": None, "highestTime": 8.0} | about)

    def recurse(self) -> "Stream":
        return self

    def flatten(self) -> Any:
        return SimpleNamespace(notes=list(self))

    def getElementsByClass(self, name: str) -> list[Any]:  # noqa: N802
        return self.found.get(name, [])


def sheet_note(onset: float, length: float, key: int, tie: str = "", grace: bool = False) -> Any:
    pitch = SimpleNamespace(midi=key)
    return SimpleNamespace(
        offset=onset,
        quarterLength=length,
        pitch=pitch,
        pitches=(pitch,),
        classes=("Note",),
        lyrics=["la"],
        duration=SimpleNamespace(isGrace=grace),
        tie=SimpleNamespace(type=tie) if tie else None,
    )


def stand_in(monkeypatch: pytest.MonkeyPatch, parse: Any) -> None:
    """Put a music21 into place that reads whatever it is told to."""
    music21 = ModuleType("music21")
    music21.converter = SimpleNamespace(parse=parse)  # type: ignore[attr-defined]
    music21.stream = SimpleNamespace(Opus=tuple)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "music21", music21)


def sheet(*notes: Any) -> Stream:
    found = {
        "Measure": [SimpleNamespace(offset=0.0), SimpleNamespace(offset=4.0)],
        "KeySignature": [SimpleNamespace(sharps=-3)],
        "TimeSignature": [
            SimpleNamespace(
                barDuration=SimpleNamespace(quarterLength=3.0),
                beatDuration=SimpleNamespace(quarterLength=1.5),
            )
        ],
    }
    found["Dynamic"] = [
        SimpleNamespace(value=value, volumeScalar=loud, getOffsetInHierarchy=lambda _, b=beat: b)
        for value, loud, beat in (("p", 0.35, 2.0), ("sf", 0.9, 3.0), ("f", 0.7, 2.0))
    ]
    part = Stream(list(notes), partName="Voice", found=found)
    marks = [
        SimpleNamespace(
            getQuarterBPM=lambda pace=pace: pace,
            getOffsetInHierarchy=lambda _: 0.0,
            numberSounding=sounding,
            numberImplicit=True,
        )
        for pace, sounding in ((160.0, None), (90.0, 60.0), (None, None))
    ]
    about = SimpleNamespace(
        title="A Song", movementName="A Song", composer="Jane", copyright="CC BY 4.0"
    )
    return Stream(parts=[part], metadata=about, found={"MetronomeMark": marks})


def test_ties_join_and_grace_notes_come_before_their_beat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = sheet(
        sheet_note(0.0, 2.0, 60, "start"),
        sheet_note(2.0, 1.0, 60, "stop"),
        sheet_note(3.0, 0.0, 71, grace=True),
        sheet_note(3.0, 1.0, 72),
        sheet_note(4.0, 1.0, 72),
    )

    def parse(path: Path, **_: bool) -> Stream:
        print("chatter")
        return written

    stand_in(monkeypatch, parse)
    (tmp_path / "song.mxl").write_text("")
    (score,) = read_scores(tmp_path / "song.mxl")
    assert capsys.readouterr() == ("", "")
    (voice,) = score.lines
    assert voice.kind == "voice"
    assert [note._replace(onset=round(note.onset, 2)) for note in voice.notes] == [
        Note(0.0, 3.0, (60,)),
        Note(2.88, 0.12, (71,)),
        Note(3.0, 1.0, (72,)),
        Note(4.0, 1.0, (72,)),
    ]
    assert score.metre == Metre(3.0, 1.5)
    assert (score.title, score.composer, score.rights) == ("A Song", "Jane", "CC BY 4.0")
    assert np.allclose(score.dynamics, [(2.0, 0.525)])
    assert (score.sharps, score.bars, score.tempos) == (-3, (0.0, 4.0), ((0.0, 90.0),))


def test_a_file_that_is_no_score_is_a_reason_and_not_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "song.abc"
    place.write_text("Z: Copyright nobody\n")

    def fail(path: Path, **_: bool) -> Stream:
        raise IndexError("bar 3")

    stand_in(monkeypatch, fail)
    with pytest.raises(UnplayableError, match=r"music21 cannot read it \(IndexError: bar 3\)"):
        read_scores(place)
    stand_in(monkeypatch, lambda path, **_: sheet())
    with pytest.raises(UnplayableError, match="no notes"):
        read_scores(place)
    stand_in(monkeypatch, lambda path, **_: sheet(sheet_note(0.0, 1.0, 140)))
    with pytest.raises(UnplayableError, match="beyond what anybody plays"):
        read_scores(place)


def test_a_tune_in_letters_is_read_by_the_real_music21(tmp_path: Path) -> None:
    pytest.importorskip("music21", exc_type=ImportError)
    bars = "GABc dedB | dedB dedB | c2ec B2dB | A2AA A2BA |"
    head = "X:1\nT:A Reel\nC:Nobody\nZ:CC BY 4.0\nM:4/4\nL:1/8\nK:G\n"
    (tmp_path / "reel.abc").write_text(f"{head}{4 * bars}\n")
    (reel,) = read_scores(tmp_path / "reel.abc")
    assert (reel.title, reel.composer, reel.rights) == ("A Reel", "Nobody", "CC BY 4.0")
    assert (reel.metre, reel.sharps, reel.beats) == (Metre(4.0, 1.0), 1, 64.0)
    assert [note.keys for note in reel.lines[0].notes[:4]] == [(67,), (69,), (71,), (72,)]
    (tmp_path / "broken.mxl").write_text("no zip")
    with pytest.raises(UnplayableError, match="music21 cannot read it"):
        read_scores(tmp_path / "broken.mxl")
