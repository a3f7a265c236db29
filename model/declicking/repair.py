"""Repair one channel's region at one hop. Runs on the engine's worker.

Suspects are opened strongest first, rebuilt together by least squares, narrowed down to their
true edges, and rebuilt again, weighing the predictor against the size of the damage. Of those
that begin in the leaving hop, only those are kept whose repair explains the sound better. What is
looked at stands in :mod:`model.declicking.survey`, what is decided in
:mod:`model.declicking.verdict`, what is done in :mod:`model.declicking.rebuild`; here is the order
in which it happens.
"""

import functools
from typing import NamedTuple

import numpy as np

from model.declicking.ar import F64, ArModel, GapSystem, Whitener, spectrum_of
from model.declicking.evidence import BLOCK, Mask
from model.declicking.rebuild import (
    EDGE,
    PAD,
    Runs,
    bounded,
    rebuilt,
    ridges_of,
    runs_of,
    true_edges,
)
from model.declicking.survey import Survey, survey, suspicion, voted_once
from model.declicking.thresholds import Thresholds
from model.declicking.thump import SHORTEST_S, pulse_behind
from model.declicking.verdict import (
    click_likeness,
    holds_silence,
    is_edge_of_silence,
    plausibility,
    probability,
    upper_demand,
    upper_likeness,
)

_LOW = 2.5  # a suspect's samples stand out by this many sigma, its peak by the threshold
_GROW = 5.0  # what is still left beside a suspect joins it above this many sigma
_STRONG = 1.5  # what is this many times above the threshold is rebuilt before its turn
_PLAIN = 20.0  # sigmas above the music: plain in the whole band as well
_CONCERTED = 4.0  # times a single sample's height above the music that a click of many may reach
_BRIDGE = 10  # samples; nearer suspects are one
_PASSES = 2  # faint impulses show once the loud ones are rebuilt
_MAX_UNKNOWN = 700  # samples rebuilt together; bounds the time a hop can take


class Finding(NamedTuple):
    """One repaired impulse: ``start`` counts from the hop's first sample, ``peak`` is removed."""

    start: int
    length: int
    peak: float


Findings = tuple[Finding, ...]


class Region(NamedTuple):
    """One channel's newest samples, all ``[n]``: views into the next state, written in place.

    ``raw`` as they came, ``clean`` as restored so far, ``unknown`` what is under repair,
    ``settled`` what is decided and never touched again, ``ridge`` how strongly a repair leans on
    its input, ``probability`` that of settled impulses, ``above`` whether a suspect stood out
    above the music. ``opinion`` is the learned detector's vote. ``memory`` reaches further back
    than ``clean`` and ends where it ends. ``first`` and ``last`` bound the leaving hop.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    ridge: F64
    probability: F64
    above: Mask
    opinion: F64
    memory: F64
    first: int
    last: int


class Instruments(NamedTuple):
    """What a region is measured with: the predictor, the band above the music, the thresholds.

    ``gains`` are that band's per bin, ``limit`` its threshold in sigmas, infinite without one.
    """

    model: ArModel
    whitener: Whitener
    gains: F64
    limit: float
    thresholds: Thresholds


class Repaired(NamedTuple):
    """What a hop's repair tells: findings, the verdicts on all suspects, and the last view."""

    findings: Findings
    judged: tuple[tuple[int, int, float], ...]
    view: Survey


def repair(region: Region, instruments: Instruments, view: Survey) -> Repaired:
    """Find, rebuild and settle; ``view`` is the region as it was surveyed before."""
    work = _Work(region, instruments, view)
    work.examine()
    return work.decide()


