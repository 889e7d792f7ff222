"""The peer: DuckDB over plain Parquet, a file a day as DuckDB itself writes it."""

from __future__ import annotations

import json
import tempfile
import time
from functools import cache
from pathlib import Path

import duckdb
from draw import day
from hourly import aggregated

FOLDER = tempfile.TemporaryDirectory(prefix="songhua-bench-")


def solve(case: dict) -> dict:
    """Seconds of the aggregate."""
    files = filled(json.dumps(case))
    begun = time.perf_counter()
    answer = aggregated(files)
    return {"seconds": time.perf_counter() - begun, "answer": answer}


@cache
def filled(text: str) -> list[Path]:
    """The days of a case."""
    case = json.loads(text)
    paths = [Path(FOLDER.name) / f"{number}.parquet" for number in range(case["days"])]
    for number, path in enumerate(paths):
        readings = day(case, number).to_arrow()
        with duckdb.connect() as base:
            base.register("readings", readings)
            base.execute(f"copy readings to '{path}'")
    return paths
