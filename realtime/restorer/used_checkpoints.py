"""Which trained networks had a part in a sound: names and files. On the thread that asks."""

from collections.abc import Collection
from pathlib import Path

from model.checkpoints import NO_MODELS, Selection, load_models, shipped_checkpoints
from model.networks.learned import load_learned
from realtime.restorer.upsampling import chain_rate


def used_checkpoints(selection: Selection, names: Collection[str]) -> tuple[Path, ...]:
    """Return the files of a selection whose networks bear one of the names.

    Parameters
    ----------
    selection : tuple of str
        See :func:`model.checkpoints.load_models`.
    names : collection of str
        Of a chain's detector and denoiser.
    """
    if NO_MODELS in selection:
        return ()
    found: dict[str, Path] = {}
    for path in (*map(Path, selection), *shipped_checkpoints()):
        name = load_learned(path).name
        if name in names:
            found.setdefault(name, path)
    return tuple(found.values())


def expected_names(selection: Selection, sample_rate: int) -> tuple[str, str]:
    """Return which detector and denoiser a file of this rate (Hz) would be restored with."""
    possible = load_models(selection)
    models = possible.fitting(sample_rate)
    if models.detector is None and models.denoiser is None:
        models = possible.fitting(chain_rate(sample_rate))
    detector = models.detector.name if models.detector else "analytical"
    return detector, models.denoiser.name if models.denoiser else "none"
