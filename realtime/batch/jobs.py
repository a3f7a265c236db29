"""What becomes of each file that is to be restored, decided before the first sample is touched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import RestorationError
from model.groove.record import RecordSettings
from realtime.archive.sidecar import ENDING, Origin, origin_of, sidecar_of_restored
from realtime.batch.folders import found_sounds
from realtime.soundfiles.file_names import LONGEST_FILE_NAME, fitted

RecordOf = Callable[[Path], RecordSettings]

TREATED = (
    "it was restored before, so that what its sidecar says of curve, groove, speed and gain is not "
    "done a second time"
)
WRITTEN_SUFFIXES = (".wav", ".flac", ".aiff", ".aif")


@dataclass(frozen=True, slots=True)
class RestoreJob:
    """One file to restore and where its results go.

    Attributes
    ----------
    left_out : str
        Why nothing is done with it; empty if it is restored.
    fault : str
        What is wrong with it before it was opened; empty if nothing is.
    remarks : tuple of str
        What the person should know of it, one line each.
    """

    source: Path
    target: Path
    removed: Path | None = None
    mask: Path | None = None
    report: Path | None = None
    overwrite: bool = False
    record: RecordSettings = RecordSettings()
    align_walls: bool = False  # estimate offset and balance of the walls first
    sidecar: Path | None = None
    resume: bool = False  # leave it out where a verified result is there
    left_out: str = ""
    fault: str = ""
    remarks: tuple[str, ...] = ()
    find_groove: bool = False  # hear first how the record was cut

    def results(self) -> list[Path]:
        """Return every file that will be written."""
        results = (self.target, self.removed, self.mask, self.report, self.sidecar)
        return [path for path in results if path]


def plan_jobs(
    sources: Sequence[Path],
    output: Path,
    *,
    file_format: str | None = None,
    removed: Path | None = None,
    mask: Path | None = None,
    report: Path | None = None,
    overwrite: bool = False,
    record: RecordOf | None = None,
    align_walls: bool = False,
    find_groove: bool = False,
    sidecar: bool = True,
    resume: bool = False,
) -> list[RestoreJob]:
    """Name the results of every source.

    Parameters
    ----------
    sources : sequence of Path
        Files to restore, and folders with such files in and below them.
    output, removed, mask, report : Path
        A folder that exists, where files are named after their source; or, for one source, a file.
    file_format : "wav" or "flac", optional
        Of the files in a folder; None keeps the source's where it can be written without loss.
    overwrite : bool
        Whether files that are there already may be replaced.
    record : callable, optional
        Gives groove, curve, speed and label of a source.
    align_walls : bool
        Whether offset and balance of the walls are estimated for each file.
    find_groove : bool
        Whether each file says itself how it was cut.
    sidecar : bool
        Whether each result gets a JSON file beside it, and a description in itself.
    resume : bool
        Whether files with a verified result are left out; that is looked at when their turn comes.

    Raises
    ------
    RestorationError
        A folder is missing, two results would fall on one file, or a file is there already.
    """
    found = found_sounds(sources, output)
    alone = len(found) == 1 and found[0].named
    originals = {sound.path.resolve() for sound in found}
    jobs = []
    for source, below, _ in found:
        origin = origin_of(source)
        described, fault = RecordSettings(), ""
        try:
            described = record(source) if record else described
        except RestorationError as error:
            fault = str(error)
        suffix = f".{file_format}" if file_format else _lossless_suffix(source)
        target = _result(source, output, below, f"_restored{suffix}", alone)
        jobs.append(
            RestoreJob(
                source,
                target,
                removed and _result(source, removed, below, f"_removed{suffix}", alone),
                mask and _result(source, mask, below, f"_mask{suffix}", alone),
                report and _result(source, report, below, "_report.json", alone),
                overwrite,
                described,
                align_walls,
                sidecar_of_restored(target) if sidecar else None,
                resume,
                _why_left_out(origin, source, originals),
                fault,
                (TREATED,) if origin.is_result else (),
                find_groove and not origin.is_result,
            )
        )
    _refuse_collisions(jobs, overwrite)
    return jobs


def _why_left_out(origin: Origin, source: Path, originals: set[Path]) -> str:
    made_from = origin.made_from
    if made_from is None or made_from.resolve() not in originals - {source.resolve()}:
        return ""
    return f"left out: it was made from {made_from.name}, which is here as well"


def _lossless_suffix(source: Path) -> str:
    suffix = source.suffix.lower()
    return suffix if suffix in WRITTEN_SUFFIXES else ".flac"


def _result(source: Path, place: Path, below: Path, ending: str, alone: bool) -> Path:
    """Return the file that ``place`` means for one source: itself, or one in that folder."""
    if place.is_dir():
        # Room for the name of the sidecar, which is longer.
        return place / below / fitted(source.stem, ending, LONGEST_FILE_NAME - len(ENDING))
    if not alone and place.exists():
        raise RestorationError(f"{place} is a file; many results need a folder")
    if not alone or not place.suffix:
        raise RestorationError(f"the output folder {place} does not exist; create it first")
    if not place.parent.is_dir():
        raise RestorationError(f"the output folder {place.parent} does not exist; create it first")
    return place


def _refuse_collisions(jobs: Sequence[RestoreJob], overwrite: bool) -> None:
    sources = {job.source.resolve() for job in jobs}
    taken: dict[Path, Path] = {}
    for job in jobs:
        if job.left_out:
            continue
        for path in job.results():
            where = path.resolve()
            if where in sources:
                raise RestorationError(f"{path} is itself to be restored; choose another output")
            if where in taken:
                raise RestorationError(
                    f"{taken[where]} and {job.source} would both be written to {path}; "
                    "restore them into different folders"
                )
            if path.exists() and not (overwrite or job.resume):
                raise RestorationError(
                    f"{path} exists already; choose another name, or add --overwrite"
                )
            taken[where] = job.source
