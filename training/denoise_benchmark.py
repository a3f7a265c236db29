"""Measure the denoiser beside others: what surface noise it takes away, and what of the music.

``python -m training.denoise_benchmark CLIPS [--noise FILE...] [--plot FILE] [--json FILE]``. Noise
is laid over clean clips at 25 and 15 dB SNR: white hiss, made surface noise, real ones if given;
and at 18 and 12 dB, as on the disc that it was measured on, hiss of the shipped bank's colour.
Everybody works on the same files in the same run; ``afftdn`` and ``anlmdn`` (ffmpeg) are given the
best of several settings for each noise and level, which nobody has who does not know the truth,
and a delay that they do not take off themselves is taken off. *From groove*: the same once the
chain has heard two seconds of the noise alone, as a record begins. Rumble and hum are left out:
another filter's business, and no denoiser here claims them. ``--heard`` adds what is heard of it:
by how much the opinion score of zimtohrli and the mark of the 2f-model rise, and the share of notes
that basic-pitch finds again.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt, stft

from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.settings import Settings
from training.analysis.report import mean_of
from training.benchmarks.clips import Clip, read_clips
from training.benchmarks.restorers import CrashedError, ffmpeg_filter
from training.command import run_command
from training.dirt.degradation import draw_degradation
from training.dirt.parameters import ArtifactParameters, load_artifacts
from training.dirt.surface_noise import surface_noise
from training.judging.metrics import log_spectral_distance, segmental_snr_db, snr_db
from training.judging.perceived import missing_listeners, mushra_score, note_f1, opinion
from training.signals.audio_files import load_audio
from training.signals.find_impulses import run_chain

F32 = NDArray[np.float32]
Restore = Callable[[F32, int], F32]

SNRS_DB = (25.0, 15.0)
DISC_HISS = "a disc's hiss"
DISC_SNRS_DB = (18.0, 12.0)  # what a raw transfer of shellac has, its hiss nearly white to 16 kHz
GROOVE_S = 2.0  # that a record plays before its music
CLEAN_SNR_DB = 40.0  # hardly any noise: there is nothing to gain and much to lose
REDUCTIONS_DB = (6.0, 12.0, 18.0, 24.0)
BANDS_HZ = ((100, 1000), (1000, 4000), (4000, 8000), (8000, 16000))
HISS_FROM_HZ = 150.0  # of a recorded noise: below is rumble
MOST_DELAY = 8192  # samples that a rival may be late
OFF_SCALE_DB = -5.0  # of the picture: music lost at 40 dB of SNR
ABOVE_NOISE_DB = 10.0  # what stands out by so much is music that must stay
RIVALS = {
    "afftdn": [
        *(f"afftdn=nr={nr}:nf={nf}" for nr in (6, 12, 20) for nf in (-65, -55, -45, -35, -25)),
        *(f"afftdn=nr={nr}:tn=1" for nr in (6, 12, 20)),
    ],
    # Fed with frames of another length, ffmpeg 9 damages its own memory here and aborts.
    "anlmdn": [f"asetnsamples=4096,anlmdn=s={s}" for s in (0.1, 1, 10, 100)],
}


class Figures(NamedTuple):
    """Means over the clips: gains against the noisy input in dB, and highs kept per band in dB."""

    segmental_gain_db: float
    lsd_change_db: float
    kept_db: tuple[float, ...]
    band_gain_db: tuple[float, ...]
    opinion_change: float = float("nan")  # of zimtohrli, 1 to 5
    mushra_change: float = float("nan")  # of the 2f-model, 0 to 100
    note_f1_change: float = float("nan")  # of basic-pitch, 0 to 1; below 0: notes were harmed


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything and print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m training.denoise_benchmark", description=__doc__
    )
    parser.add_argument("clips", nargs="+", type=Path, help="clean audio files or folders of them")
    parser.add_argument("--noise", nargs="*", type=Path, default=[], help="real surface noise")
    parser.add_argument("--model", action="append", default=[], help=".onnx instead of the shipped")
    parser.add_argument("--seconds", type=float, default=8.0, help="taken from each clip (8)")
    parser.add_argument("--plot", type=Path, help="picture of gain against transparency")
    parser.add_argument("--json", type=Path, help="all figures")
    parser.add_argument("--alone", action="store_true", help="without other programs beside it")
    parser.add_argument(
        "--heard", action="store_true", help="also what models of ears and musicians hear"
    )
    options = parser.parse_args(argv)
    return run_command(lambda: _measure_all(options))


def _measure_all(options: argparse.Namespace) -> None:
    if options.heard and (command := missing_listeners()):
        raise RestorationError(f"--heard needs what is not installed: {command}")
    clips = read_clips(options.clips, options.seconds)
    models = load_models(options.model)
    if models.denoiser is None:
        raise RestorationError("there is no denoiser to measure; name one with --model")
    noises = made_noises() | {path.stem: real_noise(path) for path in options.noise}
    everybody = our_systems(models) | ({} if options.alone else other_systems())
    results: dict[str, dict[str, Figures]] = {}
    for name, noise in noises.items():
        for level in DISC_SNRS_DB if name == DISC_HISS else SNRS_DB:
            condition = f"{name}, {level:.0f} dB"
            print_head(condition)
            results[condition] = measure(clips, noise, level, everybody, heard=options.heard)
    calm = transparency(clips, noises["made surface noise"], everybody)
    if options.plot:
        plot(results, calm, options.plot)
    if options.json:
        content = {k: {n: f._asdict() for n, f in v.items()} for k, v in results.items()}
        options.json.write_text(json.dumps({"noise": content, "40 dB": calm}, indent=1))


Noise = Callable[[int, int, int], NDArray[np.float64]]  # samples, rate, seed


def made_noises() -> dict[str, Noise]:
    """White hiss, the generator's surface noise, and hiss as a real disc has it, by name."""
    usual = load_artifacts("default").with_ranges(rumble_level=0, hum_level=0)
    like_a_disc = usual.with_ranges(disc_hiss_share=1.0)

    def white(n: int, _rate: int, seed: int) -> NDArray[np.float64]:
        return np.random.default_rng(seed).standard_normal(n)

    def made(kind: ArtifactParameters) -> Noise:
        def drawn(n: int, rate: int, seed: int) -> NDArray[np.float64]:
            record = draw_degradation(kind, n / rate, seed)
            return np.asarray(surface_noise(1, n, rate, 1.0, record)[0])

        return drawn

    return {"white hiss": white, "made surface noise": made(usual), DISC_HISS: made(like_a_disc)}


