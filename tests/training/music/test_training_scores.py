"""Scores are read to the beat, played by people, written as MIDI; nothing here needs FluidSynth."""

from pathlib import Path

import mido
import numpy as np
import pytest

from model.errors import RestorationError
from training.music.arrangement import Part, arrange
from training.music.ensembles import CASTANETS, ENSEMBLES, Ensemble
from training.music.improvisation import improvised
from training.music.midi_file import DRUM_CHANNEL, write_midi
from training.music.performance import MOST_PLAYERS, Performance, perform
from training.music.score import Note, Score, load_repertoire, load_score
from training.render_scores import GENRES, plan

BY_GENRE = {ensemble.genre: ensemble for ensemble in ENSEMBLES}
REPERTOIRE = load_repertoire()
HEAD = "title: A\nsource: B\ngenres: [organ]\nbeats_per_bar: 3\ntempo: 120\n"


def score(folder: Path, lines: str) -> Score:
    (folder / "piece.yaml").write_text(HEAD + lines)
    return load_score(folder / "piece.yaml")


def played(piece: Score, genre: str, seed: int) -> Performance:
    rng = np.random.default_rng(seed)
    ensemble = BY_GENRE[genre]
    return perform(arrange(piece, ensemble, rng, 40.0), ensemble, piece.tempo, rng)


@pytest.mark.parametrize("piece", REPERTOIRE, ids=lambda piece: piece.name)
def test_the_lines_of_a_score_end_together(piece: Score) -> None:
    ends = [
        line[-1].onset + line[-1].length
        for line in (piece.melody, piece.bass, piece.chords)
        if line
    ]
    assert max(ends) - min(ends) < 1e-6
    assert set(piece.genres) <= set(GENRES)
    assert all(30 <= key <= 96 for note in piece.melody for key in note.keys)


def test_every_genre_has_scores_of_its_own_kind() -> None:
    for genre in GENRES:
        assert sum(genre in piece.genres for piece in REPERTOIRE) >= 5, genre


def test_lengths_last_ties_join_and_groups_repeat(tmp_path: Path) -> None:
    piece = score(
        tmp_path, "melody: | \n  G4:1 A4:.5 B4 C5:1~ | C5:2 R:1 | ( D4+F#4:.75 E4 )*2 |\n"
    )
    assert piece.melody == (
        Note(0, 1, (67,)),
        Note(1, 0.5, (69,)),
        Note(1.5, 0.5, (71,)),
        Note(2, 3, (72,)),
        Note(6, 0.75, (62, 66)),
        Note(6.75, 0.75, (64,)),
        Note(7.5, 0.75, (62, 66)),
        Note(8.25, 0.75, (64,)),
    )


def test_an_upbeat_stands_at_the_end_of_its_bar(tmp_path: Path) -> None:
    piece = score(tmp_path, "chords: Dm:1 | Bb:3 | A7:2 |\n")
    assert [chord.onset for chord in piece.chords] == [2, 3, 6]
    assert piece.chords[0].pitch_classes == (2, 5, 9)
    assert piece.chords[1].pitch_classes == (10, 2, 5)
    assert piece.chords[2].pitch_classes == (9, 1, 4, 7)
    assert piece.beats == 9


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("melody: '| G4:3 | A4:2 | G4:3 |'", "piece.yaml, melody, bar 2: 2 beats, not 3"),
        ("melody: '| H4:3 |'", "piece.yaml, melody: 'H4' is not a note such as F#4"),
        ("chords: '| Gmaj9:3 |'", "piece.yaml, chords: 'Gmaj9' is not a chord"),
        ("melody: '| G4:long |'", "piece.yaml is not a score"),
        ("bass: '| G2:3 |'", "piece.yaml: a score needs a melody or chords"),
        ("tempo: fast", "piece.yaml is not a score"),
        ("- G4", "piece.yaml is not a score"),
    ],
)
def test_a_fault_in_a_score_is_named_with_its_place(
    tmp_path: Path, lines: str, complaint: str
) -> None:
    with pytest.raises(RestorationError) as error:
        score(tmp_path, lines + "\n")
    assert complaint in str(error.value)


