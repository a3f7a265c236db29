"""Repair the channels' regions at one hop. Runs on the engine's worker.

Suspects are opened strongest first, rebuilt together by least squares, narrowed down to their
true edges, and rebuilt again, weighing the predictor against the size of the damage. Of those
that begin in the leaving hop, only those are kept whose repair explains the sound better. What is
looked at stands in :mod:`model.declicking.survey`, what is decided in
:mod:`model.declicking.verdict`, what is done in :mod:`model.declicking.rebuild`; here is the order
in which it happens.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from model.declicking.ar import (
    C128,
    F64,
    ArModel,
    GapSystem,
    Whitener,
    finer_ar,
    spectrum_of,
    windowed,
)
from model.declicking.evidence import BLOCK, Mask
from model.declicking.rebuild import (
    EDGE,
    PAD,
    Layout,
    Places,
    Runs,
    bound,
    bounds_of,
    rebuilt,
    ridges_of,
    spanned,
    true_edges,
    within,
)
from model.declicking.survey import Survey, Votes, field_gains, survey, suspicion, voted
from model.declicking.thresholds import Thresholds
from model.declicking.thump import SHORTEST_S, PulseSearch
from model.declicking.verdict import (
    Likeness,
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
_DENSE = 200  # samples; more are weighed once only: in dense crackle a second time gains nothing


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
    above the music. ``votes`` are the learned detector's. ``memory`` reaches further back
    than ``clean`` and ends where it ends. ``first`` and ``last`` bound the leaving hop.
    """

    raw: F64
    clean: F64
    unknown: Mask
    settled: Mask
    ridge: F64
    probability: F64
    above: Mask
    votes: Votes
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


class Task(NamedTuple):
    """One channel's repair: where, with what, and the region as it was surveyed before."""

    region: Region
    instruments: Instruments
    view: Survey


class Repaired(NamedTuple):
    """What a hop's repair tells: findings, the verdicts on all suspects, and the last view."""

    findings: Findings
    judged: tuple[tuple[int, int, float], ...]
    view: Survey


def repair(whitener: Whitener, tasks: Sequence[Task]) -> list[Repaired]:
    """Find, rebuild and settle in some channels; ``whitener`` is that of these channels.

    Each goes its own way; where several have to be surveyed anew, that is done in one go.
    """
    works = [_Work(*task) for task in tasks]
    ways = [work.examine() for work in works]
    asking = list(range(len(works)))
    while asking := [row for row in asking if next(ways[row], False)]:
        _look(whitener, works, asking)
    return [work.decide() for work in works]


def _look(whitener: Whitener, works: Sequence["_Work"], rows: list[int]) -> None:
    """Survey some channels anew."""
    looking = [works[row] for row in rows]
    if len(rows) < len(works):
        whitener = whitener.channels(rows)
    spectra = spectrum_of(np.stack([work.r.clean for work in looking]))
    view = survey(
        whitener,
        field_gains([work.by.model for work in looking]),
        spectra,
        np.stack([work.is_open for work in looking]),
        np.stack([work.by.gains for work in looking]),
    )
    for row, work in enumerate(looking):
        work.see(view.channel(row), spectra[row])


