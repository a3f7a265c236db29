"""A bank of real clicks on disk: their waveforms, when they came, under which hiss. Any thread.

One compressed ``.npz`` of plain arrays. Records are cut into *stretches*, each for training or
held out for tests; a click belongs to the stretch that it begins in, or to none.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import RestorationError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
Role = Literal["train", "test"]

VERSION = 1
SHIPPED = Path(__file__).resolve().parent.parent / "banks" / "imperial_marimba_1917.npz"
ROLES: tuple[Role, Role] = ("train", "test")
HISS_BINS = 257  # of the hiss's spectrum, from 0 Hz to half the sample rate


class Stretch(NamedTuple):
    """Some seconds of one record."""

    record: int
    start_s: float
    end_s: float
    role: Role

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


class Click(NamedTuple):
    """One click: seconds from the beginning of its record, its wave at full scale +-1."""

    time_s: float
    wave: F32
    height: float
    excess: float


@dataclass(frozen=True)
class ClickBank:
    """All clicks of all records, ordered by record and time.

    Attributes
    ----------
    sample_rate : int
        Hz, of the waves.
    waves : float32 [n_samples]
        One behind the other; click ``i`` is ``waves[offsets[i]:offsets[i + 1]]``.
    offsets : int64 [n + 1]
    times, heights, excess : float64 [n]
        Seconds; sigma of the hiss in the band above the music; RMS against what interpolation
        leaves on clean spans of that length.
    record : int64 [n]
        Which record.
    names : [records]
    seconds, music_end_hz, transfer_end_hz, level, hiss_level : float64 [records]
        Of each record; levels are RMS of the whole signal without its clicks, and of the hiss.
    hiss_power : float64 [records, HISS_BINS]
        Power density of the hiss against its mean, from 0 Hz to half the sample rate; below the
        music's end it is what the quietest moments leave.
    stretches : float64 [stretches, 4]
        Record, start, end in seconds, 0 for training or 1 for tests.
    origin : str
        Where the records come from and who may use them.
    """

    sample_rate: int
    waves: F32
    offsets: NDArray[np.int64]
    times: F64
    heights: F64
    excess: F64
    record: NDArray[np.int64]
    names: tuple[str, ...]
    seconds: F64
    music_end_hz: F64
    transfer_end_hz: F64
    level: F64
    hiss_level: F64
    hiss_power: F64
    stretches: F64
    origin: str

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, index: int) -> Click:
        wave = self.waves[self.offsets[index] : self.offsets[index + 1]]
        return Click(
            float(self.times[index]), wave, float(self.heights[index]), float(self.excess[index])
        )

    def __iter__(self) -> Iterator[Click]:
        return (self[index] for index in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Samples of each click."""
        return np.diff(self.offsets)

    def parts(self, role: Role) -> list[Stretch]:
        """The stretches for training or for tests."""
        wanted = ROLES.index(role)
        return [
            Stretch(int(row[0]), float(row[1]), float(row[2]), role)
            for row in self.stretches
            if row[3] == wanted
        ]

    def within(self, stretch: Stretch) -> NDArray[np.intp]:
        """Which clicks begin in it and end in it."""
        ends = self.times + self.lengths / self.sample_rate
        inside = (self.times >= stretch.start_s) & (ends <= stretch.end_s)
        return np.flatnonzero(inside & (self.record == stretch.record))

    def of_role(self, role: Role) -> NDArray[np.intp]:
        """All clicks for training, or all for tests."""
        found = [self.within(stretch) for stretch in self.parts(role)]
        return np.concatenate(found) if found else np.zeros(0, np.intp)

    def timeline(self, role: Role) -> tuple[F64, NDArray[np.intp], float]:
        """A role's stretches one after the other: times of the clicks, which, seconds in all."""
        now, times, found = 0.0, [], []
        for part in self.parts(role):
            inside = self.within(part)
            times.append(self.times[inside] - part.start_s + now)
            found.append(inside)
            now += part.seconds
        if not found:
            return np.zeros(0), np.zeros(0, np.intp), 0.0
        return np.concatenate(times), np.concatenate(found), now

    def track(self, stretch: Stretch) -> tuple[F32, Mask]:
        """The clicks of a stretch as they came, and which samples they changed; both ``[T]``."""
        n_samples = round(stretch.seconds * self.sample_rate)
        layer, mask = np.zeros(n_samples, np.float32), np.zeros(n_samples, bool)
        for index in self.within(stretch):
            click = self[index]
            start = max(0, round((click.time_s - stretch.start_s) * self.sample_rate))
            place = slice(start, min(n_samples, start + len(click.wave)))
            layer[place] += click.wave[: place.stop - start]
            mask[place] = True
        return layer, mask

    def long_track(self, role: Role, n_samples: int, start: int = 0) -> tuple[F32, Mask]:
        """The stretches of a role one after the other, again from the first when they are over.

        ``start`` is how far into them to begin, in samples.

        Raises
        ------
        RestorationError
            If the bank holds nothing for that role.
        """
        parts = self.parts(role)
        pieces = [self.track(part) for part in parts]
        if not pieces or not any(len(layer) for layer, _ in pieces):
            raise RestorationError(
                f"the bank holds no clicks for {'tests' if role == 'test' else 'training'}; "
                "harvest it with --hold-out-every 2"
            )
        whole = [np.concatenate(arrays) for arrays in zip(*pieces, strict=True)]
        at = (start + np.arange(n_samples)) % len(whole[0])
        return whole[0][at].astype(np.float32), whole[1][at].astype(bool)

    def hiss_gain(self, record: int, frequency: F64) -> F64:
        """Amplitude of the hiss at each frequency against its mean."""
        bins = np.linspace(0, self.sample_rate / 2, HISS_BINS)
        return np.asarray(np.sqrt(np.interp(frequency, bins, self.hiss_power[record])))


