"""Columns of facts, read by the types that a rule declares, as `read_facts` reads one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import Problem
from songhua.kit.money import yuan
from songhua.policy.amounts import read_fen
from songhua.policy.model import ScalarFact, TextFact
from songhua.policy.values import LARGEST_FEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from songhua.policy.model import Fact, SimpleFact

_PLAIN = r"^[0-9]{1,13}(\.[0-9]{1,2})?$"
"""Text that is an amount beyond doubt; all other text goes to `read_fen`."""
_TEXTS = (pl.String, pl.Categorical, pl.Enum)
DTYPES = {"amount": pl.Int64, "integer": pl.Int64, "bool": pl.Boolean, "review": pl.Boolean}
_WRONG = {"integer": "integer", "bool": "boolean", "review": "boolean", "text": "text"}


def fen_name(name: str) -> str:
    """The column that holds an amount in whole fen instead of text in yuan.

    >>> fen_name("prior_paid_yuan")
    'prior_paid_fen'
    """
    return f"{name.removesuffix('_yuan')}_fen"


def fault(path: str, code: str, where: pl.Series, series: pl.Series) -> Problem:
    """What is wrong with `series`, told at the first row `where` it is."""
    row = int(where.arg_max() or 0)
    return Problem(path, code, str(series[row])[:80], row=row + 1, column=series.name)


@dataclass
class Columns:
    """Typed columns, every fault of structure, and the bad amounts.

    A bad amount is its row, its place among the facts and the codes of the reasons.
    """

    typed: list[pl.Series] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bad: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)


def read_columns(
    frame: pl.DataFrame, declared: Mapping[str, Fact], beside: Set[str], path: str = ""
) -> Columns:
    """The simple facts of `declared` in `frame`; columns `beside` them are somebody else's."""
    found = Columns()
    simple = {n: f for n, f in declared.items() if isinstance(f, ScalarFact | TextFact)}
    known = set(simple) | {fen_name(n) for n, f in simple.items() if f.type == "amount"} | beside
    found.problems += [
        Problem(path.rstrip(".") or "facts", "unknown_key", name)
        for name in frame.columns
        if name not in known
    ]
    for place, name in enumerate(declared):
        if name in simple:
            series = _column(frame, name, simple[name], place, path + name, found)
            found.typed.append(series.alias(name))
    return found


def _column(
    frame: pl.DataFrame, name: str, fact: SimpleFact, place: int, path: str, found: Columns
) -> pl.Series:
    names = (name, fen_name(name)) if fact.type == "amount" else (name,)
    given = [each for each in names if each in frame.columns]
    dtype = DTYPES.get(fact.type, pl.String)
    optional = not fact.required or fact.type == "review"
    if len(given) != 1:
        if given:
            found.problems.append(Problem(path, "given_twice", " / ".join(given)))
        elif not optional:
            found.problems.append(Problem(path, "policy_fact_missing"))
        return pl.Series([None], dtype=dtype).new_from_index(0, frame.height)
    series = frame[given[0]]
    if given[0] != name:
        if series.dtype.is_integer():
            series = series.cast(pl.Int64, strict=False)
        else:
            series = _typed(series, "integer", path, found)
        return _amounts(series, place, found, in_fen=True, optional=optional)
    if fact.type == "amount":
        return _amounts(series, place, found, in_fen=False, optional=optional)
    if series.null_count() and not optional:
        found.problems.append(fault(path, "policy_fact_missing", series.is_null(), series))
    return _typed(series, fact.type, path, found)


def _typed(series: pl.Series, sort: str, path: str, found: Columns) -> pl.Series:
    """The series in its type; another type, or a whole number beyond all measure, is a fault."""
    dtype, given = DTYPES.get(sort, pl.String), series.dtype
    good = given == pl.Boolean if dtype == pl.Boolean else isinstance(given, _TEXTS)
    if dtype == pl.Int64:
        good = given.is_integer() and bool(series.is_between(1 - 10**15, 10**15 - 1).all())
    if given == pl.Null or good:
        return series if sort == "text" and good else series.cast(dtype)
    code = f"policy_fact_not_{_WRONG[sort]}"
    found.problems.append(Problem(path, code, str(given), column=series.name))
    return pl.Series([None], dtype=dtype).new_from_index(0, len(series))


def _amounts(
    given: pl.Series, place: int, found: Columns, *, in_fen: bool, optional: bool
) -> pl.Series:
    """Whole fen, null where there is none; what is not plainly good is judged one by one."""
    if in_fen and len(given) and not given.null_count():
        fen_given = given.to_numpy()
        if fen_given.min() >= 0 and fen_given.max() <= LARGEST_FEN:
            return given
    series = given.cast(pl.String) if given.dtype.is_decimal() else given
    if in_fen:
        plain, fen = series.is_between(0, LARGEST_FEN), series
    elif series.dtype == pl.String:
        plain = series.str.contains(_PLAIN)
        exact = series.cast(pl.Decimal(38, 2), strict=False).to_physical()
        fen = exact.cast(pl.Int64, strict=False)
    else:
        plain = pl.Series([False]).new_from_index(0, len(series))
        fen = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(series))
    doubtful = (~plain.fill_null(optional)).arg_true()
    if not len(doubtful):
        return fen
    judged: list[int | None] = []
    for row, value in zip(doubtful, series.gather(doubtful), strict=True):
        known = value is not None or not optional
        read = read_fen(yuan(value) if in_fen and value is not None else value) if known else ()
        judged.append(read if isinstance(read, int) else None)
        if isinstance(read, tuple) and read:
            found.bad.append((row, place, read))
    return fen.scatter(doubtful, pl.Series(judged, dtype=pl.Int64))