class _Work:
    """The course of one repair: the open samples, and the view of the region while it changes."""

    def __init__(self, region: Region, instruments: Instruments, view: Survey) -> None:
        self.r = region
        self.by = instruments
        self.view = view
        self.field = view.field
        self.is_field_fresh = True
        self.end = view.end
        self.height_above = view.upper.copy()
        self.take_stock()

    def examine(self) -> None:
        """Mark the suspects of the region and rebuild them."""
        if self.runs and self.runs[0][0] < self.r.last:
            self.rebuild()  # with the newest predictor, before it is decided upon
            if self.has_suspects():
                self.look()
        for _ in range(_PASSES):
            if not self.has_suspects() or not self.open_suspects():
                break
            self.rebuild()
            self.narrow()
            for _ in range(2):
                self.weigh()
                self.rebuild()
            self.look()

    def look(self) -> None:
        """Survey the region anew."""
        self.view = survey(
            self.by.whitener,
            self.by.model.field_gain,
            spectrum_of(self.r.clean),
            self.is_open,
            self.by.gains,
        )
        self.field = self.view.field
        self.is_field_fresh = True

    def suspicion(self) -> F64:
        """Each sample's height over the threshold, after both detectors' votes."""
        opinion = self.r.opinion[: self.end]
        view, by = self.view, self.by
        return suspicion(view.height, view.upper, opinion, by.limit, by.thresholds)

    def voted(self, ratio: float, start: int, end: int, *, above: bool = False) -> float:
        """Join the learned detector's vote on a stretch to an analytical ratio."""
        if self.by.thresholds.learned == 0.0:
            return ratio
        return voted_once(ratio, float(self.r.opinion[start:end].max()), self.by.thresholds, above)

    def has_suspects(self) -> bool:
        """Whether anything stands out that is not under repair yet."""
        ratio = self.suspicion()
        leaving, later = ratio[self.r.first : self.r.last], ratio[self.r.last :]
        return bool(leaving.max() > 1.0 or later.max() > _STRONG)

    def take_stock(self) -> None:
        """Note what is under repair and not settled."""
        is_open = self.r.unknown[: self.end] & ~self.r.settled[: self.end]
        is_open[: self.r.first] = False
        self.is_open: Mask = is_open
        self.index = np.flatnonzero(is_open)
        self.runs: Runs = runs_of(self.index)
        self.system: GapSystem | None = None

    def open_suspects(self) -> bool:
        """Open what stands out, strongest first; say whether anything was added."""
        r, view, is_open, heights = self.r, self.view, self.is_open, self.height_above
        high = (view.height > _LOW) | is_open
        if np.isfinite(self.by.limit):
            high |= view.upper > _LOW
        high[: r.first] = False
        high &= ~r.settled[: self.end]
        index = np.flatnonzero(high)
        if len(index) == 0:
            return False
        cut = np.flatnonzero(np.diff(index) > _BRIDGE)
        begin = np.concatenate([[0], cut + 1])
        finish = np.concatenate([cut, [len(index) - 1]])
        top = np.maximum.reduceat(self.suspicion()[index], begin)
        holds_open = np.logical_or.reduceat(is_open[index], begin)
        # What is still to come waits for its turn, unless it is strong enough to mislead.
        waits = index[begin] >= r.last
        threshold = np.where(waits, _STRONG, 1.0)
        grows = np.maximum.reduceat(view.height[index], begin) > _GROW
        chosen = np.flatnonzero((top > threshold) | (holds_open & grows))
        budget = _MAX_UNKNOWN - len(self.index)
        added = False
        for j in chosen[np.argsort(-top[chosen])]:
            start = max(int(index[begin[j]]) - PAD, r.first)
            end = min(int(index[finish[j]]) + 1 + PAD, self.end)
            new = ~r.unknown[start:end]
            if end - start > self.longest + 2 * self.by.model.order or not new.any():
                continue
            above = self.stands_above(start, end)
            if not (above or holds_open[j] or self.is_plausible(start, end)):
                continue
            budget -= int(new.sum())
            if budget < 0:
                break
            r.unknown[start:end] |= ~r.settled[start:end]
            r.ridge[start:end] = 0.0
            r.above[start:end] |= above
            heights[start:end] = np.maximum(heights[start:end], view.upper[start:end])
            added = True
        if added:
            self.take_stock()
        return added

    @property
    def longest(self) -> int:
        """The longest repair, in samples."""
        return self.by.thresholds.longest

    def stands_above(self, start: int, end: int) -> bool:
        """Whether a suspect shows above the music, high enough for its length."""
        if end - start > self.longest + 2 * PAD:
            return False
        demand = self.by.limit * upper_demand(start, end, self.by.thresholds)
        ratio = float(self.view.upper[start:end].max()) / demand
        return self.voted(ratio, start, end, above=True) > 1.0

    def is_plausible(self, start: int, end: int) -> bool:
        """Whether a suspect of the whole band is worth a repair."""
        likeness = plausibility(self.view, self.r.raw, (start, end), self.by.thresholds)
        return likeness.with_vote(self.voted(likeness.standing, start, end)) >= 1.0

    def rebuild(self) -> None:
        """Rebuild all open samples together; elsewhere the field has to be computed anew."""
        index = self.index
        if len(index) == 0:
            return
        if self.system is None:
            if not self.is_field_fresh:
                self.field = self.by.whitener.field(self.r.clean)
            self.system = GapSystem(self.by.model.gram, index)
        damage = self.r.clean[index] - self.r.raw[index]
        change, self.field[index] = rebuilt(
            self.system, self.field[index], self.r.ridge[index], damage
        )
        self.r.clean[index] += change
        self.is_field_fresh = False

    def narrow(self) -> None:
        """Cut each suspect down to its true edges; what is cut off gets its input back.

        A faint one that stands out above the music has its edges from there: in the whole band
        they drown.
        """
        runs = [run for run in self.runs if not self.is_faint(*run)]
        if not runs:
            return
        forward, backward = self.by.whitener.residuals(self.r.clean)
        for start, end in runs:
            run = slice(start, end)
            damage = self.r.raw[run] - self.r.clean[run]
            level = EDGE * self.view.scale_at(start, end)
            edges = true_edges(
                self.by.model, forward[run], backward[run], damage, level, self.longest
            )
            if edges is None and self.r.above[run].any():
                continue
            low, high = edges or (0, 0)
            self.close(start, start + low)
            self.close(start + high, end)
        self.take_stock()

    def is_faint(self, start: int, end: int) -> bool:
        """Whether a run was opened above the music and stands out only there."""
        highest = self.height_above[start:end].max()
        return bool(self.r.above[start:end].any() and highest < _PLAIN)

    def close(self, start: int, end: int) -> None:
        """Give a stretch its input samples back."""
        if start == end:
            return
        self.is_field_fresh = False
        self.r.clean[start:end] = self.r.raw[start:end]
        self.r.unknown[start:end] = False
        self.r.above[start:end] = False
        self.r.ridge[start:end] = 0.0

    def weigh(self) -> None:
        """Let the next rebuilding trust the input the more, the smaller the damage."""
        if not self.runs:
            return
        start, end = np.array(self.runs, np.intp).T
        damage = self.r.raw[self.index] - self.r.clean[self.index]
        last = len(self.view.scale) - 1
        first, final = (np.minimum(at // BLOCK, last) for at in (start, end - 1))
        scale = np.maximum(self.view.scale[first], self.view.scale[final])
        self.r.ridge[self.index] = ridges_of(damage, end - start, scale)

    def decide(self) -> Repaired:
        """Settle the suspects that begin in the leaving hop."""
        leaving = [run for run in self.runs if run[0] < self.r.last]
        judged = self.judge(leaving) if leaving else []
        kept = []
        for start, end, likely in judged:
            if likely < 0.5:
                self.close(start, end)
            else:
                self.r.probability[start:end] = likely
                kept.append((start, end))
        if kept and not self.is_field_fresh:
            self.take_stock()
            self.rebuild()
        for start, end in kept:
            self.r.settled[start:end] = True
            self.r.clean[start:end] = bounded(self.r.clean, self.r.raw, start, end)
        findings = [self.finding(start, end) for start, end in kept]
        if self.longest >= SHORTEST_S * self.by.thresholds.sample_rate:
            findings = [self.with_body(found) for found in findings]
        told = tuple((start, min(end, self.r.last), likely) for start, end, likely in judged)
        return Repaired(tuple(findings), told, self.view)

    def judge(self, runs: Runs) -> list[tuple[int, int, float]]:
        """Give each run its probability.

        One that was found above the music is judged there. If that does not suffice, or the band
        is gone by now, it may still be a click in the whole band.
        """
        judged, may_begin = [], holds_silence(self.r.raw)
        for start, end in runs:
            ratio = 0.0
            begins = may_begin and is_edge_of_silence(self.r.raw, start, end)
            if end - start <= self.longest and not begins:
                if self.r.above[start:end].any() and np.isfinite(self.by.limit):
                    ratio = self.ratio_above(start, end)
                if ratio < 1.0:
                    ratio = max(ratio, self.ratio_in_whole_band(start, end))
            judged.append((start, end, probability(ratio)))
        return judged

    def ratio_above(self, start: int, end: int) -> float:
        """How far a run is a click above the music; 1 suffices."""
        r, by = self.r, self.by
        # No higher than what is taken out here can cause: the rest is a louder neighbour's.
        own = float(np.abs(r.raw[start:end] - r.clean[start:end]).max())
        most = _CONCERTED * own * by.whitener.centre(by.gains)
        most /= self.view.upper_scale[start // BLOCK]
        ratio = upper_likeness(self.removed_above, (start, end), most, by.limit, by.thresholds)
        return self.voted(ratio, start, end, above=True)

    def ratio_in_whole_band(self, start: int, end: int) -> float:
        """How far a run is a click in the whole band; 1 suffices."""
        likeness = click_likeness(
            self.by.model,
            self.view,
            self.r.raw,
            self.r.clean,
            (start, end),
            raw_peak=self.raw_peak,
            level=self.level,
            thresholds=self.by.thresholds,
        )
        return likeness.with_vote(self.voted(likeness.standing, start, end))

    @functools.cached_property
    def removed_above(self) -> F64:
        """Height above the music of all that is taken out, in sigmas, per sample."""
        removed = np.abs(self.by.whitener.whitened(self.r.raw - self.r.clean, self.by.gains))
        blocks = removed[: self.end].reshape(-1, BLOCK)
        return np.asarray((blocks / self.view.upper_scale[:, None]).ravel())

    @functools.cached_property
    def raw_peak(self) -> F64:
        """Each block's largest magnitude of the raw sound's field."""
        deviation = np.abs(self.by.whitener.field(self.r.raw)[: self.end])
        return np.asarray(deviation.reshape(-1, BLOCK).max(axis=1) / self.by.model.field_gain)

    @functools.cached_property
    def level(self) -> F64:
        """Magnitude of the rebuilt sound, whitened once."""
        return np.abs(self.by.whitener.whitened(self.r.clean))

    def with_body(self, found: Finding) -> Finding:
        """Take out the slow pulse behind a crack, if there is one; the finding grows by it."""
        r = self.r
        offset = len(r.memory) - len(r.clean)  # from the region to the memory
        start = r.first + found.start
        length = min(self.longest, self.end - start)
        sample_rate = self.by.thresholds.sample_rate
        pulse = pulse_behind(r.memory, offset + start, length, found.peak, sample_rate)
        if pulse is None:
            return found
        gone = max(0, r.first - (pulse[0] - offset))  # what has already left stays as it is
        begin, shape = pulse[0] - offset + gone, pulse[1][gone:]
        body = slice(begin, begin + len(shape))
        r.clean[body] -= shape
        r.settled[body] = r.unknown[body] = True
        r.probability[body] = np.maximum(r.probability[body], 0.9)
        peak = max(found.peak, float(np.abs(shape).max()))
        return Finding(begin - r.first, len(shape), peak)

    def finding(self, start: int, end: int) -> Finding:
        """What is told of a repair."""
        removed = np.abs(self.r.raw[start:end] - self.r.clean[start:end])
        return Finding(start - self.r.first, end - start, float(removed.max()))


__all__ = ["Finding", "Findings", "Instruments", "Region", "Repaired", "repair"]
