"""The bands that play the scores: General MIDI programs, accompaniment and drums by genre. Data.

A drum pattern is one line per drum and bar, so many steps to the beat; ``X`` is a strong stroke,
``x`` a usual and ``.`` none.
"""

from dataclasses import dataclass, field

# General MIDI programs, counted from 0, and keys of its drum kit
CASTANETS, RIDE, HIHAT_FOOT, HIHAT, KICK, SNARE, STICK = 85, 51, 44, 42, 36, 38, 37
CRASH, BIG_DRUM, TAMBOURINE, CYMBALS, HAND_CLAP = 49, 35, 54, 57, 39

Pattern = dict[int, str]  # drum: one stroke per step of a bar


@dataclass(frozen=True)
class Ensemble:
    """Who plays; each tuple is drawn from by the performance.

    ``leads`` are stacks of programs that play the melody together; ``styles`` name the
    accompaniments of :mod:`training.music.arrangement`; ``drums`` holds patterns by beats per bar.
    """

    genre: str
    leads: tuple[tuple[int, ...], ...]
    seconds: tuple[int, ...]  # a second voice below the melody, in some passes
    chords: tuple[int, ...]
    basses: tuple[int, ...]
    styles: tuple[str, ...]
    drums: dict[float, tuple[Pattern, ...]] = field(default_factory=dict)
    drum_share: float = 0.8  # of the passes
    swing: tuple[float, float] = (0.5, 0.5)  # where the off-beat eighth falls
    staccato: tuple[float, float] = (0.85, 1.0)  # sounding share of a written length
    octaves: tuple[int, ...] = (0,)  # of the leads
    room: tuple[float, float] = (0.2, 0.6)
    velocity_range: tuple[int, int] = (40, 112)


_CASTANETS_3: tuple[Pattern, ...] = (
    {CASTANETS: "X..xxx X..x.. X..x..".replace(" ", "")},
    {CASTANETS: "X.....x.xxx.x.x..."},
    {CASTANETS: "X..x..xxx...X..x.x", HAND_CLAP: "......x.....x....."},
    {CASTANETS: "X.xxxxx.xxxxx.x.x.", TAMBOURINE: "x.....x.....x....."},
    {CASTANETS: "X.....X.....XXXXXX"},
)
_CASTANETS_2: tuple[Pattern, ...] = (
    {CASTANETS: "X..xX.xx"},
    {CASTANETS: "X.xxX.x."},
    {CASTANETS: "X.x.XxXx", TAMBOURINE: "....x..."},
)
_MARCH_2: tuple[Pattern, ...] = (
    {BIG_DRUM: "X...x...", SNARE: "..x...xx"},
    {BIG_DRUM: "X...x...", SNARE: "x.xxx.x.", CYMBALS: "X......."},
    {BIG_DRUM: "X...x...", SNARE: "..xx..xx", CYMBALS: "x...x..."},
)
_MARCH_4: tuple[Pattern, ...] = tuple(
    {drum: 2 * strokes for drum, strokes in pattern.items()} for pattern in _MARCH_2
)
_SWING_4: tuple[Pattern, ...] = (
    {RIDE: "X..X.xX..X.x", HIHAT_FOOT: "...x.....x..", KICK: "x..x..x..x.."},
    {RIDE: "x..X.xx..X.x", HIHAT_FOOT: "...x.....x..", SNARE: ".....x.....x"},
    {HIHAT: "x..X.xx..X.x", KICK: "X.....x.....", SNARE: "...X.....X.x"},
    {RIDE: "x..X.xx..X.x", STICK: ".........X..", KICK: "X.....x....x", CRASH: "X..........."},
)
_RAG_2: tuple[Pattern, ...] = (
    {HIHAT: "x.x.x.x.", KICK: "X...x...", SNARE: "..X...X."},
    {KICK: "X...x...", SNARE: "x.Xxx.Xx", CRASH: "X......."},
)
_RAG_4: tuple[Pattern, ...] = tuple(
    {drum: 2 * strokes for drum, strokes in pattern.items()} for pattern in _RAG_2
)
_WALTZ_3: tuple[Pattern, ...] = (
    {BIG_DRUM: "X..", SNARE: ".xx"},
    {KICK: "X.....", HIHAT: "..x.x."},
)
_JIG_2: tuple[Pattern, ...] = (  # three strokes to the beat
    {BIG_DRUM: "X..x..", SNARE: "..x..x"},
    {BIG_DRUM: "X.....", SNARE: "x.xx.x", CYMBALS: "X....."},
    {KICK: "X..x..", HIHAT: "x.xx.x"},
)
_JIG_4: tuple[Pattern, ...] = tuple(
    {drum: 2 * strokes for drum, strokes in pattern.items()} for pattern in _JIG_2
)

