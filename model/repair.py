"""Rebuild the impulses of one channel's region. Runs on the engine's worker.

Suspects are opened strongest first, rebuilt together by least squares, narrowed down to their
true edges, and rebuilt again, weighing the predictor against the size of the damage. Of those
that begin in the leaving hop, only those are kept whose repair explains the sound better.
"""

from typing import NamedTuple

import numpy as np

from model.ar import F64, ArModel, GapSystem, Whitener
from model.evidence import BLOCK, Mask, derivative_measure, local_scale, neighbour_peak
from model.settings import Settings
from model.thump import SHORTEST_S, pulse_behind

_LOW = 2.5  # a suspect's samples stand out by this many sigma, its peak by the threshold
_GROW = 5.0  # what is still left beside a suspect joins it above this many sigma
_STRONG = 1.5  # what is this many times above the threshold is rebuilt before its turn
_EDGE = 3.0  # forward and backward errors begin and end an impulse at this many sigma
_BRIDGE = 10  # samples; nearer suspects are one
_PAD = 1  # samples added on each side of an impulse
_PASSES = 2  # faint impulses show once the loud ones are rebuilt
_MAX_UNKNOWN = 700  # samples rebuilt together; bounds the time a hop can take
_RIDGE = 3.0  # weight of the predictor against the damage (1: the Wiener estimate)
_SMOOTH = np.hanning(17)[1:-1] / np.hanning(17).sum()  # neighbourhood that sizes the damage


class Finding(NamedTuple):
    """One repaired impulse: ``start`` counts from the hop's first sample, ``peak`` is removed."""

    start: int
    length: int
    peak: float


Findings = tuple[Finding, ...]


class Thresholds(NamedTuple):
    """The detector's reading of the listener's settings."""

    sigma: float  # height of a suspect above the local scale
    guard: float  # its height above the sound's own pulses
    sharpness: float  # its derivative measure
    longest: int  # samples
    attack: float  # samples at which a suspect must stand twice as high
    rise: float  # exponent of the rise in level after it
    floor_band: tuple[float, float]  # where surface noise is measured, shares of Nyquist
    sample_rate: int  # Hz
    analytical: float  # weights of the two detectors' votes, at most 1 each
    learned: float
    lean: float  # log odds added to the learned detector's

    @staticmethod
    def of(settings: Settings, sample_rate: int, *, has_learned: bool = False) -> "Thresholds":
        """Map sensitivity and protection to sigmas and ratios; 0.5 and 0.5 are the tuned point.

        Without a learned detector the analytical one decides alone, whatever the balance says.
        """
        caution = 2.5 ** (1.0 - 2.0 * settings.sensitivity)
        nyquist = sample_rate / 2
        balance = settings.learned_balance if has_learned else 0.0
        return Thresholds(
            analytical=min(1.0, 2.0 * (1.0 - balance)),
            learned=min(1.0, 2.0 * balance),
            lean=4.0 * (settings.sensitivity - 0.5),
            sigma=7.0 * caution,
            guard=12.0**settings.protection,
            sharpness=4.0 * caution,
            longest=max(4, round(settings.longest_click_ms * 1e-3 * sample_rate)),
            attack=0.4e-3 * sample_rate / max(settings.protection, 1e-3),
            rise=0.5 * settings.protection,
            floor_band=(min(2_000 / nyquist, 0.4), min(5_000 / nyquist, 0.9)),
            sample_rate=sample_rate,
        )


def fused(height: F64, opinion: F64, thresholds: Thresholds) -> F64:
    """Height over the threshold with the learned vote joined; 1 is where a suspect begins.

    Both are votes in the logarithm, so that either detector alone, weighed 1 against 0, decides
    as it would without the other.
    """
    ratio = height / thresholds.sigma
    if thresholds.learned == 0.0:
        return np.asarray(ratio)
    if thresholds.analytical < 1.0:
        ratio = np.maximum(ratio, 1e-6) ** thresholds.analytical
    return np.asarray(ratio * np.exp(thresholds.learned * opinion))


