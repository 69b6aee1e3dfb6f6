"""The README tells the truth: its commands, files and links exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from plein.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/operating.md",
    "tests/README.md",
    "deploy/README.md",
    "ansible/README.md",
    "changes/README.md",
]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_shows_how_to_run_and_how_to_test() -> None:
    lines = [line.strip() for line in text_of("README.md").splitlines()]
    assert "./dev run" in lines
    assert "./dev test" in lines


@pytest.mark.parametrize("page", PAGES)
def test_links_between_files_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text_of(page))
    missing = [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_plein_that_are_told_exist(page: str) -> None:
    told = set(re.findall(r"(?:^ +|`|/bin/|PLEIN_\w+=\w+ |\./dev )plein (?:-c \S+ )?([a-z]+)", text_of(page), re.M))
    assert told <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_dev_that_are_told_exist(page: str) -> None:
    told = set(re.findall(r"\./dev ([a-z]+)", text_of(page)))
    listed = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    assert told <= set(re.findall(r"^\./dev ([a-z]+)", listed, re.M))


def test_every_command_of_dev_is_listed_and_every_listed_one_works() -> None:
    script = text_of("dev")
    branches = set(re.findall(r"^    ([a-z]+)\) ", script, re.M))
    listed = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    assert branches == set(re.findall(r"^\./dev ([a-z]+)", listed, re.M))


def test_dev_is_plain_shell() -> None:
    assert text_of("dev").startswith("#!/bin/sh\n")
    for shell in ("sh", "bash"):
        subprocess.run([shell, "-n", str(ROOT / "dev")], check=True)
    subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=True)


def test_an_unknown_command_of_dev_is_refused_with_the_list() -> None:
    result = subprocess.run([ROOT / "dev", "fly"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "./dev run" in result.stderr and "no command fly" in result.stderr


def test_constraints_hold_what_is_installed_for_every_requirement() -> None:
    """A version in constraints.txt that is not the installed one is a version that was not tested."""
    from importlib.metadata import requires, version

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pinned = {
        canonicalize_name(name): number
        for name, _, number in (line.partition("==") for line in text_of("constraints.txt").splitlines())
        if number
    }
    needed = {canonicalize_name(Requirement(text).name) for text in requires("plein") or []}
    assert needed <= set(pinned)
    wrong = {name: (pinned[name], version(name)) for name in needed if version(name) != pinned[name]}
    assert not wrong, f"{sys.executable} has other versions than were tested"
