"""Draws the places of a table on the city's map."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
from django.urls import reverse

from songhua.console.design.bilingual import choose
from songhua.console.runs import terms
from songhua.console.runs.templatetags.runs import short, spoken
from songhua.console.runs.thinning import MOST, by_lot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from songhua.kit.spec import Chart, Scenario

CLASSES = 5  # of the values
LISTED = 200  # places beside the map, for those who cannot see it


def places(scenario: Scenario, chart: Chart, run: str, path: Path) -> dict[str, Any]:
    """Points at longitude `x` and latitude of the first `y`, coloured by the second `y`, or by
    `by` where there is none."""
    latitude, shown = chart.y[0], chart.y[1] if len(chart.y) > 1 else chart.by
    columns = list(dict.fromkeys(c for c in (chart.x, latitude, shown, chart.by) if c))
    rows = pl.scan_parquet(path, glob=False).select(columns)
    rows = rows.filter(pl.col(chart.x).is_not_null() & pl.col(latitude).is_not_null())
    notes: list[str] = []
    frame = by_lot(rows, MOST, notes)
    values = frame[shown] if shown else pl.Series([choose("位置", "Place")] * frame.height)
    classes, found = _classes(scenario, values)
    told = [c for c in dict.fromkeys((shown, chart.by)) if c]
    heads = {name: terms.label(scenario, name) for name in told}
    colon = choose("：", ": ")
    points = [
        {
            "at": [row[chart.x], row[latitude]],
            "class": at,
            "text": choose("，", ", ").join(
                f"{heads[name]}{colon}{spoken(row[name], scenario)}" for name in told
            ),
        }
        for row, at in zip(frame.iter_rows(named=True), found, strict=True)
    ]
    what = terms.label(scenario, shown) if shown else terms.title(scenario, latitude)
    return {
        "kind": "map",
        "title": " ".join(filter(None, (run, f"{terms.title(scenario, chart.table)} · {what}"))),
        "description": choose("。", ". ").join(notes),
        "geojson": reverse("districts_geojson"),
        "points": points,
        "classes": classes,
        "listed": points[:LISTED],
    }


def _classes(scenario: Scenario, values: pl.Series) -> tuple[list[dict[str, Any]], list[int]]:
    """Names and colours of the classes of the values, and the class of each. What is not known
    has a class of its own, in colour 0."""
    known = values.drop_nulls()
    names, of = _steps(known) if values.dtype.is_numeric() else _kinds(scenario, known)
    classes = [{"name": name, "colour": at} for at, name in enumerate(names, 1)]
    if values.null_count():
        classes.append({"name": choose("无数据", "No data"), "colour": 0})
    return classes, [len(names) if value is None else of(value) for value in values]


def _steps(known: pl.Series) -> tuple[list[str], Callable[[float], int]]:
    """Steps that hold about as many values each."""
    edges = sorted({float(known.quantile(i / CLASSES)) for i in range(CLASSES + 1) if len(known)})
    steps = list(pairwise(edges)) or [(edge, edge) for edge in edges]
    names = [f"{short(a)} – {short(b)}" if b > a else short(a) for a, b in steps]
    return names, lambda value: bisect_left([high for _, high in steps[:-1]], value)


def _kinds(scenario: Scenario, known: pl.Series) -> tuple[list[str], Callable[[object], int]]:
    """The most frequent texts, and one class for all others."""
    kinds = [kind for kind, _ in Counter(known.to_list()).most_common(CLASSES)]
    if known.n_unique() > CLASSES:
        kinds = kinds[:-1]
    names = [spoken(kind, scenario) for kind in kinds]
    if known.n_unique() > len(kinds):
        names.append(choose("其他", "Other"))
    return names, lambda value: kinds.index(value) if value in kinds else len(kinds)
