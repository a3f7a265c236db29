"""Find and rebuild impulses, hop by hop, with state as a value. Runs on the engine's worker.

One hop's work, over the region from a little before the samples that leave to the newest ones:
fit a predictor to the restored past and the provisionally restored future of each channel, and
look whether anything stands out: of the whitened signal's local scale, or of the hiss above the
music. Suspects are opened strongest first, rebuilt together by least squares, narrowed down to
their true edges, and rebuilt again, weighing the predictor against the size of the damage. Of
those that begin in the leaving hop, only those are kept whose repair explains the sound better.
The order in which it happens is ``model/c/declick.c``.
"""

import ctypes
import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.core import ADDRESS, COUNT, address, function
from model.declicking import thump, upper_band, votes
from model.declicking.ar import plan_of
from model.declicking.desk import (
    LOOKAHEAD,
    MEMORY,
    PREDICTOR_NUMBERS,
    REGION,
    give_back,
    initial_predictor,
    taken,
)
from model.declicking.thresholds import Thresholds
from model.settings import Settings

F32 = NDArray[np.float32]

_REFRESH = 4  # hops; the predictor's window moves by half its length meanwhile
_FINDING = 5  # numbers of eight bytes

_hops = function("declick_hops", (*(ADDRESS,) * 6, *(COUNT,) * 6, ADDRESS, ADDRESS), COUNT)


class Finding(NamedTuple):
    """One repaired impulse.

    ``start`` counts from the first sample that leaves; ``peak`` is the height of what was removed,
    ``certainty`` the highest probability of what leaves with the hop, at least 0.5.
    """

    channel: int
    start: int
    length: int
    peak: float
    certainty: float


class Declicked(NamedTuple):
    """What leaves with some hops, float32 ``[channels, n]`` each, delayed by ``LOOKAHEAD``.

    ``original`` is the input; ``repaired`` equals it bit for bit where ``mask`` is 0; ``mask`` is
    the probability of the repaired impulses, ``evidence`` that of every sample, repaired or not.
    ``findings`` holds the repaired impulses, hop by hop and channel by channel.
    """

    original: F32
    mask: F32
    evidence: F32
    repaired: F32
    findings: tuple[Finding, ...]


class Learned(NamedTuple):
    """A learned detector's word: ``probability`` float32 ``[channels, n]``, 0..1.

    Column ``k`` judges the sample ``latency`` before the hops' sample ``k``.
    """

    probability: F32
    latency: int


class DeclickState(NamedTuple):
    """What is remembered: a row of bytes per channel, as ``Row`` has its parts, and whose turn it
    is to fit a predictor.

    ``raw`` are the newest samples as they came, ``clean`` as restored so far; ``unknown`` marks
    what is under repair, ``settled`` what is decided and never touched again, ``ridge`` how
    strongly a repair leans on its input, ``probability`` that of settled impulses, ``above`` which
    suspects stood out above the music, ``opinion`` the learned detector's vote (0: none yet).
    ``predictor`` is the channel's and what follows from it, fitted anew whenever there is work to
    do, and every ``_REFRESH`` hops where all is quiet. ``levels`` are those of the band above the
    music.
    """

    rows: NDArray[np.uint8]
    turn: int


class Row(ctypes.Structure):
    """As ``row_t`` in ``model/c/core.h``: where a channel's parts begin, in bytes."""

    _fields_ = (
        *((name, COUNT) for name in ("raw", "clean", "ridge", "probability", "opinion")),
        *((name, COUNT) for name in ("predictor", "levels", "unknown", "settled", "above")),
        ("size", COUNT),
    )


class _Stream(ctypes.Structure):
    """As ``stream_t`` in ``model/c/core.h``."""

    _fields_ = (
        *((name, ADDRESS) for name in ("row", "band", "vote", "pulse", "plan_high", "plan_low")),
        *((name, COUNT) for name in ("memory", "predictor", "factor", "margin")),
        ("shortest_body", COUNT),
    )


@functools.cache
def row_of(sample_rate: int) -> Row:
    """Where a channel's parts begin at a sample rate: numbers first, then floats, then marks."""
    sizes = {
        **{"raw": 8 * REGION, "clean": 8 * MEMORY},
        **dict.fromkeys(("ridge", "probability", "opinion"), 8 * REGION),
        "predictor": 8 * PREDICTOR_NUMBERS,
        "levels": 4 * int(np.prod(upper_band.levels_shape(sample_rate))),
        **dict.fromkeys(("unknown", "settled", "above"), REGION),
    }
    row, at = Row(), 0
    for name, size in sizes.items():
        setattr(row, name, at)
        at += size
    row.size = at
    return row