def real_noise(path: Path) -> Noise:
    """Stretches of a recorded noise, its rumble cut off."""

    def drawn(n: int, rate: int, seed: int) -> NDArray[np.float64]:
        sos = butter(4, HISS_FROM_HZ, "highpass", fs=rate, output="sos")
        sound = sosfiltfilt(sos, load_audio(path, rate)[0][0])
        rng = np.random.default_rng(seed)
        start = int(rng.integers(max(1, len(sound) - n)))
        return np.resize(sound[start : start + n], n)

    return drawn


class Noisy(NamedTuple):
    """A clip under noise, and what the groove sounds like before it: both float32."""

    sound: F32
    groove: F32


class AfterGroove(NamedTuple):
    """A system that hears the groove before the music, as a record begins."""

    restore: Restore


def noisy(clip: Clip, noise: Noise, level_db: float, seed: int) -> Noisy:
    """Lay noise over a clip at a signal-to-noise ratio; ``GROOVE_S`` of it come before."""
    ahead = round(GROOVE_S * clip.sample_rate)
    dirt = noise(len(clip.signal) + ahead, clip.sample_rate, seed)
    power = float(np.mean(clip.signal.astype(np.float64) ** 2))
    dirt *= np.sqrt(power / np.mean(dirt[ahead:] ** 2) / 10 ** (level_db / 10))
    return Noisy((clip.signal + dirt[ahead:]).astype(np.float32), dirt[:ahead].astype(np.float32))


def denoiser_restorer(models: Models, reduction_db: float) -> Restore:
    """The whole chain with the declicker off."""
    settings = Settings(declick=False, hiss_reduction_db=reduction_db)
    return lambda signal, rate: run_chain(signal[None], rate, settings, models).restored[0]


def undelayed(restore: Restore) -> Restore:
    """Take off the delay that a system adds, found by its output's correlation with its input."""

    def aligned(signal: F32, rate: int) -> F32:
        try:
            restored = restore(np.pad(signal, (0, MOST_DELAY)), rate)
        except CrashedError:  # anlmdn does so on a clip: it changed nothing
            return signal
        n_fft = len(signal) + 2 * MOST_DELAY
        spectra = [np.fft.rfft(wave, n_fft) for wave in (restored, signal)]
        likeness = np.fft.irfft(spectra[0] * np.conj(spectra[1]), n_fft)[:MOST_DELAY]
        delay = int(np.argmax(likeness))
        return restored[delay : delay + len(signal)]

    return aligned


