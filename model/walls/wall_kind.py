"""What the two walls of a transfer are: one groove read twice, or two sounds. Any thread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.walls.moving_walls import MovingWalls, Stance
from model.walls.wall_alignment import Alignment, estimated_alignment
from model.walls.wall_follower import MOST, WallFollower

F64 = NDArray[np.float64]
Walls = NDArray[np.floating]

FRAME = 4096  # samples of one spectrum up to 50 kHz
PART_S = 4.0  # of sound that is judged at once; two players come together now and then
QUARTILE = 0.25  # of the parts that must be no more alike
ALIKE, APART = 0.9, 0.6  # likeness of one groove's walls, and of what is stereo for sure
SAME_DB = -60.0  # of the difference against the sum: the same sound twice
STEP = 2048  # samples that the follower hears at once
BAND_HZ = (200.0, 8000.0)
SILENT = 1e-14  # power


class WallKind(NamedTuple):
    """``groove`` as in a record's settings; ``words`` say why; ``confidence`` 0..1."""

    groove: str
    words: str
    confidence: float


SAME = WallKind("lateral", "both walls are the same", 1.0)


def kind_of_walls(walls: Walls, sample_rate: float) -> WallKind:
    """Say how a record was cut; both walls must carry music.

    Parameters
    ----------
    walls : float [2, n]
        Some seconds, ``FRAME`` samples or more.
    sample_rate : float
        Hz.

    Raises
    ------
    ValueError
        Not two walls, too short, or silent.

    Notes
    -----
    One groove's walls differ by their hiss only, so that wherever the music is loud they are
    coherent; two channels of a stereo recording are so in some bands and moments.
    """
    found = followed_alignment(walls, sample_rate)
    aligned = _aligned(np.asarray(walls, np.float64), found, sample_rate)
    total, apart = float(np.mean(aligned.sum(axis=0) ** 2)), float(np.mean(np.diff(aligned.T) ** 2))
    if apart <= total * 10 ** (SAME_DB / 10):
        return SAME
    return kind_by_likeness(likeness(aligned, sample_rate), found.correlation)


def dead_kind(dead: str, below_db: float) -> WallKind:
    """Say that one wall, left or right, carries no music, and leave the other one."""
    other = "right" if dead == "left" else "left"
    words = f"the {dead} wall carries no music ({below_db:.0f} dB below the other)"
    return WallKind(other, words, 1.0)


def kind_by_likeness(alike: float, correlation: float) -> WallKind:
    """Decide by how far the music on both walls is the same, and in which phase."""
    if alike < ALIKE:
        sure = float(np.clip((ALIKE - alike) / (ALIKE - APART), 0.0, 1.0))
        return WallKind("stereo", f"the walls differ, likeness {alike:.2f}", 0.5 + 0.5 * sure)
    sure = 0.5 + 0.5 * (alike - ALIKE) / (1 - ALIKE)
    if correlation < 0:
        words = f"the walls are in opposite phase, likeness {alike:.2f}: cut vertically, or a wall"
        return WallKind("vertical", f"{words} wired the other way", sure)
    return WallKind("lateral", f"one groove on both walls, likeness {alike:.2f}", sure)


def followed_alignment(walls: Walls, sample_rate: float) -> Alignment:
    """Return offset and balance as they are followed live, over the whole; see ``WallFollower``.

    Offsets beyond what is followed are estimated at once.

    Raises
    ------
    ValueError
        See :func:`model.walls.wall_alignment.estimated_alignment`.
    """
    whole = estimated_alignment(walls, sample_rate)
    follower = WallFollower(sample_rate, STEP)
    if abs(whole.offset_us) * 1e-6 * sample_rate > MOST - 2:
        return whole
    state, offsets, balances = follower.initial_state(), [], []
    for start in range(0, walls.shape[1] - STEP + 1, STEP):
        state = follower.step(np.asarray(walls[:, start : start + STEP], np.float64), state)
        if state.found:
            offsets.append(state.swing[0])
            balances.append(state.balance)
    if len(offsets) < 8:
        return whole
    later = len(offsets) // 4  # until then it was finding its way
    state = state.standing_at(float(np.median(offsets[later:])), float(np.median(balances[later:])))
    found = follower.alignment(state)
    return found._replace(correlation=whole.correlation)


def likeness(aligned: F64, sample_rate: float) -> float:
    """Return 0..1: how far the music on both walls is the same, hiss left out of it."""
    size = FRAME
    while sample_rate > 50_000 * size / FRAME:
        size *= 2
    hz = np.arange(size // 2 + 1) * sample_rate / size
    band = (hz >= BAND_HZ[0]) & (hz <= min(BAND_HZ[1], 0.45 * sample_rate))
    part = max(int(PART_S * sample_rate), size)
    found = []
    for begin in range(0, max(aligned.shape[1] - part, 0) + 1, part):
        starts = range(begin, min(begin + part, aligned.shape[1]) - size + 1, size // 2)
        frames = np.stack([aligned[:, start : start + size] for start in starts])
        spectra = np.fft.rfft(frames * np.hanning(size), axis=-1)[..., band]
        power = np.mean(np.square(np.abs(spectra)), axis=0)
        cross = np.abs(np.mean(spectra[:, 0] * spectra[:, 1].conj(), axis=0))
        if power.sum() > SILENT * size**2:
            found.append(alike_in(power, cross))
    return float(np.quantile(found, QUARTILE)) if found else 0.0


def alike_in(power: F64, cross: F64) -> float:
    """Return 0..1 from each wall's power ``[2, bands]`` and how much of it is in both ``[bands]``.

    Weighed by power: where the music is, not the hiss.
    """
    return float(np.sum(cross**2) / (np.sum(power[0] * power[1]) + 1e-300))


def _aligned(walls: F64, found: Alignment, sample_rate: float) -> F64:
    offset = found.offset_us * 1e-6 * sample_rate
    gain = 10 ** (found.balance_db / 40)
    moving = MovingWalls(max(abs(offset), MOST))
    sign = -1.0 if found.correlation < 0 else 1.0
    stance = Stance(offset, (1 / gain, sign * gain))
    return moving.step(walls, stance, moving.initial_state(stance))[0]
