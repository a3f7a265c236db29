"""What the learned detector's word is worth to the analytical one."""

import ctypes

import numpy as np
import pytest

from model.core import ADDRESS, COUNT, NUMBER, address, function
from model.declicking.votes import RULES

_opinions = function("vote_opinions", (ADDRESS, COUNT, NUMBER, ADDRESS, ADDRESS))
_factors = function("vote_factors", (ADDRESS, COUNT, NUMBER, ADDRESS, ADDRESS, ADDRESS))
PROBABILITIES = np.array([0.0, 0.01, 0.3, 0.5, 0.6, 0.99, 1.0], np.float32)


def votes(lean: float, learned: float) -> tuple[list[float], list[float]]:
    """Return the factors in the whole band and above the music."""
    n = len(PROBABILITIES)
    opinions, whole, above = np.empty((3, n))
    rules = ctypes.addressof(RULES)
    _opinions(address(PROBABILITIES), n, lean, rules, address(opinions))
    _factors(address(opinions), n, learned, rules, address(whole), address(above))
    return whole.tolist(), above.tolist()


@pytest.mark.parametrize("learned", [0.25, 1.0])
@pytest.mark.parametrize("lean", [-1.0, 0.0, 2.0])
def test_a_vote_grows_with_its_odds_and_can_overrule_nobody(lean: float, learned: float) -> None:
    p = np.clip(PROBABILITIES.astype(float), 1e-3, 1 - 1e-3)
    share = np.clip((np.log(p / (1 - p)) + lean) / 4.0, -1, 1)
    whole, above = votes(lean, learned)
    np.testing.assert_allclose(whole, 2.5 ** (learned * share), rtol=1e-12)
    only_for = np.clip(2.5**share, 1.0, 1.9) ** learned
    np.testing.assert_allclose(above, only_for, rtol=1e-12)


def test_undecided_or_not_asked_the_detector_changes_nothing() -> None:
    whole, above = votes(0.0, 0.0)
    assert whole == [1.0] * len(PROBABILITIES) == above
    whole, above = votes(0.0, 1.0)
    assert whole[3] == above[3] == 1.0
