"""Makes clean music sound like a worn 78: draw a degradation, apply it, know the truth. Any thread.

record = draw_degradation(load_artifacts("heavy"), duration=2.0, seed=7)
degraded, truth = apply_degradation(clean, 44100, record)
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.dirt.degradation import Degradation, draw_degradation
from training.dirt.disc_response import apply_disc_response
from training.dirt.distortion import codec_pass, trace_groove
from training.dirt.impulses import PlacedImpulse, render_impulses
from training.dirt.parameters import ArtifactParameters
from training.dirt.surface_noise import surface_noise

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

PEAK_PERCENTILE = 99.9
SILENCE = 1e-4  # below this there is no programme to measure levels against


class GroundTruth(NamedTuple):
    """What really happened; arrays have the shape of the audio.

    ``clean`` is the restoration target: the music after disc response and tracing, which no
    restoration undoes. ``without_impulses`` adds the surface noise: the declicker's target.
    ``mask`` is True exactly where impulses changed a sample. After a codec pass both targets
    have gone through the codec too, while the mask tells where the impulses lay before it.
    """

    clean: F32
    without_impulses: F32
    mask: NDArray[np.bool_]
    events: tuple[PlacedImpulse, ...]
    degradation: Degradation


def apply_degradation(
    audio: F32, sample_rate: int, degradation: Degradation
) -> tuple[F32, GroundTruth]:
    """Apply a drawn record to float32 ``[samples]`` or ``[channels, samples]``."""
    x = np.atleast_2d(np.asarray(audio, np.float64))
    if audio.ndim > 2 or not np.all(np.isfinite(x)):
        raise ValueError(
            f"audio has shape {audio.shape}; give finite [samples] or [channels, samples]"
        )
    clean = x
    if x.shape[1]:
        pressed = apply_disc_response(x, sample_rate, degradation)
        clean = trace_groove(pressed, degradation.tracing_distortion)
    reference = programme_peak(clean)
    degradation = _settled(degradation, clean, reference)
    channels, n_samples = x.shape
    noise = surface_noise(channels, n_samples, sample_rate, reference, degradation)
    layer, events = render_impulses(clean, noise, sample_rate, reference, degradation)
    noisy = (clean + noise).astype(np.float32)
    degraded = (clean + noise + layer).astype(np.float32)
    mask = degraded != noisy
    results = [clean.astype(np.float32), noisy, degraded]
    if degradation.codec_quality is not None:
        quality = degradation.codec_quality
        results = [
            codec_pass(item.astype(np.float64), sample_rate, quality).astype(np.float32)
            for item in results
        ]
    shape = audio.shape
    clean32, noisy32, degraded32 = (item.reshape(shape) for item in results)
    return degraded32, GroundTruth(clean32, noisy32, mask.reshape(shape), events, degradation)


def _settled(degradation: Degradation, clean: F64, reference: float) -> Degradation:
    """Settle the level of the hiss where it was drawn against the music's RMS."""
    level = float(np.sqrt(np.mean(clean**2))) if clean.size else 0.0
    if not degradation.music_over_hiss_db or level < SILENCE:
        return degradation
    share = level / reference * 10 ** (-degradation.music_over_hiss_db / 20)
    return replace(degradation, surface_noise_level=share)


def programme_peak(audio: NDArray[Any]) -> float:
    """Return the level that shares refer to: the usual peak, or full scale in silence."""
    peak = float(np.percentile(np.abs(audio), PEAK_PERCENTILE)) if audio.size else 0.0
    return peak if peak > SILENCE else 1.0


def simulate_vinyl_artifacts(
    audio: Any,
    sample_rate: int,
    impulse_rate: float | tuple[float, float] = 10.0,
    impulse_amplitude: tuple[float, float] = (0.1, 0.5),
    surface_noise_level: tuple[float, float] = (0.015, 0.03),
    crackle_level: tuple[float, float] = (0.01, 0.02),
    *,
    parameters: ArtifactParameters | None = None,
    seed: int | None = None,
    return_truth: bool = False,
) -> Any:
    """Return ``audio`` as a worn 78 would play it.

    Parameters
    ----------
    audio : array or tensor, [samples] or [channels, samples]
        Clean music, full scale +-1. A tensor comes back as a tensor on the same device.
    sample_rate : int
        Hz.
    impulse_rate : float or (low, high)
        Clicks per second.
    impulse_amplitude, surface_noise_level, crackle_level : (low, high)
        Shares of the programme's peak: click heights, RMS of the hiss, usual crackle height.
    parameters : ArtifactParameters, optional
        Everything else (and only what the four ranges above do not say).
    seed : int, optional
        The same seed gives the same dirt; without one every call differs.
    return_truth : bool
        Also return the :class:`GroundTruth`, as arrays.

    Raises
    ------
    ValueError
        For audio of more than two dimensions or with non-finite samples, or a range that
        :class:`ArtifactParameters` does not allow.
    """
    ranges = (parameters or ArtifactParameters()).with_ranges(
        impulse_rate=impulse_rate,
        impulse_amplitude=impulse_amplitude,
        surface_noise_level=surface_noise_level,
        crackle_level=crackle_level,
    )
    is_tensor = hasattr(audio, "detach")
    array = audio.detach().cpu().numpy() if is_tensor else np.asarray(audio)
    if seed is None:
        seed = int(np.random.default_rng().integers(2**31))
    record = draw_degradation(ranges, array.shape[-1] / sample_rate, seed)
    degraded, truth = apply_degradation(array.astype(np.float32), sample_rate, record)
    result = audio.new_tensor(degraded) if is_tensor else degraded
    return (result, truth) if return_truth else result
