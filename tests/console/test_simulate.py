"""The play of the office: the same seed gives the same bytes, and every promise holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ICE_HARBOUR = Path(__file__).parents[1] / "programmes" / "ice_harbour"


def play(out: Path, tasks: int = 40, **settings: str) -> tuple[str, dict[str, bytes]]:
    command = [
        sys.executable, "-m", "songhua.cli", "sim", "ledger", "--months", "3",
        "--tasks", str(tasks), "--seed", "1", "--out", str(out),
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SONGHUA_")} | settings
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_every_promise_holds(tmp_path):
    said, first = play(tmp_path / "a")
    again, second = play(tmp_path / "b")
    assert "✗" not in said and said.count("✓") == 5, said
    assert first and {name.rpartition(".")[2] for name in first} == {"pdf", "docx", "xlsx"}
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert said == again


@pytest.mark.slow
def test_another_city_plays_its_own_plan(tmp_path):
    said, made = play(tmp_path / "ice", tasks=20, SONGHUA_PROGRAMME=str(ICE_HARBOUR))
    assert "✗" not in said and said.count("✓") == 5, said
    assert made
