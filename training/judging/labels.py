"""Which samples of a made record a declicker should have repaired, and how much it matters."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from training.dirt.artifacts import GroundTruth
from training.judging.metrics import stretches
from training.signals.innovation import Innovation

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

BRIDGE = 17  # samples over which a ringing impulse counts as one
DISTINCT = 4.5  # sigma that all samples of a click reach together; fainter ones nobody can tell
CERTAIN = 9.0  # from here on a click counts in full
LEAST_CARE = 0.2  # for one that is just distinct
SHOWS = 1.5  # sigma of a sample that belongs to the damage
SHOWS_REACH = 9  # samples over which it is looked for
AUDIBLE = 0.1  # of the local level: what a swing changes beyond that is damage as well
ABOVE_NOISE = 1.5  # times the hiss


def impulse_labels(degraded: F32, without: F32, truth: GroundTruth) -> tuple[F32, F32]:
    """Return which samples are worth repairing (1 or 0), and how much each one matters (0 to 1).

    A click is worth it as far as it stands out of what in the music and the hiss cannot be
    foreseen. Fainter ones do not matter, nor do thumps, which no interpolation repairs, nor what
    a filter has smeared beyond the damage.
    """
    excess = degraded.astype(np.float64) - without
    thump = np.zeros(len(degraded), bool)
    for event in truth.events:
        if event.kind == "thump":
            thump[event.start : event.start + event.length] = True
    innovation = Innovation(without)
    height = np.abs(innovation.whitened(np.where(thump, 0.0, excess))) / innovation.sigma
    damage = truth.mask & ~thump
    distinct = _distinctness(height, damage)
    shows = (maximum_filter1d(height, SHOWS_REACH) > SHOWS) | _swings(excess, without, truth)
    worth = damage & shows & (distinct >= DISTINCT)
    certainty = np.clip((distinct - DISTINCT) / (CERTAIN - DISTINCT), LEAST_CARE, 1.0)
    smeared = ~truth.mask & (np.abs(excess) > 0) & shows
    care = np.where(worth, certainty, ~truth.mask & ~smeared)
    return worth.astype(np.float32), care.astype(np.float32)


def _distinctness(height: F64, damage: Mask) -> F64:
    """Root of the summed squares of each damaged stretch, short gaps bridged; 0 elsewhere."""
    near = maximum_filter1d(damage, BRIDGE)
    total = np.zeros(len(height))
    for start, end in stretches(near):
        total[start:end] = np.sqrt(np.sum(height[start:end] ** 2))
    return np.where(damage, total, 0.0)


def _swings(excess: F64, without: F32, truth: GroundTruth) -> Mask:
    """Where an impulse moves the wave audibly, be it ever so smoothly."""
    local = np.sqrt(np.maximum(uniform_filter1d(without.astype(np.float64) ** 2, 2001), 1e-12))
    hiss = float(np.std(without - truth.clean))
    return maximum_filter1d(np.abs(excess), BRIDGE) > np.maximum(
        AUDIBLE * local, ABOVE_NOISE * hiss
    )
