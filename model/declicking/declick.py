"""Find and rebuild impulses, hop by hop, with state as a value. Runs on the engine's worker.

One hop's work, over the region from a little before the samples that leave to the newest ones:
fit a predictor to the restored past and the provisionally restored future of each channel, and
look whether anything stands out: of the whitened signal's local scale, or of the hiss above the
music. Only where it does, :mod:`model.declicking.repair` goes to work. The channels share the
arithmetic and nothing else.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking import upper_band
from model.declicking.ar import F64, ArModel, Whitener, estimate_ar, spectrum_of, windowed
from model.declicking.evidence import BLOCK, Mask
from model.declicking.repair import Finding, Findings, Instruments, Region, Task, repair
from model.declicking.survey import Survey, Votes, field_gains, survey, suspicion, votes_of
from model.declicking.thresholds import Thresholds
from model.declicking.upper_band import UpperBand

F32 = NDArray[np.float32]

AR_ORDER = 160
MEMORY = 4096  # samples the predictor is fitted to
LOOKAHEAD = 832  # samples waited for after the hop
_REGION = 2816  # newest samples under examination; a multiple of BLOCK, quick to transform
_MARGIN = AR_ORDER + 8  # newest samples whose field is not complete yet
_N_BLOCKS = (_REGION - _MARGIN) // BLOCK
_END = _N_BLOCKS * BLOCK
_REFRESH = 4  # hops; the predictor's window moves by half its length meanwhile
_SCREEN = 0.6  # of the threshold: what stands this high calls for a new predictor
MOST_FACTOR = 2.5  # by which a certain learned detector raises or lowers a height
CERTAIN = 4.0  # log odds at which it is certain


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
    ``models`` are the channels' predictors, and ``whitener`` their spectra: fitted anew whenever
    one has work to do, and every ``_REFRESH`` hops, in turns, where all is quiet.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    ridge: F64
    probability: F64
    above: Mask
    opinion: F64
    models: tuple[ArModel, ...]
    whitener: Whitener
    upper: UpperBand
    turn: int


def initial_state(channels: int, sample_rate: int) -> DeclickState:
    """Silence before the first sample."""
    memory, region = np.zeros((channels, MEMORY)), np.zeros((channels, _REGION))
    no = np.zeros((channels, _REGION), bool)
    models = tuple(estimate_ar(memory, AR_ORDER))
    return DeclickState(
        raw=memory,
        clean=memory,
        unknown=no,
        settled=no,
        ridge=region,
        probability=region,
        above=no,
        opinion=region,
        models=models,
        whitener=Whitener(models, _REGION),
        upper=upper_band.initial_state(channels, sample_rate),
        turn=0,
    )


def spread(state: DeclickState, channels: int) -> DeclickState:
    """The state of one channel as that of several which have sounded alike so far."""
    models = state.models * channels
    levels, readings = state.upper
    arrays: dict[str, Any] = {
        name: np.repeat(value, channels, axis=0)
        for name, value in state._asdict().items()
        if isinstance(value, np.ndarray)
    }
    return state._replace(
        **arrays,
        models=models,
        whitener=Whitener(models, _REGION),
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
    if learned is not None:
        end = _REGION - learned.latency
        following.opinion[:, end - n : end] = _opinion(learned.probability, thresholds)
    models, whitener = list(state.models), state.whitener
    due = [channel for channel in range(channels) if (channel + state.turn) % _REFRESH == 0]
    if due:
        for channel, model in zip(due, _fit(following.clean[due], thresholds), strict=True):
            models[channel] = model
        whitener = whitener.replaced(due, [models[channel] for channel in due])
    clean = following.clean[:, -_REGION:]
    # From the input, not the repaired sound: what is known of the band hangs on nothing older.
    came = following.raw[:, -_REGION:]
    upper = upper_band.listen(state.upper, came, n, thresholds.sample_rate)
    bands = [_Band.of(reading, thresholds) for reading in upper.readings]
    gains = np.stack([band.gains for band in bands])
    is_open: Mask = following.unknown[:, :_END] & ~following.settled[:, :_END]
    spectrum = spectrum_of(clean)
    view = survey(whitener, field_gains(models), spectrum, is_open, gains)
    first, last = _REGION - LOOKAHEAD - n, _REGION - LOOKAHEAD
    evidence = _evidence(view, slice(first, last), bands, thresholds)
    findings: list[Findings] = [()] * channels
    under_repair = [bool(is_open[channel, first:last].any()) for channel in range(channels)]
    limits = np.array([[band.limit] for band in bands])
    votes = votes_of(following.opinion[:, :_END], thresholds)
    newest = Votes(*(part[:, first:] for part in votes))
    highest = suspicion(
        view.height[:, first:], view.upper[:, first:], newest, limits, thresholds
    ).max(axis=1)
    work = [c for c in range(channels) if under_repair[c] or highest[c] >= _SCREEN]
    anew = [channel for channel in work if channel not in due]
    views = {channel: view.channel(channel) for channel in work}
    if anew:
        fitted = _fit(following.clean[anew], thresholds)
        for channel, model in zip(anew, fitted, strict=True):
            models[channel] = model
        whitener = whitener.replaced(anew, fitted)
        reader = whitener if len(anew) == channels else whitener.channels(anew)
        view = survey(reader, field_gains(fitted), spectrum[anew], is_open[anew], gains[anew])
        views |= {channel: view.channel(row) for row, channel in enumerate(anew)}
    tasks = [
        Task(
            _region(following, votes, channel, first, last),
            Instruments(
                models[channel],
                whitener.channels(channel),
                bands[channel].gains,
                bands[channel].limit,
                thresholds,
            ),
            views[channel],
        )
        for channel in work
    ]
    reader = whitener if len(work) == channels else whitener.channels(work)
    for channel, done in zip(work, repair(reader, tasks), strict=True):
        findings[channel] = done.findings
        evidence[channel] = _evidence(done.view, slice(first, last), [bands[channel]], thresholds)
        for start, end, probability in done.judged:
            evidence[channel, start - first : end - first] = probability
    following.settled[:, :last] = True
    left = _leave(following, evidence, tuple(findings), slice(first, last))
    turn = (state.turn + 1) % _REFRESH
    return left, following._replace(models=tuple(models), whitener=whitener, upper=upper, turn=turn)


class _Band(NamedTuple):
    """The band above the music as a survey needs it: gains of its bins, threshold in sigmas."""

    gains: F64
    limit: float

    @staticmethod
    def of(reading: upper_band.Reading, thresholds: Thresholds) -> "_Band":
        gains = upper_band.masks(_REGION, thresholds.sample_rate)[reading.corner]
        return _Band(gains, thresholds.upper_sigma * reading.caution)


def _region(state: DeclickState, votes: Votes, channel: int, first: int, last: int) -> Region:
    """The newest samples of one channel, to be written in place."""
    return Region(
        raw=state.raw[channel, -_REGION:],
        clean=state.clean[channel, -_REGION:],
        unknown=state.unknown[channel],
        settled=state.settled[channel],
        ridge=state.ridge[channel],
        probability=state.probability[channel],
        above=state.above[channel],
        votes=Votes(*(part[channel] for part in votes)),
        memory=state.clean[channel],
        first=first,
        last=last,
    )


def _fit(memory: F64, thresholds: Thresholds) -> list[ArModel]:
    return estimate_ar(windowed(memory), AR_ORDER, thresholds.floor_band)


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


def _evidence(view: Survey, out: slice, bands: list[_Band], thresholds: Thresholds) -> F64:
    """Soft decision per sample: 0.5 where the height reaches the threshold in either view."""
    limits = np.array([band.limit for band in bands])
    if view.height.ndim > 1:
        limits = limits[:, None]
    ratio = np.maximum(view.height[..., out] / thresholds.sigma, view.upper[..., out] / limits)
    odds = ratio * ratio
    odds *= odds
    return np.asarray(odds / (1.0 + odds))


def _opinion(probability: F32, thresholds: Thresholds) -> F64:
    """The logarithm of the factor by which the learned detector raises or lowers a height.

    Proportional to its log odds, so that 0.5 leaves everything to the analytical detector (at
    sensitivity 0.5; a higher one leans towards finding); bounded, so that neither can overrule
    the other for good.
    """
    p = np.clip(probability.astype(np.float64), 1e-3, 1.0 - 1e-3)
    odds = np.log(p / (1.0 - p)) + thresholds.lean
    return np.asarray(np.log(MOST_FACTOR) * np.clip(odds / CERTAIN, -1.0, 1.0))


def _leave(
    state: DeclickState, evidence: F64, findings: tuple[Findings, ...], out: slice
) -> DeclickHop:
    mask = state.probability[:, out].astype(np.float32)
    original = state.raw[:, -_REGION:][:, out].astype(np.float32)
    repaired = original
    if mask.any():
        clean = state.clean[:, -_REGION:][:, out].astype(np.float32)
        repaired = np.where(mask > 0, clean, original)
    return DeclickHop(original, repaired, mask, evidence.astype(np.float32), findings)


__all__ = [
    "DeclickHop",
    "DeclickState",
    "Finding",
    "Learned",
    "Thresholds",
    "initial_state",
    "step",
]
