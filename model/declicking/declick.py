"""Find and rebuild impulses, hop by hop, with state as a value. Runs on the engine's worker.

One hop's work, over the region from a little before the samples that leave to the newest ones:
fit a predictor to the restored past and the provisionally restored future of each channel, and
look whether anything stands out: of the whitened signal's local scale, or of the hiss above the
music. Only where it does, :mod:`model.declicking.repair` goes to work. The channels share nothing.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking import upper_band
from model.declicking.desk import END, LOOKAHEAD, MEMORY, REGION, Desk, Region, initial_predictor
from model.declicking.repair import Finding, Findings, repair
from model.declicking.thresholds import Thresholds
from model.declicking.upper_band import UpperBand
from model.declicking.votes import opinion_of, votes_of

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

_REFRESH = 4  # hops; the predictor's window moves by half its length meanwhile
_SCREEN = 0.6  # of the threshold: what stands this high calls for a new predictor


class DeclickHop(NamedTuple):
    """What leaves with one hop, float32 ``[channels, hop]`` each, delayed by ``LOOKAHEAD``.

    ``original`` is the input; ``repaired`` equals it bit for bit where ``mask`` is 0; ``mask`` is
    the probability of the repaired impulses, ``evidence`` that of every sample, repaired or not.
    ``findings`` holds each channel's repaired impulses.
    """

    original: F32
    repaired: F32
    mask: F32
    evidence: F32
    findings: tuple[Findings, ...]


class Learned(NamedTuple):
    """A learned detector's word: ``probability`` float32 ``[channels, n]``, 0..1.

    Column ``k`` judges the sample ``latency`` before the hop's sample ``k``.
    """

    probability: F32
    latency: int


class DeclickState(NamedTuple):
    """The last ``MEMORY`` samples as they came and as restored so far, and the region's notes.

    All ``[channels, samples]``. ``unknown`` marks what is under repair, ``settled`` what is
    decided and never touched again, ``ridge`` how strongly a repair leans on its input,
    ``probability`` that of settled impulses, ``above`` which suspects stood out above the music,
    ``opinion`` the learned detector's vote (0: none yet).
    ``predictors`` are the channels', as :meth:`Desk.fit` gives them: fitted anew whenever one has
    work to do, and every ``_REFRESH`` hops, in turns, where all is quiet.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    ridge: F64
    probability: F64
    above: Mask
    opinion: F64
    predictors: tuple[F64, ...]
    upper: UpperBand
    turn: int


def initial_state(channels: int, sample_rate: int) -> DeclickState:
    """Silence before the first sample."""
    memory, region = np.zeros((channels, MEMORY)), np.zeros((channels, REGION))
    no = np.zeros((channels, REGION), bool)
    return DeclickState(
        raw=memory,
        clean=memory,
        unknown=no,
        settled=no,
        ridge=region,
        probability=region,
        above=no,
        opinion=region,
        predictors=(initial_predictor(),) * channels,
        upper=upper_band.initial_state(channels, sample_rate),
        turn=0,
    )


def spread(state: DeclickState, channels: int) -> DeclickState:
    """The state of one channel as that of several which have sounded alike so far."""
    levels, readings = state.upper
    arrays: dict[str, Any] = {
        name: np.repeat(value, channels, axis=0)
        for name, value in state._asdict().items()
        if isinstance(value, np.ndarray)
    }
    return state._replace(
        **arrays,
        predictors=state.predictors * channels,
        upper=upper_band.UpperBand(np.repeat(levels, channels, axis=0), readings * channels),
    )


