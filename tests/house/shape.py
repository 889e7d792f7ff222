"""The declaration itself: it fits together, cites its source, and weighs little."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.params import Params
from songhua.programmes.load import bundled
from songhua.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from songhua.kit.spec import Chart, Dataset, Scenario

DOCS = Path(__file__).parents[2] / "docs"
TYPES = (pl.Int64, pl.Float64, pl.String, pl.Boolean, pl.Date, pl.Datetime)
NUMBERS = (pl.Int64, pl.Float64)
HEAVY = ("django", "numba", "scipy", "pandas", "duckdb", "ortools", "ray", "sklearn", "matplotlib")
HEADINGS = {
    "zh": ("## 给谁用", "## 决定什么", "## 局限"),
    "en": ("## For whom", "## What it decides", "## Limits"),
}


def datasets_fit_together(scenario: Scenario) -> Iterator[str]:
    """Names once, known types, limits that leave room, keys of required columns, no idle table."""
    named = (*scenario.datasets, *scenario.actions)
    again = [name for name, n in Counter(s.name for s in named).items() if n > 1]
    yield from (f"{name}: the name of two things" for name in again)
    mentioned = {n for a in scenario.actions for n in (*a.reads, *a.writes)}
    declared = {d.name for d in scenario.datasets}
    yield from (f"{name}: read or written but not declared" for name in mentioned - declared)
    yield from (
        f"{name}: declared, and no action reads or writes it" for name in declared - mentioned
    )
    for dataset in scenario.datasets:
        yield from _dataset(dataset)


def _dataset(dataset: Dataset) -> Iterator[str]:
    where = dataset.name
    columns = {c.name: c for c in dataset.columns}
    if len(columns) != len(dataset.columns):
        yield f"{where}: a column is declared twice"
    for name in dataset.key:
        if name not in columns or not columns[name].required:
            yield f"{where}.{name}: a key is a required column"
    for c in dataset.columns:
        if c.dtype not in TYPES:
            yield f"{where}.{c.name}: {c.dtype} is none of the types of a column"
        if (c.low, c.high) != (None, None) and c.dtype not in NUMBERS:
            yield f"{where}.{c.name}: limits are for numbers"
        if c.low is not None and c.high is not None and c.low > c.high:
            yield f"{where}.{c.name}: its lower limit is above its upper one"
        if c.choices and c.dtype is not pl.String:
            yield f"{where}.{c.name}: choices are for texts"


def actions_take_what_they_declare(scenario: Scenario) -> Iterator[str]:
    """``(*, <tables>, params, rng)`` and perhaps progress, by keyword only."""
    for action in scenario.actions:
        found = inspect.signature(action.function).parameters
        wanted = {*action.reads, "params", "rng"}
        if set(found) - {"progress"} != wanted:
            yield f"{action.name}: takes {', '.join(found)}; declared are {', '.join(wanted)}"
        if any(p.kind is not p.KEYWORD_ONLY for p in found.values()):
            yield f"{action.name}: its arguments are not keyword-only"


def parameters_have_defaults_and_limits(scenario: Scenario) -> Iterator[str]:
    """A form can be sent as it is offered; a number has a least and a greatest value."""
    for action in scenario.actions:
        config = action.params.model_config
        if not issubclass(action.params, Params) or config.get("extra") != "forbid":
            yield f"{action.name}: its parameters are not songhua.kit.params.Params"
        for name, field in action.params.model_fields.items():
            if field.is_required():
                yield f"{action.name}.{name}: has no default"
            if is_number(field) and None in limits(field):
                yield f"{action.name}.{name}: a number needs a lower and an upper limit"


def is_number(field: FieldInfo) -> bool:
    """Whether a parameter is a whole or a real number (perhaps none)."""
    kinds = getattr(field.annotation, "__args__", (field.annotation,))
    return any(kind in (int, float) for kind in kinds)


def limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """The least and greatest value of a number, or the ones it must stay away from."""
    found = {
        name: getattr(rule, name)
        for rule in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(rule, name, None) is not None
    }
    return found.get("ge", found.get("gt")), found.get("le", found.get("lt"))


def charts_draw_what_is_declared(scenario: Scenario) -> Iterator[str]:
    """Tables and columns of a chart exist, and what is drawn is a number."""
    declared = {d.name: d for d in scenario.datasets}
    for chart in scenario.charts:
        if chart.table not in declared:
            yield f"chart: there is no table {chart.table}"
        else:
            yield from _chart(chart, declared[chart.table])


def _chart(chart: Chart, table: Dataset) -> Iterator[str]:
    columns = {c.name: c for c in table.columns}
    for name in (chart.x, *chart.y, *([chart.by] if chart.by else [])):
        if name not in columns:
            yield f"chart of {chart.table}: there is no column {name}"
    for name in chart.y:
        if name in columns and columns[name].dtype not in NUMBERS:
            yield f"chart of {chart.table}: {name} is no number"
    if not chart.y or (chart.kind == "map" and len(chart.y) != 2):
        yield f"chart of {chart.table}: a map takes two columns as y, any other at least one"


def departments_and_clause_are_the_plans(scenario: Scenario) -> Iterator[str]:
    """Responsible departments are units of the programme, and the clause says of which paper."""
    units = bundled().units
    known = {name for unit in units for name in (unit.name_zh, *unit.aliases)}
    if not scenario.departments:
        yield "no responsible department"
    yield from (f"{d}: no unit of the programme" for d in scenario.departments if d not in known)
    if not scenario.clause.startswith(("实施方案", "政策")):
        yield f"clause {scenario.clause!r} names neither 实施方案 nor 政策"


def importing_it_is_light(scenario: Scenario) -> Iterator[str]:
    """The declaration loads neither Django nor a compiler, and no other scenario."""
    code = f"import sys, {scenario.package}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        yield f"cannot be imported alone: {done.stderr.strip().splitlines()[-1]}"
    loaded = set(done.stdout.split())
    yield from (f"importing it loads {name}" for name in HEAVY if name in loaded)
    others = {name.split(".")[2] for name in loaded if name.startswith("songhua.scenarios.")}
    yield from (f"importing it loads the scenario {name}" for name in others - {scenario.name})


def its_pages_are_written(scenario: Scenario) -> Iterator[str]:
    """A scenario of the house has a page in each language with the headings that all have."""
    if scenario.name not in SCENARIOS:
        return
    for language, headings in HEADINGS.items():
        path = DOCS / language / "scenarios" / f"{scenario.name}.md"
        text = path.read_text("utf-8") if path.is_file() else ""
        for heading in headings:
            if heading not in text.splitlines():
                yield f"docs/{language}/scenarios/{path.name}: lacks the heading “{heading}”"


def it_lies_where_its_name_says(scenario: Scenario) -> Iterator[str]:
    """A scenario of the house is called as its folder is."""
    house, _, folder = scenario.package.rpartition(".")
    if house == "songhua.scenarios" and folder != scenario.name:
        yield f"{scenario.name} lies in the folder {folder}"


RULES = (
    datasets_fit_together,
    actions_take_what_they_declare,
    parameters_have_defaults_and_limits,
    charts_draw_what_is_declared,
    departments_and_clause_are_the_plans,
    importing_it_is_light,
    its_pages_are_written,
    it_lies_where_its_name_says,
)
