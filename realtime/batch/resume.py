"""Is a file restored already, just so? On the thread or in the process that would restore it."""

from dataclasses import asdict
from typing import Any

from model.checkpoints import Selection
from model.errors import RestorationError
from model.groove.record import RecordSettings
from model.settings import Settings
from realtime.archive.sidecar import hash_of
from realtime.archive.sidecar_reading import read_sidecar
from realtime.archive.verify import complaint_about
from realtime.batch.jobs import RestoreJob
from realtime.restorer.used_checkpoints import expected_names, used_checkpoints

HINT = "add --overwrite to restore it again"
CORRECTED = ("wall_offset_us", "wall_balance_db")  # what --align-walls finds out for each file


def is_done(job: RestoreJob, settings: Settings, models: Selection = ()) -> bool:
    """Look for a verified result of the same settings; False where there is none to be found.

    Raises
    ------
    RestorationError
        There is a result, but not this one: changed since, or made with other settings. Nobody
        but the person can say which is to be kept.
    """
    if job.sidecar is None or not job.sidecar.exists():
        if job.target.exists():
            raise RestorationError(f"{job.target} exists, but nothing says how it was made; {HINT}")
        return False
    if not job.target.exists():
        return False
    if complaint := complaint_about(job.sidecar):
        raise RestorationError(f"{job.target}: {complaint}; {HINT}")
    content = read_sidecar(job.sidecar)
    try:
        return _is_this_result(content, job, settings, models)
    except (LookupError, TypeError, AttributeError):  # a field that is missing or something else
        raise RestorationError(
            f"{job.sidecar} does not say how {job.target.name} was made; {HINT}"
        ) from None


def _is_this_result(
    content: dict[str, Any], job: RestoreJob, settings: Settings, models: Selection
) -> bool:
    if not _is_the_same(content, settings, job.record, _found_out(job)):
        raise RestorationError(f"{job.target} was restored with other settings; {HINT}")
    names = expected_names(models, content["files"]["restored"]["sample_rate"])
    hashes = {path.name: hash_of(path) for path in used_checkpoints(models, names)}
    if (content["detector"], content["denoiser"]) != names or content["checkpoints"] != hashes:
        raise RestorationError(f"{job.target} was restored with other networks; {HINT}")
    return True


def _found_out(job: RestoreJob) -> tuple[str, ...]:
    """Return what of the record each file says itself."""
    return (CORRECTED if job.align_walls else ()) + (("groove",) if job.find_groove else ())


def _is_the_same(
    content: dict[str, Any], settings: Settings, record: RecordSettings, ignored: tuple[str, ...]
) -> bool:
    then, now = content["settings"][0], asdict(settings)
    before, wanted = content["record"], asdict(record)
    # What an older version did not know stood as it stands when nobody asks for it.
    then, before = asdict(Settings()) | then, asdict(RecordSettings()) | before
    return all(then[name] == value for name, value in now.items()) and all(
        before[name] == value for name, value in wanted.items() if name not in ignored
    )
