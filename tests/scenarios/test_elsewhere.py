"""A scenario of another package is found by its entry point, here and in other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from songhua.kit.errors import Problem
from songhua.kit.messages import catalogue
from songhua.runtime.registry import scenarios


def test_a_package_that_announces_a_scenario_is_found(toy_scenario):
    assert list(scenarios())[-1] == "toy"
    assert toy_scenario.package == "songhua_toy"


def test_another_process_finds_it_too(toy_scenario):
    code = "from songhua.runtime.registry import scenarios; print(scenarios()['toy'].package)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "songhua_toy\n"


def test_it_brings_its_own_sentences(install_toy, tmp_path):
    install_toy()
    catalogue.cache_clear()
    said = tmp_path / "site" / "songhua_toy" / "messages.csv"
    said.write_text("code,zh,en\ntoy_broken,坏了：{value},It is broken: {value}\n", "utf-8")
    assert Problem("kind", "toy_broken", "x").text("zh") == "坏了：x"
    catalogue.cache_clear()
    said.write_text("code,zh,en\nempty,空,Empty\n", "utf-8")
    with pytest.raises(ValueError, match="empty"):
        catalogue()


def test_without_the_package_there_is_no_such_scenario():
    assert "toy" not in scenarios()
