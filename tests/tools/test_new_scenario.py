"""The recipe for a new scenario: what it makes works as it is, and it touches nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "ice_festival"
PACKAGE = f"songhua.scenarios.{NAME}"
NEEDED = (
    "src", "tools", "docs", "tests/house", "tests/scenarios/elsewhere", "tests/conftest.py",
    "tests/test_house.py", "pyproject.toml",
)  # fmt: skip


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of what the recipe touches and the inspector needs."""
    copy = tmp_path_factory.mktemp("clone")
    for name in NEEDED:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            kept = shutil.ignore_patterns("__pycache__", "*.egg-info", "img")
            shutil.copytree(ROOT / name, target, ignore=kept)
        else:
            shutil.copy(ROOT / name, target)
    return copy


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/new_scenario.py", *arguments],
        cwd=clone, capture_output=True, text=True,
    )  # fmt: skip


def contents(folder: Path) -> dict[Path, bytes]:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and "__pycache__" not in p.parts}  # fmt: skip


@pytest.fixture(scope="module")
def made(clone) -> tuple[dict[Path, bytes], dict[Path, bytes]]:
    """What the clone held before and after the recipe."""
    before = contents(clone)
    done = make(clone, NAME)
    assert done.returncode == 0, done.stderr
    return before, contents(clone)


def test_it_changes_nothing_but_the_registry(made):
    before, after = made
    changed = {str(path) for path in before if before[path] != after[path]}
    assert changed == {"src/songhua/scenarios/__init__.py"}


def test_it_is_at_most_150_lines(made):
    before, after = made
    lines = sum(text.count(b"\n") for path, text in after.items() if path not in before)
    assert lines <= 150


def test_the_name_of_the_template_is_left_nowhere(made):
    before, after = made
    new = [text for path, text in after.items() if path not in before]
    assert new
    assert not [text for text in new if b"scenario_name" in text]


@pytest.mark.slow
def test_it_passes_the_inspector_and_its_own_tests_as_it_is(clone, made):
    environment = os.environ | {"PYTHONPATH": str(clone / "src")}
    environment.pop("SONGHUA_DATA_DIR")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", NAME, "-p", "no:cacheprovider", "-n0",
         "tests"],
        cwd=clone, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    where = f"import {PACKAGE}; print({PACKAGE}.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(clone))  # it was the copy that was inspected


def test_it_is_clean_to_the_linters(clone, made):
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, f"src/songhua/scenarios/{NAME}",
             "src/songhua/scenarios/__init__.py", f"tests/scenarios/{NAME}"],
            cwd=clone, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (NAME, "already"), ("fever_clinic", "already"), ("Ice", "lower case"),
        ("ice-festival", "lower case"), ("冰雪节", "lower case"), ("ice__x", "lower case"),
        ("class", "lower case"), ("../ice", "lower case"), ("a" * 41, "40"), ("", "lower case"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(clone, made, name, said):
    before = contents(clone)
    done = make(clone, name)
    assert done.returncode == 1
    assert said in done.stderr
    assert contents(clone) == before


def test_without_a_name_it_says_how_to_call_it(clone):
    done = make(clone)
    assert (done.returncode, "NAME=" in done.stderr) == (2, True)