class ChannelRepair:
    """One channel's region at one hop; its arrays are views into the next state.

    ``memory`` reaches further back than the region and ends where it ends. ``opinion`` is the
    learned detector's vote per sample, the logarithm of a factor on the sample's height.

    ``first`` and ``last`` bound the leaving hop. Only :meth:`decide` settles anything.
    """

    def __init__(
        self,
        model: ArModel,
        whitener: Whitener,
        *,
        memory: F64,
        raw: F64,
        clean: F64,
        unknown: Mask,
        settled: Mask,
        ridge: F64,
        probability: F64,
        opinion: F64,
        first: int,
        last: int,
        thresholds: Thresholds,
    ) -> None:
        self.model = model
        self.whitener = whitener
        self.memory = memory
        self.raw = raw
        self.clean = clean
        self.unknown = unknown
        self.settled = settled
        self.ridge = ridge
        self.probability = probability
        self.opinion = opinion
        self.first = first
        self.last = last
        self.thresholds = thresholds
        self.raw_peak: F64 | None = None
        self.judged: list[tuple[int, int, float]] = []

    def take_over(self, field: F64, scale: F64, peak: F64, height: F64) -> None:
        """Start from measurements that were made for all channels together."""
        self.field, self.scale, self.peak, self.height = field, scale, peak, height
        self.is_field_fresh = True
        self.n_blocks = len(scale)
        self.end = self.n_blocks * BLOCK  # past it the field is not complete

    def has_suspects(self) -> bool:
        """Whether anything stands out that is not under repair yet."""
        ratio = self.suspicion()
        return bool(ratio[self.first : self.last].max() > 1.0 or ratio[self.last :].max() > _STRONG)

    def suspicion(self) -> F64:
        """Each sample's height over the threshold, after both detectors' votes."""
        return fused(self.height, self.opinion[: self.end], self.thresholds)

    def vote(self, ratio: float, start: int, end: int) -> float:
        """Let the learned detector's opinion of a stretch join an analytical ratio."""
        t = self.thresholds
        if t.learned == 0.0:
            return ratio
        opinion = float(self.opinion[start:end].max())
        return float(max(ratio, 1e-6) ** t.analytical * np.exp(t.learned * opinion))

    def examine(self) -> None:
        """Mark the suspects of the region and rebuild them."""
        self.update_runs()
        if self.runs and self.runs[0][0] < self.last:
            self.rebuild()  # with the newest predictor, before it is decided upon
            if self.has_suspects():
                self.measure()
        for _ in range(_PASSES):
            if not self.has_suspects() or not self.suspect():
                break
            self.rebuild()
            self.narrow()
            for _ in range(2):
                self.weigh()
                self.rebuild()
            self.measure()

    def update_runs(self) -> None:
        """Take stock of what is under repair and not settled: start and end of each run."""
        is_open = self.unknown[: self.end] & ~self.settled[: self.end]
        is_open[: self.first] = False
        index = np.flatnonzero(is_open)
        self.is_open, self.index, self.runs = is_open, index, []
        self.system: GapSystem | None = None
        if len(index):
            cut = np.flatnonzero(index[1:] - index[:-1] > 1)
            starts = index[np.concatenate([[0], cut + 1])]
            ends = index[np.concatenate([cut, [len(index) - 1]])] + 1
            self.runs = list(zip(starts.tolist(), ends.tolist(), strict=True))

    def rebuild(self) -> None:
        """Least-squares interpolation of all open samples together.

        Afterwards the field is known on the open samples, without a transform: there the ridge's
        pull balances it. Everywhere else it has to be computed anew.
        """
        index = self.index
        if len(index) == 0:
            return
        if self.system is None:
            self.refresh_field()
            self.system = GapSystem(self.model.gram, index)
        ridge = self.ridge[index]
        damage = self.clean[index] - self.raw[index]
        change = self.system.solve(-self.field[index] - ridge * damage, ridge)
        self.clean[index] += change
        self.field[index] = -ridge * (damage + change)
        self.is_field_fresh = False

    def refresh_field(self) -> None:
        """Compute the field where anything has changed."""
        if not self.is_field_fresh:
            self.field = self.whitener.field(self.clean)
            self.is_field_fresh = True

    def measure(self) -> None:
        """Local scale of the whitened signal and each sample's height above it."""
        self.refresh_field()
        deviation = np.abs(self.field) / self.model.field_gain
        self.scale, self.peak = local_scale(deviation[: self.end], self.is_open)
        deviation[self.index] = 0.0
        self.height = (deviation[: self.end].reshape(-1, BLOCK) / self.scale[:, None]).ravel()

    def scale_at(self, start: int, end: int) -> float:
        """Local scale around a stretch: the larger of its two ends'."""
        last = self.n_blocks - 1
        return float(
            max(self.scale[min(start // BLOCK, last)], self.scale[min((end - 1) // BLOCK, last)])
        )

    def suspect(self) -> bool:
        """Open what stands out, strongest first; say whether anything was added."""
        is_open = self.is_open
        high = (self.height > _LOW) | is_open
        high[: self.first] = False
        high &= ~self.settled[: self.end]
        index = np.flatnonzero(high)
        if len(index) == 0:
            return False
        cut = np.flatnonzero(np.diff(index) > _BRIDGE)
        begin = np.concatenate([[0], cut + 1])
        finish = np.concatenate([cut, [len(index) - 1]])
        top = np.maximum.reduceat(self.suspicion()[index], begin)
        holds_open = np.logical_or.reduceat(is_open[index], begin)
        # What is still to come waits for its turn, unless it is strong enough to mislead.
        waits = index[begin] >= self.last
        threshold = np.where(waits, _STRONG, 1.0)
        grows = np.maximum.reduceat(self.height[index], begin) > _GROW
        chosen = np.flatnonzero((top > threshold) | (holds_open & grows))
        budget = _MAX_UNKNOWN - len(self.index)
        added = False
        for j in chosen[np.argsort(-top[chosen])]:
            start = max(int(index[begin[j]]) - _PAD, self.first)
            end = min(int(index[finish[j]]) + 1 + _PAD, self.end)
            new = ~self.unknown[start:end]
            if end - start > self.thresholds.longest + 2 * self.model.order or not new.any():
                continue
            if not holds_open[j] and not self.is_plausible(start, end):
                continue
            budget -= int(new.sum())
            if budget < 0:
                break
            self.unknown[start:end] |= ~self.settled[start:end]
            self.ridge[start:end] = 0.0
            added = True
        if added:
            self.update_runs()
        return added

    def is_plausible(self, start: int, end: int) -> bool:
        """Whether a suspect is worth a repair: the verdict's cheap parts, taken beforehand."""
        height = float(self.height[start:end].max()) * self.scale_at(start, end)
        pulses = neighbour_peak(self.peak, start // BLOCK, (end - 1) // BLOCK, 0.4)
        above_pulses = height / (self.thresholds.guard * pulses)
        if self.vote(above_pulses, start, end) < 1.0:
            return False
        sharpness = derivative_measure(self.raw, start, end - start) / self.thresholds.sharpness
        return self.vote(sharpness, start, end) >= 1.0

    def narrow(self) -> None:
        """Cut each suspect down to where forward error begins and backward error ends.

        The field spreads an impulse over the predictor's length; the two errors have one sharp
        edge each. What is cut off gets its input samples back.
        """
        forward, backward = self.whitener.residuals(self.clean)
        a = self.model.coefficients
        for start, end in self.runs:
            n = end - start
            damage = self.raw[start:end] - self.clean[start:end]
            level = _EDGE * self.scale_at(start, end)
            onset = np.abs(forward[start:end] + np.convolve(damage, a)[:n]) > level
            tail = (
                backward[start:end]
                + np.convolve(damage, a[::-1])[self.model.order : self.model.order + n]
            )
            offset = np.abs(tail) > level
            if onset.any() and offset.any():
                low = max(0, int(onset.argmax()) - _PAD)
                high = min(n, n - int(offset[::-1].argmax()) + _PAD)
            else:
                low = high = 0
            if low < high <= low + self.thresholds.longest:
                self.close(start, start + low)
                self.close(start + high, end)
            else:
                self.close(start, end)
        self.update_runs()

    def close(self, start: int, end: int) -> None:
        """Give a stretch its input samples back."""
        if start == end:
            return
        self.is_field_fresh = False
        self.clean[start:end] = self.raw[start:end]
        self.unknown[start:end] = False
        self.ridge[start:end] = 0.0

    def weigh(self) -> None:
        """Let the next rebuilding trust the input the more, the smaller the damage.

        With the damage modelled as noise of its own local power, the most probable signal is a
        ridge regression whose weight is the innovation's power over the damage's.
        """
        for start, end in self.runs:
            power = (self.raw[start:end] - self.clean[start:end]) ** 2
            smooth = np.convolve(power, _SMOOTH)[7 : 7 + len(power)]
            local = 0.3 * power.mean() + 0.7 * smooth
            innovation = self.scale_at(start, end) ** 2
            self.ridge[start:end] = _RIDGE * innovation / np.maximum(local, 1e-14)

    def decide(self) -> Findings:
        """Settle the suspects that begin in the leaving hop; ``judged`` keeps all verdicts."""
        kept: list[tuple[int, int]] = []
        for start, end in self.runs:
            if start >= self.last:
                break
            probability = self.probability_of(start, end)
            self.judged.append((start, min(end, self.last), probability))
            if probability < 0.5:
                self.close(start, end)
            else:
                self.probability[start:end] = probability
                kept.append((start, end))
        if kept and not self.is_field_fresh:
            self.update_runs()
            self.rebuild()
        for start, end in kept:
            self.settled[start:end] = True
            self.bound(start, end)
        findings = tuple(self.finding(start, end) for start, end in kept)
        if self.thresholds.longest >= SHORTEST_S * self.thresholds.sample_rate:
            findings = tuple(self.with_body(found) for found in findings)
        return findings

    def with_body(self, found: Finding) -> Finding:
        """Take out the slow pulse behind a crack, if there is one; the finding grows by it."""
        offset = len(self.memory) - len(self.clean)  # from the region to the memory
        start = self.first + found.start
        length = min(self.thresholds.longest, self.end - start)
        pulse = pulse_behind(
            self.memory, offset + start, length, found.peak, self.thresholds.sample_rate
        )
        if pulse is None:
            return found
        gone = max(0, self.first - (pulse[0] - offset))  # what has already left stays as it is
        begin, shape = pulse[0] - offset + gone, pulse[1][gone:]
        body = slice(begin, begin + len(shape))
        self.clean[body] -= shape
        self.settled[body] = self.unknown[body] = True
        self.probability[body] = np.maximum(self.probability[body], 0.9)
        peak = max(found.peak, float(np.abs(shape).max()))
        return Finding(begin - self.first, len(shape), peak)

    def finding(self, start: int, end: int) -> Finding:
        """What is told of a repair."""
        removed = np.abs(self.raw[start:end] - self.clean[start:end])
        return Finding(start - self.first, end - start, float(removed.max()))

    def probability_of(self, start: int, end: int) -> float:
        """Probability that a suspect is an impulse, from the repair that was tried.

        The weakest counts: height of the removed part above the local scale, above the
        neighbouring pulses, and the derivative measure, each with the learned detector's vote;
        and, whatever is voted, the energy that the repair takes out of the prediction error:
        what explains the sound no better is no impulse.
        """
        if self.is_edge_of_silence(start, end):
            return 0.0
        damage = self.raw[start:end] - self.clean[start:end]
        gram = self.model.gram
        kernel = np.concatenate([gram[:0:-1], gram])
        spread = np.convolve(damage, kernel)[self.model.order : self.model.order + len(damage)]
        height = float(np.abs(spread).max()) / self.model.field_gain
        scale = self.scale_at(start, end)
        explained = float(damage @ spread) / (len(damage) * scale**2)
        pulses = self.pulse_height(start, end)
        weakest = min(
            height / (scale * self.thresholds.sigma * self.attack_likeness(start, end)),
            height / (pulses * self.thresholds.guard),
        )
        ratio = min(self.vote(weakest, start, end), max(explained, 0.0) ** 0.5 / 2.0)
        if ratio >= 1.0:
            sharpness = derivative_measure(self.raw, start, end - start)
            ratio = min(ratio, self.vote(sharpness / self.thresholds.sharpness, start, end))
        return float(1.0 / (1.0 + max(ratio, 1e-6) ** -4))

    def pulse_height(self, start: int, end: int) -> float:
        """Height of the sound's own pulses around a suspect.

        Seen twice: beside all suspects, and in the sound as it came, where a fast series (brass)
        fills most blocks even though each of its pulses may be a suspect itself.
        """
        if self.raw_peak is None:
            deviation = np.abs(self.whitener.field(self.raw)[: self.end]) / self.model.field_gain
            self.raw_peak = deviation.reshape(-1, BLOCK).max(axis=1)
        first, last = start // BLOCK, min((end - 1) // BLOCK, self.n_blocks - 1)
        return max(
            neighbour_peak(self.peak, first, last, 0.8),
            neighbour_peak(self.raw_peak, first, last, 0.4),
        )

    def is_edge_of_silence(self, start: int, end: int) -> bool:
        """Whether digital silence lies on just one side: a beginning or an end, no impulse."""
        before = self.raw[max(0, start - BLOCK) : start].any()
        after = self.raw[end : end + BLOCK].any()
        return bool(before != after)

    def attack_likeness(self, start: int, end: int) -> float:
        """How much higher a suspect must stand for its length and the rise of level after it.

        A drum or a plosive is long and leaves the sound louder than before; a click of the same
        height is short and leaves it as it was.
        """
        reach = 4 * BLOCK
        before, after = self.clean[max(0, start - reach) : start], self.clean[end : end + reach]
        rise = float(after @ after) / max(float(before @ before), 1e-9)
        length = (end - start) / self.thresholds.attack
        return float((1.0 + length) * max(1.0, rise) ** self.thresholds.rise)

    def bound(self, start: int, end: int) -> None:
        """Keep a repair inside the loudness of its surroundings and of what was there."""
        near = slice(max(0, start - 2 * BLOCK), end + 2 * BLOCK)
        limit = float(np.abs(self.raw[near]).max())
        np.clip(self.clean[start:end], -limit, limit, out=self.clean[start:end])
