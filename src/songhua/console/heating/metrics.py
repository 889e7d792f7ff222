"""What is measured where: the rows of ``metrics.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Metric:
    """A quantity of one kind of element, with the range that its instrument can measure."""

    metric: str
    kind: str
    unit: str
    zh: str
    en: str
    low: float
    high: float


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric of every kind of element."""
    with (files("songhua.console.heating") / "metrics.csv").open(encoding="utf-8") as stream:
        return tuple(
            Metric(**{**row, "low": float(row["low"]), "high": float(row["high"])})
            for row in csv.DictReader(stream)
        )


def of_kind(kind: str) -> tuple[Metric, ...]:
    """What an element of `kind` measures."""
    return tuple(m for m in metrics() if m.kind == kind)


def names() -> tuple[str, ...]:
    """Every name once."""
    return tuple(dict.fromkeys(m.metric for m in metrics()))


def named(metric: str) -> str:
    """What a metric is called in Chinese; itself where it is not listed."""
    return next((m.zh for m in metrics() if m.metric == metric), metric)


def unit(metric: str) -> str:
    """The unit of a metric, "" for one that is not listed."""
    return next((m.unit for m in metrics() if m.metric == metric), "")
