"""From two walls to one sound, hop by hop, state as a value. Runs wherever the chain runs.

Undamaged walls give their mean and nothing else. Where their difference shows damage, the wall
that is whole speaks alone; where neither is, the sound is rebuilt.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import ArModel, GapSystem, estimate_ar
from model.walls.difference import (
    BLOCK,
    BRIDGE,
    LEVEL_BLOCKS,
    MEDIAN_TO_SIGMA,
    SILENT,
    Heights,
    Runs,
    block_medians,
    heights,
    stretches_of_damage,
    whitened,
)
from model.walls.wall_weights import WallWeights, WeightsState
from model.walls.witness import Verdict, Witness

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

MEMORY = 4096  # samples that the predictors are fitted to
LOOKAHEAD = 384  # samples waited for after the hop
BEFORE = 192  # samples before the leaving hop that are looked at again
HISS_ORDER, MUSIC_ORDER = 32, 64
SIDE = 256  # samples in which the music's innovation is measured beside damage
LEAK = 0.08  # of the whitened music may stay in the difference: pinch effect, what is not aligned
LEAK_REACH = 16  # samples around each in which its power is that of the moment
LEAST_GAIN = 8.0  # innovations that the music must be better explained by
FREEDOM = 2.0  # the same for each rebuilt sample, which explains one by chance
# Of the prediction error, that a difference must be able to explain: at an attack the walls differ
# by what the pickup makes of the music, which is less.
LEAST_WEIGHT = 0.035
DOUBT = 3.0  # innovations of hiss that a sample of damage may be made of
LEAST_DAMAGE = 0.02  # the same that are damage for sure, within a stretch of it
_ENVELOPE = np.hanning(9)[1:-1] / np.hanning(9).sum()
PEAK = 3.0  # times the level of hiss, that hiss comes to
REFRESH, WEIGHED = 4, 2  # hops, in which hiss hardly changes


class JointHop(NamedTuple):
    """What leaves with one hop, ``[n]`` each, delayed by ``latency``.

    ``mean`` is the sum of the walls, half each; ``sound`` equals it where nothing was damaged;
    ``difference`` is theirs, without the damage that was found;
    ``damage`` is ``[2, n]``, 0..1: how surely each wall is the damaged one.
    """

    mean: F64
    sound: F64
    difference: F64
    damage: F64
    verdicts: tuple[Verdict, ...]


class JointState(NamedTuple):
    """The newest samples: mean and difference as they came, and as restored so far ``[memory]``."""

    mean: F64
    sound: F64
    difference: F64
    hiss: F64
    damage: F64
    settled: Mask
    levels: F64  # [LEVEL_BLOCKS] of the whitened difference, the last ones
    model: ArModel  # of the difference
    turn: int
    weights: WeightsState


class JointWalls:
    """Makes one sound of aligned walls.

    Parameters
    ----------
    sample_rate : float
        Hz; above 50 kHz all lengths double with the rate.
    hop : int
        Samples per step.

    Attributes
    ----------
    latency : int
        Samples.
    """

    def __init__(self, sample_rate: float, hop: int) -> None:
        self.hop, factor = hop, 1
        while sample_rate > 50_000 * factor:
            factor *= 2
        self.latency = factor * LOOKAHEAD
        self._before, self._memory = factor * BEFORE, factor * MEMORY
        self._total = self._memory + self.latency + hop
        self._window = np.hanning(self._memory + 1)[:-1]
        self._weights = WallWeights(sample_rate, WEIGHED * hop)

    def initial_state(self) -> JointState:
        """Return silence."""
        nothing = np.zeros(self._total)
        return JointState(
            nothing,
            nothing,
            nothing,
            nothing,
            np.zeros((2, self._total)),
            np.zeros(self._total, bool),
            np.zeros(LEVEL_BLOCKS),
            estimate_ar(nothing[None, : self._memory], HISS_ORDER)[0],
            0,
            self._weights.initial_state(),
        )

    def step(self, walls: F64, state: JointState) -> tuple[JointHop, JointState]:
        """Take in aligned walls ``[2, hop]``; a hop is a multiple of ``BLOCK``."""
        n, total = self.hop, self._total
        s = _shifted(state, walls)
        first, last = total - self.latency - n, total - self.latency
        leaving = slice(first, last)
        if not s.hiss.any():  # one wall twice: there is nothing to compare
            nothing = np.zeros(n)
            hop = JointHop(s.mean[leaving], s.sound[leaving], nothing, s.damage[:, leaving], ())
            return hop, s
        begin = first - self._before
        model = s.model
        if s.turn == 0:
            model = estimate_ar((s.hiss[:first] * self._window)[None], HISS_ORDER)[0]
        both = whitened(np.stack([s.hiss[begin:], s.sound[begin:]]), model.coefficients)
        medians = block_medians(np.abs(both[0])) * MEDIAN_TO_SIGMA
        levels = np.concatenate([state.levels, medians[-n // BLOCK :]])[-LEVEL_BLOCKS:]
        found = heights(both[0], _level(levels, both[1]))
        reach = total - begin - HISS_ORDER
        is_new = ~s.settled[begin : begin + reach]
        found = Heights(found.height[:reach] * is_new, found.belongs[:reach] & is_new)
        runs = [(a + begin, b + begin) for a, b in stretches_of_damage(found)]
        runs = [(max(a, first), b) for a, b in runs if b > first]
        verdicts: tuple[Verdict, ...] = ()
        if any(a < last for a, _ in runs):
            verdicts = self._settle(s, runs, model, first, last)
        sound, weights = self._weighed(s, first, last)
        hop = JointHop(s.mean[leaving], sound, s.hiss[leaving], s.damage[:, leaving], verdicts)
        turn = (s.turn + 1) % REFRESH
        return hop, s._replace(levels=levels, model=model, turn=turn, weights=weights)

    def _weighed(self, s: JointState, first: int, last: int) -> tuple[F64, WeightsState]:
        """Return the leaving sound, in which a wall that hisses more counts less."""
        heard, weights = slice(last - self._weights.frame, last), s.weights
        if s.turn % WEIGHED == 0:
            weights = self._weights.step(s.sound[heard], s.hiss[heard], weights)
        sound = s.sound[first:last]
        if not (weights.shares.any() or s.weights.shares.any()):
            return sound, weights
        reach = self._weights.reach
        difference = s.hiss[first - reach : last + reach].copy()
        # What comes later may be damaged: it counts as no louder than what was.
        loudest = PEAK * float(np.sqrt(np.mean(np.square(difference[:-reach]))))
        np.clip(difference[-reach:], -loudest, loudest, out=difference[-reach:])
        lost = self._weights.taken_out(difference, s.weights.shares, weights.shares)
        whole = ~s.settled[first:last]  # where one wall speaks alone there is nothing to weigh
        return sound - lost * whole, weights

    def _settle(
        self, s: JointState, runs: Runs, hiss: ArModel, first: int, last: int
    ) -> tuple[Verdict, ...]:
        """Restore what begins in the leaving hop, in place; what comes later is looked around."""
        total = len(s.mean)
        margin = MUSIC_ORDER + 1
        runs = [(a, min(b, total - margin)) for a, b in runs if a < total - margin]
        goes_on = runs[-1][1] > total - margin - BRIDGE  # the newest samples are damaged as well
        index = np.concatenate([np.arange(a, b) for a, b in runs])
        if goes_on:
            index = np.concatenate([index, np.arange(runs[-1][1], total)])
        index = index[~s.settled[index]]
        calm = _without(s.difference, s.hiss, index, hiss, first - 2 * HISS_ORDER)
        damage = s.difference - calm
        damage[s.settled] = 0.0
        begin = total - self._memory
        music = s.sound[begin:].copy()
        for start, end in runs:
            a, b = start - begin, end - begin
            music[a:b] = np.linspace(music[a - 1], music[b], b - a)
        if goes_on:
            a = runs[-1][0] - begin
            music[a:] = music[a - 1] * np.exp(-np.arange(len(music) - a) / MUSIC_ORDER)
        model = estimate_ar((music * self._window)[None], MUSIC_ORDER)[0]
        error = np.convolve(music, model.coefficients)[: len(music)]
        known = np.ones(len(music), bool)
        for start, end in runs:
            known[start - begin : end - begin + MUSIC_ORDER // 2] = False
        sigma = _level_beside(error, known)
        mean = np.where(s.settled, s.sound, s.mean)
        witness = Witness(mean[begin:], damage[begin:], model, sigma)
        local = [(a - begin, b - begin) for a, b in runs]
        verdicts = witness.decide(local)
        told = []
        for (start, end), verdict in zip(runs, verdicts, strict=True):
            demanded = LEAST_GAIN + (FREEDOM * (end - start) if verdict.rebuilt else 0.0)
            if start >= last or verdict.gain < demanded or verdict.weight < LEAST_WEIGHT:
                continue
            end = end if end < total - margin else max(last, start)
            place = slice(start, end)
            s.sound[place] = witness.sound[start - begin : end - begin]
            s.hiss[place] = calm[place]
            s.settled[place] = True
            share = 0.5 + 0.5 * verdict.share
            s.damage[:, place] = 1.0 if verdict.rebuilt else [[share], [1.0 - share]]
            told.append(verdict._replace(start=start - first, end=end - first))
        return tuple(told)


def _level(levels: F64, music: F64) -> F64:
    """Return per sample what the whitened difference is without damage.

    Hiss, whose level is a median that damage of half the time does not change, and what the
    pickup lets through of the music at that moment.
    """
    heard = levels[levels > SILENT]
    hiss = float(np.median(heard)) if len(heard) else 0.0
    total = np.concatenate([[0.0], np.cumsum(np.square(music))])
    at = np.arange(len(music))
    low, high = np.maximum(at - LEAK_REACH, 0), np.minimum(at + LEAK_REACH + 1, len(music))
    loud = (total[high] - total[low]) / (high - low)
    return np.asarray(np.sqrt(hiss**2 + LEAK**2 * np.maximum(loud, 0.0)) + SILENT)


def _without(
    difference: F64, hiss: F64, index: NDArray[np.intp], model: ArModel, begin: int
) -> F64:
    """Return the difference with the damage taken out of it.

    First as its surroundings foretell it; what then differs by no more than hiss is hiss after
    all, and stays: each sample leans on what was heard as far as little is damaged there.
    """
    calm = hiss.copy()
    if len(index) == 0:
        return calm
    at = index - begin
    # Of the settled past: what is new may be all damage.
    past = calm[begin - MEMORY // 2 : begin + model.order]
    error = np.convolve(past, model.coefficients, "valid")
    innovation = (float(np.median(np.abs(error))) * MEDIAN_TO_SIGMA) ** 2 + SILENT**2
    calm[index] = 0.0
    field = np.convolve(calm[begin:], model.coefficients)
    field = np.correlate(field, model.coefficients, "valid")[at]
    system = GapSystem(model.gram, at)
    scar = np.zeros(len(hiss))
    scar[index] = difference[index] - system.solve(-field)
    power = np.convolve(scar**2, _ENVELOPE, "same")[index]
    variance = np.maximum(power - DOUBT * innovation, LEAST_DAMAGE * innovation)
    ridge = innovation / variance
    calm[index] = system.solve(-field + ridge * difference[index], ridge)
    return calm


def _level_beside(error: F64, known: Mask) -> F64:
    """Return the level of what is known within ``SIDE`` samples before or after, the louder."""
    power = np.concatenate([[0.0], np.cumsum(np.where(known, np.square(error), 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    n = len(error)
    at = np.arange(n)
    before, after = np.maximum(at - SIDE, 0), np.minimum(at + SIDE, n)
    sides = [(before, at), (at, after)]
    means = [
        np.where(count[b] - count[a] >= SIDE // 4, (power[b] - power[a]), 0.0)
        / np.maximum(count[b] - count[a], 1)
        for a, b in sides
    ]
    beside = np.maximum(*means)
    everywhere = power[-1] / max(int(count[-1]), 1)
    return np.asarray(np.sqrt(np.where(beside > 0, beside, everywhere)) + SILENT)


def _shifted(state: JointState, walls: F64) -> JointState:
    def moved(values: F64, new: F64) -> F64:
        return np.concatenate([values[..., walls.shape[1] :], new], axis=-1)

    left, right = walls
    mean, difference = 0.5 * (left + right), left - right
    return state._replace(
        mean=moved(state.mean, mean),
        sound=moved(state.sound, mean),
        difference=moved(state.difference, difference),
        hiss=moved(state.hiss, difference),
        damage=moved(state.damage, np.zeros(walls.shape)),
        settled=np.concatenate([state.settled[walls.shape[1] :], np.zeros(walls.shape[1], bool)]),
    )