def noisereduce_restorer(share: float, *, stationary: bool) -> Restore:
    """The package ``noisereduce``, taking out a share of what it thinks is noise."""
    import noisereduce

    return lambda signal, rate: np.asarray(
        noisereduce.reduce_noise(y=signal, sr=rate, stationary=stationary, prop_decrease=share),
        np.float32,
    )


System = Restore | AfterGroove
Systems = dict[str, Sequence[System]]  # by name; of several settings the best counts


def our_systems(models: Models) -> Systems:
    """Return this program at several amounts of hiss reduction."""
    at_once: Systems = {
        f"shellac {db:.0f} dB": [denoiser_restorer(models, db)] for db in REDUCTIONS_DB
    }
    deep = denoiser_restorer(models, REDUCTIONS_DB[-1])
    return {**at_once, f"shellac {REDUCTIONS_DB[-1]:.0f} dB, from groove": [AfterGroove(deep)]}


def other_systems() -> Systems:
    """Return the other programs; they need ``imageio-ffmpeg`` and ``noisereduce``."""
    rivals: Systems = {
        f"{k} (best)": [undelayed(ffmpeg_filter(f)) for f in v] for k, v in RIVALS.items()
    }
    own: Systems = {
        f"noisereduce {name} (best)": [
            noisereduce_restorer(share, stationary=stationary) for share in (0.3, 0.6, 1.0)
        ]
        for name, stationary in (("stationary", True), ("adaptive", False))
    }
    return {**rivals, **own}


def measure(
    clips: Sequence[Clip],
    noise: Noise,
    level_db: float,
    systems: Systems,
    *,
    heard: bool = False,
) -> dict[str, Figures]:
    """Figures of every system under one noise and level; ``heard``: the slow ones as well."""
    inputs = [noisy(clip, noise, level_db, seed) for seed, clip in enumerate(clips)]
    sounds = [x.sound for x in inputs]
    before = _heard(clips, sounds) if heard else None
    results = {}
    for name, settings in systems.items():
        tried = []
        for restore in settings:
            outputs = [_restored(restore, x, clip) for clip, x in zip(clips, inputs, strict=True)]
            tried.append((_figures(clips, sounds, outputs), outputs))
        results[name], best = max(tried, key=lambda both: both[0].segmental_gain_db)
        if before is not None:
            changes = (_heard(clips, best) - before).T
            results[name] = results[name]._replace(
                opinion_change=mean_of(list(changes[0])),
                mushra_change=mean_of(list(changes[1])),
                note_f1_change=mean_of(list(changes[2])),
            )
        print_row(name, results[name])
    return results


def _restored(system: System, x: Noisy, clip: Clip) -> F32:
    """What a system makes of a clip under noise."""
    if isinstance(system, AfterGroove):
        side = np.concatenate([x.groove, x.sound])
        return system.restore(side, clip.sample_rate)[len(x.groove) :]
    return system(x.sound, clip.sample_rate)


def _heard(clips: Sequence[Clip], waves: Sequence[F32]) -> NDArray[np.float64]:
    """Opinion, mark and share of the notes of each clip, ``[clips, 3]``."""
    listeners = (opinion, mushra_score, note_f1)
    return np.array(
        [
            [listener(clip.signal, wave, clip.sample_rate) for listener in listeners]
            for clip, wave in zip(clips, waves, strict=True)
        ]
    )


def transparency(clips: Sequence[Clip], noise: Noise, systems: Systems) -> dict[str, float]:
    """SNR of what comes out against what goes in at 40 dB, mean over the clips."""
    inputs = [noisy(clip, noise, CLEAN_SNR_DB, seed) for seed, clip in enumerate(clips)]
    result = {}
    print(f"\n{CLEAN_SNR_DB:.0f} dB of SNR in: SNR gain against the clean clip, dB")
    for name, settings in systems.items():
        gains = []
        for restore in settings:
            change = [
                snr_db(clip.signal, _restored(restore, x, clip)) - snr_db(clip.signal, x.sound)
                for clip, x in zip(clips, inputs, strict=True)
            ]
            gains.append(float(np.mean(change)))
        result[name] = max(gains)
        print(f"{name:28}{result[name]:+8.2f}", flush=True)
    return result


