"""Which wall tells the truth where they differ: the one that explains the music better. Any thread.

With the difference ``L - R`` known to be damage ``d``, the mean of the walls holds ``+d/2`` where
the left wall is damaged, ``-d/2`` where the right one is, and something else where both are. The
music's predictor says how much of ``d`` is in it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.declicking.ar import ArModel, GapSystem

F64 = NDArray[np.float64]
Runs = list[tuple[int, int]]

WINDOW = 64  # samples over which evidence is gathered in long damage
BOTH = 1.4  # times the innovation's power that the better wall must leave, to look further
ENVELOPE = 9  # samples that the damage's power is averaged over
WIDER = 1.5  # times the difference's power: what both walls may hold beside it
LEAST = 0.02  # of the highest power in a stretch, and of the innovation's
_ENVELOPE = np.hanning(ENVELOPE + 2)[1:-1] / np.hanning(ENVELOPE + 2).sum()
LONGEST = 600  # samples rebuilt together; beyond, the better wall is the better guess


class Verdict(NamedTuple):
    """What was decided of one stretch.

    ``share`` is 1 where the left wall is the damaged one, -1 the right; ``rebuilt`` says that both
    are and the sound was rebuilt from what is around them. ``gain`` is how much of the prediction
    error is gone, in innovations; ``weight`` how much of it the difference could be, 0..1 and more.
    """

    start: int
    end: int
    share: float
    rebuilt: bool
    gain: float
    weight: float


class Witness:
    """Decides stretch by stretch, and writes the sound without the damage.

    Parameters
    ----------
    mean : float64 [n]
        Of the aligned walls.
    damage : float64 [n]
        Left minus right without the hiss that can be foreseen; 0 outside the stretches.
    model : ArModel
        Of the music.
    sigma : float64 [n]
        Running level of its innovation.
    """

    def __init__(self, mean: F64, damage: F64, model: ArModel, sigma: F64) -> None:
        self.mean, self.damage, self.model, self.sigma = mean, damage, model, sigma
        self.sound = mean.copy()

    def decide(self, runs: Runs) -> list[Verdict]:
        """Decide on all stretches, none within the model's order of either end."""
        error = np.convolve(self.mean, self.model.coefficients)[: len(self.mean)]
        shares = []
        for start, end in runs:
            share = self._share(error, start, end)
            shares.append(float(share.mean()))
            self.sound[start:end] -= 0.5 * share * self.damage[start:end]
        rebuilt = [self._mend(start, end) for start, end in runs]
        return [
            Verdict(start, end, share, again, *self._gain(start, end))
            for (start, end), share, again in zip(runs, shares, rebuilt, strict=True)
        ]

    def _gain(self, start: int, end: int) -> tuple[float, float]:
        """Return how much of the prediction error is gone, and what the difference weighs in it."""
        before = self._energy(self._around(start, end, self.mean[start:end]))
        after = self._energy(self._around(start, end, self.sound[start:end]))
        spread = np.convolve(self.damage[start:end], self.model.coefficients)
        weight = 0.25 * float(spread @ spread) / max(before, 1e-30)
        return (before - after) / float(self.sigma[start]) ** 2, weight

    def _share(self, error: F64, start: int, end: int) -> F64:
        """Return -1..1 per sample: how surely the left wall is the damaged one."""
        spread = np.convolve(self.damage[start:end], self.model.coefficients)
        over = error[start : start + len(spread)]
        evidence = over * spread[: len(over)] / self.sigma[start] ** 2
        n = end - start
        if n <= WINDOW:
            return np.full(n, np.tanh(0.5 * float(evidence.sum())))
        total = np.concatenate([[0.0], np.cumsum(evidence)])
        at = np.arange(n)
        low, high = np.maximum(at - WINDOW // 2, 0), np.minimum(at + WINDOW // 2, len(over))
        return np.asarray(np.tanh(0.5 * (total[high] - total[low])))

    def _mend(self, start: int, end: int) -> bool:
        """Take out what both walls have; say whether there was any.

        Explanations are weighed by their evidence: what an explanation could have explained as
        well counts against it (the determinant of a Gaussian's variance).
        """
        power = self.sigma[start] ** 2
        n, order = end - start, self.model.order
        left = self._energy(self.sound[start - order : end + order]) / power
        if left < BOTH * (n + order) or n > LONGEST:
            return False
        scar = self.damage[start:end]
        half = ENVELOPE // 2
        variance = 0.25 * WIDER * np.convolve(scar**2, _ENVELOPE)[half : half + n]
        unit = power / self.model.gram[0]
        variance = np.maximum(variance, max(LEAST**2 * float(variance.max()), LEAST * unit))
        best, change = left, np.zeros(0)
        price = float(np.sum(np.log1p(variance / unit)))
        for guess, dear in self._guesses(start, end):
            candidate, cost = self._rebuilt(start, end, guess, power / variance)
            cost = cost / power + price + dear
            if cost < best:
                best, change = cost, candidate
        if len(change) == 0:
            return False
        self.sound[start:end] = change
        return True

    def _guesses(self, start: int, end: int) -> list[tuple[F64, float]]:
        """Return what the sound may be near, with the price of saying so.

        The same scar on both walls is a multiple of their difference; two scars of their own say
        nothing of their mean.
        """
        scar = self.damage[start:end]
        spread = np.convolve(scar, self.model.coefficients)
        around = self._around(start, end, self.mean[start:end])
        error = np.convolve(around, self.model.coefficients, "valid")
        energy = float(spread @ spread) + 1e-30
        factor = float(error[: len(spread)] @ spread) / energy
        price = float(np.log1p(energy / self.sigma[start] ** 2)) + 2.0
        return [(self.mean[start:end], 0.0), (self.mean[start:end] - factor * scar, price)]

    def _around(self, start: int, end: int, middle: F64) -> F64:
        order = self.model.order
        return np.concatenate([self.sound[start - order : start], middle, self.sound[end:][:order]])

    def _rebuilt(self, start: int, end: int, guess: F64, ridge: F64) -> tuple[F64, float]:
        """Return the stretch as likely as can be near a guess, and its unlikelihood."""
        order, a = self.model.order, self.model.coefficients
        around = self._around(start, end, guess)
        error = np.convolve(around, a)
        field = np.correlate(error, a, "valid")[order : order + end - start]
        change = GapSystem(self.model.gram, np.arange(end - start)).solve(-field, ridge)
        around[order : order + end - start] += change
        return guess + change, self._energy(around) + float(ridge @ change**2)

    def _energy(self, samples: F64) -> float:
        """Return the prediction error's energy within the middle of a stretch."""
        error = np.convolve(samples, self.model.coefficients, "valid")
        return float(error @ error)
