"""Bad input is answered with the place, and a sentence in both languages; the action never runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import polars as pl

from songhua.kit.errors import InputError
from songhua.kit.params import choices, parse
from songhua.runtime.execute import execute

from .samples import raw
from .shape import is_number, limits
from .words import CHINESE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from songhua.kit.errors import Problem
    from songhua.kit.spec import Action, Column, Dataset, Scenario

WRONG_TYPE = {
    pl.Int64: "1.5", pl.Float64: "abc", pl.Boolean: "perhaps", pl.Date: "2023-02-30",
    pl.Datetime: "yesterday",
}  # fmt: skip


def cell_defects(column: Column) -> Iterator[tuple[str, str | None]]:
    """What may be wrong with a cell: the code of the problem, and a text that causes it."""
    if column.required:
        yield "cell_empty", None
    if column.dtype in WRONG_TYPE:
        yield f"cell_not_{column.dtype.__name__.lower()}", WRONG_TYPE[column.dtype]
    if column.dtype is pl.Float64:
        yield "cell_not_finite", "NaN"
        yield "cell_not_finite", "inf"
    if column.low is not None:
        yield "cell_too_low", str(int(column.low) - 1)
    if column.high is not None:
        yield "cell_too_high", str(int(column.high) + 1)
    if column.choices:
        yield "cell_choice", "none of the choices"


def planted(frame: pl.DataFrame, column: str, row: int, value: str | None) -> pl.DataFrame:
    """`frame`, all text, with `value` in the cell of `column` and `row` (from 1)."""
    at = pl.int_range(1, pl.len() + 1) == row
    return frame.with_columns(
        pl.when(at).then(pl.lit(value, pl.String)).otherwise(column).alias(column)
    )


def bad_cells_are_named(scenario: Scenario) -> Iterator[str]:
    """An empty, mistyped, infinite, excessive or unknown cell: its row and column, nothing else."""
    for action, dataset in _reads(scenario):
        sample = raw(scenario, dataset.name)
        for column in dataset.columns:
            if column.name not in sample.columns:
                continue
            for code, value in cell_defects(column):
                bad = planted(sample, column.name, sample.height, value)
                found = _refused(scenario, action, dataset.name, bad)
                wanted = [(f"{dataset.name}.{column.name}", code, sample.height, column.name)]
                yield from _compared(f"{action.name}: {value!r}", found, wanted)


def bad_tables_are_named(scenario: Scenario) -> Iterator[str]:
    """A missing column, a key used twice, a table without rows, one missing or not asked for."""
    for action, dataset in _reads(scenario):
        name, sample = dataset.name, raw(scenario, dataset.name)
        for column in dataset.columns:
            if column.required:
                found = _refused(scenario, action, name, sample.drop(column.name))
                wanted = [(f"{name}.{column.name}", "column_missing", None, column.name)]
                yield from _compared(f"{action.name} without {column.name}", found, wanted)
        if dataset.key:
            found = _refused(scenario, action, name, pl.concat([sample, sample.head(1)]))
            where = f"{name}.{'+'.join(dataset.key)}"
            wanted = [(where, "row_twice", sample.height + 1, dataset.key[0])]
            yield from _compared(f"{action.name}: a key twice", found, wanted)
        found = _refused(scenario, action, name, sample.head(0))
        yield from _compared(f"{action.name}: no rows", found, [(name, "no_rows", None, None)])
        found = _refused(scenario, action, name, None)
        yield from _compared(
            f"{action.name}: no table", found, [(name, "table_missing", None, None)]
        )
        found = _refused(scenario, action, "no_such_table", sample)
        wanted = [("no_such_table", "table_unknown", None, None)]
        yield from _compared(f"{action.name}: another table", found, wanted)


def bad_parameters_are_named(scenario: Scenario) -> Iterator[str]:
    """Misspelt, NaN, no number, beyond a limit, none of the choices."""
    for action in scenario.actions:
        bad: list[tuple[str, object]] = [("misspelt_name", 1)]
        for name, field in action.params.model_fields.items():
            if is_number(field):
                low, high = limits(field)
                bad += [(name, float("nan")), (name, "abc")]
                bad += [(name, low - 1)] if low is not None else []
                bad += [(name, high + 1)] if high is not None else []
            elif choices(action.params, name) or get_args(field.annotation):
                bad.append((name, "none of the choices"))
        for name, value in bad:
            problems = _caught(lambda n=name, v=value, a=action: parse(a.params, {n: v}))
            yield from _compared(f"{action.name}: {name}={value!r}", problems, [(name,)])


def _reads(scenario: Scenario) -> Iterator[tuple[Action, Dataset]]:
    for action in scenario.actions:
        for name in action.reads:
            yield action, scenario.dataset(name)


def _refused(
    scenario: Scenario, action: Action, name: str, frame: pl.DataFrame | None
) -> tuple[Problem, ...]:
    """The problems when `frame` is given as the table `name` beside the sample."""
    given = {n: raw(scenario, n) for n in action.reads if n != name}
    if frame is not None:
        given[name] = frame
    return _caught(lambda: execute(scenario, action, given, action.params(), seed=1))


def _caught(ask: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        ask()
    except InputError as error:
        return error.problems
    return ()


def _compared(
    what: str, found: tuple[Problem, ...], wanted: list[tuple[object, ...]]
) -> Iterator[str]:
    """A complaint unless the problems are those wanted, each with its sentences."""
    seen = [(p.where, p.code, p.row, p.column)[: len(wanted[0])] for p in found]
    if seen != wanted:
        yield f"{what} gives {seen}, not {wanted}"
    for problem in found:
        zh, en = problem.text("zh"), problem.text("en")
        if not CHINESE.search(zh) or zh == en or problem.code in (zh, en):
            yield f"{what}: {problem.code} has no sentence in both languages"


RULES = (bad_cells_are_named, bad_tables_are_named, bad_parameters_are_named)
