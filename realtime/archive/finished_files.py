"""What finished files say of themselves, and the sidecar of one that was restored.

Those of a recording on the engine's control thread, of a file on the caller's.
"""

from datetime import datetime
from importlib import metadata
from typing import Any

import soundfile

from model.checkpoints import Selection
from model.errors import RestorationError
from realtime.archive.restore_report import RestoreReport
from realtime.archive.sidecar import SettingsFrom, Sidecar
from realtime.restorer.used_checkpoints import used_checkpoints
from realtime.soundfiles.carried_tags import carried_tags
from realtime.soundfiles.description import Description
from realtime.soundfiles.tagging import describe_published

BITS = {"FLOAT": 32, "DOUBLE": 64, "PCM_32": 32, "PCM_24": 24, "PCM_16": 16}


def originator() -> str:
    """Return program and version, as they stand in every file."""
    try:
        return f"Shellac {metadata.version('shellac')}"
    except metadata.PackageNotFoundError:
        return "Shellac"


def describe_pair(sidecar: Sidecar) -> str:
    """Write into both files of a recording what they are; returns why not, empty if they say it.

    The sidecar says the same and more, so that a disk without room for it costs nothing.
    """
    try:
        for sound, role in ((sidecar.original, "raw transfer"), (sidecar.restored, "restored")):
            info = soundfile.info(str(sound))
            description = Description(
                record=sidecar.record,
                role=role,
                started=sidecar.started,
                sample_rate=info.samplerate,
                bits=BITS.get(info.subtype, 16),
                channels=info.channels,
                source=sidecar.device,
                originator=originator(),
            )
            describe_published(sound, info.format, description)
    except (RestorationError, soundfile.LibsndfileError) as error:
        return f"the recording has no tags: {error}"
    return ""


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
        carried=carried_tags(report.source),
    )


def _walls(report: RestoreReport) -> dict[str, Any]:
    """Return what the walls told, where they were asked."""
    told: dict[str, Any] = {}
    if report.groove_found:
        told["groove_found"] = report.groove_found
    if report.wall_damage:
        told["damaged"] = dict(zip(("left", "right"), report.wall_damage, strict=True))
    return told


def sidecar_for(report: RestoreReport, models: Selection = ()) -> Sidecar:
    """Return what an archive must know of a restored file; ``models`` were to choose from."""
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
        walls=_walls(report),
        checkpoints=used_checkpoints(models, (report.detector, report.denoiser)),
    )
