"""Turns a training checkpoint into files that the live program loads. Main thread.

    python -m training.export runs/mine/best.pth -o mine.onnx

Each network becomes one ONNX file whose state fields are extra inputs and outputs. A file is
written only after its output was found equal to torch's, hop by hop.
"""

import argparse
from pathlib import Path

from training.command import run_command
from training.learning.onnx_export import TOLERANCE, export_checkpoint


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.export``."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .onnx to write")
    options = parser.parse_args(arguments)
    return run_command(lambda: _export(options.checkpoint, options.output))


def _export(checkpoint: Path, output: Path) -> None:
    for path in export_checkpoint(checkpoint, output):
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, equal to torch within {TOLERANCE:g}")


if __name__ == "__main__":
    raise SystemExit(main())
