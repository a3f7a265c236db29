"""Real clicks from a bank, laid over made records: whole tracks or one by one. Any thread."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from training.click_bank import ClickBank, Role
from training.innovation import Innovation

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

TRACK_SHARE = 0.6  # keeps density and clusters as they came
PACE = (0.7, 1.4)  # of the resampling: other speeds, other styli
TRACK_GAIN_DB = (-6.0, 12.0)  # against how the clicks stood out of their own hiss
KEPT_SHARE = (0.1, 1.0)  # of a track's clicks
SECOND_TRACK = 0.2  # chance of another one on top
RATE = (1.0, 300.0)  # 1/s, for clicks one by one
HEIGHT_DB = (3.0, 30.0)  # over the local level, for these
COLOUR = (-0.4, 0.4)  # of a gentle first-order filter


def real_click_layer(
    rng: np.random.Generator,
    innovation: Innovation,
    loudest: float,
    sample_rate: int,
    bank: ClickBank,
    role: Role,
) -> F32:
    """Return clicks alone, ``[T]``.

    Polarity, pace, colour and height vary.

    Parameters
    ----------
    innovation : Innovation
        Of the record without them.
    loudest : float
        No click is higher.
    role : str
        Only the bank's stretches of that role are drawn from.
    """
    if rng.random() < TRACK_SHARE:
        layer = _track(rng, innovation, sample_rate, bank, role)
        if rng.random() < SECOND_TRACK:
            layer = layer + _track(rng, innovation, sample_rate, bank, role)
    else:
        layer = _scattered(rng, innovation, sample_rate, bank, role)
    return np.clip(layer, -loudest, loudest).astype(np.float32)


def _track(
    rng: np.random.Generator,
    innovation: Innovation,
    sample_rate: int,
    bank: ClickBank,
    role: Role,
) -> F64:
    """A piece of the bank's own track; some of its clicks left out."""
    n_samples = len(innovation.sigma)
    pace = float(rng.uniform(*PACE)) * bank.sample_rate / sample_rate
    part = bank.parts(role)[int(rng.integers(len(bank.parts(role))))]
    hiss = bank.hiss_level[part.record]
    level = float(np.median(innovation.sigma)) / hiss * 10 ** (rng.uniform(*TRACK_GAIN_DB) / 20)
    kept = rng.uniform(*KEPT_SHARE)
    colour, sign = float(rng.uniform(*COLOUR)), float(rng.choice((-1.0, 1.0)))
    begin = rng.uniform(part.start_s, part.end_s)
    layer = np.zeros(n_samples)
    for index in bank.within(part):
        click = bank[index]
        # the stretch comes again from its beginning when it is over
        since = (click.time_s - begin) % part.seconds
        while since * bank.sample_rate / pace < n_samples:
            if rng.random() < kept:
                place = round(since * bank.sample_rate / pace)
                _add(layer, place, sign * level * _recoloured(_paced(click.wave, pace), colour))
            since += part.seconds
    return layer


def _scattered(
    rng: np.random.Generator,
    innovation: Innovation,
    sample_rate: int,
    bank: ClickBank,
    role: Role,
) -> F64:
    """Single clicks anywhere, each at its own height over the local level."""
    n_samples = len(innovation.sigma)
    layer = np.zeros(n_samples)
    choices = bank.of_role(role)
    rate = np.exp(rng.uniform(*np.log(RATE)))
    for _ in range(rng.poisson(rate * n_samples / sample_rate)):
        pace = float(rng.uniform(*PACE)) * bank.sample_rate / sample_rate
        wave = _paced(bank[int(rng.choice(choices))].wave, pace)
        wave = _recoloured(wave, float(rng.uniform(*COLOUR)))
        place = int(rng.integers(n_samples))
        height = innovation.sigma[place] * 10 ** (rng.uniform(*HEIGHT_DB) / 20)
        gain = height / max(innovation.peak_of(wave, place), 1e-12)
        _add(layer, place, float(rng.choice((-1.0, 1.0))) * gain * wave)
    return layer


def _paced(wave: F32, pace: float) -> F64:
    """``pace`` above 1 makes a click shorter; its ends stay near zero."""
    padded = np.concatenate([[0.0], wave, [0.0]])
    positions = np.arange(0.0, len(padded) - 1, pace)
    return np.interp(positions, np.arange(len(padded)), padded)


def _recoloured(wave: F64, colour: float) -> F64:
    return np.asarray(lfilter([1 - abs(colour)], [1.0, -colour], wave))


def _add(layer: F64, place: int, wave: F64) -> None:
    piece = wave[: max(0, len(layer) - place)]
    layer[place : place + len(piece)] += piece