ENSEMBLES = (
    Ensemble(
        "harpsichord",
        leads=((6,),),
        seconds=(6,),
        chords=(6,),
        basses=(6,),
        styles=("broken", "block", "bass and chord", "rolled"),
        staccato=(0.6, 0.98),
        octaves=(0, 0, 1),
        velocity_range=(60, 105),
    ),
    Ensemble(
        "brass",
        leads=((56,), (56, 56), (61,), (60,), (57,), (56, 60), (59,)),
        seconds=(56, 60, 57),
        chords=(57, 60, 61),
        basses=(58,),
        styles=("block", "bass and chord", "fanfare"),
        drums={2: _MARCH_2, 4: _MARCH_4},
        staccato=(0.5, 0.95),
        octaves=(0, 0, -1),
    ),
    Ensemble(
        "castanets",
        leads=((24,), (24, 40), (73,), (40,), (69,), (24, 24)),
        seconds=(24,),
        chords=(24, 25),
        basses=(32, 24),
        styles=("strum", "broken", "bass and chord"),
        drums={3: _CASTANETS_3, 2: _CASTANETS_2},
        drum_share=1.0,
        room=(0.1, 0.5),
    ),
    Ensemble(
        "choir",
        leads=((52,), (53,), (52, 53)),
        seconds=(52, 53),
        chords=(52, 53, 52),
        basses=(52,),
        styles=("block", "block", "hymn"),
        staccato=(0.9, 1.0),
        octaves=(0, 0, -1),
        room=(0.5, 0.95),
    ),
    Ensemble(
        "organ",
        leads=((19,), (20,), (19, 19), (16,)),
        seconds=(19, 20),
        chords=(19, 20),
        basses=(19,),
        styles=("block", "hymn", "broken"),
        staccato=(0.75, 1.0),
        octaves=(0, 1, 0),
        room=(0.5, 0.95),
    ),
    Ensemble(
        "big_band",
        leads=((56, 65), (61,), (65, 66), (71,), (57,), (59,), (56,), (66,), (64, 65, 66)),
        seconds=(66, 57, 71),
        chords=(61, 0, 26, 65),
        basses=(32,),
        styles=("walking", "stabs", "bass and chord"),
        drums={4: _SWING_4, 2: _RAG_2},
        swing=(0.54, 0.68),
        staccato=(0.5, 1.0),
        octaves=(0, 0, 1, -1),
    ),
)

# Who plays a tune that is written as a melody alone. A waltz and a jig have other accompaniments.
TUNE_BANDS = (
    Ensemble(
        "dance_band",
        leads=((40,), (56,), (71,), (65, 65), (40, 71), (56, 66), (59,), (40, 40)),
        seconds=(71, 57, 66),
        chords=(0, 0, 105),
        basses=(58, 43, 32),
        styles=("bass and chord", "bass and chord", "stabs"),
        drums={2: _RAG_2, 4: _RAG_4},
        swing=(0.5, 0.57),
        staccato=(0.55, 1.0),
        octaves=(0, 0, -1),
        room=(0.05, 0.5),
    ),
    Ensemble(
        "march_band",
        leads=((56,), (56, 71), (72, 71), (56, 56), (61,), (71,)),
        seconds=(56, 60, 57),
        chords=(60, 57, 61),
        basses=(58,),
        styles=("bass and chord", "bass and chord", "block"),
        drums={2: _MARCH_2, 4: _MARCH_4},
        drum_share=0.9,
        staccato=(0.5, 0.9),
        octaves=(0, 0, -1),
        room=(0.05, 0.5),
    ),
    Ensemble(
        "piano",
        leads=((3,), (0,), (1,)),
        seconds=(0, 3),
        chords=(0, 3),
        basses=(0, 3),
        styles=("bass and chord", "bass and chord", "rolled"),
        swing=(0.5, 0.57),
        staccato=(0.6, 1.0),
        room=(0.05, 0.4),
    ),
    Ensemble(
        "accordion",
        leads=((21,), (21, 21), (23,)),
        seconds=(21,),
        chords=(21, 23),
        basses=(21, 43),
        styles=("bass and chord", "hymn", "block"),
        staccato=(0.6, 1.0),
        octaves=(0, 0, -1),
        room=(0.05, 0.4),
    ),
    Ensemble(
        "fiddle",
        leads=((40,), (40,), (40, 40), (40, 73)),
        seconds=(40,),
        chords=(0, 24, 20),
        basses=(0, 43),
        styles=("bass and chord", "block", "strum"),
        staccato=(0.7, 1.0),
        room=(0.05, 0.5),
    ),
)
WALTZ_STYLES = ("waltz", "waltz", "block")
WALTZ_DRUMS: dict[float, tuple[Pattern, ...]] = {3: _WALTZ_3}
JIG_STYLES = ("hymn", "rolled", "block")  # none that halves a beat of three eighths
JIG_DRUMS: dict[float, tuple[Pattern, ...]] = {2: _JIG_2, 4: _JIG_4}
