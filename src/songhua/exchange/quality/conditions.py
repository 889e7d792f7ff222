"""What each rule looks for in a cell, as polars expressions.

A rule is a few conditions in order; of those that are broken, the first is told, so that a rule
finds a cell wrong once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import singledispatch
from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.quality import identifiers as ids
from songhua.exchange.quality import rules as r
from songhua.exchange.quality.cells import day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date


@dataclass(frozen=True)
class Condition:
    """`broken` is true (null: not) where a row breaks the rule; `expected` says the limit, `seen`
    what is shown where it is not the first column's cell."""

    code: str
    broken: pl.Expr
    expected: str = ""
    mended: pl.Expr | None = None
    seen: pl.Expr | None = None
    warning: bool = False


@dataclass(frozen=True)
class Cell:
    """One column as its rules see it: as it stands, without blanks, in narrow characters, and as
    a value of its kind. All but `raw` are null where it is empty or damaged."""

    raw: pl.Expr
    text: pl.Expr
    narrow: pl.Expr
    value: pl.Expr
    kind: r.Kind


@dataclass(frozen=True)
class Setting:
    """What rules look at beside the cells: the day of the check (None: not known), the keys of
    the tables referred to."""

    day: date | None
    references: Mapping[str, pl.Series]


_CODES = {
    "integer": "cell_not_int64", "number": "cell_not_float64", "date": "cell_not_date",
    "datetime": "cell_not_datetime", "boolean": "cell_not_boolean",
}  # fmt: skip
_OPERATORS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "<": pl.Expr.lt, "<=": pl.Expr.le, "=": pl.Expr.eq,
    "!=": pl.Expr.ne, ">=": pl.Expr.ge, ">": pl.Expr.gt,
}  # fmt: skip


@singledispatch
def conditions(rule: r.Rule, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    """The conditions of one rule, in order; none for a rule about the table as a whole."""
    yield from ()


@conditions.register(r.Required)
def _(rule: r.Required, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    yield Condition("cell_empty", at(rule.column).raw.str.strip_chars().fill_null("") == "")


@conditions.register(r.Type)
def _(rule: r.Type, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    cell = at(rule.column)
    if rule.type != "text":
        yield Condition(_CODES[rule.type], cell.narrow.is_not_null() & cell.value.is_null())


@conditions.register(r.Range)
def _(rule: r.Range, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    value = at(rule.column).value
    for code, limit, broken, sign in (
        ("cell_too_low", rule.low, pl.Expr.lt, "≥"), ("cell_too_high", rule.high, pl.Expr.gt, "≤")
    ):  # fmt: skip
        if limit is not None:
            yield Condition(code, broken(value, _literal(limit, at(rule.column).kind)),
                            f"{sign} {limit}")  # fmt: skip


def _literal(limit: Decimal | date, kind: r.Kind) -> pl.Expr:
    if not isinstance(limit, Decimal):
        return pl.lit(limit)
    whole = kind == "integer" and limit == limit.to_integral_value()
    return pl.lit(int(limit), pl.Int128) if whole else pl.lit(float(limit))


@conditions.register(r.Length)
def _(rule: r.Length, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    length = at(rule.column).text.str.len_chars()
    yield Condition("quality_too_short", length < rule.least, f"≥ {rule.least}")
    if rule.most is not None:
        yield Condition("quality_too_long", length > rule.most, f"≤ {rule.most}")


@conditions.register(r.Pattern)
def _(rule: r.Pattern, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    matches = at(rule.column).text.str.contains(f"^(?:{rule.pattern})$")
    yield Condition("quality_pattern", ~matches, rule.pattern)


@conditions.register(r.Codes)
def _(rule: r.Codes, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    shown = "、".join(rule.codes[:_LISTED]) + ("…" if len(rule.codes) > _LISTED else "")
    yield from _one_of(at(rule.column), pl.Series(rule.codes), "cell_choice", shown)


@conditions.register(r.Reference)
def _(rule: r.Reference, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    keys = setting.references[rule.table]
    yield from _one_of(at(rule.column), keys, "quality_reference", rule.table)


_LISTED = 20


def _one_of(cell: Cell, allowed: pl.Series, code: str, expected: str) -> Iterator[Condition]:
    known = allowed.implode()
    folded = cell.text.str.normalize("NFKC").str.strip_chars()
    yield Condition(
        code, ~cell.text.is_in(known), expected, pl.when(folded.is_in(known)).then(folded)
    )


@conditions.register(r.CreditCode)
def _(rule: r.CreditCode, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    code = at(rule.column).narrow.str.to_uppercase()
    yield Condition("quality_credit_code", ~code.str.contains(ids.CREDIT_CODE))
    yield Condition("uscc_check_digit", ~ids.credit_code_sound(code))


@conditions.register(r.ResidentId)
def _(rule: r.ResidentId, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    number = at(rule.column).narrow.str.to_uppercase()
    old = number.str.contains(ids.OLD_RESIDENT_ID)
    yield Condition("quality_resident_id", ~(old | number.str.contains(ids.RESIDENT_ID)))
    province = number.str.slice(0, 2).is_in(ids.PROVINCES)
    region = number.str.slice(0, 6).is_in(rule.regions) if rule.regions else province
    yield Condition("quality_resident_region", ~region)
    digits = (
        pl.when(old).then(pl.lit("19") + number.str.slice(6, 6)).otherwise(number.str.slice(6, 8))
    )
    birth = day(digits)
    alive = birth.dt.year() >= _EARLIEST
    if setting.day is not None:
        alive &= birth <= setting.day
    yield Condition("quality_resident_birth", ~alive.fill_null(False) & number.is_not_null())
    yield Condition(
        "quality_resident_old", old, mended=ids.resident_id_from_old(number), warning=True
    )
    yield Condition("quality_resident_check", ~ids.resident_id_sound(number))


_EARLIEST = 1900  # year of birth


@conditions.register(r.Mobile)
def _(rule: r.Mobile, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    number = at(rule.column).narrow
    plain = number.str.replace(r"^(\+|00)?86", "").str.replace_all(r"[ -]", "")
    mended = pl.when(plain.str.contains(ids.MOBILE)).then(plain)
    yield Condition("quality_mobile", ~number.str.contains(ids.MOBILE), mended=mended)


@conditions.register(r.Compare)
def _(rule: r.Compare, at: Callable[[str], Cell], setting: Setting) -> Iterator[Condition]:
    left, right = at(rule.left), at(rule.right)
    holds = _OPERATORS[rule.operator](left.value, right.value)
    expected = f"{rule.left} {rule.operator} {rule.right}"
    seen = pl.concat_str(left.text, right.text, separator=" / ")
    yield Condition("quality_compare", ~holds, expected, seen=seen)
