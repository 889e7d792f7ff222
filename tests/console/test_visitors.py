"""How often a network asks is counted by all processes together."""

from __future__ import annotations

import subprocess
import sys

import pytest

from songhua.console.people import visitors

COUNT = """
import sys
from django.conf import settings
settings.configure(DATA_DIR=sys.argv[1], PORTAL_RATE=10, SECRET_KEY="x")
sys.modules["songhua.console.clock"] = sys
from songhua.console.people import visitors
print([visitors.too_many("a", 7, 1) for _ in range(6)].count(True))
"""


@pytest.fixture
def counted(settings, tmp_path):
    settings.DATA_DIR, settings.PORTAL_RATE = tmp_path, 10
    return tmp_path


def test_a_network_is_counted_by_the_minute_and_by_itself(counted):
    assert [visitors.too_many("a", 7, 4) for _ in range(3)] == [False, False, True]
    assert not visitors.too_many("b", 7, 4)
    assert not visitors.too_many("a", 8, 4)
    assert visitors.too_many("a", 8, 7)
    assert not visitors.too_many("a", 9, 4)


def test_processes_count_together(counted):
    told = [
        subprocess.run(
            [sys.executable, "-c", COUNT, str(counted)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert told == ["0", "2"]
    assert visitors.too_many("a", 7, 1)


def test_what_is_forgotten_counts_no_more(counted):
    visitors.too_many("a", 7, 100)
    visitors.forget()
    assert not visitors.too_many("a", 7, 1)
