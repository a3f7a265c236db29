"""Makes the bundled demo record: real worn sides, then clean music made dirty. Offline, one thread.

python training/make_demo_record.py --lateral DISC.flac --real VOICE.flac ... --clean MUSIC.flac
--output presets/demo
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SAMPLE_RATE = 44_100  # Hz
REAL_S = CLEAN_S = 30.0
RUN_IN_S = 1.5  # groove noise between the needle's drop and the music
REVOLUTION_S = 60 / 78.26
GROOVE_BANDWIDTH_HZ = 8_000  # what a 78 holds of the music; clicks reach higher
MUSIC_RMS_DBFS = -20.0
HISS_RMS_DBFS = -56.0
SEED = 1903


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the sources, write ``worn_record.flac`` and the truth beside it."""
    parser = argparse.ArgumentParser(description="Make the demo record and its truth.")
    parser.add_argument(
        "--lateral", nargs="*", type=Path, default=[], help="lateral discs, first: walls averaged"
    )
    parser.add_argument("--real", nargs="+", type=Path, required=True, help="worn sides, in order")
    parser.add_argument("--clean", type=Path, required=True, help="clean music, 28.5 s or longer")
    parser.add_argument("--output", type=Path, required=True, help="folder")
    args = parser.parse_args(arguments)
    rng = np.random.default_rng(SEED)
    clean = pressed_music(read_stereo(args.clean))
    sides = [of_one_groove(read_stereo(path)) for path in args.lateral]
    sides += [read_stereo(path) for path in args.real]
    worn = np.concatenate([real_sides(sides), dirty(clean, rng)])
    write_flac(args.output / "worn_record.flac", worn)
    write_flac(args.output / "clean_half.flac", clean[:, :1])


def read_stereo(path: Path) -> F64:
    """Return ``[samples, 2]`` at 44.1 kHz; a mono file stands on both walls."""
    signal, sample_rate = sf.read(path, always_2d=True)
    if sample_rate != SAMPLE_RATE:
        signal = soxr.resample(signal, sample_rate, SAMPLE_RATE, quality="VHQ")
    return np.repeat(signal, 2, axis=1) if signal.shape[1] == 1 else signal[:, :2]


def of_one_groove(signal: F64) -> F64:
    """Return the average of both walls on both, as a lateral record is listened to."""
    return np.repeat(signal.mean(axis=1, keepdims=True), 2, axis=1)


def real_sides(sides: list[F64], gap_s: float = 0.25) -> F64:
    """Join the sides at one loudness with short pauses; exactly ``REAL_S`` long."""
    pause = np.zeros((samples(gap_s), 2))
    parts = [part for side in sides for part in (faded(at_level(side, MUSIC_RMS_DBFS)), pause)]
    joined = np.concatenate(parts)[: samples(REAL_S)]
    tail = np.zeros((samples(REAL_S) - len(joined), 2))
    return np.concatenate([faded(joined), tail])


def pressed_music(music: F64) -> F64:
    """Return the clean half: a silent run-in, then the music as a lateral 78 holds it (mono)."""
    n_run_in = samples(RUN_IN_S)
    mono = music.mean(axis=1)[: samples(CLEAN_S) - n_run_in]
    narrow = soxr.resample(mono, SAMPLE_RATE, 2 * GROOVE_BANDWIDTH_HZ, quality="VHQ")
    held = soxr.resample(narrow, 2 * GROOVE_BANDWIDTH_HZ, SAMPLE_RATE, quality="VHQ")
    held = faded(at_level(held[: len(mono), None], MUSIC_RMS_DBFS), 0.3)
    silence = np.zeros((samples(CLEAN_S) - len(held), 1))
    return np.repeat(np.concatenate([silence, held]), 2, axis=1)


def dirty(clean: F64, rng: np.random.Generator) -> F64:
    """Wear the record: hiss, needle drop, clicks, thumps, scratches that come back every turn."""
    worn = clean + surface_noise(len(clean), rng)
    thump(worn, samples(0.4), 0.5, rng)  # the needle comes down
    for _ in range(rng.poisson(20 * CLEAN_S)):
        onset = samples(rng.uniform(0.4, CLEAN_S - 0.1))
        add(worn, onset, heavy_tail(rng) * click(rng), walls(rng))
    for _ in range(5):
        thump(worn, samples(rng.uniform(2, CLEAN_S - 0.2)), rng.uniform(0.08, 0.3), rng)
    for first_s in (3.1, 9.4, 17.2, 21.6):
        scratch(worn, first_s, turns=int(rng.integers(6, 12)), rng=rng)
    return np.clip(worn, -0.985, 0.985)


