"""Holds a table to its declaration: the declared columns, in their types, within their limits.

One set of rules serves a frame in memory and a file read in pieces: the rules are polars
expressions, and whoever has the table decides how it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songhua.kit.errors import InputError, Problem
from songhua.kit.time import ZONE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.kit.spec import Column, Dataset

SHOWN = 1000  # problems listed one by one; beyond, their number is said
INSTANT = pl.Datetime("us", "UTC")

_TYPED = "\ntyped "  # no heading holds a line break
_DATES = ("%Y-%m-%d", "%Y%m%d")
_TIMES = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")
TRUE, FALSE = ("true", "1", "是", "有", "yes", "y"), ("false", "0", "否", "无", "no", "n")


@dataclass(frozen=True)
class Conformed:
    """A table in its declared types, and what is wrong with it (at most `SHOWN` by name)."""

    frame: pl.LazyFrame
    problems: tuple[Problem, ...]


def dtype(column: Column) -> pl.DataType:
    """The polars type that a column is kept in."""
    return INSTANT if column.dtype is pl.Datetime else column.dtype()


def schema(dataset: Dataset) -> pl.Schema:
    """The declared columns and the types that they are kept in, in order."""
    return pl.Schema({c.name: dtype(c) for c in dataset.columns})


def conform(dataset: Dataset, frame: pl.DataFrame, *, may_be_empty: bool = False) -> pl.DataFrame:
    """The declared columns of `frame` in their declared types; `InputError` with every problem."""
    found = examine(dataset, frame.lazy(), may_be_empty=may_be_empty)
    if found.problems:
        raise InputError(found.problems)
    return found.frame.collect()


def examine(
    dataset: Dataset, frame: pl.LazyFrame, *, first_row: int = 1, may_be_empty: bool = False
) -> Conformed:
    """The declared columns of `frame`, and every problem with them.

    `first_row` is the number of the first row as its reader counts (2 under a heading). Columns
    that are not declared are left out. Text is read as numbers, dates and truths where the
    declaration asks for them; full-width digits and thousands separators are forgiven.
    """
    given = frame.collect_schema()
    present = [c for c in dataset.columns if c.name in given]
    problems = [
        Problem(f"{dataset.name}.{c.name}", "column_missing", c.name, column=c.name)
        for c in dataset.columns
        if c.name not in given and (c.required or not present)
    ]
    if not present:
        return Conformed(frame, tuple(problems))
    typed = frame.select(
        *(_typed(c, given[c.name]).alias(c.name) for c in present),
        *(
            pl.lit(None, dtype(c)).alias(c.name)
            for c in dataset.columns
            if c.name not in given
        ),
    ).select(schema(dataset).names())  # fmt: skip
    rows = _rows(typed)
    if rows == 0 and not may_be_empty:
        return Conformed(typed, (*problems, Problem(dataset.name, "no_rows", dataset.name)))
    problems += _cells(dataset, present, frame, given, first_row)
    if not problems:
        problems += _twice(dataset, typed, first_row)
    return Conformed(typed, tuple(problems))


def _rows(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect(engine="streaming").item())


def _typed(column: Column, given: pl.DataType) -> pl.Expr:
    """`column` in its declared type; null where that cannot be."""
    value, wanted = pl.col(column.name), dtype(column)
    if given != pl.String:
        return value if given == wanted else _cast(value, given, wanted)
    if wanted == pl.String:  # width is kept: NFKC would turn 。，（） and ㎡ into something else
        plain = value.str.strip_chars()
        return pl.when(plain != "").then(plain)
    text = _text(value)
    if wanted == pl.Boolean:
        low = text.str.to_lowercase()
        return pl.when(low.is_in(TRUE)).then(True).when(low.is_in(FALSE)).then(False)
    if wanted.is_numeric():
        grouped = text.str.contains(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")  # 1,234.5 but not 1,5
        number = pl.when(grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
        whole = number.str.replace(r"\.0+$", "") if wanted.is_integer() else number
        return whole.cast(wanted, strict=False)
    dashed = text.str.replace_all(r"[/.年月]", "-").str.replace("日", "", literal=True)
    if wanted == pl.Date:
        return pl.coalesce(
            dashed.str.to_date(f, strict=False) for f in _DATES
        )  # fmt: skip
    dashed = text.str.replace_all(r"[/年月]", "-").str.replace(r"日\s*", " ").str.strip_chars()
    plain = dashed.str.replace(r"^(\S+)T", "$1 ")
    zoned = plain.str.replace(r"Z$", "+00:00")
    return pl.coalesce(
        *(_instant(plain.str.to_datetime(f, strict=False, time_unit="us")) for f in _TIMES),
        zoned.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%:z", strict=False, time_unit="us"),
        zoned.str.to_datetime("%Y-%m-%d %H:%M%:z", strict=False, time_unit="us"),
    )  # fmt: skip


def _instant(civil: pl.Expr) -> pl.Expr:
    """The instant of a civil time of the city; null in the hours that summer time took (to 1991),
    and the earlier of two in those that it doubled."""
    zoned = civil.dt.replace_time_zone(ZONE_NAME, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _text(value: pl.Expr) -> pl.Expr:
    """Text without outer spaces and full-width forms; blank is null."""
    plain = value.map_batches(
        _narrow, return_dtype=pl.String, is_elementwise=True
    ).str.strip_chars()
    return pl.when(plain != "").then(plain)


def _narrow(text: pl.Series) -> pl.Series:
    """Full-width forms folded, which costs most of the reading and is seldom needed."""
    plain = text.str.len_bytes().sum() == text.str.len_chars().sum()
    return text if plain else text.str.normalize("NFKC")


def _cast(value: pl.Expr, given: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    if wanted == INSTANT and isinstance(given, pl.Datetime):
        if not given.time_zone:
            return _instant(value)
        return value.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if wanted == INSTANT and given == pl.Date:
        return _cast(value.cast(pl.Datetime("us")), pl.Datetime("us"), wanted)
    if wanted == pl.Date and isinstance(given, pl.Datetime):  # pandas keeps days as midnights
        civil = value.dt.convert_time_zone(ZONE_NAME) if given.time_zone else value
        return pl.when(civil.dt.time() == pl.time(0)).then(civil.dt.date())
    if wanted.is_integer() and (given.is_float() or given.is_decimal()):
        return pl.when(value == value.round()).then(value.cast(wanted, strict=False))
    kin = (
        (wanted.is_numeric() and given.is_numeric())
        or (wanted == pl.String and _legible(given))
        or given == pl.Null
    )
    return value.cast(wanted, strict=False) if kin else pl.lit(None, wanted)


def _legible(given: pl.DataType) -> bool:
    """Whether a cell of this type has a text: not bytes, lists, durations and the like."""
    plain = (pl.Boolean, pl.String, pl.Date, pl.Time, pl.Datetime, pl.Categorical, pl.Enum, pl.Null)
    return given.is_numeric() or given.base_type() in plain


def _rules(column: Column, given: pl.DataType) -> Iterator[tuple[str, pl.Expr, str]]:
    """Code of the sentence, expression that is true where a cell breaks the rule, its limit."""
    raw, value = pl.col(column.name), pl.col(_TYPED + column.name)
    filled = (raw.str.strip_chars() != "") if given == pl.String else raw.is_not_null()
    if column.required:
        yield "cell_empty", ~filled.fill_null(False), ""
    yield f"cell_not_{column.dtype.__name__.lower()}", filled & value.is_null(), ""
    if column.dtype is pl.Float64:
        yield "cell_not_finite", value.is_not_null() & ~value.is_finite(), ""
    if column.low is not None:
        yield "cell_too_low", value.is_finite() & (value < column.low), f"{column.low:g}"
    if column.high is not None:
        yield "cell_too_high", value.is_finite() & (value > column.high), f"{column.high:g}"
    if column.choices:
        yield "cell_choice", ~value.is_in(column.choices), "、".join(column.choices)


def _cells(
    dataset: Dataset,
    columns: list[Column],
    frame: pl.LazyFrame,
    given: pl.Schema,
    first_row: int,
) -> list[Problem]:
    """The cells that break a rule, row by row; at most `SHOWN`, and the number of the rest."""
    rules = {
        f"{c.name}\n{code}": (c, code, broken.fill_null(False), limit)
        for c in columns
        for code, broken, limit in _rules(c, given[c.name])
    }
    # Both forms of every cell side by side, so that each is read once, however many rules it has.
    frame = frame.select(
        *(c.name for c in columns),
        *(_typed(c, given[c.name]).alias(_TYPED + c.name) for c in columns),
    )
    counts = (
        frame.select(broken.sum().alias(key) for key, (_, _, broken, _) in rules.items())
        .collect(engine="streaming")
        .row(0, named=True)
    )
    found: list[Problem] = []
    numbered = frame.with_row_index("\nrow")
    for key, (column, code, broken, limit) in rules.items():
        if not counts[key]:
            continue
        kind, cell = given[column.name], pl.col(column.name)
        seen = cell.cast(pl.String, strict=False) if _legible(kind) else pl.lit(str(kind))
        bad = (
            numbered.filter(broken)
            .select("\nrow", seen.alias("\nvalue"))
            .head(SHOWN)
            .collect(engine="streaming")
        )
        found += [
            Problem(
                f"{dataset.name}.{column.name}", code, _shown(value, limit),
                row=row + first_row, column=column.name,
            )
            for row, value in bad.iter_rows()
        ]  # fmt: skip
    found.sort(key=lambda p: p.row or 0)
    total = sum(counts.values())
    if total > SHOWN:
        found = [*found[:SHOWN], Problem(dataset.name, "more_problems", str(total - SHOWN))]
    return found


def _shown(value: str | None, limit: str) -> str:
    text = (value or "")[:80]
    return f"{text} ({limit})" if limit and text else text or limit


def _twice(dataset: Dataset, typed: pl.LazyFrame, first_row: int) -> list[Problem]:
    """Rows that repeat the key of an earlier one."""
    if not dataset.key:
        return []
    # Sixteen bytes a row at most, however wide the key; keys are compared only where hashes meet.
    hashes = _hashes(typed, dataset.key)
    hashes.sort()
    if not (hashes[1:] == hashes[:-1]).any():
        return []
    hashes = _hashes(typed, dataset.key)
    order = np.argsort(hashes, kind="stable")
    repeats = np.sort(order[1:][hashes[order[1:]] == hashes[order[:-1]]])
    shared = pl.Series(np.unique(hashes[repeats[:SHOWN]]))
    key = pl.struct(dataset.key)
    again = (
        typed.with_row_index("\nrow")
        .head(int(repeats[:SHOWN][-1]) + 1)
        .filter(key.hash().is_in(shared.implode()))
        .select("\nrow", *dataset.key)
        .collect(engine="streaming")
        .filter(~key.is_first_distinct())
    )
    where = f"{dataset.name}.{'+'.join(dataset.key)}"
    found = [
        Problem(where, "row_twice", "、".join(map(str, values)), row=row + first_row,
                column=dataset.key[0])
        for row, *values in again.iter_rows()
    ]  # fmt: skip
    if len(repeats) > SHOWN:
        found.append(Problem(dataset.name, "more_problems", str(len(repeats) - SHOWN)))
    return found


def _hashes(typed: pl.LazyFrame, key: tuple[str, ...]) -> np.ndarray:
    """A number for the key of every row, the same for equal keys."""
    found = typed.select(pl.struct(key).hash().alias("hash")).collect(engine="streaming")
    return found["hash"].to_numpy(writable=True)
