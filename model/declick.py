"""Find and rebuild impulses, hop by hop, with state as a value. Runs on the engine's worker.

One hop's work, over the region from a little before the samples that leave to the newest ones:
fit a predictor to the restored past and the provisionally restored future of each channel, and
look whether anything stands out of the whitened signal's local scale. Only where it does,
:mod:`model.repair` goes to work. The channels share the arithmetic and nothing else.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.ar import F64, ArModel, Whitener, estimate_ar
from model.evidence import BLOCK, Mask, local_scale
from model.repair import ChannelRepair, Finding, Findings, Thresholds, fused

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
MOST_FACTOR = 4.0  # by which a certain learned detector raises or lowers a height
CERTAIN = 4.0  # log odds at which it is certain
_WINDOW = np.hanning(MEMORY + 1)[:MEMORY]


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
    ``probability`` that of settled impulses, ``opinion`` the learned detector's vote (0: none yet).
    ``models`` are the channels' predictors: fitted anew
    whenever one has work to do, and every ``_REFRESH`` hops, in turns, where all is quiet.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    ridge: F64
    probability: F64
    opinion: F64
    models: tuple[ArModel, ...]
    turn: int


def initial_state(channels: int) -> DeclickState:
    """Silence before the first sample."""
    memory, region = np.zeros((channels, MEMORY)), np.zeros((channels, _REGION))
    no = np.zeros((channels, _REGION), bool)
    return DeclickState(
        memory, memory, no, no, region, region, region, tuple(estimate_ar(memory, AR_ORDER)), 0
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
    models = list(state.models)
    due = [channel for channel in range(channels) if (channel + state.turn) % _REFRESH == 0]
    if due:
        for channel, model in zip(due, _fit(following.clean[due], thresholds), strict=True):
            models[channel] = model
    clean = following.clean[:, -_REGION:]
    is_open: Mask = following.unknown[:, :_END] & ~following.settled[:, :_END]
    survey = _survey(models, clean, is_open)
    first, last = _REGION - LOOKAHEAD - n, _REGION - LOOKAHEAD
    evidence = _evidence(survey.height[:, first:last], thresholds.sigma)
    findings: list[Findings] = [()] * channels
    for channel in range(channels):
        leaves = is_open[channel, first:last].any()
        opinion = following.opinion[channel]
        stands_out = fused(survey.height[channel, first:], opinion[first:_END], thresholds).max()
        if not leaves and stands_out < _SCREEN:
            continue
        one = slice(channel, channel + 1)
        if channel not in due:
            models[one] = _fit(following.clean[one], thresholds)
            survey_one = _survey(models[one], clean[one], is_open[one])
        else:
            survey_one = survey.channel(one)
        repair = ChannelRepair(
            models[channel],
            survey_one.whitener.channels(0),
            memory=following.clean[channel],
            raw=following.raw[channel, -_REGION:],
            clean=clean[channel],
            unknown=following.unknown[channel],
            settled=following.settled[channel],
            ridge=following.ridge[channel],
            probability=following.probability[channel],
            opinion=opinion,
            first=first,
            last=last,
            thresholds=thresholds,
        )
        repair.take_over(
            survey_one.field[0], survey_one.scale[0], survey_one.peak[0], survey_one.height[0]
        )
        repair.examine()
        findings[channel] = repair.decide()
        evidence[channel] = _evidence(repair.height[first:last], thresholds.sigma)
        for start, end, probability in repair.judged:
            evidence[channel, start - first : end - first] = probability
    following.settled[:, :last] = True
    left = _leave(following, evidence, tuple(findings), slice(first, last))
    return left, following._replace(models=tuple(models), turn=(state.turn + 1) % _REFRESH)


class _Survey(NamedTuple):
    """The whitened region of some channels and how high each sample stands in it."""

    whitener: Whitener
    field: F64
    scale: F64
    peak: F64
    height: F64

    def channel(self, one: slice) -> "_Survey":
        """The part of one channel."""
        whitener, *arrays = self
        return _Survey(whitener.channels(one), *(values[one] for values in arrays))


def _fit(memory: F64, thresholds: Thresholds) -> list[ArModel]:
    return estimate_ar(memory * _WINDOW, AR_ORDER, thresholds.floor_band)


def _survey(models: list[ArModel], clean: F64, is_open: Mask) -> _Survey:
    whitener = Whitener(models, _REGION)
    field = whitener.field(clean)
    gain = np.array([[model.field_gain] for model in models])
    deviation = np.abs(field[:, :_END]) / gain
    scale, peak = local_scale(deviation, is_open)
    height = (deviation.reshape(*scale.shape, BLOCK) / scale[..., None]).reshape(deviation.shape)
    if is_open.any():
        height[is_open] = 0.0
    return _Survey(whitener, field, scale, peak, height)


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
        opinion=moved(state.opinion, nothing),
    )


def _evidence(height: F64, sigma: float) -> F64:
    """Soft decision per sample: 0.5 where the height reaches the threshold."""
    odds = (height / sigma) ** 2
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
