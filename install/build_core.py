"""Compiles the C of the model, ``model/c``, into a library beside it; runs at installation.

Installing, from a wheel's source or in a checkout, calls it; by hand, where ``ziglang`` or another
compiler is at hand: ``python install/build_core.py`` (``CC=gcc`` takes another). The compiler is
the ``ziglang`` package, the same everywhere, so that nobody needs one of their own.

On x86-64 there is a second library from the same sources, for processors with vectors of eight
floats, nearly all since 2015; ``model/core.py`` takes it where it runs.
"""

import hashlib
import os
import platform
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "model" / "c"
# Without -ffast-math and contraction a sum is the same sum on every processor.
FLAGS = (
    "-std=c11",
    "-O2",
    "-Wno-psabi",
    "-fno-math-errno",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-g0",
)
# By machine: its name to the compiler, and its least macOS, the same as NumPy's.
MACHINES = {
    "x86_64": ("x86_64", "10.13"),
    "amd64": ("x86_64", "10.13"),
    "aarch64": ("aarch64", "11.0"),
    "arm64": ("aarch64", "11.0"),
}
WIDE = "x86_64_v3"  # which second library there is, and the compiler's name of such processors
GLIBC = "2.17"  # the oldest that any of our dependencies still knows


def libraries() -> dict[Path, str]:
    """Return where each library lies, and for which processors it is: the compiler's name."""
    ending = {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so")
    found = {SOURCES / f"core.{ending}": "baseline"}
    if MACHINES.get(platform.machine().lower(), ("",))[0] == "x86_64" and sys.maxsize > 2**32:
        found[SOURCES / f"core_{WIDE}.{ending}"] = WIDE
    return found


def fingerprint() -> str:
    """Return what tells these sources from others."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.[ch]")):
        # A checkout on Windows may have other line ends.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def _target() -> tuple[str, str] | None:
    """Return the compiler's name of this system, and the wheel's; None: whatever is native."""
    machine, macos = MACHINES.get(platform.machine().lower(), ("", ""))
    if not machine or sys.maxsize < 2**32:
        return None
    if sys.platform == "win32":
        return f"{machine}-windows-gnu", "win_amd64" if machine == "x86_64" else "win_arm64"
    if sys.platform == "darwin":
        name = "arm64" if machine == "aarch64" else machine
        return f"{machine}-macos.{macos}", f"macosx_{macos.replace('.', '_')}_{name}"
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        return f"{machine}-linux-gnu.{GLIBC}", f"manylinux_{GLIBC.replace('.', '_')}_{machine}"
    return None


def platform_tag() -> str:
    """Return for which systems a wheel with this library is."""
    target = None if os.environ.get("CC") else _target()
    return target[1] if target else sysconfig.get_platform().replace("-", "_").replace(".", "_")


def _compiler(processor: str) -> list[str]:
    if chosen := os.environ.get("CC"):
        return [*shlex.split(chosen), *(["-march=x86-64-v3"] if processor == WIDE else [])]
    command = [sys.executable, "-m", "ziglang", "cc", f"-mcpu={processor}"]
    if target := _target():
        command += ["-target", target[0]]
    return command


def build() -> list[Path]:
    """Compile, and return the libraries.

    Raises
    ------
    SystemExit
        The compiler is missing or fails; its own words have been shown.
    """
    work = ROOT / "build" / "core"
    work.mkdir(parents=True, exist_ok=True)
    for made, processor in libraries().items():
        _compile(made, processor, work)
    return list(libraries())


def _compile(made: Path, processor: str, work: Path) -> None:
    begun = made.with_suffix(f".{os.getpid()}")  # a program that runs keeps the one it has
    command = [*_compiler(processor), *FLAGS, f'-DCORE_FINGERPRINT="{fingerprint()}"', "-shared"]
    command += [] if sys.platform == "win32" else ["-fPIC", "-fvisibility=hidden"]
    command += [str(path) for path in sorted(SOURCES.glob("*.c"))]
    command += ["-o", str(begun), *([] if sys.platform == "win32" else ["-lm"])]
    caches = {f"ZIG_{scope}_CACHE_DIR": str(work / "cache") for scope in ("GLOBAL", "LOCAL")}
    try:
        subprocess.run(command, cwd=work, env={**caches, **os.environ}, check=True)
        begun.replace(made)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(
            f"shellac: {SOURCES} could not be compiled ({error}); install a C compiler and "
            "name it: CC=gcc"
        ) from error
    finally:
        begun.unlink(missing_ok=True)


if __name__ == "__main__":
    print(*build(), sep="\n")
