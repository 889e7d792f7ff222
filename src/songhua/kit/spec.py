"""What a scenario declares: data it reads, actions it offers, charts that tell its story.

These are plain frozen records without hooks. Whatever can read them (the console, the command
line, the interface for programs, the docs, the tests) treats all scenarios alike. Names are
explained once, in the scenario's ``terms.csv`` (`songhua.kit.terms`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from songhua.kit.params import Params

Sharing = Literal["unconditional", "conditional", "not_shared"]
Maturity = Literal["demonstration", "benchmarked", "field_tested"]


@dataclass(frozen=True)
class Column:
    """A column of a dataset. Its unit and labels come from the scenario's terms.

    `dtype` is Int64, Float64, String, Boolean, Date or Datetime (an instant, kept in UTC).
    `low` and `high` are both included; `choices` lists the only texts allowed.
    """

    name: str
    dtype: type[pl.DataType]
    low: float | None = None
    high: float | None = None
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A table with a fixed meaning. `key` names the columns that identify a row; without one,
    rows may repeat. `sharing` is its class in the city's catalogue (政务数据共享类别)."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    sharing: Sharing = "conditional"


@dataclass(frozen=True)
class Outcome:
    """What an action hands back: tables to keep, and indicators that can count as evidence. An
    indicator that could not be found is None, never 0."""

    tables: Mapping[str, pl.DataFrame]
    kpis: Mapping[str, float | None]


@dataclass(frozen=True)
class Action:
    """A pure function the scenario offers: ``function(*, <tables>, params, rng) -> Outcome``.

    One that takes long may also take `progress`, and call it with the share done (0 to 1).
    """

    name: str
    function: Callable[..., Outcome]
    params: type[Params]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    kpis: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """One picture of one table: `y` over `x`, one series for each value of `by`.

    A map takes longitude and latitude as `x` and the first of `y`; the second of `y` is shown.
    """

    table: str
    kind: Literal["line", "bar", "scatter", "map"]
    x: str
    y: tuple[str, ...]
    by: str | None = None


@dataclass(frozen=True)
class Scenario:
    """A city application of the pilot zone, complete in one declaration.

    `clause` is the plan's article, `departments` its responsible departments as the plan names
    them; the story says for whom it is and what it decides, in one or two sentences.
    """

    name: str
    zh: str
    en: str
    story_zh: str
    story_en: str
    clause: str
    departments: tuple[str, ...]
    datasets: tuple[Dataset, ...]
    actions: tuple[Action, ...]
    charts: tuple[Chart, ...] = ()
    maturity: Maturity = "demonstration"

    @property
    def package(self) -> str:
        """The Python package that holds the scenario: the one its first action is written in."""
        return str(sys.modules[self.actions[0].function.__module__].__package__)

    def dataset(self, name: str) -> Dataset:
        """The dataset called `name`; KeyError where there is none."""
        return {d.name: d for d in self.datasets}[name]

    def action(self, name: str) -> Action:
        """The action called `name`; KeyError where there is none."""
        return {a.name: a for a in self.actions}[name]

    @property
    def inputs(self) -> tuple[Dataset, ...]:
        """The datasets that some action reads, in the order declared."""
        read = {name for action in self.actions for name in action.reads}
        return tuple(d for d in self.datasets if d.name in read)