def step(
    hop: F32, state: DeclickState, thresholds: Thresholds, learned: Learned | None = None
) -> tuple[DeclickHop, DeclickState]:
    """Take one hop in, and let the one ``LOOKAHEAD`` samples before it leave.

    Parameters
    ----------
    hop : float32 [channels, n]
        Finite samples; n the same at every call.
    thresholds : Thresholds
    learned : Learned, optional
        What the learned detector says with this hop.
    """
    channels, n = hop.shape
    following = _shift(state, hop)
    first, last = REGION - LOOKAHEAD - n, REGION - LOOKAHEAD
    if learned is not None:
        end = REGION - learned.latency
        following.opinion[:, end - n : end] = opinion_of(learned.probability, thresholds)
    # From the input, not the repaired sound: what is known of the band hangs on nothing older.
    upper = upper_band.listen(state.upper, following.raw, n, thresholds.sample_rate)
    votes = votes_of(following.opinion[:, first:END], thresholds)
    region = Region(*(getattr(following, name) for name in Region._fields))
    desk = Desk(region, votes, thresholds, first, last)
    predictors = list(state.predictors)
    evidence = np.empty(hop.shape, np.float32)
    findings: list[Findings] = [()] * channels
    for channel, reading in enumerate(upper.readings):
        band = _Band.of(reading, thresholds)
        desk.turn_to(channel, band.gains, band.limit)
        is_due = (channel + state.turn) % _REFRESH == 0
        predictors[channel] = _predictor(desk, None if is_due else predictors[channel])
        has_work = desk.look() >= _SCREEN
        if has_work or desk.is_any_open_in_hop():
            if not is_due:
                predictors[channel] = _predictor(desk, None)
                desk.look()
            done = repair(desk, channel)
            findings[channel] = done.findings
            desk.tell_evidence(evidence[channel])
            for start, end, likely in done.judged:
                evidence[channel, start - first : end - first] = likely
        else:
            desk.tell_evidence(evidence[channel])
    following.settled[:, :last] = True
    left = _leave(following, evidence, tuple(findings), slice(first, last))
    turn = (state.turn + 1) % _REFRESH
    return left, following._replace(predictors=tuple(predictors), upper=upper, turn=turn)


def _predictor(desk: Desk, known: F64 | None) -> F64:
    """Measure with a known predictor, or with one that is fitted anew; returns it."""
    if known is None:
        return desk.fit()
    desk.use(known)
    return known


class _Band(NamedTuple):
    """The band above the music as a survey needs it: gains of its bins, threshold in sigmas."""

    gains: F64
    limit: float

    @staticmethod
    def of(reading: upper_band.Reading, thresholds: Thresholds) -> "_Band":
        gains = upper_band.masks(REGION, thresholds.sample_rate)[reading.corner]
        return _Band(gains, thresholds.upper_sigma * reading.caution)


def _shift(state: DeclickState, hop: F32) -> DeclickState:
    def moved(values: Any, new: Any) -> Any:
        return np.concatenate([values[:, hop.shape[1] :], new], axis=1)

    fresh = hop.astype(np.float64)
    nothing, no = np.zeros(hop.shape), np.zeros(hop.shape, bool)
    return state._replace(
        raw=moved(state.raw, fresh),
        clean=moved(state.clean, fresh),
        unknown=moved(state.unknown, no),
        settled=moved(state.settled, no),
        ridge=moved(state.ridge, nothing),
        probability=moved(state.probability, nothing),
        above=moved(state.above, no),
        opinion=moved(state.opinion, nothing),
    )


def _leave(
    state: DeclickState, evidence: F32, findings: tuple[Findings, ...], out: slice
) -> DeclickHop:
    mask = state.probability[:, out].astype(np.float32)
    original = state.raw[:, -REGION:][:, out].astype(np.float32)
    repaired = original
    if mask.any():
        clean = state.clean[:, -REGION:][:, out].astype(np.float32)
        repaired = np.where(mask > 0, clean, original)
    return DeclickHop(original, repaired, mask, evidence, findings)


__all__ = [
    "LOOKAHEAD",
    "DeclickHop",
    "DeclickState",
    "Finding",
    "Learned",
    "Thresholds",
    "initial_state",
    "step",
]
