"""A scenario of another package is found by its entry point, here and in other processes."""

from __future__ import annotations

import subprocess
import sys

from songhua.runtime.registry import scenarios


def test_a_package_that_announces_a_scenario_is_found(toy_scenario):
    assert list(scenarios())[-1] == "toy"
    assert toy_scenario.package == "songhua_toy"


def test_another_process_finds_it_too(toy_scenario):
    code = "from songhua.runtime.registry import scenarios; print(scenarios()['toy'].package)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "songhua_toy\n"


def test_without_the_package_there_is_no_such_scenario():
    assert "toy" not in scenarios()