class _Work:
    """The course of one repair: the open samples, and the view of the region while it changes."""

    def __init__(self, region: Region, instruments: Instruments, view: Survey) -> None:
        self.r = region
        self.by = instruments
        self.view = view
        self.field = view.field
        self.is_field_fresh = True
        self.spectrum: C128 | None = None  # of the restored sound, while that is known
        self.end = view.end
        self.window = slice(region.first, view.end)  # what may still be changed
        self.ratio: F64 | None = None
        self.height_above = view.upper.copy()
        self.take_stock()

    def examine(self) -> Iterator[bool]:
        """Mark the suspects of the region and rebuild them; at each yield, ask for a new view."""
        if self.runs and self.runs[0][0] < self.r.last:
            self.rebuild()  # with the newest predictor, before it is decided upon
            if self.has_suspects():
                yield True
        for _ in range(_PASSES):
            if not self.has_suspects() or not self.open_suspects():
                break
            self.rebuild()
            self.narrow()
            for _ in range(1 if len(self.index) > _DENSE else 2):
                self.weigh()
                self.rebuild()
            yield True

    def see(self, view: Survey, spectrum: C128) -> None:
        """Take in a new view; ``spectrum`` is that of the restored sound."""
        self.view, self.spectrum = view, spectrum
        self.field = view.field
        self.is_field_fresh = True
        self.ratio = None

    def suspicion(self) -> F64:
        """Height over the threshold after both detectors' votes, from ``first`` to ``end``."""
        if self.ratio is None:
            view, by, votes = self.view, self.by, self.r.votes
            here = self.window
            factors = Votes(votes.whole[here], votes.above[here])
            self.ratio = suspicion(
                view.height[here], view.upper[here], factors, by.limit, by.thresholds
            )
        return self.ratio

    def has_suspects(self) -> bool:
        """Whether anything stands out that is not under repair yet."""
        ratio, leaving = self.suspicion(), self.r.last - self.r.first
        return bool(ratio[:leaving].max() > 1.0 or ratio[leaving:].max() > _STRONG)

    def take_stock(self) -> None:
        """Note what is under repair and not settled."""
        first, here = self.r.first, self.window
        is_open = np.zeros(self.end, bool)
        np.greater(self.r.unknown[here], self.r.settled[here], out=is_open[here])
        self.is_open: Mask = is_open
        self.index = is_open[here].nonzero()[0] + first
        self.starts, self.ends, self.offsets = bounds_of(self.index)
        self.runs: Runs = list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))
        self.raw, self.clean = self.r.raw[self.index], self.r.clean[self.index]
        self.system: GapSystem | None = None
        self.layout: Layout | None = None

    def open_suspects(self) -> bool:
        """Open what stands out, strongest first; say whether anything was added."""
        r, view, here, first = self.r, self.view, self.window, self.r.first
        is_open, height = self.is_open[here], view.height[here]
        high = height > _LOW
        high |= is_open
        if np.isfinite(self.by.limit):
            high |= view.upper[here] > _LOW
        high &= ~r.settled[here]
        index = high.nonzero()[0]
        if len(index) == 0:
            return False
        starts, ends, begin = bounds_of(index, _BRIDGE)
        top = np.maximum.reduceat(self.suspicion()[index], begin)
        holds_open = np.logical_or.reduceat(is_open[index], begin)
        # What is still to come waits for its turn, unless it is strong enough to mislead.
        threshold = np.where(starts >= r.last - first, _STRONG, 1.0)
        grows = np.maximum.reduceat(height[index], begin) > _GROW
        chosen = ((top > threshold) | (holds_open & grows)).nonzero()[0]
        if len(chosen) == 0:
            return False
        # Farther from each other than the padding, so that none overlaps the next.
        starts = np.maximum(starts[chosen] + (first - PAD), first)
        ends = np.minimum(ends[chosen] + (first + PAD), self.end)
        new = within(np.add, (~r.unknown).astype(np.intp), starts, ends)
        above = self.stand_above(starts, ends)
        fits = (new > 0) & (ends - starts <= self.longest + 2 * self.by.model.order)
        strongest = np.argsort(-top[chosen])
        budget, opened = _MAX_UNKNOWN - len(self.index), []
        for j in strongest[fits[strongest]].tolist():
            is_known = above[j] or holds_open[chosen[j]]
            if not (is_known or self.is_plausible(int(starts[j]), int(ends[j]))):
                continue
            budget -= int(new[j])
            if budget < 0:
                break
            opened.append(j)
        if not opened:
            return False
        added = spanned(starts[opened], ends[opened], len(r.unknown))
        np.logical_or(r.unknown, added > r.settled, out=r.unknown)
        r.ridge[added] = 0.0
        shown = above[opened]
        if shown.any():
            standing = spanned(starts[opened][shown], ends[opened][shown], len(r.above))
            np.logical_or(r.above, standing, out=r.above)
        heights = self.height_above
        np.maximum(heights, view.upper, out=heights, where=added[: self.end])
        self.take_stock()
        return True

    @property
    def longest(self) -> int:
        """The longest repair, in samples."""
        return self.by.thresholds.longest

    def stand_above(self, starts: Places, ends: Places) -> Mask:
        """Which suspects show above the music, high enough for their length."""
        lengths = ends - starts
        demand = self.by.limit * upper_demand(lengths, self.by.thresholds)
        ratio = within(np.maximum, self.view.upper, starts, ends) / demand
        vote = within(np.maximum, self.r.votes.above, starts, ends)
        is_short = lengths <= self.longest + 2 * PAD
        return np.asarray(is_short & (voted(ratio, vote, self.by.thresholds) > 1.0))

    def is_plausible(self, start: int, end: int) -> bool:
        """Whether a suspect of the whole band is worth a repair."""
        likeness = plausibility(self.view, self.r.raw, (start, end), self.by.thresholds)
        return self.with_vote(likeness, start, end) >= 1.0

    def with_vote(self, likeness: Likeness, start: int, end: int) -> float:
        """How far a stretch is a click of the whole band, the learned detector's vote included."""
        vote = float(self.r.votes.whole[start:end].max())
        return likeness.with_vote(voted(likeness.standing, vote, self.by.thresholds))

    def rebuild(self) -> None:
        """Rebuild all open samples together; elsewhere the field has to be computed anew."""
        index = self.index
        if len(index) == 0:
            return
        if self.system is None:
            if not self.is_field_fresh:
                self.field = self.by.whitener.field(self.r.clean)
            self.system = GapSystem(self.by.model.gram, index)
        change, self.field[index] = rebuilt(
            self.system, self.field[index], self.r.ridge[index], self.clean - self.raw
        )
        self.clean += change
        self.r.clean[index] = self.clean
        self.is_field_fresh, self.spectrum = False, None

    def narrow(self) -> None:
        """Cut each suspect down to its true edges; what is cut off gets its input back.

        A faint one that stands out above the music has its edges from there: in the whole band
        they drown.
        """
        is_above = np.logical_or.reduceat(self.r.above[self.index], self.offsets)
        highest = np.maximum.reduceat(self.height_above[self.index], self.offsets)
        plain = (~is_above | (highest >= _PLAIN)).nonzero()[0].tolist()
        if not plain:
            return
        forward, backward = self.by.whitener.residuals(self.r.clean)
        for j in plain:
            start, end = self.runs[j]
            run = slice(start, end)
            damage = self.r.raw[run] - self.r.clean[run]
            level = EDGE * self.view.scale_at(start, end)
            edges = true_edges(
                self.by.model, forward[run], backward[run], damage, level, self.longest
            )
            if edges is None and is_above[j]:
                continue
            low, high = edges or (0, 0)
            self.close(start, start + low)
            self.close(start + high, end)
        self.take_stock()

    def close(self, start: int, end: int) -> None:
        """Give a stretch its input samples back."""
        if start == end:
            return
        self.is_field_fresh, self.spectrum = False, None
        self.r.clean[start:end] = self.r.raw[start:end]
        self.r.unknown[start:end] = False
        self.r.above[start:end] = False
        self.r.ridge[start:end] = 0.0

    def weigh(self) -> None:
        """Let the next rebuilding trust the input the more, the smaller the damage."""
        if not self.runs:
            return
        last = len(self.view.scale) - 1
        first, final = (np.minimum(at // BLOCK, last) for at in (self.starts, self.ends - 1))
        scale = np.maximum(self.view.scale[first], self.view.scale[final])
        if self.layout is None:
            self.layout = Layout.of(self.ends - self.starts)
        self.r.ridge[self.index] = ridges_of(self.clean - self.raw, self.layout, scale)

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
        told = tuple((start, min(end, self.r.last), likely) for start, end, likely in judged)
        if not kept:
            return Repaired((), told, self.view)
        if not self.is_field_fresh:
            self.take_stock()
            self.rebuild()
        self.refine()
        return Repaired(tuple(self.settle(kept)), told, self.view)

    def refine(self) -> None:
        """Where the transfer ends early, rebuild once more by a predictor that knows its end."""
        r, by = self.r, self.by
        finer = finer_ar(windowed(r.memory), by.model, by.thresholds.floor_band)
        if finer is None:
            return
        field = Whitener([finer.model], len(r.clean)).channels(0).field(r.clean)[self.index]
        ridge = finer.share * r.ridge[self.index]  # for it weighs the damage against what is missed
        system = GapSystem(finer.model.gram, self.index)
        change, _ = rebuilt(system, field, ridge, self.clean - self.raw)
        self.clean += change
        r.clean[self.index] = self.clean
        self.is_field_fresh, self.spectrum = False, None

    def settle(self, kept: Runs) -> list[Finding]:
        """Keep some repairs for good, and tell of them."""
        r = self.r
        starts, ends = np.array(kept, np.intp).T
        np.logical_or(r.settled, spanned(starts, ends, len(r.settled)), out=r.settled)
        bound(r.clean, r.raw, starts, ends)
        peaks = within(np.maximum, np.abs(r.raw - r.clean), starts, ends).tolist()
        findings = [
            Finding(start - r.first, end - start, peak)
            for (start, end), peak in zip(kept, peaks, strict=True)
        ]
        if self.longest < SHORTEST_S * self.by.thresholds.sample_rate:
            return findings
        search = PulseSearch(r.memory, self.by.thresholds.sample_rate)
        return [self.with_body(found, search) for found in findings]

    def judge(self, runs: Runs) -> list[tuple[int, int, float]]:
        """Give each run its probability.

        One that was found above the music is judged there. If that does not suffice, or the band
        is gone by now, it may still be a click in the whole band.
        """
        judged, may_begin = [], holds_silence(self.r.raw)
        ratios = self.ratios_above(len(runs))
        for (start, end), ratio in zip(runs, ratios, strict=True):
            begins = may_begin and is_edge_of_silence(self.r.raw, start, end)
            if end - start > self.longest or begins:
                ratio = 0.0
            elif ratio < 1.0:
                ratio = max(ratio, self.ratio_in_whole_band(start, end))
            judged.append((start, end, probability(ratio)))
        return judged

    def ratios_above(self, n: int) -> list[float]:
        """How far each of the first ``n`` runs is a click above the music; 1 suffices."""
        by, thresholds = self.by, self.by.thresholds
        offsets, lengths = self.offsets[:n], (self.ends - self.starts)[:n]
        index = self.index[: int(offsets[-1] + lengths[-1])]
        is_above = np.logical_or.reduceat(self.r.above[index], offsets)
        if not np.isfinite(by.limit) or not is_above.any():
            return [0.0] * n
        removed = self.r.raw - self.r.clean
        # No higher than what is taken out here can cause: the rest is a louder neighbour's.
        own = np.maximum.reduceat(np.abs(removed[index]), offsets)
        most = _CONCERTED * own * by.whitener.centre(by.gains)
        most /= self.view.upper_scale[self.starts[:n] // BLOCK]
        # Height above the music of all that is taken out, in sigmas.
        height = np.abs(by.whitener.whitened(removed, by.gains)[index])
        height /= self.view.upper_scale[index // BLOCK]
        highest = np.maximum.reduceat(height, offsets)
        ratio = upper_likeness(highest, most, lengths, by.limit, thresholds)
        vote = np.maximum.reduceat(self.r.votes.above[index], offsets)
        told: list[float] = np.where(is_above, voted(ratio, vote, thresholds), 0.0).tolist()
        return told

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
        return self.with_vote(likeness, start, end)

    @functools.cached_property
    def raw_peak(self) -> F64:
        """Each block's largest magnitude of the raw sound's field."""
        deviation = np.abs(self.by.whitener.field(self.r.raw)[: self.end])
        return np.asarray(deviation.reshape(-1, BLOCK).max(axis=1) / self.by.model.field_gain)

    @functools.cached_property
    def level(self) -> F64:
        """Magnitude of the rebuilt sound, whitened once."""
        spectrum = spectrum_of(self.r.clean) if self.spectrum is None else self.spectrum
        return np.abs(self.by.whitener.whitened_from(spectrum))

    def with_body(self, found: Finding, search: PulseSearch) -> Finding:
        """Take out the slow pulse behind a crack, if there is one; the finding grows by it."""
        r = self.r
        offset = len(r.memory) - len(r.clean)  # from the region to the memory
        start = r.first + found.start
        length = min(self.longest, self.end - start)
        pulse = search.behind(offset + start, length, found.peak)
        if pulse is None:
            return found
        gone = max(0, r.first - (pulse[0] - offset))  # what has already left stays as it is
        begin, shape = pulse[0] - offset + gone, pulse[1][gone:]
        body = slice(begin, begin + len(shape))
        r.clean[body] -= shape
        search.listen()
        r.settled[body] = r.unknown[body] = True
        r.probability[body] = np.maximum(r.probability[body], 0.9)
        peak = max(found.peak, float(np.abs(shape).max()))
        return Finding(begin - r.first, len(shape), peak)


__all__ = ["Finding", "Findings", "Instruments", "Region", "Repaired", "Task", "repair"]