def surface_noise(n_samples: int, rng: np.random.Generator) -> F64:
    """Hiss of two walls, partly common, falling 3 dB an octave above 500 Hz, swelling each turn."""
    white = rng.standard_normal((n_samples, 2)) + 0.5 * rng.standard_normal((n_samples, 1))
    f = np.fft.rfftfreq(n_samples, 1 / SAMPLE_RATE)
    shape = 1 / np.sqrt(np.maximum(f, 500) / 500) / (1 + (f / 12_000) ** 8)
    hiss = np.fft.irfft(np.fft.rfft(white, axis=0) * shape[:, None], n_samples, axis=0)
    turn = np.cos(2 * np.pi * np.arange(n_samples) / SAMPLE_RATE / REVOLUTION_S)
    swelling: F64 = hiss * (1 + 0.2 * turn[:, None])
    return at_level(swelling, HISS_RMS_DBFS)


def click(rng: np.random.Generator) -> F64:
    """Return one resonant click of 0.05 to 3 ms, peak 1: the stylus rings at 1.5 to 14 kHz."""
    length_s = np.exp(rng.uniform(np.log(0.05e-3), np.log(3e-3)))
    n = np.arange(max(2, samples(length_s))) / SAMPLE_RATE
    ring_hz = np.exp(rng.uniform(np.log(1_500), np.log(14_000)))
    ring: F64 = np.cos(2 * np.pi * ring_hz * n + rng.uniform(-1, 1)) * np.exp(-4 * n / length_s)
    ring /= np.abs(ring).max()
    return ring


def thump(worn: F64, onset: int, peak: float, rng: np.random.Generator) -> None:
    """Add one thump: a sharp front, then the arm rings at 40 to 120 Hz for about 15 ms."""
    n = np.arange(samples(0.02)) / SAMPLE_RATE
    ring = np.cos(2 * np.pi * rng.uniform(40, 120) * n) * np.exp(-n / 0.004)
    front = rng.standard_normal(len(n)) * np.exp(-n / 0.0006)
    both = 0.8 * ring + 0.4 * front
    add(worn, onset, peak * both / np.abs(both).max(), np.ones(2))


def scratch(worn: F64, first_s: float, turns: int, rng: np.random.Generator) -> None:
    """Add a radial scratch: the same click each turn, swelling and fading, a bit early or late."""
    same, shares = click(rng), walls(rng)
    for turn, swell in enumerate(np.hanning(turns + 2)[1:-1]):
        onset = samples(first_s + turn * REVOLUTION_S + rng.normal(0, 0.0003))
        add(worn, onset, 0.4 * swell * rng.uniform(0.8, 1) * same, shares)


def heavy_tail(rng: np.random.Generator) -> float:
    """Peak of a click: mostly faint crackle, now and then a loud tick, never beyond 0.8."""
    return float(min(0.045 * (1 + rng.pareto(1.5)), 0.8))


def walls(rng: np.random.Generator) -> F64:
    """Return the click's share on the left and the right wall: often mostly one of them."""
    share = rng.uniform(0, 1) ** 2
    sign = rng.choice([-1.0, 1.0])
    both: F64 = np.array([1.0, share * rng.choice([-1.0, 1.0])]) * sign
    return both if rng.random() < 0.5 else both[::-1]


def add(worn: F64, onset: int, mono: F64, shares: F64) -> None:
    """Add ``mono`` to both walls from ``onset`` on, cut at the end of the record."""
    n_samples = min(len(mono), len(worn) - onset)
    worn[onset : onset + n_samples] += mono[:n_samples, None] * shares


def at_level(signal: F64, rms_dbfs: float) -> F64:
    """Scale to an RMS level, but never beyond a peak of 0.9."""
    wanted = 10 ** (rms_dbfs / 20) / np.sqrt(np.mean(signal**2))
    gain = float(min(wanted, 0.9 / np.abs(signal).max()))
    return gain * signal


def faded(signal: F64, seconds: float = 0.03) -> F64:
    """Fade both ends with raised cosines."""
    n_samples = samples(seconds)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(n_samples) / n_samples))[:, None]
    signal = signal.copy()
    signal[:n_samples] *= ramp
    signal[-n_samples:] *= ramp[::-1]
    return signal


def samples(seconds: float) -> int:
    """Seconds to samples."""
    return round(seconds * SAMPLE_RATE)


def write_flac(path: Path, signal: F64) -> None:
    """Write 16 bit, as small as FLAC goes; the surface noise is dither enough."""
    sf.write(path, signal, SAMPLE_RATE, subtype="PCM_16", compression_level=1.0)
    print(f"{path}: {len(signal) / SAMPLE_RATE:.1f} s, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
