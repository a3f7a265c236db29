"""From a finished recording or restoration to its sidecar and the description in its files.

For a recording on the engine's control thread, for a file on the caller's.
"""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from importlib import metadata
from typing import Any, Protocol

import soundfile

from model.errors import RestorationError
from model.record import RecordSettings
from realtime.description import Description
from realtime.recorder import RecordingReport
from realtime.recording_log import RecordingLog
from realtime.restore_report import RestoreReport
from realtime.sidecar import SettingsFrom, Sidecar, sidecar_of_recording, write_sidecar
from realtime.tagging import describe_published

BITS = {"FLOAT": 32, "DOUBLE": 64, "PCM_32": 32, "PCM_24": 24, "PCM_16": 16}


class NamedChain(Protocol):
    """What the archive says of a chain."""

    @property
    def detector_name(self) -> str: ...  # noqa: D102
    @property
    def denoiser_name(self) -> str: ...  # noqa: D102


def originator() -> str:
    """Return program and version, as they stand in every file."""
    try:
        return f"Shellac {metadata.version('shellac')}"
    except metadata.PackageNotFoundError:
        return "Shellac"


class RecordingArchive:
    """Gathers what is to be known of one recording, from its beginning.

    Parameters
    ----------
    device : str
        What is recorded from.
    record : RecordSettings
    chain : NamedChain
    sample_rate, latency : int
        Of the stream and its restorer.
    early : int
        Samples at the file's beginning that were heard before now.

    Attributes
    ----------
    log : RecordingLog
        For the worker.
    markers : list of dict
        ``sample`` and ``text``; the control thread adds them.
    error : str
        Why there is no sidecar, one line; empty if there is one.
    """

    def __init__(
        self,
        device: str,
        record: RecordSettings,
        chain: NamedChain,
        sample_rate: int,
        latency: int,
        early: int = 0,
    ) -> None:
        self.log = RecordingLog(sample_rate, latency)
        self.markers: list[dict[str, Any]] = []
        self.error = ""
        self._changes: list[dict[str, Any]] = []
        self._started = datetime.now().astimezone() - timedelta(seconds=early / sample_rate)
        self._device, self._record, self._chain, self._latency = device, record, chain, latency

    def renew(self, record: RecordSettings, sample: int) -> None:
        """Note that the record is played differently from a sample of its files on."""
        before, after = asdict(self._record), asdict(record)
        changes = {name: value for name, value in after.items() if value != before[name]}
        self._record = record
        if changes:
            self._changes.append({"sample": sample, **changes})

    def finish(self, report: RecordingReport) -> RecordingReport:
        """Describe both files and write the sidecar; the report that comes back names it."""
        path = sidecar_of_recording(report.raw_path)
        try:
            for sound, role in (
                (report.raw_path, "raw transfer"),
                (report.restored_path, "restored"),
            ):
                info = soundfile.info(str(sound))
                described = self._description(info, role)
                describe_published(sound, info.format, described)
            write_sidecar(path, self._sidecar(report))
        except (RestorationError, soundfile.LibsndfileError) as error:
            self.error = f"the recording has no sidecar: {error}"
            return report
        return replace(report, sidecar=path)

    def _description(self, info: soundfile._SoundFileInfo, role: str) -> Description:
        return Description(
            record=self._record,
            role=role,
            started=self._started,
            sample_rate=info.samplerate,
            bits=BITS.get(info.subtype, 16),
            channels=info.channels,
            source=self._device,
            originator=originator(),
        )

    def _sidecar(self, report: RecordingReport) -> Sidecar:
        return Sidecar(
            kind="recording",
            original=report.raw_path,
            restored=report.restored_path,
            started=self._started,
            device=self._device,
            record=self._record,
            settings=tuple(self.log.settings),
            detector=self._chain.detector_name,
            denoiser=self._chain.denoiser_name,
            impulses=self.log.impulses(report.samples),
            latency=self._latency,
            gaps=[{"sample": start, "length": length} for start, length in report.gaps],
            xruns=self.log.xruns,
            markers=self.markers,
            record_changes=self._changes,
        )


def description_of(report: RestoreReport) -> Description:
    """Return what a restored file says of itself."""
    return Description(
        record=report.record,
        role="restored",
        started=datetime.now().astimezone(),
        sample_rate=report.sample_rate,
        bits=BITS.get(report.target_subtype, 16),
        channels=report.channels,
        source=f"file {report.source.name}",
        originator=originator(),
    )


def sidecar_for(report: RestoreReport) -> Sidecar:
    """Return what an archive must know of a restored file."""
    return Sidecar(
        kind="restoration",
        original=report.source,
        restored=report.target,
        started=datetime.now().astimezone(),
        device="",
        record=report.record,
        settings=(SettingsFrom(0, report.settings),),
        detector=report.detector,
        denoiser=report.denoiser,
        impulses={
            "total": report.impulses,
            "crackle": report.crackle,
            "clicks": report.clicks,
            "pops": report.pops,
            "per_second": round(report.impulse_rate, 3),
        },
        latency=report.latency,
    )