@functools.cache
def _stream_of(sample_rate: int) -> int:
    """Where the core finds what all streams of a rate share; it stays there."""
    factor = thump.factor_of(sample_rate)
    stream = _Stream(
        row=ctypes.addressof(row_of(sample_rate)),
        band=ctypes.addressof(upper_band.rules_of(sample_rate)),
        vote=ctypes.addressof(votes.RULES),
        pulse=ctypes.addressof(thump.RULES),
        plan_high=address(plan_of(MEMORY)),
        plan_low=address(plan_of(MEMORY // factor)),
        memory=MEMORY,
        predictor=PREDICTOR_NUMBERS,
        factor=factor,
        margin=thump.MARGIN,
        shortest_body=int(np.ceil(thump.SHORTEST_S * sample_rate)),
    )
    _KEPT.append(stream)
    return ctypes.addressof(stream)


_KEPT: list[_Stream] = []


@functools.lru_cache(maxsize=8)
def thresholds_of(settings: Settings, sample_rate: int, has_learned: bool) -> Thresholds:
    """What the listener's settings mean; one value as long as they stay."""
    return Thresholds.of(settings, sample_rate, has_learned=has_learned)


def initial_state(channels: int, sample_rate: int) -> DeclickState:
    """Silence before the first sample."""
    row = row_of(sample_rate)
    rows = np.zeros((channels, row.size), np.uint8)
    predictor = initial_predictor().view(np.uint8)
    rows[:, row.predictor : row.predictor + predictor.size] = predictor
    return DeclickState(rows, 0)


def spread(state: DeclickState, channels: int) -> DeclickState:
    """The state of one channel as that of several which have sounded alike so far."""
    return state._replace(rows=np.repeat(state.rows, channels, axis=0))


def step(
    sound: F32,
    state: DeclickState,
    thresholds: Thresholds,
    learned: Learned | None = None,
    hop: int | None = None,
) -> tuple[Declicked, DeclickState]:
    """Take hops in, and let as many samples leave that came ``LOOKAHEAD`` before.

    Parameters
    ----------
    sound : float32 [channels, n]
        Finite samples.
    thresholds : Thresholds
    learned : Learned, optional
        What the learned detector says with these hops.
    hop : int, optional
        Samples of a hop, of which ``n`` is a multiple, the same at every call; ``n`` without.
    """
    channels, whole = sound.shape
    n = hop or whole
    hops = whole // n
    sound = np.ascontiguousarray(sound)
    rows = np.empty_like(state.rows)
    left = np.empty((4, channels, whole), np.float32)
    found = np.empty((hops * channels * (n // 2 + 1), _FINDING))
    judged, late = None, 0
    if learned is not None:
        probability, late = np.ascontiguousarray(learned.probability), learned.latency
        judged = address(probability)
    place = taken()
    place.tell(thresholds, n)
    count = _hops(
        place.at,
        _stream_of(thresholds.sample_rate),
        address(state.rows),
        address(rows),
        address(sound),
        judged,
        late,
        channels,
        n,
        hops,
        state.turn,
        _REFRESH,
        address(left),
        address(found),
    )
    give_back(place)
    findings: tuple[Finding, ...] = ()
    if count:
        places, heights = found[:count, :3].view(np.int64).tolist(), found[:count, 3:].tolist()
        findings = tuple(
            Finding(*place, *height) for place, height in zip(places, heights, strict=True)
        )
    original, mask, evidence, repaired = left
    done = Declicked(original, mask, evidence, repaired, findings)
    return done, DeclickState(rows, (state.turn + hops) % _REFRESH)


def joined(one: Declicked, other: Declicked) -> Declicked:
    """What left one after the other, as one."""
    original, mask, evidence, repaired = (
        np.concatenate(parts, axis=1) for parts in zip(one[:4], other[:4], strict=True)
    )
    late = one.original.shape[1]
    moved = (found._replace(start=found.start + late) for found in other.findings)
    return Declicked(original, mask, evidence, repaired, (*one.findings, *moved))


__all__ = [
    "LOOKAHEAD",
    "DeclickState",
    "Declicked",
    "Finding",
    "Learned",
    "Thresholds",
    "initial_state",
    "joined",
    "spread",
    "step",
    "thresholds_of",
]
