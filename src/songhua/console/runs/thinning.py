"""Fewer rows of a table than it has, for a picture: the largest series, means over steps, or rows
drawn by lot. Each says in `notes` what it left out. Memory stays bounded however long the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.console.design.bilingual import choose

if TYPE_CHECKING:
    from songhua.kit.spec import Chart

MOST = 2000  # points of one picture
MOST_SERIES = 8
LOOKED_AT = 200_000  # rows among which the largest series and categories are looked for
RUN, _ROW = "\nrun", "\nrow"


def few_series(rows: pl.LazyFrame, groups: list[str], notes: list[str]) -> tuple[pl.LazyFrame, int]:
    """The series with the most rows; a picture of more than a few says nothing."""
    sizes = _thinned(rows, LOOKED_AT)[0].group_by(groups).len()
    kept = sizes.collect(engine="streaming").sort(
        "len", *groups, descending=[True, *[False] * len(groups)]
    )
    most = MOST_SERIES * kept[RUN].n_unique()
    if kept.height > most:
        notes.append(
            choose("分组过多（至少 {n} 组），只画行数最多的 {k} 组",
                   "{k} of at least {n} series, those with the most rows", n=kept.height, k=most)
        )  # fmt: skip
        rows = rows.join(
            kept.head(most).drop("len").lazy(), on=groups, how="semi", nulls_equal=True
        )
    return rows, min(kept.height, most)


def averaged(
    rows: pl.LazyFrame, chart: Chart, groups: list[str], most: int, notes: list[str]
) -> pl.DataFrame:
    """One row for each group and x, at most `most` different x: neighbours share their mean."""
    x = pl.col(chart.x)
    facts = rows.select(
        pl.len().alias("rows"), x.approx_n_unique().alias("places"),
        x.min().alias("low"), x.max().alias("high"),
    ).collect(engine="streaming").row(0, named=True)  # fmt: skip
    kind = rows.collect_schema()[chart.x]
    if facts["places"] > most and (kind.is_numeric() or kind.is_temporal()):
        rows = rows.with_columns(_binned(x, kind, facts["low"], facts["high"], most))
        notes.append(
            choose("共 {n} 行，横轴均分为 {k} 段，每段取平均",
                   "{n} rows, the mean in each of {k} equal steps", n=facts["rows"], k=most)
        )  # fmt: skip
    elif facts["places"] > most:
        sizes = _thinned(rows, LOOKED_AT)[0].group_by(chart.x).len()
        rows = rows.join(sizes.top_k(most, by="len"), on=chart.x, how="semi")
        notes.append(
            choose("类别过多（约 {n} 类），只画行数最多的 {k} 类",
                   "{k} of some {n} categories, the most frequent", n=facts["places"], k=most)
        )  # fmt: skip
    found = rows.group_by(chart.x, *groups).agg(
        *(pl.col(y).mean() for y in chart.y), pl.len().alias("\nrows")
    ).sort(chart.x).collect(engine="streaming")  # fmt: skip
    if facts["places"] <= most and (found["\nrows"] > 1).any():
        notes.append(choose("同一横坐标的各行取平均", "rows at the same place are averaged"))
    return found


def _binned(x: pl.Expr, kind: pl.DataType, low: Any, high: Any, steps: int) -> pl.Expr:
    plain = x.to_physical().cast(pl.Float64)
    first, last = pl.Series([low, high], dtype=kind).to_physical().cast(pl.Float64)
    width = (last - first) / steps
    step = ((plain - first) / width).floor().clip(0, steps - 1)
    middle = step * width + first + width / 2
    return middle.cast(pl.Int64).cast(kind) if kind.is_temporal() else middle


def _thinned(rows: pl.LazyFrame, most: int) -> tuple[pl.LazyFrame, int, int]:
    """About `most` of the rows, the same each time; how many there are, and one in how many it
    is. Not every n-th: a table that repeats itself would show one side only."""
    total = int(rows.select(pl.len()).collect(engine="streaming").item())
    step = max(1, -(-total // most))
    if step > 1:
        rows = rows.with_row_index(_ROW).filter(pl.col(_ROW).hash(1) % step == 0).drop(_ROW)
    return rows, total, step


def by_lot(rows: pl.LazyFrame, most: int, notes: list[str]) -> pl.DataFrame:
    """The rows that are drawn as points."""
    rows, total, step = _thinned(rows, most)
    if step > 1:
        notes.append(
            choose("共 {n} 行，约每 {k} 行画一点", "{n} rows, about one in {k} is drawn",
                   n=total, k=step)
        )  # fmt: skip
    return rows.collect(engine="streaming")
