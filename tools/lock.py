"""Writes constraints.txt: the versions of everything the program needs, as installed here.

``make lock`` runs it in a fresh environment that holds the newest versions pyproject.toml allows.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK, PROJECT = ROOT / "constraints.txt", ROOT / "pyproject.toml"
HEADER = """\
# Every package that the program, its training and its tests need, at the version they were tested
# with; made on {system}, Python {python}, by `make lock`, which renews it. The Makefile installs
# with it; elsewhere: pip install --constraint constraints.txt --editable .
# What only another system or Python needs beside these is not locked.
"""


def project_requirements() -> list[Requirement]:
    """Return what pyproject.toml asks for, all extras included."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for lines in lists for line in lines]


def wanted_here(requirements: Iterable[Requirement]) -> Iterator[Requirement]:
    """Yield what these requirements need on this system, and what that needs, and so on.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        One of them is not installed.
    """
    todo, seen = list(requirements), set[tuple[str, str]]()
    while todo:
        requirement = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        yield requirement
        for extra in ("", *requirement.extras):
            name = canonicalize_name(requirement.name)
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for line in metadata.requires(name) or ():
                needed = Requirement(line)
                of_extra = needed.marker and needed.marker.evaluate({"extra": extra})
                if needed.marker is None or of_extra:
                    needed.marker = None  # it has been judged
                    todo.append(needed)


def locked(path: Path = LOCK) -> dict[str, Version]:
    """Return the locked version of each package, by its normalised name."""
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    pairs = [line.split("==") for line in lines if line]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def main() -> None:
    """Write the file anew."""
    names = {canonicalize_name(found.name) for found in wanted_here(project_requirements())}
    # Without a local part such as "+cpu": which build of a version it is, its source decides.
    versions = {name: Version(metadata.version(name)).public for name in sorted(names)}
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    header = HEADER.format(system=sys.platform.capitalize(), python=python)
    LOCK.write_text(header + "".join(f"{name}=={v}\n" for name, v in versions.items()), "utf-8")


if __name__ == "__main__":
    main()
