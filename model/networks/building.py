"""Builds networks from the plain description that a checkpoint carries (torch). Any thread."""

from dataclasses import asdict, fields
from typing import Any

from model.errors import RestorationError
from model.networks.denoiser_network import Denoiser, DenoiserShape
from model.networks.detector_network import DetectorShape, ImpulseDetector

AnyNetwork = ImpulseDetector | Denoiser
KINDS = ("detector", "denoiser")


def build_network(kind: str, shape: dict[str, Any]) -> AnyNetwork:
    """Return a fresh network.

    Parameters
    ----------
    kind : str
        ``detector`` or ``denoiser``.
    shape : dict
        Fields of :class:`DetectorShape` or :class:`DenoiserShape`; absent ones keep their default.

    Raises
    ------
    RestorationError
        If the kind or a field is unknown, or a value is out of range.
    """
    if kind not in KINDS:
        raise RestorationError(f"unknown network {kind[:40]!r}; known are {', '.join(KINDS)}")
    known = {spec.name for spec in fields(DetectorShape if kind == "detector" else DenoiserShape)}
    if strange := sorted(set(shape) - known):
        raise RestorationError(f"a {kind} has no {', '.join(strange)[:80]}; this is another one")
    try:
        if kind == "detector":
            return ImpulseDetector(DetectorShape(**shape))
        return Denoiser(DenoiserShape(**shape))
    except (ValueError, TypeError) as error:
        raise RestorationError(f"no such {kind} can be built: {error}") from None


def network_shape(network: AnyNetwork) -> dict[str, Any]:
    """Return the plain description that :func:`build_network` takes."""
    return asdict(network.shape)
