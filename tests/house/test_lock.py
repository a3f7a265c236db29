"""The lock: what it names is what the program needs, at versions that pyproject.toml allows."""

import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import ROOT, locked, project_requirements, wanted_here

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
RENEW = "renew the lock: make lock"


@pytest.mark.parametrize("wanted", project_requirements(), ids=str)
def test_every_dependency_is_locked_at_a_version_it_allows(wanted: Requirement) -> None:
    versions = locked()
    name = canonicalize_name(wanted.name)
    assert name in versions, f"{name} is not locked; {RENEW}"
    assert wanted.specifier.contains(versions[name]), f"{wanted}: {versions[name]}; {RENEW}"


def test_what_the_dependencies_need_themselves_is_locked_as_well() -> None:
    versions = locked()
    for wanted in wanted_here(project_requirements()):
        name = canonicalize_name(wanted.name)
        assert name in versions, f"{name} is not locked; {RENEW}"
        assert wanted.specifier.contains(versions[name], prereleases=True), f"{wanted}; {RENEW}"


@pytest.mark.skipif(
    f"made on {sys.platform.capitalize()}, Python {sys.version_info[0]}.{sys.version_info[1]},"
    not in (ROOT / "constraints.txt").read_text("utf-8"),
    reason="another system or Python needs other packages",
)
def test_nothing_is_locked_that_nobody_needs() -> None:
    needed = {canonicalize_name(found.name) for found in wanted_here(project_requirements())}
    assert locked().keys() <= needed, RENEW


def test_nothing_of_cuda_is_locked() -> None:
    assert not [name for name in locked() if re.match("nvidia|cuda|triton|pytorch-triton", name)]


def test_each_package_is_locked_once_and_exactly() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line) for line in pins), pins
    assert len(locked()) == len(pins)


def test_the_makefile_installs_nothing_but_what_is_locked() -> None:
    assert re.search(r"^INSTALL = .* --constraint constraints\.txt$", MAKEFILE, re.M)
    assert not re.search(r"^\t.*pip install", MAKEFILE, re.M), "use $(INSTALL)"
    stamps = re.findall(r"^\.venv/\.stamp-(?:run|test):.*$", MAKEFILE, re.M)
    assert all("constraints.txt" in stamp for stamp in stamps), "a new lock must be installed"
