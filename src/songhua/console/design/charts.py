"""What charts.js and map.js draw, and the same figures as a table for those who cannot see it.

A chart is a dict::

    {"kind": "line" | "bar" | "stacked" | "gauge" | "scatter",
     "title": "全市进度", "description": "…", "unit": "%", "places": 1,
     "x": ["2023-05", …], "x_label": "月份",
     "series": [{"name": "实际", "values": [12.5, None, …], "dashed": False, "light": "red",
                 "kind": "bar", "band": {"name": "80% 区间", "low": [...], "high": [...]}}],
     "targets": [{"name": "年度目标", "value": 100}], "marks": [{"name": "今日", "x": "2023-07"}],
     "min": 0, "max": 100, "horizontal": False}

Only `kind` and `series` are needed (a gauge has `value`, `max` and perhaps `target` instead).
None is a gap. `dashed` is a forecast or a plan; `band` is drawn behind its series; `light` gives a
series the colour of that light; a series' own `kind` mixes bars and lines. A scatter's series have
`points` [[x, y], …] instead of values, and its `x_type` is "value", "time" or "category".

A map is a dict::

    {"title": "…", "description": "…", "geojson": "/programme/districts.geojson",
     "key": "adcode", "name": "name",
     "regions": [{"key": 230102, "name": "道里区", "light": "green", "category": "核心",
                  "text": "8 项任务", "url": "…"}],
     "categories": [{"name": "核心", "colour": 1}],
     "markers": [{"name": "松北核心区", "at": [126.5, 45.8], "url": "…", "light": "green"}],
     "core": {"name": "主城区", "bounds": [[126.3, 45.5], [127.0, 45.95]]},
     "points": [{"at": [126.6, 45.8], "class": 0, "text": "…"}],
     "classes": [{"name": "0 – 12", "colour": 1}], "listed": [the points to list beside it]}

`key` and `name` say which properties of the file hold the code and the name. A region is coloured
by its `light`, or by its `category`. With `core`, what lies in it is lettered in an inset. With
`points`, the map shows where they lie and colours each by its class (colour 0 is for unknown).
"""

from __future__ import annotations

from typing import Any

from songhua.console.design.bilingual import choose
from songhua.console.design.figures import figure

Table = dict[str, list[Any]]


def table(chart: dict[str, Any]) -> Table:
    """Heads and rows of a chart's figures.

    >>> table({"kind": "gauge", "value": 63.5, "unit": "%", "target": 80})["rows"]
    [['63.5', '80']]
    """
    places, unit = chart.get("places"), chart.get("unit", "")
    suffix = f"（{unit}）" if unit else ""
    if chart.get("kind") == "gauge":
        heads = [choose("数值", "Value") + suffix]
        cells = [figure(chart.get("value"), places)]
        if chart.get("target") is not None:
            heads.append(choose("目标", "Target") + suffix)
            cells.append(figure(chart["target"], places))
        return {"heads": heads, "rows": [cells]}
    if chart.get("kind") == "scatter":
        value = choose("数值", "Value") + suffix
        return {
            "heads": [choose("系列", "Series"), chart.get("x_label", ""), value],
            "rows": [
                [series["name"], x, figure(y, places)]
                for series in chart["series"]
                for x, y in series["points"]
            ],
        }
    columns: list[tuple[str, list[Any]]] = []
    for series in chart["series"]:
        columns.append((series["name"] + suffix, series["values"]))
        if band := series.get("band"):
            columns.append((band["name"] + choose(" 下限", " low"), band["low"]))
            columns.append((band["name"] + choose(" 上限", " high"), band["high"]))
    for target in chart.get("targets", ()):
        columns.append((target["name"] + suffix, [target["value"]] * len(chart["x"])))
    rows = [
        [x, *(figure(values[i] if i < len(values) else None, places) for _, values in columns)]
        for i, x in enumerate(chart["x"])
    ]
    return {"heads": [chart.get("x_label", ""), *(head for head, _ in columns)], "rows": rows}
