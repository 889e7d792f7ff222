"""Holds chunks of rows to the rules: a frame with a line for each defect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.quality import rules as r
from songhua.exchange.quality.cells import narrow, text, value
from songhua.exchange.quality.conditions import Cell, Condition, conditions
from songhua.exchange.quality.encoding import LOST
from songhua.exchange.quality.reading import ROW
from songhua.exchange.quality.repeats import Repeats
from songhua.exchange.quality.report import SHOWN
from songhua.exchange.quality.rulebook import types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from songhua.exchange.quality.conditions import Setting
    from songhua.exchange.quality.reading import Chunk

DEFECTS = pl.Schema(
    {
        "at": pl.Int32, "row": pl.Int64, "column": pl.String, "rule": pl.String,
        "code": pl.String, "severity": pl.String, "value": pl.String, "mended": pl.String,
    }
)  # fmt: skip
"""The columns of a frame of defects; `at` is the place of the rule among those held."""

_DAMAGES = (("quality_nul", "\0"), ("quality_undecodable", LOST))
_IDENTIFIERS = (r.CreditCode, r.ResidentId)


@dataclass(frozen=True)
class Held:
    """A rule as it is held to rows; `repeats` remembers the keys that have to be unique."""

    rule: str
    columns: tuple[str, ...]
    dimension: r.Dimension
    severity: r.Severity = "error"
    conditions: tuple[Condition, ...] = ()
    repeats: Repeats | None = field(default=None, compare=False)

    def told(self) -> pl.Expr:
        """The number of the first condition that a row breaks; null where none is."""
        first = pl.lit(None, pl.Int8)
        for number, condition in reversed(list(enumerate(self.conditions))):
            first = pl.when(condition.broken).then(pl.lit(number, pl.Int8)).otherwise(first)
        return first


class Examination:
    """The rules on the columns that there are, ready to be held to chunk after chunk.

    `held` begins with what every table is held to: whole rows, then narrow digits where numbers,
    days or identifiers are asked for.
    """

    def __init__(self, rules: r.Rules, headings: Sequence[str], setting: Setting) -> None:
        self._position = {name: at for at, name in reversed(list(enumerate(headings)))}
        self._headings = headings
        self.kinds = types(rules)
        asked = [rule for rule in rules.rules if self.knows(rule)]
        by_row = [rule for rule in asked if not isinstance(rule, r.Freshness | r.RowDrop)]
        declared = {rule.column for rule in asked if isinstance(rule, r.Type)}
        implied = [
            r.Type(column=name, type=kind)
            for name, kind in self.kinds.items()
            if name not in declared and name in self._position and kind != "text"
        ]
        digits = (r.CreditCode, r.ResidentId, r.Mobile)
        typed = {name for name, kind in self.kinds.items() if kind != "text"}
        typed |= {rule.column for rule in asked if isinstance(rule, digits)}
        self._narrowed = sorted(typed & self._position.keys())
        self._upper = {rule.column for rule in asked if isinstance(rule, _IDENTIFIERS)}
        self._used = sorted({name for rule in (*implied, *asked) for name in r.columns_of(rule)})
        self.held = [
            Held("structure", (), "validity"),
            *(Held("full_width", (name,), "validity", conditions=(self._wide(name),))
              for name in self._narrowed),
            *(self._held(rule, setting) for rule in (*implied, *by_row)),
        ]  # fmt: skip

    def knows(self, rule: r.AnyRule) -> bool:
        """Whether the table has the columns of `rule`."""
        return all(name in self._position for name in r.columns_of(rule))

    def _held(self, rule: r.AnyRule, setting: Setting) -> Held:
        found: tuple[Condition, ...] = tuple(conditions(rule, self.cell, setting))
        repeats = None
        if isinstance(rule, r.Unique):
            texts = [self.cell(name).text for name in rule.columns]
            found = (
                Condition("row_twice", pl.lit(False), seen=pl.concat_str(texts, separator="、")),
            )
            repeats = Repeats()
        dimension = r.DIMENSIONS.get(rule.rule, "validity")
        return Held(rule.rule, r.columns_of(rule), dimension, rule.severity, found, repeats)

    def cell(self, name: str) -> Cell:
        """A column as the frames of `prepared` have it."""
        at = self._position[name]
        narrowed = pl.col(f"narrow {at}" if name in self._narrowed else f"text {at}")
        kind = self.kinds.get(name, "text")
        typed = narrowed if kind == "text" else pl.col(f"value {at}")
        return Cell(pl.col(str(at)), pl.col(f"text {at}"), narrowed, typed, kind)

    def _wide(self, name: str) -> Condition:
        cell = self.cell(name)
        return Condition("quality_full_width", cell.text != cell.narrow, mended=cell.narrow)

    def defects(self, chunk: Chunk, frame: pl.DataFrame) -> pl.DataFrame:
        """Every defect of the rows of a chunk and its `prepared` frame. Chunks are given in their
        order, each once."""
        rows = [
            (0, d.row, d.column, "structure", d.code, "error", d.value, None) for d in chunk.broken
        ]
        found = [pl.DataFrame(rows, DEFECTS, orient="row")]
        for at, name in enumerate(self._headings):
            found += _told(frame, f"damage {at}", 0, self.held[0], _DAMAGED, at, name)
        for at, held in enumerate(self.held):
            if held.conditions:
                column = held.columns[0]
                seen = self._repeated(frame, at, held) if held.repeats else frame
                found += _told(
                    seen, f"told {at}", at, held, held.conditions, self._position[column], column
                )
        return pl.concat(found)

    def _repeated(self, frame: pl.DataFrame, at: int, held: Held) -> pl.DataFrame:
        """The rows whose key stood in an earlier row."""
        assert held.repeats is not None
        key = frame[f"key {at}"]
        filled = key.is_not_null()
        hashes = (key.filter(filled).hash(seed).to_numpy() for seed in (1, 2))
        again = filled.arg_true().filter(pl.Series(held.repeats.again(*hashes)))
        return frame[again].with_columns(pl.lit(0, pl.Int8).alias(f"told {at}"))

    def prepared(self, chunk: Chunk) -> pl.DataFrame:
        """The rows of a chunk with texts, narrow texts and values beside the cells, and under
        "told N" the first condition of rule N that each breaks."""
        used = [(self._position[name], name) for name in self._used]
        return (
            chunk.frame.lazy()
            .with_columns(
                _damage(at, at in chunk.sound).alias(f"damage {at}")
                for at in range(len(self._headings))
            )
            .with_columns(_text(at, at in chunk.plain).alias(f"text {at}") for at, _ in used)
            .with_columns(
                _narrow(at, at in chunk.plain).alias(f"narrow {at}")
                for at, name in used
                if name in self._narrowed
            )
            .with_columns(
                value(self.cell(name).narrow, self.kinds[name]).alias(f"value {at}")
                for at, name in used
                if self.kinds.get(name, "text") != "text"
            )
            .with_columns(
                held.told().alias(f"told {at}")
                if held.repeats is None
                else self._key(held).alias(f"key {at}")
                for at, held in enumerate(self.held)
            )
            .collect()
        )

    def _key(self, held: Held) -> pl.Expr:
        """What has to be unique, as one text; null where a part of it is empty."""
        cells = ((self.cell(name).narrow, name in self._upper) for name in held.columns)
        return pl.concat_str(
            (text.str.to_uppercase() if upper else text for text, upper in cells),
            separator=_PART,
        )


_PART = "\n\0"  # stands in no text: a cell with it is damaged
_DAMAGED = tuple(Condition(code, pl.lit(False)) for code, _ in _DAMAGES)


def _damage(at: int, sound: bool) -> pl.Expr:
    """The number of the damage that a cell has; null where it has none."""
    cell = pl.col(str(at))
    if sound:
        return pl.lit(None, pl.Int8)
    nul, lost = (cell.str.contains(sign, literal=True) for _, sign in _DAMAGES)
    return pl.when(nul).then(pl.lit(0, pl.Int8)).when(lost).then(pl.lit(1, pl.Int8))


def _text(at: int, plain: bool) -> pl.Expr:
    cell = pl.col(str(at))
    if plain:
        return pl.when(cell != "").then(cell)
    return text(pl.when(pl.col(f"damage {at}").is_null()).then(cell))


def _narrow(at: int, plain: bool) -> pl.Expr:
    return pl.col(f"text {at}") if plain else narrow(pl.col(f"text {at}"))


def _told(
    frame: pl.DataFrame,
    told: str,
    at: int,
    held: Held,
    conditions: Sequence[Condition],
    position: int,
    column: str,
) -> Iterator[pl.DataFrame]:
    """Lines of defects: for each row, of the condition that `told` numbers."""
    if frame[told].null_count() == frame.height:
        return
    broken = frame[frame[told].is_not_null().arg_true()]
    for number, condition in enumerate(conditions):
        seen = pl.col(str(position)) if condition.seen is None else condition.seen
        mended = pl.lit(None, pl.String) if condition.mended is None else condition.mended
        severity = "warning" if condition.warning else held.severity
        lines = broken.filter(pl.col(told) == number).select(
            pl.lit(at).alias("at"), ROW, pl.lit(column).alias("column"),
            pl.lit(held.rule).alias("rule"), pl.lit(condition.code).alias("code"),
            pl.lit(severity).alias("severity"),
            seen.fill_null("").str.slice(0, SHOWN).alias("value"), mended.alias("mended"),
        )  # fmt: skip
        if lines.height:
            yield lines.cast(DEFECTS)
