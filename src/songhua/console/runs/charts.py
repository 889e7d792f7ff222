"""Draws a scenario's charts from what its runs wrote. However large a table is, the browser is
sent at most `MOST` points, and the picture says how they were made. Shapes: design/charts.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.console.design.bilingual import choose
from songhua.console.runs import terms
from songhua.console.runs.maps import places
from songhua.console.runs.services.work import store
from songhua.console.runs.templatetags.runs import cell, spoken
from songhua.console.runs.thinning import MOST, RUN, averaged, by_lot, few_series
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from songhua.console.runs.models import Table
    from songhua.kit.spec import Chart, Scenario


def pictures(scenario: Scenario, runs: Sequence[Mapping[str, Table]]) -> list[dict[str, Any]]:
    """The charts of one run, or of two beside each other; `runs` gives each one's output tables
    by name. A chart is left out where a run did not write its table or the rows were deleted."""
    drawn = []
    for chart in scenario.charts:
        tables = [outputs.get(chart.table) for outputs in runs]
        found = [t for t in tables if t is not None and t.dropped_at is None and t.rows]
        if len(found) < len(runs):
            continue
        named = [(f"#{t.run_id}" if len(runs) > 1 else "", store().path(t.digest)) for t in found]
        if chart.kind == "map":
            drawn += [places(scenario, chart, *each) for each in named]
        else:
            drawn.append(_chart(scenario, chart, named))
    return drawn


def _chart(scenario: Scenario, chart: Chart, sources: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    by = [chart.by] if chart.by else []
    rows = pl.concat(
        pl.scan_parquet(path, glob=False)
        .select(chart.x, *chart.y, *by)
        .with_columns(pl.lit(name).alias(RUN))
        for name, path in sources
    ).filter(pl.col(chart.x).is_not_null())
    notes: list[str] = []
    groups = [RUN, *by]
    rows, shown = few_series(rows, groups, notes)
    if chart.kind == "scatter":
        frame = by_lot(rows, MOST // len(chart.y), notes)
    else:
        most = max(1, MOST // max(1, shown * len(chart.y)))
        frame = averaged(rows, chart, groups, most, notes)
    units = {terms.unit(scenario, y) for y in chart.y}
    mixed = len(units) > 1
    drawn = {
        "kind": chart.kind,
        "title": _title(scenario, chart),
        "description": choose("。", ". ").join(notes),
        "unit": "" if mixed else min(units),
        "x_label": terms.label(scenario, chart.x),
    }
    labels = _series_names(scenario, chart, frame, groups, mixed=mixed)
    if chart.kind == "scatter":
        return drawn | _points(chart, frame, groups, labels)
    return drawn | _matrix(chart, frame, groups, labels)


def _title(scenario: Scenario, chart: Chart) -> str:
    what = choose("、", ", ").join(terms.title(scenario, y) for y in chart.y)
    return f"{terms.title(scenario, chart.table)} · {what}"


def _series_names(
    scenario: Scenario, chart: Chart, frame: pl.DataFrame, groups: list[str], *, mixed: bool
) -> dict[tuple[Any, ...], str]:
    """What each series is called: the run, the value of `by`, the quantity where there are more."""
    names = {}
    many = len(chart.y) > 1 or not chart.by
    for key in frame.select(groups).unique(maintain_order=True).sort(groups).iter_rows():
        for y in chart.y:
            what = terms.label(scenario, y) if mixed else terms.title(scenario, y)
            parts = [key[0], *(spoken(v, scenario) for v in key[1:]), what if many else ""]
            names[*key, y] = " ".join(filter(None, parts))
    return names


def _matrix(
    chart: Chart, frame: pl.DataFrame, groups: list[str], labels: dict[tuple[Any, ...], str]
) -> dict[str, Any]:
    places = frame[chart.x].unique().sort().to_list()
    at = {place: i for i, place in enumerate(places)}
    values: dict[tuple[Any, ...], list[float | None]] = {
        key: [None] * len(places) for key in labels
    }
    for row in frame.iter_rows(named=True):
        for y in chart.y:
            values[(*(row[g] for g in groups), y)][at[row[chart.x]]] = _rounded(row[y])
    return {
        "x": [cell(place) for place in places],
        "series": [{"name": name, "values": values[key]} for key, name in labels.items()],
    }


def _points(
    chart: Chart, frame: pl.DataFrame, groups: list[str], labels: dict[tuple[Any, ...], str]
) -> dict[str, Any]:
    points: dict[tuple[Any, ...], list[list[Any]]] = {key: [] for key in labels}
    for row in frame.iter_rows(named=True):
        for y in chart.y:
            if row[y] is not None:
                points[(*(row[g] for g in groups), y)].append(
                    [_axis(row[chart.x]), _rounded(row[y])]
                )
    kind = frame.schema[chart.x]
    return {
        "x_type": "value" if kind.is_numeric() else "time" if kind.is_temporal() else "category",
        "series": [{"name": name, "points": points[key]} for key, name in labels.items()],
    }


def _axis(value: object) -> object:
    """A place on the axis: a number, or the city's clock as text that a browser reads."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return (
        _rounded(value)
        if isinstance(value, float)
        else cell(value)
        if isinstance(value, bool)
        else value
    )


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
