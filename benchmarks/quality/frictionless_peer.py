"""The peer: frictionless-py, the reference implementation of Table Schema, asked the same.

It is not among our dependencies. Where this interpreter lacks it, the one named by
``FRICTIONLESS_PYTHON`` solves the cases; where there is none, the case says so. It is told the
encoding, and not to guess anything else.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path

from draw import HEADINGS, INDUSTRIES, drawn

TYPES = {"成立日期": "date", "从业人数": "integer", "注册资本": "number"}
CONSTRAINTS = {
    "统一编号": {"unique": True},
    "单位名称": {"required": True, "maxLength": 60},
    "行业代码": {"enum": INDUSTRIES},
    "从业人数": {"minimum": 0, "maximum": 100_000},
    "邮政编码": {"pattern": "[0-9]{6}"},
}
RAGGED = {"missing-cell", "extra-cell"}


def solve(case: dict) -> dict:
    """Seconds from the path to the report, and the number and place of every defect by rule."""
    if importlib.util.find_spec("frictionless"):
        return solve_here(case)
    other = os.environ.get("FRICTIONLESS_PYTHON")
    if not other:
        return {"absent": "frictionless is not installed and FRICTIONLESS_PYTHON names no Python"}
    process = elsewhere(other)
    process.stdin.write(json.dumps(case) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def elsewhere(python: str) -> subprocess.Popen:
    """Another interpreter that solves our cases; it ends with us."""
    side = Path(__file__).parent.parent / "side.py"
    return subprocess.Popen(
        [python, str(side), __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def solve_here(case: dict) -> dict:
    from frictionless import Checklist, Resource, Schema, system

    path = drawn(case)
    fields = [
        {"name": name, "type": TYPES.get(name, "string"), "constraints": CONSTRAINTS.get(name, {})}
        for name in HEADINGS
    ]
    with system.use_context(trusted=True):
        begun = time.perf_counter()
        schema = Schema.from_descriptor({"fields": fields})
        resource = Resource(path=str(path), schema=schema, encoding="gb18030")
        report = resource.validate(Checklist(), limit_errors=10**9)
        seconds = time.perf_counter() - begun
    answer: dict[str, int] = {}
    ragged = {e.row_number for t in report.tasks for e in t.errors if e.type in RAGGED}
    note(answer, "ragged", ragged)
    for task in report.tasks:
        for error in task.errors:
            if error.type not in RAGGED and error.row_number not in ragged:
                note(answer, f"{rule(error)} {error.field_name}", {error.row_number})
    return {"seconds": seconds, "answer": answer}


def note(answer: dict[str, int], name: str, rows: set[int]) -> None:
    """Add these rows to what was found under a rule."""
    for figure, more in (("defects", len(rows)), ("rows", sum(rows))):
        key = f"{name}: {figure}"
        answer[key] = answer.get(key, 0) + more


def rule(error: object) -> str:
    """Our name for the rule that was broken."""
    if error.type in ("type-error", "unique-error"):
        return error.type.removesuffix("-error")
    named = {
        "required": "required", "maxLength": "length", "enum": "codes", "minimum": "range",
        "maximum": "range", "pattern": "pattern",
    }  # fmt: skip
    return next(ours for theirs, ours in named.items() if f'"{theirs}"' in error.note)
