"""What the pages promise is there: each test they name, each file they lead to, each command."""

import re
from pathlib import Path

import pytest
from cli_tools import ROOT

import main

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
    for target in targets:
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_every_test_that_a_page_names_exists() -> None:
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
    }
    for page in PAGES:
        named = set(re.findall(r"`(test_\w+)`", page.read_text("utf-8")))
        assert not named - defined, f"{page.name}: {sorted(named - defined)}"


def test_every_file_of_tests_that_a_page_or_a_tool_names_lies_there() -> None:
    there = [f"/{path.relative_to(ROOT)}" for path in (ROOT / "tests").rglob("test_*.py")]
    for page in [*PAGES, ROOT / "Makefile", ROOT / "tools" / "fuzz"]:
        for named in re.findall(r"[\w/]*\btest_\w+\.py", page.read_text("utf-8")):
            assert any(path.endswith(f"/{named}") for path in there), f"{page.name}: {named}"


def test_the_manual_tells_of_every_command() -> None:
    manual = (ROOT / "docs" / "manual.md").read_text("utf-8")
    for command in main.COMMANDS:
        assert f"| `shellac {command}` |" in manual
    for command in main.FOR_PROGRAMS:
        assert f"| `{command}` |" in manual
