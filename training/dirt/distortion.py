"""What cannot be undone: the skew of a wide stylus, and a lossy codec. Any thread."""

import io

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

F64 = NDArray[np.float64]

CODEC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)


def trace_groove(audio: F64, skew: float) -> F64:
    """Skew the wave as a stylus of finite radius does: its contact point runs ahead on slopes.

    Parameters
    ----------
    audio : float64 [channels, samples]
    skew : float
        How far, in samples, at the usual slope; the third power of the slope matters.

    Notes
    -----
    Taylor expansion of ``x(t + d)`` with ``d`` following the squared slope, which is what
    remains of tracing distortion in a lateral cut (Lewis and Hunt 1941).
    """
    if skew == 0 or audio.shape[1] < 3:
        return audio
    slope = np.gradient(audio, axis=1)
    usual = np.sqrt(np.mean(slope**2)) or 1.0
    shift = skew * np.sign(slope) * np.minimum((slope / usual) ** 2, 4.0) / 4.0
    bend = np.gradient(slope, axis=1)
    return np.asarray(audio + shift * slope + 0.5 * shift**2 * bend)


def codec_pass(audio: F64, sample_rate: int, quality: float) -> F64:
    """Send ``[channels, samples]`` through MP3 and back; time and length stay as they are.

    A rate or a channel count that MP3 does not know comes back unchanged.
    """
    channels, n_samples = audio.shape
    if sample_rate not in CODEC_RATES or channels > 2 or n_samples == 0:
        return audio
    packed = io.BytesIO()
    limited = np.clip(audio.T, -1, 1).astype(np.float32)
    sf.write(packed, limited, sample_rate, format="MP3", compression_level=1 - quality)
    packed.seek(0)
    decoded = sf.read(packed, dtype="float64", always_2d=True)[0].T[:, :n_samples]
    return np.asarray(np.pad(decoded, ((0, 0), (0, n_samples - decoded.shape[1]))))
