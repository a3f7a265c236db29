"""``shellac restore``: its options, and from them to files that are restored."""

import argparse

from realtime.arguments import count, named_path
from realtime.restorer.options import add_restoration_options, models_from, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add sources, results and restoration."""
    add = parser.add_argument
    add(
        "inputs",
        nargs="+",
        type=named_path,
        metavar="IN",
        help="WAV, AIFF, FLAC, OGG, MP3, or a folder",
    )
    add(
        "--output",
        type=named_path,
        required=True,
        metavar="OUT|DIR",
        help="file, or folder for many",
    )
    add("--format", choices=("wav", "flac"), help="of files in a folder (as the input)")
    add("--removed", type=named_path, metavar="FILE|DIR", help="also write what was taken out")
    add("--mask", type=named_path, metavar="FILE|DIR", help="also write the impulse mask as audio")
    add("--report", type=named_path, metavar="FILE.json|DIR", help="also write counts and timings")
    add("--jobs", type=count, default=1, metavar="N", help="files at the same time (1)")
    add("--overwrite", action="store_true", help="replace files that are there already")
    add("--resume", action="store_true", help="leave out what is done and verified")
    add("--no-sidecar", action="store_true", help="leave out the archive's JSON file and the tags")
    add("--align-walls", action="store_true", help="estimate offset and balance of the walls")
    add_restoration_options(parser)


def run(args: argparse.Namespace) -> None:
    """Restore files with the chain that restores live sound."""
    from model.groove.record_options import AUTO, record_from
    from realtime.archive.sidecar import known_record
    from realtime.batch.jobs import plan_jobs
    from realtime.batch.many_files import run_jobs

    jobs = plan_jobs(
        args.inputs,
        args.output,
        file_format=args.format,
        removed=args.removed,
        mask=args.mask,
        report=args.report,
        overwrite=args.overwrite,
        record=lambda source: record_from(args, known_record(source), hears_groove=True),
        align_walls=args.align_walls,
        find_groove=args.groove == AUTO,
        sidecar=not args.no_sidecar,
        resume=args.resume,
    )
    run_jobs(jobs, settings_from(args), args.jobs, models_from(args), args.quiet)
