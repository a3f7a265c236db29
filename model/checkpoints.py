"""Which trained networks a chain works with: the shipped ones, others, or none. Any thread.

A selection is a tuple of names that travels between processes; what it loads stays where it is
used. No torch: only exported ``.onnx`` files are read here.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from model.errors import RestorationError
from model.networks.learned import LearnedDenoiser, LearnedDetector, load_learned

CHECKPOINTS_DIR = Path(__file__).resolve().parent / "checkpoints"
NO_MODELS = "none"
RATE_TOLERANCE = 0.12  # trained with speeds from 0.9 to 1.1: 44.1 kHz networks serve 48 kHz too

Selection = tuple[str, ...]  # paths, or ("none",); what is not named of a kind is the shipped one


class Models(NamedTuple):
    """The networks of a chain; None is the place left to the analytical detector or to nothing."""

    detector: LearnedDetector | None = None
    denoiser: LearnedDenoiser | None = None

    def fitting(self, sample_rate: int) -> "Models":
        """Return those that were trained for this rate, Hz."""
        return Models(
            self.detector if _fits(self.detector, sample_rate) else None,
            self.denoiser if _fits(self.denoiser, sample_rate) else None,
        )


def shipped_checkpoints(folder: Path = CHECKPOINTS_DIR) -> list[Path]:
    """Return the networks that came with the program."""
    return sorted(folder.glob("*.onnx"))


def load_models(selection: Sequence[str] = ()) -> Models:
    """Load the networks of a selection.

    Parameters
    ----------
    selection : sequence of str
        Paths of ``.onnx`` files, at most one of a kind; or ``none`` alone. A kind that is not
        named is taken from the shipped ones; empty takes both from there.

    Raises
    ------
    RestorationError
        In one line: a file that cannot be used, or two of a kind.
    """
    return _loaded(tuple(str(name) for name in selection))


@lru_cache(maxsize=4)
def _loaded(selection: Selection) -> Models:
    if NO_MODELS in selection:
        if len(selection) > 1:
            raise RestorationError("'none' and a model were both asked for; choose one of them")
        return Models()
    found: dict[str, LearnedDetector | LearnedDenoiser] = {}
    for name in selection:
        model = load_learned(name)
        if model.card.kind in found:
            raise RestorationError(f"{name} is a second {model.card.kind}; name one of each kind")
        found[model.card.kind] = model
    for path in shipped_checkpoints():
        if path.stem.split("_")[0] not in found:
            model = load_learned(path)
            found.setdefault(model.card.kind, model)
    detector, denoiser = found.get("detector"), found.get("denoiser")
    assert detector is None or isinstance(detector, LearnedDetector)
    assert denoiser is None or isinstance(denoiser, LearnedDenoiser)
    return Models(detector, denoiser)


def _fits(model: LearnedDetector | LearnedDenoiser | None, sample_rate: int) -> bool:
    return model is not None and abs(sample_rate / model.sample_rate - 1) <= RATE_TOLERANCE