def _figures(clips: Sequence[Clip], inputs: Sequence[F32], outputs: Sequence[F32]) -> Figures:
    segmental, spectral, kept, bands = [], [], [], []
    for clip, x, y in zip(clips, inputs, outputs, strict=True):
        rate = clip.sample_rate
        before, after = (segmental_snr_db(clip.signal, wave, rate) for wave in (x, y))
        segmental.append(after - before)
        before, after = (log_spectral_distance(clip.signal, wave, rate) for wave in (x, y))
        spectral.append(after - before)
        kept.append(_kept(clip, x, y))
        bands.append(_band_gains(clip, x, y))
    return Figures(
        float(np.mean(segmental)),
        float(np.mean(spectral)),
        tuple(mean_of(list(column)) for column in zip(*kept, strict=True)),
        tuple(mean_of(list(column)) for column in zip(*bands, strict=True)),
    )


def _spectra(clip: Clip, *waves: F32) -> tuple[NDArray[np.float64], list[NDArray[Any]]]:
    sets = [stft(wave, clip.sample_rate, nperseg=2048)[::2] for wave in waves]
    return sets[0][0], [spectrum for _, spectrum in sets]


def _kept(clip: Clip, x: F32, y: F32) -> list[float]:
    """Level of the music that stands above the noise, after against before, dB per band."""
    frequency, (music, before, after) = _spectra(clip, clip.signal, x, y)
    noise = np.mean(np.abs(before - music) ** 2, axis=1, keepdims=True)
    stands_out = np.abs(music) ** 2 > noise * 10 ** (ABOVE_NOISE_DB / 10)
    result = []
    for low, high in BANDS_HZ:
        there = stands_out & ((frequency >= low) & (frequency < high))[:, None]
        powers = [float(np.sum(np.abs(s[there]) ** 2)) for s in (after, before)]
        result.append(10 * np.log10(powers[0] / powers[1]) if powers[1] > 0 else np.nan)
    return result


def _band_gains(clip: Clip, x: F32, y: F32) -> list[float]:
    """SNR gained in each band, dB."""
    frequency, (music, before, after) = _spectra(clip, clip.signal, x, y)
    result = []
    for low, high in BANDS_HZ:
        rows = (frequency >= low) & (frequency < high)
        errors = [float(np.sum(np.abs(s[rows] - music[rows]) ** 2)) for s in (before, after)]
        result.append(10 * np.log10(errors[0] / errors[1]) if min(errors) > 0 else np.nan)
    return result


def print_head(condition: str) -> None:
    """Title and column heads of one table; the last three are filled with ``--heard``."""
    names = "".join(f"{f'{low / 1000:g}-{high / 1000:g}k':>9}" for low, high in BANDS_HZ)
    print(f"\n{condition}: dB; then highs kept per band; then SNR gained per band")
    heads = f"{names}  |{names}  |{'opinion':>9}{'2f':>7}{'notes':>8}"
    print(f"{'system':28}{'seg.gain':>9}{'LSD':>8}{heads}")


def print_row(name: str, figures: Figures) -> None:
    """One line of the table."""
    kept = "".join(f"{value:+9.2f}" for value in figures.kept_db)
    bands = "".join(f"{value:+9.2f}" for value in figures.band_gain_db)
    gain, distance = figures.segmental_gain_db, figures.lsd_change_db
    heard = f"{figures.opinion_change:+9.2f}{figures.mushra_change:+7.1f}"
    heard += f"{figures.note_f1_change:+8.3f}"
    print(f"{name:28}{gain:+9.2f}{distance:+8.2f}{kept}  |{bands}  |{heard}", flush=True)


def plot(results: dict[str, dict[str, Figures]], calm: dict[str, float], path: Path) -> None:
    """Draw segmental gain at each condition against what happens to a nearly clean clip."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6 * len(results) / 2, 7.5), layout="constrained")
    columns = len(results) // 2
    axes = figure.subplots(2, columns, sharex=True, squeeze=False)
    for at, (condition, systems_) in enumerate(results.items()):
        one = axes[at % 2][at // 2]
        ours = [name for name in systems_ if name.startswith("shellac")]
        x = [calm[name] for name in ours]
        one.plot(x, [systems_[name].segmental_gain_db for name in ours], "o-", label="Shellac")
        for name, figures in systems_.items():
            if name in ours:
                continue
            if calm[name] < OFF_SCALE_DB:  # would squeeze all others into one corner
                one.plot([], [], "s", label=f"{name}: off, at {calm[name]:.0f} dB")
            else:
                one.plot(calm[name], figures.segmental_gain_db, "s", label=name)
        one.set_title(condition, fontsize=9)
        one.grid(alpha=0.3)
    axes[0][0].legend(fontsize=7)
    figure.supxlabel("SNR gain at 40 dB SNR in, dB (below 0: music was lost)")
    figure.supylabel("segmental SNR gain, dB")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    sys.exit(main())
