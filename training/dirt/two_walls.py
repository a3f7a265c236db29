"""A lateral record as a stereo pickup reads it: one music, two walls, with the truth of each.

Each wall has its own damage and most of its own hiss; what the pickup adds to the difference is
gain, skew, warp and pinch effect. Drawn from one seed, in one step. Any thread.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, uniform_filter1d
from scipy.signal import butter, firwin2, oaconvolve, resample_poly, sosfiltfilt

from training.harvest.click_bank import ClickBank

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Correlation of the walls' hiss, measured on the groove noise of stereo transfers.
CORRELATION_HZ = (0.0, 1500.0, 4000.0, 10_000.0, 22_050.0)
CORRELATION = (0.85, 0.85, 0.40, 0.06, 0.03)
SHARES = (0.45, 0.25, 0.30)  # of the clicks: left only, right only, both
CLICK_S = (0.1e-3, 2e-3)
CLICK_TAIL = 1.2  # exponent of the bounded Pareto that heights are drawn from
CLICK_OVER_MUSIC = (1.0, 20.0)  # heights, times the music's RMS
SAME_SHAPE = 0.5  # of what damages both walls: the same scar; else each splinters in its own way
REAL_CLICK_SNR_DB = 12.0  # music and hiss against one wall's clicks, as on the disc
REVOLUTION_S = 60 / 78.26
FINER = 4  # times the rate, at which a moving offset is interpolated
PINCH_HZ = 300.0  # the second harmonic above it; below, the music is too slow to pinch
TAPS = 1025


@dataclass(frozen=True, slots=True)
class WallWear:
    """How a record and its pickup are; levels in dB against the music's RMS.

    Attributes
    ----------
    hiss_db : float
        Of each wall.
    clicks_per_s : float
    correlation : float
        Factor on the measured correlation of the hiss; 0 makes it independent.
    gain_db, offset : float
        The right wall is louder, and later by so many samples.
    warp : float
        Samples from earliest to latest that the offset moves by in a revolution.
    pinch_db : float
        Level of the second harmonic that both walls get in opposite phase.
    worn_db : float
        The right wall's hiss is so much louder than the left one's.
    polarity : 1 or -1
        Of the right wall: -1 for a vertical record, or a pickup wired the other way.
    dead : int or None
        A wall without music.
    swish_db : float
        The hiss swells by so much and sinks again with each revolution.
    """

    hiss_db: float = -30.0
    clicks_per_s: float = 20.0
    correlation: float = 1.0
    gain_db: float = 0.2
    offset: float = 0.15
    warp: float = 0.0
    pinch_db: float = -32.0
    worn_db: float = 0.0
    polarity: int = 1
    dead: int | None = None
    swish_db: float = 0.0


class TwoWalls(NamedTuple):
    """A made record; ``[2, T]`` by wall, all at the level of ``walls``.

    ``truth`` float32 ``[T]`` is what the undamaged walls say together: the music and the mean of
    their hiss. ``damaged`` says which samples of which wall are.
    """

    walls: F32
    truth: F32
    music: F32
    hiss: F32
    clicks: F32
    damaged: Mask
    sample_rate: int


def two_walls(
    music: F32, sample_rate: int, wear: WallWear, seed: int, bank: ClickBank | None = None
) -> TwoWalls:
    """Make a record of mono music ``[T]``.

    Parameters
    ----------
    bank : ClickBank, optional
        Takes each wall's clicks from a disc's own track, at its own density, 70 % of them on one
        wall only; ``clicks_per_s`` then says nothing.
    """
    rng = np.random.default_rng((78, seed))
    sound = music.astype(np.float64)
    level = float(np.sqrt(np.mean(sound**2))) or 1.0
    alike, own = _swelling(wall_hiss(rng, len(sound), sample_rate, wear, bank), sample_rate, wear)
    loud = level * 10 ** (wear.hiss_db / 20)
    hiss = loud * (alike + own)
    if bank is None:
        clicks, damaged = _made_clicks(rng, len(sound), sample_rate, wear.clicks_per_s)
        clicks *= level
    else:
        clicks, damaged = _real_clicks(rng, len(sound), bank)
        power = float(np.mean(clicks**2)) or 1.0
        heard = np.mean((sound + hiss.mean(axis=0)) ** 2)
        clicks *= np.sqrt(heard / power) * 10 ** (-REAL_CLICK_SNR_DB / 20)
    cut = _cut(sound, sample_rate, wear, level)
    if wear.dead is not None:
        cut[wear.dead] = 0.0
    # What both walls have in common lies in the groove, and comes as late as the music.
    rest = loud * (_skewed(alike[0], sample_rate, wear) * _worn(wear) + own)
    gains = 10 ** (np.array([[-1.0], [1.0]]) * wear.gain_db / 40)
    walls = gains * (cut + rest + clicks)
    walls[1] *= wear.polarity
    return TwoWalls(
        walls.astype(np.float32),
        (sound + hiss.mean(axis=0)).astype(np.float32),
        music,
        hiss.astype(np.float32),
        clicks.astype(np.float32),
        damaged,
        sample_rate,
    )


def wall_hiss(
    rng: np.random.Generator,
    n: int,
    sample_rate: int,
    wear: WallWear,
    bank: ClickBank | None = None,
) -> tuple[F64, F64]:
    """Return what both walls hiss alike and each alone, ``[2, n]`` each; together RMS 1.

    White, or of the colour of a bank's disc, and alike by band as measured.
    """
    hz = np.linspace(0, sample_rate / 2, 257)
    colour = np.ones(len(hz)) if bank is None else bank.hiss_gain(0, hz)
    colour = colour / np.sqrt(np.mean(colour**2))
    alike = wear.correlation * np.interp(hz, CORRELATION_HZ, CORRELATION)
    both, left, right = rng.standard_normal((3, n))
    common = oaconvolve(
        both, firwin2(TAPS, hz, colour * np.sqrt(alike), fs=sample_rate), mode="same"
    )
    apart = firwin2(TAPS, hz, colour * np.sqrt(1 - alike), fs=sample_rate)
    own = np.stack([oaconvolve(noise, apart, mode="same") for noise in (left, right)])
    return np.stack([common, common]) * _worn(wear), own * _worn(wear)


def _swelling(parts: tuple[F64, F64], sample_rate: int, wear: WallWear) -> tuple[F64, F64]:
    """Return hiss that swells once a revolution, as loud on the whole as before."""
    if not wear.swish_db:
        return parts
    turn = 2 * np.pi * np.arange(parts[0].shape[1]) / (REVOLUTION_S * sample_rate)
    swell = 10 ** (0.5 * wear.swish_db * np.sin(turn) / 20)
    swell /= np.sqrt(np.mean(swell**2))
    return parts[0] * swell, parts[1] * swell


def _worn(wear: WallWear) -> F64:
    return np.array([[1.0], [10 ** (wear.worn_db / 20)]])


def _skewed(sound: F64, sample_rate: int, wear: WallWear) -> F64:
    """Return a sound as early on the left wall as it is late on the right one."""
    seconds = np.arange(len(sound)) / sample_rate
    late = wear.offset + 0.5 * wear.warp * np.sin(2 * np.pi * seconds / REVOLUTION_S)
    return np.stack([_moved(sound, -late / 2), _moved(sound, late / 2)])


def _cut(sound: F64, sample_rate: int, wear: WallWear, level: float) -> F64:
    """Return the music on both walls: skewed, warped, pinched."""
    walls = _skewed(sound, sample_rate, wear)
    if np.isfinite(wear.pinch_db):
        high = butter(2, PINCH_HZ, "highpass", fs=sample_rate, output="sos")
        steep = np.sqrt(uniform_filter1d(sound**2, TAPS) + level**2)  # no groove is steeper
        pinch = sosfiltfilt(high, sound**2 / steep)
        pinch *= level * 10 ** (wear.pinch_db / 20) / (float(np.sqrt(np.mean(pinch**2))) or 1.0)
        walls += np.array([[0.5], [-0.5]]) * pinch
    return np.asarray(walls)


def _moved(sound: F64, late: F64) -> F64:
    """Return the sound later by ``late`` samples, another number for each sample."""
    if not late.any():
        return sound
    fine = resample_poly(sound, FINER, 1, window=("kaiser", 10.0))
    places = FINER * (np.arange(len(sound)) - late)
    return np.asarray(map_coordinates(fine, places[None], order=5, mode="nearest"))


def _made_clicks(
    rng: np.random.Generator, n: int, sample_rate: int, per_s: float
) -> tuple[F64, Mask]:
    clicks, damaged = np.zeros((2, n)), np.zeros((2, n), bool)
    for _ in range(rng.poisson(per_s * n / sample_rate)):
        start = int(rng.integers(n))
        length = max(4, round(np.exp(rng.uniform(*np.log(CLICK_S))) * sample_rate))
        low, high = CLICK_OVER_MUSIC
        rarest = (low / high) ** CLICK_TAIL
        height = low * (1 - rng.random() * (1 - rarest)) ** (-1 / CLICK_TAIL)
        where = int(rng.choice(3, p=SHARES))
        shape = _splinter(rng, length)
        for wall in (0, 1) if where == 2 else (where,):
            if where == 2 and wall == 1 and rng.random() > SAME_SHAPE:
                shape = _splinter(rng, length)
            own = height * (rng.uniform(0.3, 1.0) if where == 2 else 1.0)
            end = min(n, start + length)
            clicks[wall, start:end] += own * shape[: end - start]
            damaged[wall, start:end] = True
    return clicks, damaged


def _splinter(rng: np.random.Generator, length: int) -> F64:
    """Return a burst with a sharp edge that dies within ``length`` samples, peak 1."""
    t = np.arange(length) / length
    ring = np.cos(2 * np.pi * rng.uniform(0.5, 4.0) * t + rng.uniform(0, 2 * np.pi))
    rough = rng.uniform(0.1, 1.0) * rng.standard_normal(length)
    wave = (ring + rough) * np.exp(-rng.uniform(2.0, 5.0) * t)
    return np.asarray(wave / np.max(np.abs(wave)) * rng.choice((-1.0, 1.0)))


def _real_clicks(rng: np.random.Generator, n: int, bank: ClickBank) -> tuple[F64, Mask]:
    """Lay the held-out track of a disc over the walls; 30 % of its clicks on both."""
    times, index, seconds = bank.timeline("test")
    clicks, damaged = np.zeros((2, n)), np.zeros((2, n), bool)
    began = rng.uniform(0, seconds)
    for lap in range(int(n / bank.sample_rate / seconds) + 2):
        for time, which in zip(times, index, strict=True):
            start = round((time - began + lap * seconds) * bank.sample_rate)
            wave = bank[int(which)].wave
            where = int(rng.choice(3, p=SHARES))
            gains = rng.uniform(0.3, 1.0, 2)
            if not 0 <= start < n - len(wave):
                continue
            place = slice(start, start + len(wave))
            for wall in (0, 1) if where == 2 else (where,):
                clicks[wall, place] += wave * (gains[wall] if where == 2 else 1.0)
                damaged[wall, place] = True
    return clicks, damaged