def test_a_missing_key_of_a_score_is_named(tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text("title: A\nbeats_per_bar: 4\n")
    with pytest.raises(RestorationError, match="'source' is missing"):
        load_score(tmp_path / "bare.yaml")
    with pytest.raises(RestorationError, match="no score in"):
        load_repertoire(tmp_path / "nowhere")


@pytest.mark.parametrize("genre", GENRES)
def test_the_same_seed_is_the_same_performance(genre: str) -> None:
    piece = next(piece for piece in REPERTOIRE if genre in piece.genres)
    first = played(piece, genre, 3)
    assert first == played(piece, genre, 3)
    assert first != played(piece, genre, 4)
    assert len(first.players) <= MOST_PLAYERS


def test_people_play_neither_together_nor_equally_loud() -> None:
    straight = Ensemble("test", ((6,),), (6,), (6,), (6,), ("block",), staccato=(1.0, 1.0))
    notes = [Note(float(beat), 1.0, (60,)) for beat in range(64)]
    strokes = perform([Part(6, notes, 0.8)], straight, 120.0, np.random.default_rng(5)).strokes
    onsets = np.array([stroke.onset_s for stroke in strokes])
    # The tempo breathes slowly; what is left of the second difference is the players' own.
    jitter = np.std(np.diff(onsets[:56], 2)) / np.sqrt(6)
    assert 0.004 < jitter < 0.02
    assert np.std([stroke.velocity for stroke in strokes]) > 3
    assert 25 < onsets[-1] < 40  # 64 beats at about 120 a minute


def test_a_key_is_let_go_before_it_is_struck_again() -> None:
    for number, piece in enumerate(REPERTOIRE):
        free: dict[tuple[int, int], float] = {}
        for stroke in played(piece, piece.genres[0], number).strokes:
            seat = (stroke.player, stroke.key)
            assert stroke.onset_s >= free.get(seat, 0.0), (piece.name, stroke)
            free[seat] = stroke.onset_s + stroke.length_s


def test_a_swinging_band_plays_the_off_beat_late() -> None:
    notes = [Note(beat / 2, 0.5, (60 + beat % 2,)) for beat in range(80)]
    late = {}
    for swing in (0.5, 0.67):
        band = Ensemble("test", ((6,),), (6,), (6,), (6,), ("block",), swing=(swing, swing))
        strokes = perform([Part(6, notes, 0.8)], band, 120.0, np.random.default_rng(1)).strokes
        on = np.array([stroke.onset_s for stroke in strokes if stroke.key == 60])
        off = np.array([stroke.onset_s for stroke in strokes if stroke.key == 61])
        late[swing] = float(np.median((off[:-1] - on[:-1]) / np.diff(on)))
    assert late[0.5] == pytest.approx(0.5, abs=0.03)
    assert late[0.67] == pytest.approx(0.67, abs=0.03)


def test_a_free_melody_keeps_to_the_harmony_on_its_beats() -> None:
    chords = next(piece for piece in REPERTOIRE if piece.name == "malaguena").chords
    for seed in range(20):
        notes = improvised(chords, np.random.default_rng(seed))
        assert len(notes) > 20
        on_beat = [note for note in notes if note.onset % 1 < 1e-6]
        for note in on_beat:
            chord = [c for c in chords if c.onset <= note.onset + 1e-6][-1]
            assert note.keys[0] % 12 in chord.pitch_classes


def test_a_midi_file_holds_what_was_played(tmp_path: Path) -> None:
    piece = next(piece for piece in REPERTOIRE if piece.name == "twelve_bar_blues")
    performance = played(piece, "big_band", 8)
    write_midi(tmp_path / "piece.mid", performance)
    now, sounding, heard, programs = 0.0, {}, [], set()
    for message in mido.MidiFile(tmp_path / "piece.mid"):
        now += message.time
        if message.type == "program_change":
            programs.add(message.program)
        elif message.type == "note_on":
            assert (message.channel, message.note) not in sounding
            sounding[message.channel, message.note] = (now, message.velocity)
        elif message.type == "note_off":
            onset, velocity = sounding.pop((message.channel, message.note))
            heard.append((onset, message.note, velocity, message.channel == DRUM_CHANNEL))
    assert not sounding
    drums = {n for n, player in enumerate(performance.players) if player.program is None}
    wanted = [(s.onset_s, s.key, s.velocity, s.player in drums) for s in performance.strokes]
    assert len(heard) == len(wanted)
    for got, asked in zip(sorted(heard), sorted(wanted), strict=True):
        assert got[0] == pytest.approx(asked[0], abs=0.002)
    assert sorted(got[1:] for got in heard) == sorted(asked[1:] for asked in wanted)
    assert programs == {p.program for p in performance.players if p.program is not None}


def test_a_longer_plan_goes_on_from_a_shorter_one(tmp_path: Path) -> None:
    short, long = (plan(tmp_path, minutes, 1, GENRES) for minutes in (8.0, 16.0))
    assert [p.path for p in long[: len(short)]] == [p.path for p in short]
    assert len({piece.path for piece in long}) == len(long)
    seconds = {
        genre: sum(p.performance.seconds for p in long if p.ensemble.genre == genre)
        for genre in GENRES
    }
    assert 16 * 60 <= sum(seconds.values()) < 18.5 * 60
    assert min(seconds.values()) > 0.5 * max(seconds.values())
    assert not list(tmp_path.iterdir())
    other = plan(tmp_path, 8.0, 2, GENRES)
    assert not {p.path for p in other} & {p.path for p in long}


def test_castanets_are_heard_in_the_castanets_pieces(tmp_path: Path) -> None:
    pieces = plan(tmp_path, 10.0, 4, ("castanets",))
    for piece in pieces:
        strokes = [s for s in piece.performance.strokes if s.key == CASTANETS]
        assert len(strokes) > piece.performance.seconds, piece.path.name
