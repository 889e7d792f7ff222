"""The line that repeats a run where there is no console."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.runs.models import Run, RunInput


def command(run: Run, inputs: Sequence[RunInput]) -> str:
    """``songhua run …`` on the tables as this console hands them out in Parquet."""
    parts = [["songhua", "run", run.scenario, run.action]]
    for given in inputs:
        file = f"{given.table.dataset}-{given.table_id}.parquet"
        parts.append(["--table", f"{given.name}={file}"])
    for name, value in run.params.items():
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append(["--param", f"{name}={text}"])
    parts.append(["--seed", str(run.seed), "--out", f"run-{run.pk}"])
    return " \\\n  ".join(map(shlex.join, parts))