def save_bank(path: Path, bank: ClickBank) -> None:
    """Write the bank; waves as halves of their peaks, so that a thousand clicks take 50 kB."""
    clicks = np.split(bank.waves, bank.offsets[1:-1]) if len(bank) else []
    peaks = np.array([np.max(np.abs(wave), initial=0.0) for wave in clicks], np.float32)
    scaled = [wave / peak if peak > 0 else wave for wave, peak in zip(clicks, peaks, strict=True)]
    arrays: dict[str, Any] = {spec.name: getattr(bank, spec.name) for spec in fields(bank)}
    arrays["waves"] = np.concatenate(scaled or [np.zeros(0)]).astype(np.float16)
    arrays["peaks"] = peaks
    for name in ("heights", "excess", "hiss_power"):
        arrays[name] = np.asarray(arrays[name], np.float32)
    arrays["names"] = np.array(bank.names, dtype=np.str_)
    arrays["version"] = VERSION
    part = path.with_name(path.name + ".part.npz")
    try:
        np.savez_compressed(part, **arrays)
        part.replace(path)
    except OSError as error:
        raise RestorationError(f"cannot write {path}: {error.strerror}; choose -o") from None


def load_bank(path: Path) -> ClickBank:
    """Read a bank.

    Raises
    ------
    RestorationError
        If it is no bank, or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _bank(arrays)
    except FileNotFoundError:
        raise RestorationError(f"there is no click bank {path}") from None
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise RestorationError(
            f"{path} is no click bank ({error}); make one with python -m training.harvest_clicks"
        ) from None


@lru_cache(maxsize=1)
def shipped_bank() -> ClickBank:
    """Return the bank that comes with the program."""
    return load_bank(SHIPPED)


def _bank(arrays: dict[str, NDArray[Any]]) -> ClickBank:
    if int(arrays["version"]) != VERSION:
        raise ValueError(f"version {int(arrays['version'])}, not {VERSION}")
    offsets = arrays["offsets"].astype(np.int64)
    waves = arrays["waves"].astype(np.float32) * np.repeat(arrays["peaks"], np.diff(offsets))
    n_records, n = len(arrays["names"]), len(arrays["times"])
    sane = len(offsets) == n + 1 and offsets[0] == 0 and offsets[-1] == len(waves)
    sane &= arrays["hiss_power"].shape == (n_records, HISS_BINS)
    sane &= arrays["stretches"].ndim == 2 and arrays["stretches"].shape[1] == 4
    sane &= all(len(arrays[name]) == n for name in ("heights", "excess", "record"))
    if not sane or not np.all(np.isfinite(waves)):
        raise ValueError("its arrays do not fit together")
    values: dict[str, Any] = {spec.name: arrays[spec.name] for spec in fields(ClickBank)}
    for name in ("times", "heights", "excess", "stretches", "hiss_power"):
        values[name] = arrays[name].astype(np.float64)
    values |= {
        "waves": waves.astype(np.float32),
        "offsets": offsets,
        "record": arrays["record"].astype(np.int64),
        "sample_rate": int(arrays["sample_rate"]),
        "names": tuple(str(name) for name in arrays["names"]),
        "origin": str(arrays["origin"]),
    }
    return ClickBank(**values)


def alternating(
    seconds: Sequence[float], stretch_s: float, gap_s: float, hold_out_every: int
) -> F64:
    """Plan the stretches of ``ClickBank.stretches``.

    Of several records every so-manieth is held out as a whole; of a single one every so-manieth
    stretch, with a gap between two so that no click is on both sides. 0 holds nothing out.
    """
    rows: list[tuple[float, float, float, float]] = []
    whole_records = len(seconds) > 1 or hold_out_every == 0
    for record, length in enumerate(seconds):
        if whole_records:
            held = hold_out_every > 0 and record % hold_out_every == hold_out_every - 1
            rows.append((record, 0.0, length, float(held)))
            continue
        starts = np.arange(0.0, length, stretch_s + gap_s)
        for number, start in enumerate(starts):
            held = number % hold_out_every == hold_out_every - 1
            rows.append((record, float(start), float(min(start + stretch_s, length)), float(held)))
    return np.array(rows, np.float64).reshape(-1, 4)
